"""Routes that need no token: the metadata and the health of the server."""

from urllib.parse import SplitResult

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .settings import Settings
from .urls import origin_of

WELL_KNOWN = "/.well-known/oauth-protected-resource"


def metadata_url(resource: SplitResult) -> str:
    """Return where the metadata of resource is found (RFC 9728 section 3.1).

    It is derived from the configured resource, never from a request.
    """
    return origin_of(resource) + WELL_KNOWN + resource.path.rstrip("/")


def public_routes(settings: Settings) -> list[Route]:
    async def metadata(request: Request) -> Response:
        headers = {"Access-Control-Allow-Origin": "*"}
        if request.method == "OPTIONS":
            headers |= {
                "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
                "Access-Control-Allow-Headers": "*",
            }
            return Response(status_code=204, headers=headers)
        return Response(settings.metadata, headers=headers, media_type="application/json")

    # At the root, and with the path of the resource inserted.
    locations = dict.fromkeys((WELL_KNOWN, WELL_KNOWN + settings.resource.path.rstrip("/")))
    return [
        Route("/health", health),
        *(Route(path, metadata, methods=["GET", "OPTIONS"]) for path in locations),
        *(Route(path + "/", metadata, methods=["GET", "OPTIONS"]) for path in locations),
    ]


async def health(_request: Request) -> Response:
    return JSONResponse({"status": "healthy"})
