"""The MCP endpoint, with everything that stands before it but the guard, which comes with its authentication."""

from fastmcp import FastMCP
from fastmcp.server.http import StarletteWithLifespan
from starlette.middleware import Middleware
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from .browser import CheckOrigin
from .limits import MAX_IN_FLIGHT, LimitBody, LimitInFlight
from .revisions import AgreeOnRevision
from .settings import Settings


def create_endpoint(mcp: FastMCP, settings: Settings) -> StarletteWithLifespan:
    """Return the application that serves mcp. Its lifespan has to run."""
    return mcp.http_app(
        path=settings.mcp_path,
        stateless_http=True,  # serves 2026-07-28 and the older revisions alike
        json_response=True,  # with event streams a call without its scopes could not be answered with 403
        middleware=[
            Middleware(LimitInFlight, most=MAX_IN_FLIGHT),
            Middleware(LimitBody, most=settings.max_body_bytes),
            Middleware(AgreeOnRevision),
        ],
        host_origin_protection=False,  # CheckHost and CheckOrigin also know the public URL
    )


def endpoint_routes(endpoint: ASGIApp, settings: Settings) -> list[Route]:
    """Serve endpoint at its path, with and without a trailing slash, and nothing below it.

    A mount would redirect one to the other, and clients drop the token or the body on the way.
    """
    path = settings.mcp_path
    at_path = _AtPath(CheckOrigin(endpoint, settings), path)
    return [Route(each, at_path) for each in dict.fromkeys((path, path.rstrip("/") + "/"))]


class _AtPath:
    """Gives every request the path that the endpoint knows."""

    def __init__(self, app: ASGIApp, path: str) -> None:
        self._app = app
        self._path = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        at_path = dict(scope, path=self._path, raw_path=self._path.encode(), root_path="")
        await self._app(at_path, receive, send)
