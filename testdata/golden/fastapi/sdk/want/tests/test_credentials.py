"""The credentials, good and missing."""

import pytest

from app.credentials import load
from app.settings import SettingsError
from tests.login import CREDENTIALS, LoginIssuer

RESOURCE = "http://localhost:3002/mcp"


def test_good_credentials(issuer: LoginIssuer) -> None:
    settings, credentials = load(issuer.variables(RESOURCE), "/mcp")
    assert settings.environment_url == issuer.environment
    assert credentials == CREDENTIALS


@pytest.mark.parametrize("name", ["SK_CLIENT_ID", "SK_CLIENT_SECRET"])
def test_missing_credentials(issuer: LoginIssuer, name: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(issuer.variables(RESOURCE, **{name: ""}), "/mcp")
    assert [problem.partition(":")[0] for problem in caught.value.problems] == [name]


def test_everything_is_reported_together() -> None:
    with pytest.raises(SettingsError) as caught:
        load({"PORT": "x"}, "/mcp")
    names = {problem.partition(":")[0] for problem in caught.value.problems}
    assert names >= {"SK_CLIENT_ID", "SK_CLIENT_SECRET", "PORT", "SK_ENV_URL"}
