"""Origin, Host and CORS."""

import pytest

from tests.issuer import Issuer
from tests.site import ORIGIN, Site, open_site
from tests.test_challenges import INITIALIZE

pytestmark = pytest.mark.anyio

PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
FOREIGN = [
    "https://evil.example",
    "null",
    "http://localhost.evil.example",
    f"{ORIGIN}.evil.example",
    f"{ORIGIN}/",
    "",
]


@pytest.mark.parametrize("origin", FOREIGN)
async def test_c14_foreign_origin(site: Site, origin: str) -> None:
    answer = await site.post(INITIALIZE, site.issuer.mint(), Origin=origin)
    assert answer.status_code == 403
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize(
    "origin", [ORIGIN, "http://localhost:6274", "http://127.0.0.1", "https://app.example"]
)
async def test_c14_allowed_origin(issuer: Issuer, origin: str) -> None:
    async with open_site(issuer, ALLOWED_ORIGINS="https://app.example, https://other.example") as site:
        answer = await site.post(INITIALIZE, issuer.mint(), Origin=origin)
        assert answer.status_code == 200
        assert answer.headers["Access-Control-Allow-Origin"] == origin


async def test_c14_loopback_origin_is_foreign_to_a_public_server(issuer: Issuer) -> None:
    async with open_site(issuer, HOST="0.0.0.0") as site:
        answer = await site.post(INITIALIZE, issuer.mint(), Origin="http://localhost:6274")
        assert answer.status_code == 403


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:3002", 200),
        ("127.0.0.1", 200),
        ("[::1]:3002", 200),
        ("evil.example", 403),
        ("127.0.0.1.evil.example", 403),
        ("evil.example@localhost", 403),
        ("localhost/", 403),
    ],
)
async def test_c14_host(site: Site, host: str, status: int) -> None:
    assert (await site.client.get("/health", headers={"Host": host})).status_code == status


async def test_c15_preflight(site: Site) -> None:
    answer = await site.client.options(site.path, headers=PREFLIGHT | {"Origin": ORIGIN})
    assert answer.status_code == 204
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]
    assert "Mcp-Protocol-Version" in answer.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in answer.headers


async def test_c15_every_answer_can_be_read(site: Site) -> None:
    answers = [
        await site.call("greet", site.issuer.mint(), name="Ada"),
        await site.post(INITIALIZE, Origin=ORIGIN),
        await site.post(INITIALIZE, "bad", Origin=ORIGIN),
    ]
    denied = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": "whoami", "arguments": {}},
    }
    answers.append(await site.post(denied, site.issuer.mint(), Origin=ORIGIN))
    assert [answer.status_code for answer in answers] == [200, 401, 401, 403]
    for answer in answers[1:]:
        assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
        assert "WWW-Authenticate" in answer.headers["Access-Control-Expose-Headers"]
        assert "Origin" in answer.headers["Vary"]
