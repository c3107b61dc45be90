"""An MCP server that OAuth clients log in to through Scalekit."""

import sys
from pathlib import Path

from app import logs
from app.auth.verifier import create_verifier
from app.environment import read_environment
from app.serve import serve
from app.server import create_app
from app.settings import SettingsError, load_settings

NAME = '"`${HOME}` \\ "%s" {{.Module}} <b> *\'* Zürich 🚀 你好'
VERSION = "0.1.0"
MCP_PATH = "/api/v1/mcp"


def main() -> int:
    try:
        settings = load_settings(read_environment(Path(".env")), MCP_PATH)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 1
    logs.configure(settings.log_level)
    return serve(create_app(settings, create_verifier(settings), NAME, VERSION), settings)


if __name__ == "__main__":
    sys.exit(main())
