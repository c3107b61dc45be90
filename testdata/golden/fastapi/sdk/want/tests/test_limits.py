"""Sizes and numbers."""

import asyncio
import json
from collections.abc import AsyncIterator

import httpx2
import pytest

from app.limits import MAX_IN_FLIGHT
from tests.issuer import Issuer
from tests.site import Site, open_site
from tests.test_challenges import INITIALIZE

pytestmark = pytest.mark.anyio


def padded(size: int) -> bytes:
    """Return an initialize request of size bytes."""
    body = json.dumps(INITIALIZE).encode()
    return body + b" " * (size - len(body))


async def send(site: Site, body: bytes | AsyncIterator[bytes]) -> httpx2.Response:
    headers = {
        "Accept": "application/json, text/event-stream",
        "Content-Type": "application/json",
        "Authorization": f"Bearer {site.issuer.mint()}",
    }
    return await site.client.post(site.path, content=body, headers=headers)


@pytest.mark.parametrize(("size", "status"), [(256 << 10, 200), ((256 << 10) + 1, 413), (4 << 20, 413)])
async def test_c17_body(site: Site, size: int, status: int) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        body = padded(size)
        for at in range(0, size, 1 << 14):
            yield body[at : at + (1 << 14)]

    assert (await send(site, padded(size))).status_code == status
    assert (await send(site, chunks())).status_code == status


async def test_c17_body_limit_is_a_setting(issuer: Issuer) -> None:
    async with open_site(issuer, MAX_BODY_BYTES="1000") as site:
        assert (await send(site, padded(1000))).status_code == 200
        assert (await send(site, padded(1001))).status_code == 413


async def test_c17_header(site: Site) -> None:
    answer = await site.client.get("/health", headers={"X-Padding": "a" * (16 << 10)})
    assert answer.status_code == 431


async def test_c17_token(site: Site) -> None:
    assert (await site.post(INITIALIZE, "a" * ((8 << 10) + 1))).status_code == 401


async def test_c17_requests_in_flight(site: Site) -> None:
    entered, release = asyncio.Semaphore(0), asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        body = padded(1000)
        yield body[:500]
        entered.release()  # the server waits for the rest
        await release.wait()
        yield body[500:]

    await send(site, padded(1000))  # the keys are there
    held = [asyncio.create_task(send(site, slow())) for _ in range(MAX_IN_FLIGHT)]
    async with asyncio.timeout(60):
        for _ in held:
            await entered.acquire()
    answer = await send(site, padded(1000))
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert (await site.client.get("/health")).status_code == 200
    release.set()
    assert {(await each).status_code for each in held} == {200}
    assert (await send(site, padded(1000))).status_code == 200
