"""The token check (RFC 9068, RFC 8725)."""

import time
from collections.abc import Collection
from contextlib import AbstractAsyncContextManager

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from ..settings import Settings
from .cache import VerifiedTokens
from .caller import Caller
from .claims import Claims, Malformed, parse_token
from .keys import Keys, KeysUnavailable, UnknownKey

_MAX_TOKEN = 8 << 10  # bytes; a longer one is refused unread
LEEWAY = 30.0  # seconds by which clocks may differ


class InvalidToken(Exception):
    """The token is not valid for this server. Why is for the log, not for the caller."""


class Unavailable(Exception):
    """The token cannot be checked now."""


class Verifier:
    """Accepts tokens signed by keys, with one of issuers as iss and one of audiences in aud."""

    def __init__(self, keys: Keys, issuers: Collection[str], audiences: Collection[str]) -> None:
        self._keys = keys
        self._issuers = frozenset(issuers)
        self._audiences = frozenset(audiences)
        self._verified = VerifiedTokens()

    def lifespan(self, app: object) -> AbstractAsyncContextManager[None]:
        """Keep the keys fresh."""
        return self._keys.lifespan(app)

    async def verify(self, token: str) -> Caller:
        """Return the caller that the token names, or raise InvalidToken or Unavailable."""
        if len(token) > _MAX_TOKEN:
            raise InvalidToken(f"longer than {_MAX_TOKEN} bytes")
        hit = self._verified.get(token)
        if hit and self._keys.holds(hit.key):
            return hit.caller
        try:
            parsed = parse_token(token)
        except Malformed as error:
            raise InvalidToken(str(error)) from None
        # Before the key is looked up, so that a foreign token costs no fetch.
        expires = self._check(parsed.claims)
        try:
            key = await self._keys.find(parsed.key_id)
            key.verify(parsed.signature, parsed.signed, PKCS1v15(), SHA256())
        except KeysUnavailable:
            raise Unavailable("the keys cannot be fetched") from None
        except UnknownKey:
            raise InvalidToken("unknown key") from None
        except InvalidSignature:
            raise InvalidToken("bad signature or algorithm") from None
        claims = parsed.claims
        caller = Caller(claims.subject, claims.client_id, claims.organization, claims.scopes)
        self._verified.put(token, caller, key, expires)
        return caller

    def _check(self, claims: Claims) -> float:
        """Refuse a token that is not meant for this server, or not for now. Return when it expires."""
        now = time.time()
        if claims.issuer not in self._issuers:
            raise InvalidToken("foreign issuer")
        if self._audiences.isdisjoint(claims.audience):
            raise InvalidToken("foreign audience")
        if not claims.subject:
            raise InvalidToken("no subject")
        if claims.expires is None:
            raise InvalidToken("no expiry")
        if claims.expires + LEEWAY <= now:
            raise InvalidToken("expired")
        if claims.not_before is not None and claims.not_before - LEEWAY > now:
            raise InvalidToken("not valid yet")
        if claims.issued is not None and claims.issued - LEEWAY > now:
            raise InvalidToken("issued in the future")
        return claims.expires


def create_verifier(settings: Settings) -> Verifier:
    """Return the token check of a server with these settings. Its lifespan has to run."""
    keys = Keys(f"{settings.environment_url}/keys")
    return Verifier(keys, settings.issuers, settings.audiences)
