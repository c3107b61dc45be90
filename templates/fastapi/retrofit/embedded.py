"""The MCP endpoint, inside of an application that has other routes."""

import logging
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from starlette.responses import PlainTextResponse
from starlette.routing import Router
from starlette.types import ASGIApp, Receive, Scope, Send

from .auth.keys import Keys
from .auth.provider import Protection
from .auth.verifier import Verifier
from .browser import CheckHost
from .configuration import load_embedded_settings
from .endpoint import create_endpoint, endpoint_routes
from .jsonlog import JSONFormatter
from .limits import MAX_HEADER, LimitHeader
from .public import metadata_url, public_routes
from .settings import Settings, SettingsError
from .tools import create_mcp

log = logging.getLogger(__name__)


class Embedded:
    """An ASGI application that serves MCP and its public routes while its lifespan runs. It is closed otherwise, and
    without settings."""

    def __init__(self, name: str, version: str, path: str) -> None:
        self._name = name
        self._version = version
        self._path = path
        self._served: ASGIApp | None = None
        self._explained: set[str] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._served is None:
            self._explain("its application was not started: is it mounted in another one?")
            closed = PlainTextResponse("the MCP endpoint is not configured", 503)
            await closed(scope, receive, send)
            return
        await self._served(scope, receive, send)

    @asynccontextmanager
    async def lifespan(self, app: object) -> AsyncIterator[None]:
        """Serve, from settings that are read now."""
        with _json_log():
            async with self._serving(app):
                yield

    @asynccontextmanager
    async def _serving(self, app: object) -> AsyncIterator[None]:
        try:
            settings = load_embedded_settings(os.environ, self._path)
        except SettingsError as error:
            settings = None
            self._explain("; ".join(error.problems))
        if settings is None:
            yield
            return
        _quiet()
        keys = Keys(f"{settings.environment_url}/keys")
        verifier = Verifier(keys, settings.issuers, settings.audiences)
        mcp = create_mcp(self._name, self._version, Protection(verifier, metadata_url(settings.resource)))
        endpoint = create_endpoint(mcp, settings)
        async with keys.lifespan(app), endpoint.lifespan(endpoint):
            self._served = _in_limits(endpoint, settings)
            try:
                yield
            finally:
                self._served = None

    def otherwise(self, default: ASGIApp) -> ASGIApp:
        """Return what answers where no route does: /health while MCP is served, and default."""

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            chosen = self._served if self._served and _asks_health(scope) else default
            await chosen(scope, receive, send)

        return answer

    def _explain(self, why: str) -> None:
        """Log why the endpoint is closed, every reason once."""
        if why not in self._explained:
            self._explained.add(why)
            log.error("the MCP endpoint at %s answers 503: %s", self._path, why)


def _asks_health(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
        return False
    path: str = scope["path"].removeprefix(scope.get("root_path", ""))
    return path == "/health"


def _in_limits(endpoint: ASGIApp, settings: Settings) -> ASGIApp:
    routes = [*public_routes(settings), *endpoint_routes(endpoint, settings)]
    app: ASGIApp = Router(routes, redirect_slashes=False)
    if settings.loopback:
        app = CheckHost(app, settings)
    return LimitHeader(app, MAX_HEADER)


@contextmanager
def _json_log() -> Iterator[None]:
    """Log on standard error, one JSON object a line, unless the application has set up a handler for this package."""
    ours = logging.getLogger(__package__)
    if ours.handlers:
        yield
        return
    handler = logging.StreamHandler()
    handler.setFormatter(JSONFormatter())
    ours.addHandler(handler)
    ours.setLevel(logging.INFO)
    ours.propagate = False
    try:
        yield
    finally:
        ours.removeHandler(handler)
        ours.propagate = True


def _quiet() -> None:
    """Keep from the log what FastMCP says below warnings, which may quote requests, and its handler for terminals."""
    fastmcp = logging.getLogger("fastmcp")
    fastmcp.handlers.clear()
    fastmcp.propagate = True
    fastmcp.setLevel(logging.WARNING)
    logging.getLogger("mcp.server").setLevel(logging.WARNING)
