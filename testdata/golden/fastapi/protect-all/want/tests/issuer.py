"""An authorization server for the tests, good and bad tokens included."""

import base64
import json
import threading
import time
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

RESOURCE_ID = "res_1"
SUBJECT = "usr_ada"
Object = dict[str, Any]
_generating = threading.Lock()


def private_key(number: int) -> rsa.RSAPrivateKey:
    """Return the key of that number. No issuer publishes key 0."""
    with _generating:  # a test and the issuer's thread may both be the first to ask
        return _generate(number)


@cache
def _generate(number: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def jwk(number: int, **changes: object) -> Object:
    numbers = private_key(number).public_key().public_numbers()
    entry: Object = {
        "kid": f"key-{number}",
        "kty": "RSA",
        "use": "sig",
        "alg": "RS256",
        "n": encode(numbers.n.to_bytes(256, "big")),
        "e": encode(numbers.e.to_bytes(3, "big")),
    }
    return entry | changes


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def sign(header: bytes, claims: bytes, key: int = 1) -> str:
    """Return the token of any header and claims, JSON or not, signed with RS256."""
    signed = f"{encode(header)}.{encode(claims)}"
    signature = private_key(key).sign(signed.encode(), padding.PKCS1v15(), SHA256())
    return f"{signed}.{encode(signature)}"


class Issuer:
    """Serves its keys on loopback. Changes take effect with the next request for them."""

    def __init__(self) -> None:
        self.published = [1]
        self.outage = False
        self.document: bytes | None = None  # served in place of the keys
        self.hold = threading.Event()  # requests wait for it
        self.hold.set()
        self.requests: list[dict[str, str]] = []  # their headers
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.hold.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def environment(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def name(self) -> str:
        """The issuer of this resource, in Scalekit's newer form."""
        return f"{self.environment}/resources/{RESOURCE_ID}"

    def variables(self, resource: str, **changes: str) -> dict[str, str]:
        """Return the settings of a server at resource that trusts this issuer."""
        metadata = {"resource": resource, "authorization_servers": [self.name], "x-note": "kept"}
        return {
            "SK_ENV_URL": self.environment,
            "EXPECTED_AUDIENCE": resource,
            "PROTECTED_RESOURCE_METADATA": json.dumps(metadata),
        } | changes

    def claims(self, **changes: object) -> Object:
        """Return good claims with changes; a change to None leaves the claim out."""
        now = int(time.time())
        good: Object = {
            "iss": self.environment,
            "sub": SUBJECT,
            "aud": [RESOURCE_ID],
            "client_id": "skc_1",
            "oid": "org_1",
            "iat": now,
            "nbf": now,
            "exp": now + 300,
        }
        return {name: value for name, value in (good | changes).items() if value is not None}

    def mint(self, *, key: int = 1, header: Object | None = None, **changes: object) -> str:
        head = {"alg": "RS256", "typ": "JWT", "kid": f"key-{key}"} | (header or {})
        return sign(json.dumps(head).encode(), json.dumps(self.claims(**changes)).encode(), key)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.requests.append(dict(self.headers))
                issuer.hold.wait(timeout=30)
                keys = {"keys": [jwk(number) for number in issuer.published]}
                body = issuer.document or json.dumps(keys).encode()
                self.send_response(503 if issuer.outage else 200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        return Handler
