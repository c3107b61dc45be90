"""The server as a process: start, limits of connections, and stop."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

import main
from tests.issuer import Issuer

PROJECT = Path(__file__).parent.parent


def start(directory: Path, variables: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start the server where there is no .env."""
    environment = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    return subprocess.Popen(
        [sys.executable, PROJECT / "main.py"],
        cwd=directory,
        env=environment | {"PYTHONDONTWRITEBYTECODE": "1"} | variables,
        stderr=subprocess.PIPE,
    )


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@pytest.fixture
def server(tmp_path: Path, issuer: Issuer, port: int) -> Iterator[subprocess.Popen[bytes]]:
    resource = f"http://127.0.0.1:{port}{main.MCP_PATH}"
    process = start(tmp_path, issuer.variables(resource, PORT=str(port)))
    try:
        await_health(process, port)
        yield process
    finally:
        process.kill()
        process.communicate()


def await_health(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        try:
            if httpx2.get(f"http://127.0.0.1:{port}/health").status_code == 200:
                return
        except httpx2.HTTPError:
            time.sleep(0.05)
    pytest.fail("the server does not answer")


def test_every_problem_is_reported(tmp_path: Path) -> None:
    process = start(tmp_path, {"PORT": "x"})
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    for name in ("PORT", "SK_ENV_URL", "EXPECTED_AUDIENCE", "PROTECTED_RESOURCE_METADATA"):
        assert f"{name}: ".encode() in errors
    assert b"Traceback" not in errors


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGTERM on Windows")
def test_c17_stop_lets_requests_finish(server: subprocess.Popen[bytes], issuer: Issuer, port: int) -> None:
    body = b'{"jsonrpc":"2.0","id":1,"method":"ping"}'
    head = (
        f"POST {main.MCP_PATH} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {issuer.mint()}\r\n"
        "Accept: application/json, text/event-stream\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(head.encode())
        assert connection.recv(25).startswith(b"HTTP/1.1 100")
        server.send_signal(signal.SIGTERM)
        connection.sendall(body)
        assert connection.recv(12) == b"HTTP/1.1 200"
    _, log = server.communicate(timeout=20)
    assert server.returncode == 0
    assert b"Traceback" not in log


def test_c17_a_header_that_takes_too_long(server: subprocess.Popen[bytes], port: int) -> None:
    assert "Server" not in httpx2.get(f"http://127.0.0.1:{port}/health").headers
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n")
        try:
            answer = connection.recv(1)
        except ConnectionResetError:
            answer = b""
    assert answer == b""
