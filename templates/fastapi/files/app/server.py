"""The application: the MCP endpoint, which needs a token, and the public routes."""

from fastapi import FastAPI
from fastmcp.utilities.lifespan import combine_lifespans
from starlette.middleware import Middleware
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from app.auth.keys import Keys
from app.auth.provider import Protection
from app.auth.verifier import Verifier
from app.browser import CheckHost, CheckOrigin
from app.limits import MAX_HEADER, MAX_IN_FLIGHT, LimitBody, LimitHeader, LimitInFlight
from app.public import metadata_url, public_routes
from app.revisions import AgreeOnRevision
from app.settings import Settings
from app.tools import create_mcp


def create_app(settings: Settings, name: str, version: str) -> FastAPI:
    """Return the application. Routes that are added to it need no token, unless they ask for one themselves."""
    keys = Keys(f"{settings.environment_url}/keys")
    verifier = Verifier(keys, settings.issuers, settings.audiences)
    mcp = create_mcp(name, version, Protection(verifier, metadata_url(settings.resource)))
    endpoint = mcp.http_app(
        path=settings.mcp_path,
        stateless_http=True,  # serves 2026-07-28 and the older revisions alike
        json_response=True,
        middleware=[
            Middleware(LimitInFlight, most=MAX_IN_FLIGHT),
            Middleware(LimitBody, most=settings.max_body_bytes),
            Middleware(AgreeOnRevision),
        ],
        host_origin_protection=False,  # CheckHost and CheckOrigin also know the public URL
    )
    app = FastAPI(
        title=name,
        version=version,
        lifespan=combine_lifespans(keys.lifespan, endpoint.lifespan),
        openapi_url=None,  # the MCP endpoint is not in it
        redirect_slashes=False,
    )
    app.add_middleware(LimitHeader, most=MAX_HEADER)
    if settings.loopback:
        app.add_middleware(CheckHost, settings=settings)
    app.router.routes += public_routes(settings)
    app.router.routes += _endpoint_routes(settings.mcp_path, CheckOrigin(endpoint, settings))
    return app


def _endpoint_routes(path: str, endpoint: ASGIApp) -> list[Route]:
    """Serve endpoint at its path, with and without a trailing slash, and nothing below it.

    A mount would redirect one to the other, and clients drop the token or the body on the way.
    """
    at_path = _AtPath(endpoint, path)
    return [Route(p, at_path) for p in dict.fromkeys((path, path.rstrip("/") + "/"))]


class _AtPath:
    """Gives every request the path that the endpoint knows."""

    def __init__(self, app: ASGIApp, path: str) -> None:
        self._app = app
        self._path = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        at_path = dict(scope, path=self._path, raw_path=self._path.encode(), root_path="")
        await self._app(at_path, receive, send)
