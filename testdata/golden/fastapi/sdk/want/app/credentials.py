"""The API credentials that the Scalekit SDK logs in with."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from .settings import Settings, SettingsError, load_settings

_NAMES = ("SK_CLIENT_ID", "SK_CLIENT_SECRET")
_MISSING = "not set: copy it from the Scalekit dashboard, Settings > API credentials"


@dataclass(frozen=True)
class Credentials:
    client_id: str
    client_secret: str = field(repr=False)


def load(environment: Mapping[str, str], mcp_path: str) -> tuple[Settings, Credentials]:
    """Return the settings and the credentials. What is wrong with either is reported together."""
    problems = [f"{name}: {_MISSING}" for name in _NAMES if not environment.get(name)]
    try:
        settings = load_settings(environment, mcp_path)
    except SettingsError as error:
        raise SettingsError([*problems, *error.problems]) from None
    if problems:
        raise SettingsError(problems)
    return settings, Credentials(*(environment[name] for name in _NAMES))
