"""The tools that this server offers."""

from fastmcp import FastMCP
from fastmcp.server.auth import AuthProvider

from .auth.caller import Caller, current_caller
from .auth.scopes import RequireScopes, ToolScopes

TOOL_SCOPES: ToolScopes = {
    "whoami": [
        "notes:read",
    ],
}


def create_mcp(name: str, version: str, auth: AuthProvider) -> FastMCP:
    """Return an MCP server with every tool. A call needs a valid access token, and the scopes named above."""
    mcp = FastMCP(
        name,
        version=version,
        auth=auth,
        middleware=[RequireScopes(TOOL_SCOPES)],
        mask_error_details=True,  # an exception's text is for the log
    )
    mcp.tool(greet)
    mcp.tool(whoami)
    return mcp


def greet(name: str) -> str:
    """Greet someone by name."""
    return f"Hello, {name}!"


def whoami() -> Caller:
    """Show who is calling, as the access token says."""
    return current_caller()
