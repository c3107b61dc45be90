"""The Scalekit SDK, off the event loop and with this server's keys."""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager, suppress

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.exceptions import PyJWTError
from scalekit import ScalekitClient  # type: ignore[import-untyped]
from scalekit.common.exceptions import ScalekitValidateTokenFailureException  # type: ignore[import-untyped]
from scalekit.common.scalekit import TokenValidationOptions  # type: ignore[import-untyped]

from ..credentials import Credentials

log = logging.getLogger(__name__)

_RETRY_AFTER = 5.0  # seconds between two logins
_START_WAIT = 2.0  # how long the start of the server waits for the first one


class Refused(Exception):
    """The SDK does not accept the token."""


class NotLoggedIn(Exception):
    """The SDK cannot be asked now."""


class SDK:
    """Validates tokens of any of issuers for any of audiences. It needs to be logged in, which lifespan sees to."""

    def __init__(
        self,
        environment_url: str,
        credentials: Credentials,
        issuers: Collection[str],
        audiences: Collection[str],
        *,
        retry_after: float = _RETRY_AFTER,
    ) -> None:
        self._environment_url = environment_url
        self._credentials = credentials
        self._options = TokenValidationOptions(issuer=sorted(issuers), audience=sorted(audiences))
        self._retry_after = retry_after
        self._client: ScalekitClient | None = None

    async def validate(self, token: str, key_id: str, key: RSAPublicKey) -> None:
        """Raise Refused or NotLoggedIn unless the SDK accepts the token as signed with key."""
        client = self._client
        if client is None:
            raise NotLoggedIn
        # It would fetch the keys itself once, and no others when they change.
        client.core_client.keys[key_id] = key
        try:
            await asyncio.to_thread(client.validate_token, token, options=self._options)
        except (PyJWTError, ScalekitValidateTokenFailureException):
            raise Refused from None

    def log_in(self) -> None:
        """Log in, with a request that may block for the better part of a minute: not on the event loop."""
        given = self._credentials
        self._client = ScalekitClient(self._environment_url, given.client_id, given.client_secret)

    @asynccontextmanager
    async def lifespan(self) -> AsyncIterator[None]:
        """Log in, again and again until that succeeds. The server starts without."""
        logging_in = asyncio.create_task(self._log_in())
        await asyncio.wait([logging_in], timeout=_START_WAIT)
        try:
            yield
        finally:
            logging_in.cancel()
            await asyncio.gather(logging_in, return_exceptions=True)

    async def _log_in(self) -> None:
        while True:
            try:
                await _in_daemon(self.log_in)
                return
            except Exception as error:  # the SDK raises those of several libraries
                # Their texts may quote the request, which holds the secret.
                fields = {"url": self._environment_url, "reason": type(error).__name__}
                log.warning("logging in to Scalekit failed", extra={"fields": fields})
            await asyncio.sleep(self._retry_after)


async def _in_daemon(work: Callable[[], None]) -> None:
    """Run work in a thread of its own, which keeps no process from ending."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def settle(error: Exception | None) -> None:
        if done.done():
            return
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)

    def run() -> None:
        failure = None
        try:
            work()
        except Exception as error:
            failure = error
        with suppress(RuntimeError):  # the loop may have ended
            loop.call_soon_threadsafe(settle, failure)

    threading.Thread(target=run, daemon=True).start()
    await done
