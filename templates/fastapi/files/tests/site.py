"""The application, running in the process of the tests."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx2

from app.auth.keys import Keys
from app.auth.verifier import Verifier, create_verifier
from app.server import create_app
from app.settings import load_settings
from tests.issuer import RESOURCE_ID, Issuer, Object

MODERN = "2026-07-28"
LEGACY = ("2025-11-25", "2025-06-18", "2025-03-26")
ORIGIN = "http://localhost:3002"
URL = "https://mcp.example/mcp"  # one that tokens may be for


@dataclass
class Site:
    issuer: Issuer
    transport: httpx2.ASGITransport
    client: httpx2.AsyncClient
    path: str

    async def post(self, body: object, token: str | None = None, **headers: str) -> httpx2.Response:
        """Send a JSON-RPC message. Underscores in the names of headers stand for dashes."""
        sent = {"Accept": "application/json, text/event-stream"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        return await self.client.post(self.path, json=body, headers=sent)

    async def call(
        self, tool: str, token: str, *, revision: str = LEGACY[0], **arguments: object
    ) -> httpx2.Response:
        return await self.request("tools/call", token, revision, {"name": tool, "arguments": arguments})

    async def request(
        self, method: str, token: str, revision: str = LEGACY[0], params: Object | None = None
    ) -> httpx2.Response:
        params = params or {}
        headers = {"MCP_Protocol_Version": revision}
        if revision == MODERN:
            headers |= {"Mcp_Method": method} | ({"Mcp_Name": params["name"]} if "name" in params else {})
            params = params | {
                "_meta": {
                    "io.modelcontextprotocol/protocolVersion": revision,
                    "io.modelcontextprotocol/clientCapabilities": {},
                }
            }
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        return await self.post(body, token, **headers)


def verifier_of(issuer: Issuer, keys: Keys) -> Verifier:
    """Return the token check of a server at URL that trusts issuer."""
    return Verifier(keys, {issuer.environment, issuer.name}, {URL, f"{URL}/", RESOURCE_ID})


@asynccontextmanager
async def open_site(issuer: Issuer, path: str = "/mcp", **variables: str) -> AsyncIterator[Site]:
    settings = load_settings(issuer.variables(ORIGIN + path, **variables), path)
    app = create_app(settings, create_verifier(settings), "test", "1")
    transport = httpx2.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=transport, base_url=ORIGIN) as client,
    ):
        yield Site(issuer, transport, client, path)


def challenge(answer: httpx2.Response) -> dict[str, str]:
    """Return the parameters of the one challenge in an answer."""
    (value,) = answer.headers.get_list("WWW-Authenticate")
    assert value.startswith("Bearer ")
    return dict(re.findall(r'(\w+)="([^"]*)"', value))
