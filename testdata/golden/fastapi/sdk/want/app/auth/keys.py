"""The authorization server's keys (RFC 7517): cached, refreshed, bounded."""

import asyncio
import base64
import binascii
import json
import logging
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx2
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers

log = logging.getLogger(__name__)

REFRESH_EVERY = 300.0  # seconds; how long a withdrawn key lives
FETCH_FLOOR = 5.0  # least seconds between two fetches, whoever asks
_FETCH_TIMEOUT = 5.0
_FETCH_WAIT = 2.0  # how long one request waits for a fetch
_MAX_WAITING = 128  # requests that wait for one at a time: their tokens are not verified yet
_MAX_KEY_SET = 256 << 10  # bytes
_MIN_MODULUS = 2048  # bits, RFC 7518 section 3.3


class UnknownKey(Exception):
    """The authorization server has no such key."""


class KeysUnavailable(Exception):
    """Whether there is such a key cannot be known now."""


class Keys:
    """The key set at a URL, held in memory.

    Finding a known key never waits. An unknown one causes a fetch, at most one per floor interval. When
    a fetch fails, the last good set stays.
    """

    def __init__(self, url: str, *, floor: float = FETCH_FLOOR) -> None:
        self._url = url
        self._floor = floor
        self._client = httpx2.AsyncClient(timeout=_FETCH_TIMEOUT)
        self._keys: Mapping[str, RSAPublicKey] = {}
        self._flight: asyncio.Task[None] | None = None  # the fetch under way
        self._started = float("-inf")  # when the latest fetch began
        self._failed = True  # the latest fetch that ended
        self._waiting = 0

    @asynccontextmanager
    async def lifespan(self, _app: object) -> AsyncIterator[None]:
        """Keep the set fresh. The server starts without keys when they cannot be fetched."""
        refresh = asyncio.create_task(self._refresh())
        try:
            yield
        finally:
            refresh.cancel()
            await asyncio.gather(refresh, return_exceptions=True)
            await self._client.aclose()

    async def find(self, key_id: str) -> RSAPublicKey:
        """Return the key of that id, or raise UnknownKey or KeysUnavailable."""
        if key := self._keys.get(key_id):
            return key
        if flight := self._fetch():
            await self._wait(flight)
        if key := self._keys.get(key_id):
            return key
        if self._failed:
            raise KeysUnavailable
        raise UnknownKey

    def holds(self, key: RSAPublicKey) -> bool:
        """Whether key is of the latest set. A key that was published again counts as another."""
        return any(key is known for known in self._keys.values())

    async def _refresh(self) -> None:
        while True:
            if flight := self._fetch():
                await asyncio.wait([flight])
            await asyncio.sleep(self._floor if self._failed else REFRESH_EVERY)

    def _fetch(self) -> asyncio.Task[None] | None:
        """Return the fetch under way, after starting one if the floor permits; None if it does not."""
        if self._flight is None and time.monotonic() - self._started >= self._floor:
            self._started = time.monotonic()
            self._flight = asyncio.create_task(self._replace())
        return self._flight

    async def _wait(self, flight: asyncio.Task[None]) -> None:
        if self._waiting >= _MAX_WAITING:
            raise KeysUnavailable
        self._waiting += 1
        try:
            done, _ = await asyncio.wait([flight], timeout=_FETCH_WAIT)
        finally:
            self._waiting -= 1
        if not done:
            raise KeysUnavailable

    async def _replace(self) -> None:
        try:
            async with asyncio.timeout(_FETCH_TIMEOUT):
                self._keys = parse_key_set(await self._download())
            self._failed = False
        except (httpx2.HTTPError, TimeoutError, ValueError) as error:
            self._failed = True
            fields = {"url": self._url, "reason": str(error) or type(error).__name__}
            log.warning("fetching the keys failed", extra={"fields": fields})
        finally:
            self._flight = None

    async def _download(self) -> bytes:
        async with self._client.stream("GET", self._url) as response:
            if response.status_code != httpx2.codes.OK:
                raise ValueError(f"status {response.status_code}")
            body = b""
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > _MAX_KEY_SET:
                    raise ValueError(f"more than {_MAX_KEY_SET} bytes")
            return body


def parse_key_set(document: bytes) -> dict[str, RSAPublicKey]:
    """Return the RS256 signature keys of a JWK set by their id.

    Keys for other uses, and weak ones, are left out.
    """
    try:
        entries = json.loads(document)["keys"]
    except (ValueError, KeyError, TypeError, RecursionError):
        entries = None
    if not isinstance(entries, list):
        raise ValueError("not a JWK set")
    keys = {}
    for entry in entries:
        if isinstance(entry, dict) and (key := _rsa_key(entry)):
            keys[entry["kid"]] = key
    return keys


def _rsa_key(entry: dict[str, Any]) -> RSAPublicKey | None:
    key_id, modulus, exponent = entry.get("kid"), _number(entry.get("n")), _number(entry.get("e"))
    meant = (
        entry.get("kty") == "RSA"
        and entry.get("use", "sig") == "sig"
        and entry.get("alg", "RS256") == "RS256"
    )
    if not meant or not isinstance(key_id, str) or not key_id:
        return None
    if modulus.bit_length() < _MIN_MODULUS or exponent.bit_length() > 31 or exponent < 3 or exponent % 2 == 0:
        return None
    try:
        return RSAPublicNumbers(exponent, modulus).public_key()
    except ValueError:
        return None


def _number(value: object) -> int:
    """Decode a number of a JWK (RFC 7518 section 6.3.1); 0 if it is none."""
    if not isinstance(value, str):
        return 0
    try:
        data = base64.b64decode(value + "=" * (-len(value) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return 0
    return int.from_bytes(data, "big")
