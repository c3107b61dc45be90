"""Listening and shutdown."""

import asyncio
import logging
import os
import signal
import sys
import threading
from types import FrameType

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from .limits import MAX_HEADER
from .settings import Settings

log = logging.getLogger(__name__)

_READ_HEADER = 5.0  # seconds
_IDLE = 120  # seconds between two requests on one connection
_SHUTDOWN_GRACE = 8  # seconds for requests in flight
_SHUTDOWN_LATEST = 10.0  # seconds after which the process ends, whatever it does; orchestrators kill then


def serve(app: ASGIApp, settings: Settings) -> int:
    """Serve app until SIGTERM or SIGINT, then let the requests in flight finish. Return the exit code."""
    # uvicorn repeats the signal once it has shut down: that it did is success.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    server = _Server(
        uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            http=Deadlines,
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,  # the guard logs requests, without their query
            proxy_headers=False,  # nothing is derived from them
            server_header=False,
            timeout_keep_alive=_IDLE,
            timeout_graceful_shutdown=_SHUTDOWN_GRACE,
            h11_max_incomplete_event_size=MAX_HEADER,
            ssl_certfile=settings.tls_cert,
            ssl_keyfile=settings.tls_key,
        )
    )
    fields = {"address": f"{settings.host}:{settings.port}", "mcp": settings.resource.geturl()}
    log.info("listening", extra={"fields": fields})
    try:
        server.run()
    except KeyboardInterrupt:
        return 0
    return 0 if server.started else 1


class _Server(uvicorn.Server):
    """Ends the process in time even when a tool blocks a thread, which nobody can cancel."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        latest = threading.Timer(_SHUTDOWN_LATEST, os._exit, (1,))
        latest.daemon = True
        latest.start()


class Deadlines(H11Protocol):
    """HTTP/1.1 with limits that uvicorn lacks: on the time that the header of a request takes, and on what still
    comes of a body when the answer is complete."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._stop()

    def _watch(self) -> None:
        ours, theirs = self.conn.our_state, self.conn.their_state
        if theirs is not h11.IDLE and not (theirs is h11.SEND_BODY and ours is h11.DONE):
            self._stop()
        elif self._deadline is None:
            self._deadline = self.loop.call_later(_READ_HEADER, self.transport.abort)

    def _stop(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
