"""How much one server takes on at a time."""

import asyncio
import logging

from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .browser import refuse

log = logging.getLogger(__name__)

MAX_IN_FLIGHT = 128  # MCP requests being answered at one time
MAX_HEADER = 16 << 10  # bytes
_READ_TIMEOUT = 30.0  # seconds for a whole body


class LimitHeader:
    """Answers 431 to a header that is too large. uvicorn limits only one that arrives in pieces."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        size = sum(len(name) + len(value) + len(": \r\n") for name, value in scope.get("headers", ()))
        if scope["type"] == "http" and size > self._most:
            answer = refuse(431, "the request header is too large", {"Connection": "close"})
            await answer(scope, receive, send)
            return
        await self._app(scope, receive, send)


class LimitInFlight:
    """Answers 503 to requests beyond a number of them at one time."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        self._app = app
        self._most = most
        self._now = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._now >= self._most:
            await refuse(503, "too many requests in flight", {"Retry-After": "1"})(scope, receive, send)
            return
        self._now += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._now -= 1


class LimitBody:
    """Reads the body before anything else happens, and answers 413 to one that is too large."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            async with asyncio.timeout(_READ_TIMEOUT):
                body = await self._read(scope, receive)
        except TimeoutError:
            await refuse(408, "the request body takes too long")(scope, receive, send)
            return
        except ClientDisconnect:
            return
        if body is None:
            await refuse(413, "the request body is too large", {"Connection": "close"})(scope, receive, send)
            return
        await self._app(scope, replay(body, receive), send)

    async def _read(self, scope: Scope, receive: Receive) -> bytes | None:
        """Return the body, None if it is too large.

        As much again is read and thrown away: a client that still sends does not see the answer.
        """
        body, size = b"", 0
        async for chunk in Request(scope, receive).stream():
            size += len(chunk)
            if size <= self._most:
                body += chunk
            elif size > 2 * self._most:
                break
        return body if size <= self._most else None


def replay(body: bytes, receive: Receive) -> Receive:
    """Return a receive that gives the body once, and then what the connection does."""
    pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return pending.pop() if pending else await receive()

    return replay
