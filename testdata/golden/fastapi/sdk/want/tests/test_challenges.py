"""Answers to requests that may not be served."""

import pytest

from tests.issuer import Issuer
from tests.site import ORIGIN, Site, challenge, open_site

pytestmark = pytest.mark.anyio

INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}
METADATA_URL = f"{ORIGIN}/.well-known/oauth-protected-resource/mcp"


@pytest.mark.parametrize("credential", [None, "", "Bearer", "Bearer ", "Basic dTpw", "Token x", "Bearerx"])
async def test_c04_without_a_token(site: Site, credential: str | None) -> None:
    headers = {} if credential is None else {"Authorization": credential}
    answer = await site.post(INITIALIZE, **headers)
    assert answer.status_code == 401
    assert challenge(answer) == {"realm": "OAuth", "resource_metadata": METADATA_URL}
    assert answer.json()["error"] == "unauthorized"


async def test_c05_one_answer_for_every_bad_token(site: Site) -> None:
    mint = site.issuer.mint
    bad = [mint(exp=1), mint(aud="else"), mint(iss="https://else"), mint(key=0), "x", "a.b.c"]
    answers = [await site.post(INITIALIZE, token) for token in bad]
    assert {answer.status_code for answer in answers} == {401}
    assert len({(answer.text, answer.headers["WWW-Authenticate"]) for answer in answers}) == 1
    assert challenge(answers[0])["error"] == "invalid_token"
    assert challenge(answers[0])["resource_metadata"] == METADATA_URL


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "Bearer  "])
async def test_c06_scheme(site: Site, scheme: str) -> None:
    answer = await site.post(INITIALIZE, Authorization=f"{scheme} {site.issuer.mint()}")
    assert answer.status_code == 200


async def test_c06_repeated_header(site: Site) -> None:
    credential = f"Bearer {site.issuer.mint()}"
    headers = [("Authorization", credential), ("Authorization", credential)]
    answer = await site.client.post(site.path, json=INITIALIZE, headers=headers)
    assert answer.status_code == 400
    assert challenge(answer)["error"] == "invalid_request"


async def test_c06_token_elsewhere_is_ignored(site: Site) -> None:
    token = site.issuer.mint()
    in_query = await site.client.post(site.path, params={"access_token": token}, json=INITIALIZE)
    in_form = await site.client.post(site.path, data={"access_token": token})
    assert in_query.status_code == in_form.status_code == 401


async def test_c09_unavailable_keys_are_no_challenge(issuer: Issuer) -> None:
    issuer.outage = True
    async with open_site(issuer) as site:
        answer = await site.post(INITIALIZE, issuer.mint())
        health = await site.client.get("/health")
    assert answer.status_code == 503
    assert "WWW-Authenticate" not in answer.headers
    assert int(answer.headers["Retry-After"]) > 0
    assert health.status_code == 200
