"""The application: the MCP endpoint, which needs a token, and the public routes."""

from fastapi import FastAPI
from fastmcp.utilities.lifespan import combine_lifespans

from .auth.provider import Protection
from .auth.verifier import Verifier
from .browser import CheckHost
from .endpoint import create_endpoint, endpoint_routes
from .limits import MAX_HEADER, LimitHeader
from .public import metadata_url, public_routes
from .settings import Settings
from .tools import create_mcp


def create_app(settings: Settings, verifier: Verifier, name: str, version: str) -> FastAPI:
    """Return the application. Routes that are added to it need no token, unless they ask for one themselves."""
    mcp = create_mcp(name, version, Protection(verifier, metadata_url(settings.resource)))
    endpoint = create_endpoint(mcp, settings)
    app = FastAPI(
        title=name,
        version=version,
        lifespan=combine_lifespans(verifier.lifespan, endpoint.lifespan),
        openapi_url=None,  # the MCP endpoint is not in it
        redirect_slashes=False,
    )
    app.add_middleware(LimitHeader, most=MAX_HEADER)
    if settings.loopback:
        app.add_middleware(CheckHost, settings=settings)
    app.router.routes += [*public_routes(settings), *endpoint_routes(endpoint, settings)]
    return app
