"""Which MCP revision a request speaks."""

import json

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from .limits import replay

_IN_BODY = "io.modelcontextprotocol/protocolVersion"
_HEADER_MISMATCH = -32020


class AgreeOnRevision:
    """Refuses a request whose header and body name different revisions (MCP 2026-07-28, Streamable HTTP).

    The SDK compares them only where the header names a revision that is served without a handshake.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await Request(scope, receive).body()
        named = _revision_in(body)
        if named and named != Headers(scope=scope).get("mcp-protocol-version"):
            error = {"code": _HEADER_MISMATCH, "message": "MCP-Protocol-Version and the body differ"}
            answer = JSONResponse({"jsonrpc": "2.0", "id": None, "error": error}, 400)
            await answer(scope, receive, send)
            return
        await self._app(scope, replay(body, receive), send)


def _revision_in(body: bytes) -> str | None:
    """Return the revision that body names, None if it names none or is no message."""
    if _IN_BODY.encode() not in body:
        return None
    try:
        revision = json.loads(body)["params"]["_meta"][_IN_BODY]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return revision if isinstance(revision, str) else None
