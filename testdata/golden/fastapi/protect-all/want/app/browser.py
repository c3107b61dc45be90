"""Origin, Host and CORS (MCP 2026-07-28, Streamable HTTP, security warning)."""

import logging
import re
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .settings import Settings
from .urls import is_loopback, is_origin, origin_of

log = logging.getLogger(__name__)

_HOST = re.compile(r"(?P<name>\[[0-9A-Fa-f:.]+]|[A-Za-z0-9._-]+)(:[0-9]+)?")
_EXPOSED = "WWW-Authenticate, Mcp-Session-Id"
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "POST, OPTIONS",
    "Access-Control-Allow-Headers": (
        "Authorization, Content-Type, Accept, Mcp-Protocol-Version, Mcp-Session-Id, Mcp-Method, Mcp-Name, Last-Event-ID"
    ),
    "Access-Control-Max-Age": "600",
}


class CheckOrigin:
    """Refuses what scripts of foreign origins send, and answers the preflights of the others.

    It stands before authentication. Credentials are never allowed: a bearer token needs no cookie.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._allowed = {origin_of(settings.resource), *settings.allowed_origins}
        self._loopback = settings.loopback

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        origins = headers.getlist("origin")
        if not origins:
            await self._app(scope, receive, _with_headers(send, {"Vary": "Origin"}))
            return
        if len(origins) > 1 or not self._allows(origins[0]):
            await refuse(403, "origin not allowed")(scope, receive, send)
            return
        shared = {
            "Vary": "Origin",
            "Access-Control-Allow-Origin": origins[0],
            "Access-Control-Expose-Headers": _EXPOSED,
        }
        if scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
            await Response(status_code=204, headers=shared | _PREFLIGHT)(scope, receive, send)
            return
        await self._app(scope, receive, _with_headers(send, shared))

    def _allows(self, origin: str) -> bool:
        if origin in self._allowed:
            return True
        return self._loopback and is_origin(origin) and is_loopback(urlsplit(origin).hostname or "")


class CheckHost:
    """Protects a server that is bound to loopback from DNS rebinding.

    It answers to loopback names and to its public name, which a proxy on the same machine passes on.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._public = settings.resource.hostname or ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._allows(Headers(scope=scope).get("host", "")):
            await refuse(403, "host not allowed")(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _allows(self, host: str) -> bool:
        found = _HOST.fullmatch(host)
        if found is None:
            return False
        name = found["name"].strip("[]").lower()
        return is_loopback(name) or name == self._public


def refuse(status: int, reason: str, headers: dict[str, str] | None = None) -> Response:
    """Log and return the answer to a request that is not served, in fixed words."""
    log.info("request refused", extra={"fields": {"status": status, "reason": reason}})
    return PlainTextResponse(reason, status, headers)


def _with_headers(send: Send, headers: dict[str, str]) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(headers)
        await send(message)

    return send_with_headers
