"""Settings, good and bad, and the .env file."""

import json
import logging
from pathlib import Path

import pytest

from app.environment import read_environment
from app.settings import Settings, SettingsError, load_settings

ENVIRONMENT = "https://acme.scalekit.com"
RESOURCE = "http://localhost:3002/mcp"
PUBLIC = "https://mcp.example/mcp"
METADATA = "PROTECTED_RESOURCE_METADATA"


def metadata(**changes: object) -> str:
    good = {"resource": RESOURCE, "authorization_servers": [f"{ENVIRONMENT}/resources/res_1"]}
    return json.dumps(good | changes)


def load(**changes: str) -> Settings:
    good = {
        "SK_ENV_URL": ENVIRONMENT,
        "EXPECTED_AUDIENCE": RESOURCE,
        "PROTECTED_RESOURCE_METADATA": metadata(),
    }
    return load_settings(good | changes, "/mcp")


def test_defaults() -> None:
    settings = load()
    assert (settings.host, settings.port, settings.loopback) == ("127.0.0.1", 3002, True)
    assert settings.log_level == logging.INFO
    assert settings.max_body_bytes == 256 << 10
    assert settings.issuers == {ENVIRONMENT, f"{ENVIRONMENT}/resources/res_1"}
    assert settings.audiences == {RESOURCE, f"{RESOURCE}/", "res_1"}
    assert settings.metadata == metadata().encode()


GOOD = [
    {"SK_ENV_URL": f"{ENVIRONMENT}/"},
    {"EXPECTED_AUDIENCE": "res_1"},
    {"EXPECTED_AUDIENCE": f"{RESOURCE}/"},
    {METADATA: f"'{metadata()}'"},
    {METADATA: f' "{metadata()}" '},
    {"HOST": "::1"},
    {"HOST": "localhost", "LOG_LEVEL": "WARN", "MAX_BODY_BYTES": "1"},
    {"ALLOWED_ORIGINS": " https://app.example ,http://localhost:6274,"},
    {"EXPECTED_AUDIENCE": PUBLIC, "PORT": "80", METADATA: metadata(resource=PUBLIC)},
]

BAD = [
    ("PORT", "0"),
    ("PORT", "65536"),
    ("PORT", "3002 "),
    ("PORT", "²"),
    ("HOST", "example.com"),
    ("LOG_LEVEL", "loud"),
    ("MAX_BODY_BYTES", "-1"),
    ("ALLOWED_ORIGINS", "https://app.example/"),
    ("ALLOWED_ORIGINS", "*"),
    ("ALLOWED_ORIGINS", "https://app.example:443"),
    ("SK_ENV_URL", ""),
    ("SK_ENV_URL", "http://acme.scalekit.com"),
    ("SK_ENV_URL", "https://user:pass@acme.scalekit.com"),
    ("SK_ENV_URL", "https://other.scalekit.com"),
    ("SK_ENV_URL", f"{ENVIRONMENT}?x"),
    ("SK_ENV_URL", f"{ENVIRONMENT}\n"),
    ("EXPECTED_AUDIENCE", ""),
    ("EXPECTED_AUDIENCE", "res_2"),
    ("EXPECTED_AUDIENCE", "http://localhost:3002/"),
    (METADATA, ""),
    (METADATA, "{"),
    (METADATA, "[]"),
    (METADATA, metadata(resource="<your url>")),
    (METADATA, metadata(resource="http://localhost:3002/")),
    (METADATA, metadata(resource="http://localhost:3003/mcp")),
    (METADATA, metadata(resource="https://localhost:3002/mcp")),
    (METADATA, metadata(resource=f"{RESOURCE}#x")),
    (METADATA, metadata(authorization_servers=[])),
    (METADATA, metadata(authorization_servers=[1])),
]


@pytest.mark.parametrize("changes", GOOD)
def test_good_values(changes: dict[str, str]) -> None:
    load(**changes)


@pytest.mark.parametrize(("name", "value"), BAD)
def test_bad_values(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(**{name: value})
    assert any(problem.startswith(name) for problem in caught.value.problems), caught.value


@pytest.mark.parametrize("files", [("server.pem", ""), ("", "server.key"), ("missing.pem", "missing.key")])
def test_bad_certificates(files: tuple[str, str]) -> None:
    with pytest.raises(SettingsError, match="TLS_CERT_FILE, TLS_KEY_FILE: "):
        load(TLS_CERT_FILE=files[0], TLS_KEY_FILE=files[1])


def test_all_problems_are_reported_together() -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings({"PORT": "x", "HOST": "x", "LOG_LEVEL": "x", "TLS_KEY_FILE": "x"}, "/mcp")
    names = [problem.partition(":")[0] for problem in caught.value.problems]
    assert names == [
        "HOST",
        "PORT",
        "LOG_LEVEL",
        "SK_ENV_URL",
        "TLS_CERT_FILE, TLS_KEY_FILE",
        "PROTECTED_RESOURCE_METADATA",
        "EXPECTED_AUDIENCE",
    ]


def test_environment_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / ".env"
    file.write_text("# comment\n\nPORT=1\nHOST='a b'\nSK_ENV_URL=\"x=y\"\nSK_CLIENT_ID=\n", encoding="utf-8")
    monkeypatch.setenv("PORT", "2")
    monkeypatch.setenv("HOST", "")
    environment = read_environment(file)
    assert [environment[name] for name in ("PORT", "HOST", "SK_ENV_URL")] == ["2", "a b", "x=y"]


def test_environment_file_that_is_missing(tmp_path: Path) -> None:
    assert "PROTECTED_RESOURCE_METADATA" not in read_environment(tmp_path / ".env")


def test_environment_file_with_a_bad_line(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("PORT=1\nsecret_abc\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="line 2 is not NAME=value") as caught:
        read_environment(file)
    assert "secret_abc" not in str(caught.value)
