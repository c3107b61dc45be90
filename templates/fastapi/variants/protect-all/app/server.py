"""The application: the MCP endpoint and other routes, which need a token, and the public ones."""

from fastapi import FastAPI
from fastmcp.utilities.lifespan import combine_lifespans

from .auth.challenge import Challenges
from .auth.provider import Protection
from .auth.routes import GuardRoutes
from .auth.verifier import Verifier
from .browser import CheckHost
from .endpoint import create_endpoint, endpoint_routes
from .limits import MAX_HEADER, LimitHeader
from .public import metadata_url, public_routes
from .settings import Settings
from .tools import create_mcp


def create_app(settings: Settings, verifier: Verifier, name: str, version: str) -> FastAPI:
    """Return the application. Whatever is added to it needs a token: routes, routers and mounts."""
    advertised = metadata_url(settings.resource)
    mcp = create_mcp(name, version, Protection(verifier, advertised))
    endpoint = create_endpoint(mcp, settings)
    app = FastAPI(
        title=name,
        version=version,
        lifespan=combine_lifespans(verifier.lifespan, endpoint.lifespan),
        openapi_url=None,  # the MCP endpoint is not in it
        redirect_slashes=False,
    )
    # The endpoint has a guard of its own, behind the check of origins.
    exempt = [*public_routes(settings), *endpoint_routes(endpoint, settings)]
    app.router.routes += exempt
    app.add_middleware(GuardRoutes, verifier=verifier, challenges=Challenges(advertised), exempt=exempt)
    app.add_middleware(LimitHeader, most=MAX_HEADER)
    if settings.loopback:
        app.add_middleware(CheckHost, settings=settings)
    return app
