"""The server's settings: read from the environment once, and checked against each other."""

import logging
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import SplitResult

from .metadata import Metadata, parse_metadata
from .urls import is_loopback, is_origin, public_port, secure_url

_LEVELS = ("debug", "info", "warn", "error")


@dataclass(frozen=True)
class Settings:
    """Checked settings. load_settings makes them."""

    host: str
    port: int
    tls_cert: str | None  # certificate file; None means plain HTTP
    tls_key: str | None
    log_level: int

    environment_url: str  # Scalekit environment, without a trailing slash
    resource_id: str  # res_…, of this MCP server; empty if the metadata has none
    issuers: frozenset[str]  # values of iss that are accepted
    audiences: frozenset[str]  # values of which aud must hold one

    resource: SplitResult  # the URL that people type into an MCP client
    metadata: bytes  # protected resource metadata, served as it is
    mcp_path: str  # without a trailing slash, or /

    allowed_origins: frozenset[str]  # browser origins allowed besides the server's own
    max_body_bytes: int

    @property
    def loopback(self) -> bool:
        """Whether the server accepts connections from this machine only."""
        return is_loopback(self.host)


class SettingsError(Exception):
    """Every problem with the settings, each with the variable to change."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(["the configuration has problems:", *problems]))
        self.problems = problems


def load_settings(environment: Mapping[str, str], mcp_path: str) -> Settings:
    """Return the settings of a server whose MCP endpoint is at mcp_path."""
    return Reader(environment, mcp_path).read()


def unquote(value: str) -> str:
    """Remove one pair of quotes around value: docker --env-file keeps them."""
    if len(value) >= 2 and value[0] in "'\"" and value[-1] == value[0]:
        return value[1:-1]
    return value


class Reader:
    """Collects what is wrong, so that one start reports all of it."""

    def __init__(self, environment: Mapping[str, str], mcp_path: str) -> None:
        self._environment = environment
        self._mcp_path = mcp_path
        self._problems: list[str] = []

    def read(self) -> Settings:
        host, port = self._host(), self._port()
        log_level = self._log_level()
        environment_url = self._environment_url()
        origins = self._origins()
        max_body = self._bytes("MAX_BODY_BYTES", 256 << 10)
        cert, key = self._tls()
        metadata = self._metadata()
        if metadata is None:
            if not self._get("EXPECTED_AUDIENCE"):
                self._no_audience()
            raise SettingsError(self._problems)
        self._check_path(metadata.resource)
        self.check_address(metadata.resource, port, tls=cert is not None)
        issuers = self._issuers(environment_url, metadata)
        audiences = self._audiences(metadata)
        if self._problems:
            raise SettingsError(self._problems)
        return Settings(
            host=host,
            port=port,
            tls_cert=cert,
            tls_key=key,
            log_level=log_level,
            environment_url=environment_url,
            resource_id=next(iter(metadata.resource_ids), ""),
            issuers=issuers,
            audiences=audiences,
            resource=metadata.resource,
            metadata=metadata.document,
            mcp_path=self._mcp_path,
            allowed_origins=origins,
            max_body_bytes=max_body,
        )

    def _get(self, name: str) -> str:
        return self._environment.get(name, "")

    def _add(self, name: str, problem: str) -> None:
        self._problems.append(f"{name}: {problem}")

    def _port(self) -> int:
        value = self._get("PORT") or "3002"
        if value.isascii() and value.isdigit() and 1 <= int(value[:6]) <= 65535:
            return int(value)
        self._add("PORT", f'"{value}" is not a port: use a number from 1 to 65535')
        return 0

    def _host(self) -> str:
        value = self._get("HOST") or "127.0.0.1"
        try:
            if value != "localhost":
                ip_address(value)
        except ValueError:
            self._add(
                "HOST",
                f'"{value}" is not an IP address: use 127.0.0.1 for this machine only, 0.0.0.0 for all interfaces',
            )
        return value

    def _log_level(self) -> int:
        value = self._get("LOG_LEVEL") or "info"
        if value.lower() not in _LEVELS:
            self._add("LOG_LEVEL", f'"{value}" is not a level: use debug, info, warn or error')
            return logging.INFO
        return logging.getLevelNamesMapping()[value.upper()]

    def _bytes(self, name: str, fallback: int) -> int:
        value = self._get(name)
        if not value:
            return fallback
        if not (value.isascii() and value.isdigit() and len(value) < 16 and int(value) > 0):
            self._add(name, f'"{value}" is not a number of bytes: use a whole number from 1')
            return fallback
        return int(value)

    def _environment_url(self) -> str:
        value = self._get("SK_ENV_URL")
        if not value:
            self._add(
                "SK_ENV_URL",
                "not set: copy the environment URL from the Scalekit dashboard, Settings > API credentials",
            )
            return ""
        try:
            secure_url(value)
        except ValueError as error:
            self._add("SK_ENV_URL", f"{error}: use https://<environment>.scalekit.com")
            return ""
        return value.removesuffix("/")

    def _origins(self) -> frozenset[str]:
        values = [value.strip() for value in self._get("ALLOWED_ORIGINS").split(",") if value.strip()]
        for value in values:
            if not is_origin(value):
                self._add(
                    "ALLOWED_ORIGINS",
                    f'"{value}" is not an origin: use scheme://host, or scheme://host:port where the port is'
                    " not the default, comma separated",
                )
        return frozenset(value.lower() for value in values)

    def _tls(self) -> tuple[str | None, str | None]:
        name = "TLS_CERT_FILE, TLS_KEY_FILE"
        cert, key = self._get("TLS_CERT_FILE") or None, self._get("TLS_KEY_FILE") or None
        if (cert is None) != (key is None):
            self._add(name, "set both, or neither for plain HTTP")
        elif cert is not None:
            try:
                # The password keeps OpenSSL from asking for one on the terminal.
                ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key, password="")
            except (OSError, ValueError) as error:
                self._add(name, f"{error}: use a certificate and its key, both in PEM")
        return cert, key

    def _metadata(self) -> Metadata | None:
        try:
            return parse_metadata(unquote(self._get("PROTECTED_RESOURCE_METADATA").strip()))
        except ValueError as error:
            self._add("PROTECTED_RESOURCE_METADATA", str(error))
            return None

    def _check_path(self, resource: SplitResult) -> None:
        if resource.path.rstrip("/") != self._mcp_path.rstrip("/"):
            self._add(
                "PROTECTED_RESOURCE_METADATA",
                f'resource "{resource.geturl()}" has the path "{resource.path}", but this server answers MCP at'
                f' "{self._mcp_path}": register the URL with that path in Scalekit',
            )

    def check_address(self, resource: SplitResult, port: int, *, tls: bool) -> None:
        """Report where the public URL and the address that is served disagree."""
        name, url = "PROTECTED_RESOURCE_METADATA", resource.geturl()
        if not is_loopback(resource.hostname or ""):
            return  # a proxy in front may use another port and end TLS
        if port and public_port(resource) != port:
            self._add(
                name,
                f'resource "{url}" has port {public_port(resource)}, but PORT is {port}: make them equal',
            )
        scheme = "https" if tls else "http"
        if resource.scheme != scheme:
            self._add(
                name,
                f'resource "{url}" is {resource.scheme}, but this server would speak {scheme}: set or unset'
                " TLS_CERT_FILE and TLS_KEY_FILE",
            )

    def _issuers(self, environment_url: str, metadata: Metadata) -> frozenset[str]:
        """Both forms of iss that Scalekit uses: the environment, and the authorization server of this
        resource. A token carries one or the other."""
        for server in metadata.authorization_servers:
            if environment_url and not f"{server}/".startswith(f"{environment_url}/"):
                self._add(
                    "SK_ENV_URL",
                    f'"{environment_url}" is not the environment of the authorization server "{server}" in'
                    " PROTECTED_RESOURCE_METADATA: use one environment for both",
                )
        return frozenset((environment_url, *metadata.authorization_servers))

    def _audiences(self, metadata: Metadata) -> frozenset[str]:
        """The values that bind a token to this server: the Server URL, with and without one trailing slash,
        and the res_… id that Scalekit puts into every token."""
        name, expected, ids = "EXPECTED_AUDIENCE", self._get("EXPECTED_AUDIENCE"), metadata.resource_ids
        if not expected:
            self._no_audience()
            return frozenset()
        if expected in ids:
            return frozenset(ids)
        if expected.startswith("res_"):
            servers = ", ".join(metadata.authorization_servers)
            self._add(
                name,
                f'"{expected}" is not the id in authorization_servers {servers}: use one MCP server\'s values for both',
            )
        elif expected.removesuffix("/") != metadata.resource.geturl().removesuffix("/"):
            self._add(
                name,
                f'"{expected}" is not the resource "{metadata.resource.geturl()}" of'
                " PROTECTED_RESOURCE_METADATA: use the Server URL registered in Scalekit for both",
            )
        bare = expected.removesuffix("/")
        return frozenset((*ids, bare, f"{bare}/"))

    def _no_audience(self) -> None:
        self._add(
            "EXPECTED_AUDIENCE",
            "not set: use the Server URL that is registered in Scalekit, exactly, or the res_… id of the MCP server",
        )
