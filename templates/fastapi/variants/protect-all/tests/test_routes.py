"""Routes beside MCP, which need a token too."""

from collections.abc import AsyncIterator
from typing import Annotated

import pytest
from fastapi import APIRouter, Depends, FastAPI, Request
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from app.auth.caller import Caller
from app.auth.routes import caller_of
from tests.issuer import SUBJECT, Issuer
from tests.site import ORIGIN, Site, challenge, open_site

pytestmark = pytest.mark.anyio

PATHS = [
    "/items",
    "/api/items",
    "/legacy/items",
    "/items/",
    "/other",
    "/",
    "/docs",
    "/openapi.json",
    "//health",
    "/health/",
]


async def served(_request: Request) -> Response:
    return PlainTextResponse("served")


@pytest.fixture
async def site(issuer: Issuer) -> AsyncIterator[Site]:
    """A running application with a route, a router, a mount, and a method that a public path does not have."""
    async with open_site(issuer) as site:
        app = site.transport.app
        assert isinstance(app, FastAPI)
        app.add_api_route("/items", served)
        app.add_api_route("/health", served, methods=["POST"])
        router = APIRouter(prefix="/api")
        router.add_api_route("/items", served)
        app.include_router(router)
        app.mount("/legacy", Starlette(routes=[Route("/items", served)]))
        yield site


@pytest.mark.parametrize("path", PATHS)
async def test_c04_without_a_token(site: Site, path: str) -> None:
    answer = await site.client.get(ORIGIN + path)
    assert answer.status_code == 401
    metadata = challenge(answer)["resource_metadata"]
    assert (await site.client.get(metadata)).json()["resource"] == f"{ORIGIN}/mcp"


@pytest.mark.parametrize("path", PATHS)
async def test_c05_with_a_bad_token(site: Site, path: str) -> None:
    headers = {"Authorization": f"Bearer {site.issuer.mint(aud='else')}"}
    answer = await site.client.get(ORIGIN + path, headers=headers)
    assert (answer.status_code, challenge(answer)["error"]) == (401, "invalid_token")


@pytest.mark.parametrize(
    ("path", "status"), [("/items", 200), ("/api/items", 200), ("/legacy/items", 200), ("/other", 404)]
)
async def test_with_a_token(site: Site, path: str, status: int) -> None:
    headers = {"Authorization": f"Bearer {site.issuer.mint()}"}
    assert (await site.client.get(path, headers=headers)).status_code == status


async def test_c03_another_method_of_a_public_path_is_not_public(site: Site) -> None:
    assert (await site.client.get("/health")).status_code == 200
    assert (await site.client.post("/health")).status_code == 401
    headers = {"Authorization": f"Bearer {site.issuer.mint()}"}
    assert (await site.client.post("/health", headers=headers)).text == "served"


async def test_c12_c13_a_route_sees_the_caller_and_no_token(site: Site) -> None:
    app = site.transport.app
    assert isinstance(app, FastAPI)

    @app.get("/me")
    async def me(request: Request, caller: Annotated[Caller, Depends(caller_of)]) -> list[str]:
        return [caller.subject, request.headers["Authorization"]]

    token = site.issuer.mint()
    answer = await site.client.get("/me", headers={"Authorization": f"Bearer {token}"})
    assert answer.json() == [SUBJECT, "Bearer verified"]
