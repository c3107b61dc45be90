"""URLs that are safe to tell clients, and to send them to."""

import re
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

_HOSTNAME = re.compile(r"[A-Za-z0-9._:-]+")
_DEFAULT_PORTS = {"https": 443, "http": 80}


def secure_url(value: str) -> SplitResult:
    """Parse an absolute URL of nothing but scheme, host and path: https, or http on loopback.

    The ValueError says what is wrong with another one.
    """
    if "@" in value:
        raise ValueError("the URL holds a user name or a password")
    if not (value.isascii() and value.isprintable()) or "\\" in value or " " in value:
        raise ValueError("not a plain ASCII URL")
    try:
        url = urlsplit(value)
        port = url.port
    except ValueError:
        raise ValueError(f'"{value}" has a malformed host or port') from None
    host = url.hostname or ""
    if url.scheme not in _DEFAULT_PORTS or not host:
        raise ValueError(f'"{value}" is not an absolute URL')
    if "?" in value or "#" in value:
        raise ValueError(f'"{value}" has a query or a fragment')
    if not _HOSTNAME.fullmatch(host):
        raise ValueError(f'"{value}" has a malformed host or port')
    if port == _DEFAULT_PORTS[url.scheme]:
        raise ValueError(f'"{value}" names the default port, which browsers and clients leave out')
    if url.scheme == "http" and not is_loopback(host):
        raise ValueError(f'"{value}" is not https (http is for loopback only)')
    return url


def is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def public_port(url: SplitResult) -> int:
    return url.port or _DEFAULT_PORTS[url.scheme]


def origin_of(url: SplitResult) -> str:
    return f"{url.scheme}://{url.netloc.lower()}"


def is_origin(value: str) -> bool:
    """Whether value is an origin in the form in which browsers send it."""
    try:
        url = urlsplit(value)
        port = url.port
    except ValueError:
        return False
    return (
        url.scheme in _DEFAULT_PORTS
        and bool(url.hostname)
        and value == f"{url.scheme}://{url.netloc}"
        and "@" not in value
        and port != _DEFAULT_PORTS[url.scheme]
    )
