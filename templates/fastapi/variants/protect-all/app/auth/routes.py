"""The guard in front of every route, for those that are not MCP's."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from .caller import Caller, exchange_of
from .challenge import Challenges
from .guard import Guard
from .verifier import Verifier


class GuardRoutes:
    """ASGI middleware. It lets nothing through to an application but requests with a valid token, and those that the
    exempt routes answer.

    These are asked themselves, as the router asks them: no list of paths can differ from what is served.
    """

    def __init__(
        self, app: ASGIApp, verifier: Verifier, challenges: Challenges, exempt: Sequence[Route]
    ) -> None:
        self._app = app
        self._guarded = Guard(app, verifier, challenges)
        self._exempt = exempt

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._app if scope["type"] == "lifespan" or self._is_exempt(scope) else self._guarded
        await app(scope, receive, send)

    def _is_exempt(self, scope: Scope) -> bool:
        return any(route.matches(scope)[0] is Match.FULL for route in self._exempt)


def caller_of(request: Request) -> Caller:
    """Return who sent a request. Routes take it as a dependency: caller: Annotated[Caller, Depends(caller_of)]."""
    return exchange_of(request.scope).caller
