"""Who is calling, for tools."""

from dataclasses import dataclass, field

from fastmcp.server.dependencies import get_http_request
from starlette.types import Scope

_EXCHANGE = "app.exchange"


@dataclass(frozen=True)
class Caller:
    """Who sent a request, as its access token says."""

    subject: str  # user or machine, for example usr_…
    client_id: str  # OAuth client
    organization: str  # Scalekit organization; may be empty
    scopes: tuple[str, ...]


@dataclass
class Exchange:
    """What the layers that one HTTP request goes through know of it."""

    caller: Caller
    lacking: list[str] = field(default_factory=list)  # scopes of the tools that were refused to the caller

    def attach(self, scope: Scope) -> None:
        scope[_EXCHANGE] = self


def exchange_of(scope: Scope) -> Exchange:
    """Return the exchange of an HTTP request. Without one there is a RuntimeError."""
    exchange = scope.get(_EXCHANGE)
    if not isinstance(exchange, Exchange):
        raise RuntimeError("the request did not come through the guard")
    return exchange


def current_exchange() -> Exchange:
    """Return the exchange of the HTTP request that MCP is serving."""
    return exchange_of(get_http_request().scope)


def current_caller() -> Caller:
    """Return who sent the request that is being served, by the token of this very request."""
    return current_exchange().caller
