"""Metadata, health, and what has no route."""

import json

import pytest

from tests.issuer import Issuer
from tests.site import ORIGIN, Site, challenge, open_site
from tests.test_challenges import INITIALIZE

pytestmark = pytest.mark.anyio

ROOT = "/.well-known/oauth-protected-resource"


@pytest.mark.parametrize("path", [ROOT, f"{ROOT}/", f"{ROOT}/mcp", f"{ROOT}/mcp/"])
async def test_c01_c02_metadata(site: Site, path: str) -> None:
    configured = json.loads(site.issuer.variables(f"{ORIGIN}/mcp")["PROTECTED_RESOURCE_METADATA"])
    answer = await site.client.get(path)
    assert answer.json() == configured
    assert answer.headers["Content-Type"] == "application/json"
    head, options = await site.client.head(path), await site.client.options(path)
    assert (head.status_code, head.content, options.status_code) == (200, b"", 204)
    for each in (answer, head, options):
        assert each.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("path", ["/", "/mcp", "/api/v1/mcp"])
async def test_c02_challenge_leads_to_the_metadata(issuer: Issuer, path: str) -> None:
    async with open_site(issuer, path) as site:
        advertised = challenge(await site.post(INITIALIZE))["resource_metadata"]
        assert advertised == ORIGIN + ROOT + path.rstrip("/")
        assert (await site.client.get(advertised)).json()["resource"] == ORIGIN + path


async def test_c03_health(site: Site) -> None:
    answer, head = await site.client.get("/health"), await site.client.head("/health")
    assert answer.json() == {"status": "healthy"}
    assert (head.status_code, head.content) == (200, b"")


@pytest.mark.parametrize("path", ["/mcp", "/mcp/"])
async def test_c16_no_redirects(site: Site, path: str) -> None:
    site.path = path
    assert (await site.post(INITIALIZE)).status_code == 401
    assert (await site.post(INITIALIZE, site.issuer.mint())).status_code == 200


@pytest.mark.parametrize("path", ["/mcp/x", "/mcpx", "/other", "/docs", "/openapi.json"])
async def test_nothing_else_is_served(site: Site, path: str) -> None:
    site.path = path
    assert (await site.post(INITIALIZE, site.issuer.mint())).status_code == 404
