"""Scalekit as FastMCP knows it."""

from fastmcp.server.auth import AccessToken, TokenVerifier
from fastmcp.server.auth.auth import TokenVerificationError
from fastmcp.server.auth.providers.scalekit import ScalekitProvider
from mcp.server.auth.middleware.auth_context import AuthContextMiddleware
from starlette.middleware import Middleware
from starlette.routing import Route

from ..settings import Settings
from ..urls import origin_of
from .challenge import Challenges
from .guard import Guard
from .verifier import InvalidToken, Unavailable, Verifier


class Protection(ScalekitProvider):
    """FastMCP's provider, with this server's verifier and with the guard in the place of FastMCP's own gate.

    That gate answers an outage of the keys with 500, and believes one of two Authorization headers.
    FastMCP keeps its lock behind the guard: a request that no guard has identified is refused. The
    metadata is served by the application, as the dashboard has it, and outside of authentication.
    """

    def __init__(self, settings: Settings, verifier: Verifier, metadata_url: str) -> None:
        super().__init__(
            environment_url=settings.environment_url,
            resource_id=settings.resource_id,
            base_url=origin_of(settings.resource),
            token_verifier=_TokenVerifier(verifier),
        )
        self._verifier = verifier
        self._challenges = Challenges(metadata_url)

    def get_middleware(self) -> list[Middleware]:
        return [
            Middleware(Guard, verifier=self._verifier, challenges=self._challenges),
            Middleware(AuthContextMiddleware),
        ]

    def get_routes(self, mcp_path: str | None = None) -> list[Route]:
        return []


class _TokenVerifier(TokenVerifier):
    """The verifier in FastMCP's form, for code that asks the provider itself."""

    def __init__(self, verifier: Verifier) -> None:
        super().__init__()
        self._verifier = verifier

    async def verify_token(self, token: str) -> AccessToken | None:
        try:
            caller = await self._verifier.verify(token)
        except InvalidToken:
            return None
        except Unavailable as error:
            raise TokenVerificationError(str(error)) from None
        return AccessToken(
            token=token, client_id=caller.client_id, scopes=list(caller.scopes), subject=caller.subject
        )
