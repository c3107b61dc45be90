"""An MCP endpoint that needs an OAuth access token, beside the routes of an application."""

from .install import install_mcp

__all__ = ["install_mcp"]
