"""Good, forged, expired and foreign tokens."""

import asyncio
import hmac
import json
import time
from collections.abc import AsyncIterator
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.auth.keys import Keys
from app.auth.verifier import LEEWAY, InvalidToken, Verifier
from tests.issuer import RESOURCE_ID, SUBJECT, Issuer, Object, encode, jwk, private_key, sign
from tests.site import URL, verifier_of

pytestmark = pytest.mark.anyio

HEADER = {"alg": "RS256", "kid": "key-1"}


@pytest.fixture
async def verifier(issuer: Issuer) -> AsyncIterator[Verifier]:
    keys = Keys(f"{issuer.environment}/keys")
    async with keys.lifespan(None):
        yield verifier_of(issuer, keys)


def good_changes(issuer: Issuer) -> list[Object]:
    now = time.time()
    return [
        {},
        {"iss": issuer.name},
        {"aud": RESOURCE_ID},
        {"aud": URL},
        {"aud": [f"{URL}/", "else"]},
        {"exp": now - LEEWAY + 5},
        {"nbf": now + LEEWAY - 5, "iat": now + LEEWAY - 5},
        {"nbf": None, "iat": None, "client_id": None, "oid": None},
        {"oid": None, "org_id": "org_1"},
    ]


def bad_changes(issuer: Issuer) -> list[Object]:
    now = time.time()
    return [
        {"iss": f"{issuer.environment}/"},
        {"iss": f"{issuer.environment}.evil.example"},
        {"iss": None},
        {"iss": [issuer.environment]},
        {"aud": None},
        {"aud": []},
        {"aud": f"{RESOURCE_ID}2"},
        {"aud": f"{URL}/x"},
        {"aud": [RESOURCE_ID, 1]},
        {"aud": {"0": RESOURCE_ID}},
        {"exp": None},
        {"exp": now - LEEWAY - 5},
        {"exp": str(now + 60)},
        {"nbf": True},
        {"exp": -1},
        {"exp": 1 << 41},
        {"nbf": now + LEEWAY + 5},
        {"nbf": "0"},
        {"iat": now + LEEWAY + 5},
        {"sub": None},
        {"sub": ""},
        {"sub": 1},
        {"scope": ["a"]},
        {"scopes": "a"},
        {"scopes": [1]},
        {"client_id": 1},
    ]


async def refused(verifier: Verifier, token: str) -> bool:
    try:
        await verifier.verify(token)
    except InvalidToken:
        return True
    return False


async def test_c07_good_tokens(issuer: Issuer, verifier: Verifier) -> None:
    for changes in good_changes(issuer):
        caller = await verifier.verify(issuer.mint(**changes))
        assert caller.subject == SUBJECT, changes


async def test_c07_bad_claims(issuer: Issuer, verifier: Verifier) -> None:
    for changes in bad_changes(issuer):
        assert await refused(verifier, issuer.mint(**changes)), changes


async def test_c07_bad_headers(issuer: Issuer, verifier: Verifier) -> None:
    bad: list[Object] = [
        {"kid": ""},
        {"kid": 1},
        {"kid": "key-2"},
        {"alg": "RS512"},
        {"alg": "rs256"},
        {"crit": ["exp"]},
        {"jwk": jwk(0)},
        {"jku": f"{issuer.environment}/keys"},
        {"x5c": ["a"]},
    ]
    for header in bad:
        assert await refused(verifier, issuer.mint(header=header)), header


def forged(issuer: Issuer) -> dict[str, str]:
    good = issuer.mint()
    header, claims, signature = good.split(".")
    object_ = json.dumps(issuer.claims())
    public = private_key(1).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    hs256 = ".".join((encode(b'{"alg":"HS256","kid":"key-1"}'), claims))
    unsigned = encode(b'{"alg":"none","kid":"key-1"}')
    last = "B" if signature[-1] != "B" else "A"
    raw = json.dumps(HEADER).encode()
    return {
        "another key": issuer.mint(key=0, header={"kid": "key-1"}),
        "HS256 with the public key": f"{hs256}.{encode(hmac.digest(public, hs256.encode(), sha256))}",
        "no signature": f"{header}.{claims}.",
        "alg none": f"{unsigned}.{claims}.",
        "alg none with a signature": f"{unsigned}.{claims}.{signature}",
        "a changed signature": f"{header}.{claims}.{signature[:-1]}{last}",
        "padding": f"{header}.{claims}.{signature}==",
        "white space": f"{header}.{claims}.{signature}\n",
        "four parts": f"{good}.x",
        "two parts": f"{header}.{claims}",
        "standard base64": f"{header}.{claims}.{signature[:-2]}+/",
        "a claim that stands twice": sign(raw, f'{{"sub":"usr_eve",{object_[1:]}'.encode()),
        "a header that stands twice": sign(b'{"alg":"none","alg":"RS256","kid":"key-1"}', object_.encode()),
        "claims that are no object": sign(raw, b'["a"]'),
        "claims that are no JSON": sign(raw, object_[:-1].encode()),
        "NaN": sign(raw, f'{object_[:-1]},"nbf":NaN}}'.encode()),
        "deep nesting": sign(raw, b'{"x":' + b"[" * 5000),
        "no UTF-8": sign(raw, object_[:-1].encode() + b',"x":"\xff"}'),
        "claims behind a byte order mark": sign(raw, b"\xef\xbb\xbf" + object_.encode()),
        "a long token": issuer.mint(x="a" * (8 << 10)),
        "not ASCII": "ä.ö.ü",
    }


async def test_c07_forged_tokens(issuer: Issuer, verifier: Verifier) -> None:
    await verifier.verify(issuer.mint())
    for what, token in forged(issuer).items():
        assert await refused(verifier, token), what


async def test_c07_every_character_counts(issuer: Issuer, verifier: Verifier) -> None:
    token = issuer.mint()
    await verifier.verify(token)
    for at in range(0, len(token), 7):
        changed = "A" if token[at] != "A" else "B"
        assert await refused(verifier, token[:at] + changed + token[at + 1 :]), at


async def test_c08_foreign_tokens_cost_no_fetch(issuer: Issuer, verifier: Verifier) -> None:
    await verifier.verify(issuer.mint())
    for _ in range(20):
        assert await refused(verifier, issuer.mint(key=0, iss="https://evil.example"))
    assert len(issuer.requests) == 1


@pytest.mark.parametrize(
    ("claims", "scopes"),
    [
        ({"scope": "a b  a"}, ("a", "b")),
        ({"scopes": ["a", "b", "a"]}, ("a", "b")),
        ({"scope": "a b", "scopes": ["b", "c"]}, ("a", "b", "c")),
        ({}, ()),
    ],
)
async def test_c10_scopes(
    issuer: Issuer, verifier: Verifier, claims: Object, scopes: tuple[str, ...]
) -> None:
    assert (await verifier.verify(issuer.mint(**claims))).scopes == scopes


async def test_c07_a_cached_token_expires(issuer: Issuer, verifier: Verifier) -> None:
    token = issuer.mint(exp=time.time() - LEEWAY + 1.5)
    await verifier.verify(token)
    async with asyncio.timeout(10):
        while not await refused(verifier, token):
            await asyncio.sleep(0.05)
