"""The application: the MCP endpoint, which needs a token, and the public routes."""

from fastmcp.utilities.lifespan import combine_lifespans
from starlette.applications import Starlette

from .auth.provider import Protection
from .auth.verifier import Verifier
from .browser import CheckHost
from .endpoint import create_endpoint, endpoint_routes
from .limits import MAX_HEADER, LimitHeader
from .public import metadata_url, public_routes
from .settings import Settings
from .tools import create_mcp


def create_app(settings: Settings, verifier: Verifier, name: str, version: str) -> Starlette:
    """Return the application. FastMCP's own would put what stands before MCP in front of every route."""
    mcp = create_mcp(name, version, Protection(settings, verifier, metadata_url(settings.resource)))
    endpoint = create_endpoint(mcp, settings)
    app = Starlette(
        routes=[*public_routes(settings), *endpoint_routes(endpoint, settings)],
        lifespan=combine_lifespans(verifier.lifespan, endpoint.lifespan),
    )
    app.router.redirect_slashes = False
    app.add_middleware(LimitHeader, most=MAX_HEADER)
    if settings.loopback:
        app.add_middleware(CheckHost, settings=settings)
    return app
