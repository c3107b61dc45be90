"""The protected resource metadata from the Scalekit dashboard (RFC 9728 section 2)."""

import json
import re
from dataclasses import dataclass
from urllib.parse import SplitResult

from .urls import secure_url

_PLACEHOLDER = re.compile(r"<[^<>]+>")
_COPY = "copy the metadata JSON from the MCP server's page in the Scalekit dashboard"


@dataclass(frozen=True)
class Metadata:
    """Checked metadata. The document is served as it is."""

    document: bytes
    resource: SplitResult
    authorization_servers: tuple[str, ...]

    @property
    def resource_ids(self) -> tuple[str, ...]:
        """The res_… ids of the authorization servers."""
        ids = (server.rpartition("/")[2] for server in self.authorization_servers)
        return tuple(id_ for id_ in ids if id_.startswith("res_"))


def parse_metadata(value: str) -> Metadata:
    """Parse the value of PROTECTED_RESOURCE_METADATA. The ValueError says what is wrong with it."""
    if not value:
        raise ValueError(f"not set: {_COPY}")
    try:
        fields = json.loads(value)
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        raise ValueError(f"not a JSON object: {_COPY}, on one line")
    if found := _PLACEHOLDER.search(value):
        raise ValueError(
            f"holds the placeholder {found[0]}: set the Server URL of the MCP server in the Scalekit"
            " dashboard and copy the JSON again"
        )
    return Metadata(value.encode(), _resource(fields), _authorization_servers(fields))


def _resource(fields: dict[str, object]) -> SplitResult:
    value = fields.get("resource")
    if not isinstance(value, str) or not value:
        raise ValueError(
            "resource is not a URL: set the Server URL of the MCP server in the Scalekit dashboard and"
            " copy the JSON again"
        )
    try:
        return secure_url(value)
    except ValueError as error:
        raise ValueError(f"resource: {error}: use the URL that people type into an MCP client") from None


def _authorization_servers(fields: dict[str, object]) -> tuple[str, ...]:
    servers = fields.get("authorization_servers")
    if not isinstance(servers, list) or not servers:
        raise ValueError(
            "authorization_servers is not a list of URLs: it holds"
            " https://<environment>.scalekit.com/resources/res_…"
        )
    for server in servers:
        if not isinstance(server, str):
            raise ValueError("authorization_servers: not a list of URLs")
        try:
            secure_url(server)
        except ValueError as error:
            raise ValueError(f"authorization_servers: {error}") from None
    return tuple(servers)
