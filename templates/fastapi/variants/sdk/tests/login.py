"""An authorization server for the tests that the Scalekit SDK can log in to."""

from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs

from app.credentials import Credentials
from tests.issuer import Issuer

CREDENTIALS = Credentials("skc_1", "test_secret_1")


class LoginIssuer(Issuer):
    """Grants tokens for CREDENTIALS, unless it is told to refuse."""

    def __init__(self) -> None:
        self.refuses = False
        self.logins = 0
        super().__init__()

    def variables(self, resource: str, **changes: str) -> dict[str, str]:
        given = {"SK_CLIENT_ID": CREDENTIALS.client_id, "SK_CLIENT_SECRET": CREDENTIALS.client_secret}
        return super().variables(resource) | given | changes

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        issuer = self

        def grant(request: BaseHTTPRequestHandler) -> None:
            form = parse_qs(request.rfile.read(int(request.headers["Content-Length"])).decode())
            issuer.hold.wait(timeout=30)
            issuer.logins += 1
            known = form.get("client_secret") == [CREDENTIALS.client_secret] and not issuer.refuses
            body = b'{"access_token":"of the server itself"}' if known else b'{"error":"invalid_client"}'
            request.send_response(200 if known else 401)
            request.send_header("Content-Length", str(len(body)))
            request.end_headers()
            request.wfile.write(body)

        return type("Handler", (super()._handler(),), {"do_POST": grant})
