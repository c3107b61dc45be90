"""Rotation, withdrawal, floods and outages of keys."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from app.auth.keys import Keys, KeysUnavailable, UnknownKey, parse_key_set
from app.auth.verifier import InvalidToken
from tests.issuer import Issuer, jwk
from tests.site import verifier_of

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def keys_of(issuer: Issuer, floor: float = 0.1) -> AsyncIterator[Keys]:
    """Yield keys whose first fetch has ended."""
    keys = Keys(f"{issuer.environment}/keys", floor=floor)
    async with keys.lifespan(None):
        await until(lambda: len(issuer.requests) > 0)
        yield keys


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


async def test_c08_rotated_key_works_on_first_use(issuer: Issuer) -> None:
    async with keys_of(issuer, floor=0) as keys:
        await keys.find("key-1")
        issuer.published = [2, 1]
        assert await keys.find("key-2")


async def test_c08_withdrawn_key_voids_cached_tokens(issuer: Issuer) -> None:
    async with keys_of(issuer, floor=0) as keys:
        verifier = verifier_of(issuer, keys)
        token = issuer.mint()
        await verifier.verify(token)
        issuer.published = [2]
        await keys.find("key-2")
        with pytest.raises(InvalidToken):
            await verifier.verify(token)


async def test_c08_flood_of_unknown_keys(issuer: Issuer) -> None:
    async with keys_of(issuer, floor=60) as keys:
        await keys.find("key-1")
        for number in range(1000):
            with pytest.raises(UnknownKey):
                await keys.find(f"unknown-{number}")
        assert len(issuer.requests) == 1


async def test_c08_one_fetch_at_a_time(issuer: Issuer) -> None:
    async with keys_of(issuer, floor=0) as keys:
        await keys.find("key-1")
        before = len(issuer.requests)
        issuer.hold.clear()
        issuer.published = [2]
        waiting = [asyncio.create_task(keys.find("key-2")) for _ in range(50)]
        await until(lambda: len(issuer.requests) > before)
        issuer.hold.set()
        await asyncio.gather(*waiting)
        assert len(issuer.requests) == before + 1


async def test_c09_outage_keeps_the_known_keys(issuer: Issuer) -> None:
    async with keys_of(issuer, floor=0) as keys:
        await keys.find("key-1")
        issuer.outage = True
        with pytest.raises(KeysUnavailable):
            await keys.find("key-2")
        assert await keys.find("key-1")


async def test_c09_down_at_start(issuer: Issuer) -> None:
    issuer.outage = True
    async with keys_of(issuer) as keys:
        with pytest.raises(KeysUnavailable):
            await keys.find("key-1")
        issuer.outage = False
        before = len(issuer.requests)
        await until(lambda: len(issuer.requests) > before + 1 or keys._keys != {})
        assert await keys.find("key-1")


async def test_c09_hanging_keys(issuer: Issuer) -> None:
    async with keys_of(issuer, floor=0) as keys:
        await keys.find("key-1")
        issuer.hold.clear()
        async with asyncio.timeout(4):
            with pytest.raises(KeysUnavailable):
                await keys.find("key-2")
            assert await keys.find("key-1")


async def test_c17_waiting_is_limited(issuer: Issuer) -> None:
    issuer.hold.clear()
    async with keys_of(issuer) as keys:
        waiting = [asyncio.create_task(keys.find("key-1")) for _ in range(200)]
        done, pending = await asyncio.wait(waiting, timeout=0.5)
        assert (len(done), len(pending)) == (72, 128)
        issuer.hold.set()
        await asyncio.gather(*pending)
        for each in done:
            assert isinstance(each.exception(), KeysUnavailable)


@pytest.mark.parametrize(
    "document", [b"{}", b"[]", b"", b'{"keys":{}}', b'{"keys":null}', b" " * (300 << 10)]
)
async def test_c08_bad_key_sets_change_nothing(issuer: Issuer, document: bytes) -> None:
    async with keys_of(issuer, floor=0) as keys:
        await keys.find("key-1")
        issuer.document = document or b"<html>"
        with pytest.raises(KeysUnavailable):
            await keys.find("key-2")
        assert await keys.find("key-1")


async def test_c13_fetch_carries_no_token(issuer: Issuer) -> None:
    async with keys_of(issuer, floor=0) as keys:
        verifier = verifier_of(issuer, keys)
        await verifier.verify(issuer.mint())
        with pytest.raises(InvalidToken):
            await verifier.verify(issuer.mint(key=0))
    assert all("Authorization" not in headers for headers in issuer.requests)


def test_c07_keys_that_are_left_out() -> None:
    bad = [
        jwk(1, kty="EC"),
        jwk(1, use="enc"),
        jwk(1, alg="RS512"),
        jwk(1, kid=""),
        jwk(1, kid=1),
        jwk(1, n="AQAB"),
        jwk(1, n=1),
        jwk(1, e="AQ"),
        jwk(1, e="AQAA"),
        jwk(1, n="ä"),
        "key",
    ]
    document = json.dumps({"keys": [*bad, jwk(2)]}).encode()
    assert list(parse_key_set(document)) == ["key-2"]
