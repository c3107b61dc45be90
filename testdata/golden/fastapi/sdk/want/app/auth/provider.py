"""What FastMCP knows of authentication."""

from fastmcp.server.auth import AuthProvider
from mcp.server.auth.middleware.auth_context import AuthContextMiddleware
from starlette.middleware import Middleware
from starlette.routing import Route

from .challenge import Challenges
from .guard import Guard
from .verifier import Verifier


class Protection(AuthProvider):
    """Puts the guard in front of FastMCP's endpoint, wherever that is mounted.

    FastMCP keeps its own lock behind it: a request that no guard has identified is refused. The metadata
    is served by the application, outside of authentication.
    """

    def __init__(self, verifier: Verifier, metadata_url: str) -> None:
        super().__init__()
        self._verifier = verifier
        self._challenges = Challenges(metadata_url)

    def get_middleware(self) -> list[Middleware]:
        return [
            Middleware(Guard, verifier=self._verifier, challenges=self._challenges),
            Middleware(AuthContextMiddleware),
        ]

    def get_routes(self, mcp_path: str | None = None) -> list[Route]:
        return []
