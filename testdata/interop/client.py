"""A client of the Python SDK: it logs in, uses a tool, steps up to the scopes of another, and refreshes its token.

The one argument is {"url": the MCP URL, "document": the client's metadata document, if any, "mode": how to choose between the
revisions}. What happened is printed as one JSON document.
"""

import asyncio
import json
import sys
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
from mcp.client import Client
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientInformationFull, OAuthClientMetadata, OAuthToken

CALLBACK = "http://127.0.0.1:49152/callback"  # nobody listens there


def query(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


class Memory:
    """Keeps what the SDK stores, and every token that was granted."""

    def __init__(self) -> None:
        self.client: OAuthClientInformationFull | None = None
        self.granted: list[OAuthToken] = []

    async def get_tokens(self) -> OAuthToken | None:
        return self.granted[-1] if self.granted else None

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.granted.append(tokens)

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.client = client_info


class Browser:
    """Reads where the authorization server sends the person, which works where nobody is asked."""

    def __init__(self) -> None:
        self.logins: list[dict[str, str | None]] = []
        self.callback: dict[str, str] = {}

    async def go(self, url: str) -> None:
        async with httpx2.AsyncClient() as http:
            response = await http.get(url)
        location = response.headers.get("Location", "")
        if not location.startswith(f"{CALLBACK}?"):
            raise RuntimeError(f"authorizing: {response.status_code} {location} {response.text}")
        asked, self.callback = query(url), query(location)
        self.logins.append(
            {
                "client_id": asked.get("client_id"),
                "scope": asked.get("scope"),
                "resource": asked.get("resource"),
                "challenge_method": asked.get("code_challenge_method"),
                "iss": self.callback.get("iss"),
                "error": self.callback.get("error"),
            }
        )

    async def come_back(self) -> AuthorizationCodeResult:
        return AuthorizationCodeResult(**{name: self.callback.get(name) for name in ("code", "state", "iss")})


async def use(settings: dict[str, str]) -> dict[str, Any]:
    memory, browser = Memory(), Browser()
    metadata = OAuthClientMetadata(
        client_name="Interop client",
        redirect_uris=[CALLBACK],
        grant_types=["authorization_code", "refresh_token"],
        token_endpoint_auth_method="none",
    )
    url, document = settings["url"], settings.get("document")
    provider = OAuthClientProvider(url, metadata, memory, browser.go, browser.come_back, client_metadata_url=document)
    async with (
        httpx2.AsyncClient(auth=provider, timeout=30) as http,
        Client(streamable_http_client(url, http_client=http), mode=settings["mode"]) as client,
    ):
        report: dict[str, Any] = {"protocol": client.protocol_version}
        report["tools"] = [tool.name for tool in (await client.list_tools()).tools]
        report["greeting"] = (await client.call_tool("greet", {"name": "Ada"})).content[0].text
        report["caller"] = (await client.call_tool("whoami", {})).structured_content
        before = memory.granted[-1].refresh_token
        provider.context.token_expiry_time = 1
        report["refreshed"] = (await client.call_tool("whoami", {})).structured_content
    report["rotated"] = before != memory.granted[-1].refresh_token
    report["granted"] = [{"scope": token.scope, "refreshable": bool(token.refresh_token)} for token in memory.granted]
    report["logins"] = browser.logins
    return report


print(json.dumps(asyncio.run(use(json.loads(sys.argv[1])))))
