"""Answers requests that carry no valid access token, and lets the others through to MCP."""

import logging
import time

from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import AccessToken
from starlette.authentication import AuthCredentials
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .caller import Caller, Exchange
from .challenge import Challenges
from .verifier import InvalidToken, Unavailable, Verifier

log = logging.getLogger(__name__)

# Takes the token's place once it is verified: FastMCP wants to see a credential, and nobody else the token.
_STAND_IN = "verified"


class Guard:
    """ASGI middleware. It lets nothing through but HTTP requests with one valid bearer token."""

    def __init__(self, app: ASGIApp, verifier: Verifier, challenges: Challenges) -> None:
        self._app = app
        self._verifier = verifier
        self._challenges = challenges

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise RuntimeError("the guard serves HTTP requests alone")
        caller = await self._authenticate(scope)
        if isinstance(caller, Response):
            await caller(scope, receive, send)
            return
        began = time.monotonic()
        exchange = Exchange(caller)
        answer = _Answer(send, receive, scope, exchange, self._challenges)
        await self._app(_identified(scope, exchange), receive, answer.send)
        fields = {"subject": caller.subject, "client": caller.client_id, "status": answer.status}
        if exchange.lacking:
            fields["reason"] = "insufficient_scope: needs " + " ".join(exchange.lacking)
        fields["duration_ms"] = round((time.monotonic() - began) * 1000, 1)
        log.info("request", extra={"fields": fields})

    async def _authenticate(self, scope: Scope) -> Caller | Response:
        """Return the caller, or the answer to a request without a valid token."""
        values = Headers(scope=scope).getlist("authorization")
        if len(values) > 1:
            return _refused(self._challenges.repeated_header(), "repeated Authorization header")
        token = _bearer_token("".join(values))
        if not token:
            return _refused(self._challenges.no_token(), "no bearer token")
        try:
            return await self._verifier.verify(token)
        except InvalidToken as error:
            return _refused(self._challenges.invalid_token(), f"invalid token: {error}")
        except Unavailable as error:
            return _refused(self._challenges.unavailable(), str(error))


def _bearer_token(credential: str) -> str:
    """Return the token of an Authorization header (RFC 6750 section 2.1); empty if there is none.

    Tokens in the query or in a form are not looked for.
    """
    scheme, _, token = credential.partition(" ")
    return token.strip(" ") if scheme.lower() == "bearer" else ""


def _refused(answer: Response, reason: str) -> Response:
    log.info("request refused", extra={"fields": {"status": answer.status_code, "reason": reason}})
    return answer


def _identified(scope: Scope, exchange: Exchange) -> Scope:
    """Return the scope as FastMCP expects it behind authentication, without the token."""
    caller = exchange.caller
    headers = [(name, value) for name, value in scope["headers"] if name != b"authorization"]
    known = dict(scope, headers=[*headers, (b"authorization", f"Bearer {_STAND_IN}".encode())])
    known["auth"] = AuthCredentials(caller.scopes)
    known["user"] = AuthenticatedUser(
        AccessToken(
            token=_STAND_IN, client_id=caller.client_id, scopes=list(caller.scopes), subject=caller.subject
        )
    )
    exchange.attach(known)
    return known


class _Answer:
    """Answers 403 in place of the MCP answer to a denied call, so that clients ask for the scopes they lack."""

    def __init__(
        self, send: Send, receive: Receive, scope: Scope, exchange: Exchange, challenges: Challenges
    ) -> None:
        self._send = send
        self._receive = receive
        self._scope = scope
        self._exchange = exchange
        self._challenges = challenges
        self._denied = False
        self.status = 0  # until the answer has begun

    async def send(self, message: Message) -> None:
        if self._denied:
            return
        if message["type"] == "http.response.start":
            self.status = message["status"]
            if self._exchange.lacking:
                self._denied = True
                denial = self._challenges.insufficient_scope(self._exchange.lacking)
                self.status = denial.status_code
                await denial(self._scope, self._receive, self._send)
                return
        await self._send(message)
