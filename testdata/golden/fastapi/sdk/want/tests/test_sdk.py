"""The Scalekit SDK: logging in, and what it refuses by itself."""

import asyncio
import logging
import threading
import time
from collections.abc import AsyncIterator, Callable

import pytest

from app.auth.keys import Keys
from app.auth.sdk import SDK, NotLoggedIn, Refused
from app.credentials import Credentials
from tests.issuer import RESOURCE_ID, Object, private_key
from tests.login import CREDENTIALS, LoginIssuer
from tests.site import open_site, verifier_of
from tests.test_challenges import INITIALIZE

pytestmark = pytest.mark.anyio


def sdk_of(issuer: LoginIssuer, credentials: Credentials = CREDENTIALS) -> SDK:
    return SDK(
        issuer.environment, credentials, {issuer.environment, issuer.name}, {RESOURCE_ID}, retry_after=0.05
    )


async def validate(sdk: SDK, token: str) -> None:
    await sdk.validate(token, "key-1", private_key(1).public_key())


async def refused(sdk: SDK, token: str) -> bool:
    try:
        await validate(sdk, token)
    except Refused:
        return True
    return False


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


@pytest.fixture
async def sdk(issuer: LoginIssuer) -> AsyncIterator[SDK]:
    sdk = sdk_of(issuer)
    async with sdk.lifespan():
        yield sdk


async def test_c07_what_the_sdk_accepts(issuer: LoginIssuer, sdk: SDK) -> None:
    good: list[Object] = [{}, {"iss": issuer.name}, {"aud": RESOURCE_ID}, {"aud": ["else", RESOURCE_ID]}]
    for changes in good:
        await validate(sdk, issuer.mint(**changes))


async def test_c07_what_the_sdk_refuses(issuer: LoginIssuer, sdk: SDK) -> None:
    bad: list[Object] = [
        {"iss": "https://else"},
        {"iss": f"{issuer.environment}/"},
        {"aud": "else"},
        {"exp": time.time() - 5},
        {"nbf": time.time() + 60},
        {"key": 0, "header": {"kid": "key-1"}},
    ]
    for changes in bad:
        assert await refused(sdk, issuer.mint(**changes)), changes


async def test_c08_the_latest_key_of_an_id_counts(issuer: LoginIssuer, sdk: SDK) -> None:
    await validate(sdk, issuer.mint())
    again = private_key(2).public_key()
    await sdk.validate(issuer.mint(key=2, header={"kid": "key-1"}), "key-1", again)
    with pytest.raises(Refused):
        await sdk.validate(issuer.mint(), "key-1", again)
    assert issuer.requests == []  # for keys


async def test_c09_tokens_are_validated_off_the_event_loop(
    issuer: LoginIssuer, sdk: SDK, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[threading.Thread] = []
    monkeypatch.setattr(
        sdk._client, "validate_token", lambda *_, **__: threads.append(threading.current_thread())
    )
    await validate(sdk, issuer.mint())
    assert len(threads) == 1
    assert threads[0] is not threading.current_thread()


async def test_c09_a_server_that_is_not_logged_in_says_503(issuer: LoginIssuer) -> None:
    issuer.refuses = True
    async with open_site(issuer) as site:
        answer = await site.post(INITIALIZE, issuer.mint())
        assert (await site.client.get("/health")).status_code == 200
    assert answer.status_code == 503
    assert "WWW-Authenticate" not in answer.headers


async def test_c09_logs_in_as_soon_as_that_is_possible(issuer: LoginIssuer) -> None:
    issuer.refuses = True
    sdk = sdk_of(issuer)
    async with sdk.lifespan():
        with pytest.raises(NotLoggedIn):
            await validate(sdk, issuer.mint())
        issuer.refuses = False
        await until(lambda: sdk._client is not None)
        await validate(sdk, issuer.mint())


async def test_c09_a_login_that_hangs_keeps_no_server_from_starting_and_ending(issuer: LoginIssuer) -> None:
    issuer.hold.clear()
    async with asyncio.timeout(10), sdk_of(issuer).lifespan():
        pass


async def test_c13_the_token_goes_nowhere(issuer: LoginIssuer) -> None:
    keys = Keys(f"{issuer.environment}/keys")
    async with keys.lifespan(None):
        await verifier_of(issuer, keys).verify(issuer.mint())
    assert issuer.logins == 1
    assert all("Authorization" not in headers for headers in issuer.requests)


async def test_c18_the_secret_is_not_logged(issuer: LoginIssuer, caplog: pytest.LogCaptureFixture) -> None:
    credentials = Credentials("skc_1", "test_secret_2")
    with caplog.at_level(logging.DEBUG, "app"):
        async with sdk_of(issuer, credentials).lifespan():
            await until(lambda: issuer.logins > 1)
    warning = next(record for record in caplog.records if record.levelno == logging.WARNING)
    assert warning.getMessage() == "logging in to Scalekit failed"
    assert "test_secret" not in f"{caplog.text} {vars(warning)} {credentials}"
