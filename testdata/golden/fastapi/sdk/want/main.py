"""An MCP server that OAuth clients log in to through Scalekit."""

import sys
from pathlib import Path

from app import logs
from app.auth.verifier import create_verifier
from app.credentials import load
from app.environment import read_environment
from app.serve import serve
from app.server import create_app
from app.settings import SettingsError

NAME = "sdk"
VERSION = "0.1.0"
MCP_PATH = "/mcp"


def main() -> int:
    try:
        settings, credentials = load(read_environment(Path(".env")), MCP_PATH)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 1
    logs.configure(settings.log_level)
    verifier = create_verifier(settings, credentials)
    return serve(create_app(settings, verifier, NAME, VERSION), settings)


if __name__ == "__main__":
    sys.exit(main())
