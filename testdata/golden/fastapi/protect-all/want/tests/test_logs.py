"""What is logged, and what never is."""

import json
import logging

import pytest

from app.jsonlog import JSONFormatter
from tests.issuer import SUBJECT
from tests.site import Site

pytestmark = pytest.mark.anyio


async def test_c18_nothing_secret_in_the_log(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="app")
    good, bad = site.issuer.mint(), site.issuer.mint(aud="else")
    await site.call("greet", good, name="in the body")
    await site.call("greet", good, name="in the body", else_="in the body")
    await site.call("whoami", good)
    await site.call("greet", bad, name="in the body")
    text = "\n".join(JSONFormatter().format(record) for record in caplog.records)
    assert "in the body" not in text
    for token in (good, bad):
        assert all(part not in text for part in token.split("."))
    entries = [json.loads(line) for line in text.splitlines()]
    requests = [entry for entry in entries if entry["msg"] == "request"]
    assert [(entry["subject"], entry["status"]) for entry in requests] == [(SUBJECT, 200)] * 2 + [
        (SUBJECT, 403)
    ]
    (refused,) = (entry for entry in entries if entry["msg"] == "request refused")
    assert refused["reason"] == "invalid token: foreign audience"


def test_c18_an_exception_without_its_text() -> None:
    try:
        raise ValueError("secret")
    except ValueError as error:
        record = logging.LogRecord(
            "x", logging.ERROR, "", 0, "failed", None, (type(error), error, error.__traceback__)
        )
    entry = json.loads(JSONFormatter().format(record))
    assert entry["exception"] == "ValueError"
    assert "test_logs.py" in entry["stack"]
