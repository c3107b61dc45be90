"""Structured logs: one JSON object a line, on standard error."""

import logging

from .jsonlog import JSONFormatter

# What libraries say below this level may quote requests.
_LIBRARY_LEVEL = logging.WARNING


def configure(level: int) -> None:
    """Send everything to standard error as JSON; what this server says itself, from level on."""
    handler = logging.StreamHandler()
    handler.setFormatter(JSONFormatter())
    logging.basicConfig(handlers=[handler], level=_LIBRARY_LEVEL, force=True)
    logging.getLogger("app").setLevel(level)
    fastmcp = logging.getLogger("fastmcp")  # comes with a handler for terminals
    fastmcp.handlers.clear()
    fastmcp.propagate = True
    fastmcp.setLevel(_LIBRARY_LEVEL)
