"""The tools, their scopes and their callers."""

import asyncio

import pytest

from app.tools import TOOL_SCOPES
from tests.issuer import SUBJECT
from tests.site import LEGACY, MODERN, Site, challenge

pytestmark = pytest.mark.anyio

SCOPES = list(TOOL_SCOPES["whoami"])
EVERY_REVISION = pytest.mark.parametrize("revision", [MODERN, *LEGACY])


async def test_greet(site: Site) -> None:
    answer = await site.call("greet", site.issuer.mint(), name="Ada")
    assert answer.json()["result"]["content"] == [{"type": "text", "text": "Hello, Ada!"}]


@EVERY_REVISION
async def test_c11_without_the_scope(site: Site, revision: str) -> None:
    answer = await site.call("whoami", site.issuer.mint(scope="else"), revision=revision)
    assert answer.status_code == 403
    assert challenge(answer)["error"] == "insufficient_scope"
    assert challenge(answer)["scope"] == " ".join(SCOPES)
    assert "result" not in answer.json()


@EVERY_REVISION
async def test_c12_caller(site: Site, revision: str) -> None:
    answer = await site.call("whoami", site.issuer.mint(scopes=[*SCOPES, "more"]), revision=revision)
    assert answer.json()["result"]["structuredContent"] == {
        "subject": SUBJECT,
        "client_id": "skc_1",
        "organization": "org_1",
        "scopes": [*SCOPES, "more"],
    }


async def test_c10_scopes_in_either_claim(site: Site) -> None:
    text = " ".join(SCOPES)
    tokens = [
        site.issuer.mint(scope=text),
        site.issuer.mint(scopes=SCOPES),
        site.issuer.mint(scope=text, scopes=[]),
        site.issuer.mint(scope="", scopes=SCOPES),
    ]
    answers = [await site.call("whoami", token) for token in tokens]
    assert [answer.status_code for answer in answers] == [200] * len(tokens)


async def test_c11_a_batch_is_no_way_around(site: Site) -> None:
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "whoami", "arguments": {}}}
    answer = await site.post([call], site.issuer.mint())
    assert answer.status_code in (400, 403)
    assert SUBJECT not in answer.text


async def test_c12_callers_interleaved(site: Site) -> None:
    subjects = [f"usr_{number}" for number in range(20)]
    tokens = [site.issuer.mint(sub=subject, scopes=SCOPES) for subject in subjects]
    answers = await asyncio.gather(*(site.call("whoami", token) for token in tokens))
    seen = [answer.json()["result"]["structuredContent"]["subject"] for answer in answers]
    assert seen == subjects


async def test_unknown_tool(site: Site) -> None:
    answer = await site.call("nothing", site.issuer.mint())
    assert answer.json()["result"]["isError"]
