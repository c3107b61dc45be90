"""Answers to requests that may not be served (RFC 6750 section 3).

Their texts are fixed: they hold nothing of the token, and nothing that a caller sent.
"""

from collections.abc import Sequence
from http import HTTPStatus

from starlette.responses import JSONResponse

from .keys import FETCH_FLOOR


class Challenges:
    """Makes the answers of one server, which lead clients to the metadata at metadata_url (RFC 9728 section 5.1)."""

    def __init__(self, metadata_url: str) -> None:
        self._metadata_url = metadata_url

    def no_token(self) -> JSONResponse:
        return self._answer(HTTPStatus.UNAUTHORIZED, "", "This server needs an access token")

    def invalid_token(self) -> JSONResponse:
        return self._answer(
            HTTPStatus.UNAUTHORIZED, "invalid_token", "The access token is not valid for this server"
        )

    def repeated_header(self) -> JSONResponse:
        return self._answer(HTTPStatus.BAD_REQUEST, "invalid_request", "Send one Authorization header")

    def insufficient_scope(self, scopes: Sequence[str]) -> JSONResponse:
        """Ask for every scope that the operation needs."""
        return self._answer(
            HTTPStatus.FORBIDDEN,
            "insufficient_scope",
            "The access token lacks a scope that this tool needs",
            scopes,
        )

    def unavailable(self) -> JSONResponse:
        return JSONResponse(
            {"error": "service_unavailable", "error_description": "The access token cannot be checked now"},
            HTTPStatus.SERVICE_UNAVAILABLE,
            {"Retry-After": str(round(FETCH_FLOOR)), "Cache-Control": "no-store"},
        )

    def _answer(
        self, status: HTTPStatus, error: str, description: str, scopes: Sequence[str] = ()
    ) -> JSONResponse:
        parameters = ['realm="OAuth"']
        if error:
            parameters += [f'error="{error}"', f'error_description="{description}"']
        if scopes:
            parameters.append(f'scope="{" ".join(scopes)}"')
        parameters.append(f'resource_metadata="{self._metadata_url}"')
        return JSONResponse(
            {"error": error or status.phrase.lower(), "error_description": description},
            status,
            {"WWW-Authenticate": "Bearer " + ", ".join(parameters), "Cache-Control": "no-store"},
        )
