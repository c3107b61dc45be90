"""Fixtures for every test."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.issuer import Issuer
from tests.login import LoginIssuer
from tests.site import Site, open_site


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with LoginIssuer() as issuer:
        yield issuer


@pytest.fixture
async def site(issuer: Issuer) -> AsyncIterator[Site]:
    """A running application whose MCP endpoint is at /mcp."""
    async with open_site(issuer) as site:
        yield site
