"""A protected MCP server: settings, token check, limits, tools."""
