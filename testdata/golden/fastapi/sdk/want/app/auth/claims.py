"""A signed token taken apart (RFC 7515 section 7.1), and its claims (RFC 7519), read strictly.

Nothing here verifies a token. It refuses whatever an RS256 access token may not look like (RFC 8725
section 3.1): doubled members, wrong types, keys and extensions that the token brings along.
"""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

_FOREIGN_HEADERS = ("crit", "jwk", "jku", "x5c", "x5u")
_LATEST = float(1 << 40)  # seconds; some 34,000 years from now


class Malformed(Exception):
    """Says in fixed words, which hold nothing of the token, what is wrong with it."""


@dataclass(frozen=True)
class Claims:
    """The claims that this server reads. A missing text is empty, a missing time None."""

    issuer: str
    subject: str
    audience: tuple[str, ...]
    client_id: str
    organization: str
    scopes: tuple[str, ...]
    expires: float | None
    not_before: float | None
    issued: float | None


@dataclass(frozen=True)
class SignedToken:
    """A token whose signature is still to be verified."""

    key_id: str
    claims: Claims
    signed: bytes  # what the signature covers
    signature: bytes


def parse_token(token: str) -> SignedToken:
    """Take an RS256 access token apart, or raise Malformed."""
    parts = token.split(".")
    if len(parts) != 3:
        raise Malformed("malformed")
    header, payload, signature = (_decode(part) for part in parts)
    return SignedToken(
        key_id=_key_id(_object(header)),
        claims=_claims(_object(payload)),
        signed=f"{parts[0]}.{parts[1]}".encode(),
        signature=signature,
    )


def _decode(part: str) -> bytes:
    """Decode base64url without padding, of which every byte string has exactly one form."""
    try:
        data = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise Malformed("malformed") from None
    if base64.urlsafe_b64encode(data).rstrip(b"=") != part.encode():
        raise Malformed("malformed")
    return data


def _object(data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(data.decode(), object_pairs_hook=_members, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Malformed("malformed") from None
    if not isinstance(value, dict):
        raise Malformed("malformed")
    return value


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member stands twice")
    return members


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _key_id(header: dict[str, Any]) -> str:
    for name in _FOREIGN_HEADERS:
        if name in header:
            raise Malformed(f"header with {name}")
    if header.get("alg") != "RS256":
        raise Malformed("bad signature or algorithm")
    key_id = header.get("kid")
    if not isinstance(key_id, str) or not key_id:
        raise Malformed("no key id")
    return key_id


def _claims(members: dict[str, Any]) -> Claims:
    audience = members.get("aud")
    return Claims(
        issuer=_text(members, "iss"),
        subject=_text(members, "sub"),
        audience=(audience,) if isinstance(audience, str) else _texts(members, "aud"),
        client_id=_text(members, "client_id"),
        organization=_text(members, "oid") or _text(members, "org_id"),  # its older name
        scopes=_scopes(members),
        expires=_time(members, "exp"),
        not_before=_time(members, "nbf"),
        issued=_time(members, "iat"),
    )


def _scopes(members: dict[str, Any]) -> tuple[str, ...]:
    """Scalekit puts scopes into the text scope, the array scopes, or both."""
    together = (*_text(members, "scope").split(), *_texts(members, "scopes"))
    return tuple(dict.fromkeys(together))


def _text(members: dict[str, Any], name: str) -> str:
    value = members.get(name, "")
    if not isinstance(value, str):
        raise Malformed("malformed claims")
    return value


def _texts(members: dict[str, Any], name: str) -> tuple[str, ...]:
    values = members.get(name, [])
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise Malformed("malformed claims")
    return tuple(values)


def _time(members: dict[str, Any], name: str) -> float | None:
    if name not in members:
        return None
    value = members[name]
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= _LATEST:
        raise Malformed("malformed claims")
    return float(value)
