"""Settings of an endpoint in an application that listens by itself."""

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import SplitResult

from .settings import Reader, Settings
from .urls import public_port

# Where the application listens, what it logs, and with which certificate, is its own affair.
_READ = (
    "SK_ENV_URL",
    "EXPECTED_AUDIENCE",
    "PROTECTED_RESOURCE_METADATA",
    "ALLOWED_ORIGINS",
    "MAX_BODY_BYTES",
)


def load_embedded_settings(environment: Mapping[str, str], mcp_path: str) -> Settings:
    """Return the settings of an endpoint at mcp_path. Whether it is on loopback is what its public URL says."""
    read = {name: environment[name] for name in _READ if name in environment}
    settings = _EmbeddedReader(read, mcp_path).read()
    return replace(settings, host=settings.resource.hostname or "", port=public_port(settings.resource))


class _EmbeddedReader(Reader):
    def check_address(self, resource: SplitResult, port: int, *, tls: bool) -> None:
        """Nothing is known of the address."""
