"""Scopes of tools."""

from collections.abc import Mapping, Sequence

from fastmcp.exceptions import ToolError
from fastmcp.server.middleware import CallNext, Middleware, MiddlewareContext
from fastmcp.tools.base import ToolResult
from mcp_types import CallToolRequestParams

from .caller import current_exchange

# The scopes that a caller must have for each tool, all of them. A tool that is not named needs a valid
# token and no scope.
ToolScopes = Mapping[str, Sequence[str]]


class RequireScopes(Middleware):
    """Refuses calls of tools whose scopes the caller lacks.

    It works on the call that MCP has parsed, so that no way to write one gets around it. The guard turns
    the refusal into HTTP 403.
    """

    def __init__(self, needs: ToolScopes) -> None:
        self._needs = needs

    async def on_call_tool(
        self,
        context: MiddlewareContext[CallToolRequestParams],
        call_next: CallNext[CallToolRequestParams, ToolResult],
    ) -> ToolResult:
        exchange = current_exchange()
        needed = self._needs.get(context.message.name, ())
        if set(needed) <= set(exchange.caller.scopes):
            return await call_next(context)
        exchange.lacking += [scope for scope in needed if scope not in exchange.lacking]
        raise ToolError("insufficient scope")
