"""MCP revisions, and FastMCP's own client."""

import httpx2
import pytest
from fastmcp import Client
from fastmcp.client.transports import StreamableHttpTransport

from tests.site import LEGACY, MODERN, ORIGIN, Site
from tests.test_challenges import INITIALIZE

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("revision", [MODERN, *LEGACY])
async def test_c19_every_revision_twice(site: Site, revision: str) -> None:
    for _ in range(2):
        answer = await site.request("tools/list", site.issuer.mint(), revision)
        assert [tool["name"] for tool in answer.json()["result"]["tools"]] == ["greet", "whoami"]
        assert "Mcp-Session-Id" not in answer.headers


async def test_c19_handshake_and_discovery(site: Site) -> None:
    token = site.issuer.mint()
    initialized = await site.post(INITIALIZE, token)
    discovered = await site.request("server/discover", token, MODERN)
    assert initialized.json()["result"]["serverInfo"]["name"] == "test"
    assert MODERN in discovered.json()["result"]["supportedVersions"]


async def test_c19_header_and_body_differ(site: Site) -> None:
    meta = {"io.modelcontextprotocol/protocolVersion": MODERN}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"_meta": meta}}
    answer = await site.post(body, site.issuer.mint(), MCP_Protocol_Version=LEGACY[0])
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == -32020


async def test_c20_lists_are_private(site: Site) -> None:
    answer = await site.request("tools/list", site.issuer.mint(), MODERN)
    assert answer.json()["result"].get("cacheScope", "private") == "private"
    assert "public" not in answer.headers.get("Cache-Control", "")


async def test_c17_nothing_to_subscribe_to(site: Site) -> None:
    params = {"notifications": {"toolsListChanged": True}}
    answer = await site.request("subscriptions/listen", site.issuer.mint(), MODERN, params)
    assert answer.status_code == 404


async def test_c19_client(site: Site) -> None:
    def connect(
        headers: dict[str, str] | None = None,
        timeout: httpx2.Timeout | None = None,
        auth: httpx2.Auth | None = None,
        **_: object,
    ) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(transport=site.transport, headers=headers, timeout=timeout, auth=auth)

    token = site.issuer.mint()
    transport = StreamableHttpTransport(ORIGIN + site.path, auth=token, httpx_client_factory=connect)
    async with Client(transport) as client:
        assert {tool.name for tool in await client.list_tools()} == {"greet", "whoami"}
        assert (await client.call_tool("greet", {"name": "Ada"})).data == "Hello, Ada!"
