"""Tokens that were verified lately."""

import hashlib
import time
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from .caller import Caller

_KEEP = 60.0  # longest seconds between two full checks of one token
_SIZE = 1024  # tokens per generation; two generations are held


@dataclass(frozen=True)
class Verified:
    """What was found out about a token, and for how long it counts."""

    caller: Caller
    key: RSAPublicKey  # signed the token; this is void when it is withdrawn
    until: float


class VerifiedTokens:
    """Remembers tokens that passed every check, by their SHA-256. It holds no token."""

    def __init__(self) -> None:
        self._young: dict[bytes, Verified] = {}
        self._old: dict[bytes, Verified] = {}

    def get(self, token: str) -> Verified | None:
        digest = _digest(token)
        found = self._young.get(digest) or self._old.get(digest)
        return found if found and time.time() < found.until else None

    def put(self, token: str, caller: Caller, key: RSAPublicKey, expires: float) -> None:
        if len(self._young) >= _SIZE:
            self._old, self._young = self._young, {}
        self._young[_digest(token)] = Verified(caller, key, min(expires, time.time() + _KEEP))


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
