"""The process environment, and the .env file behind it."""

import os
from collections.abc import Mapping
from pathlib import Path

from .settings import SettingsError, unquote


def read_environment(file: Path) -> Mapping[str, str]:
    """Return the variables of the process, and those of file that the process lacks.

    The file holds NAME=value lines. One that does not exist is empty.
    """
    variables = _read_file(file) if file.is_file() else {}
    variables.update({name: value for name, value in os.environ.items() if value})
    return variables


def _read_file(file: Path) -> dict[str, str]:
    try:
        text = file.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError as error:
        raise SettingsError([f"{file}: {error.strerror}"]) from None
    variables = {}
    for number, line in enumerate(text.split("\n"), start=1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not equals or " " in name or "\t" in name:
            # The line is not quoted: it may hold a secret.
            raise SettingsError([f"{file}: line {number} is not NAME=value"])
        variables[name] = unquote(value)
    return variables
