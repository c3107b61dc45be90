"""Loads FastAPI programs one after the other, as they were and as they were patched, asks them, and prints what they say.

It reads a list of cases on stdin. Each is loaded three times: without the patch, with it and no settings, and with both.
"""

import asyncio
import contextlib
import importlib
import io
import json
import os
import sys
import traceback
import warnings

import httpx2

SETTINGS = ("SK_ENV_URL", "EXPECTED_AUDIENCE", "PROTECTED_RESOURCE_METADATA")
ALWAYS = ["GET /openapi.json", "GET /docs", "GET /no/such/path", "GET /health", "DELETE /"]
VARYING = ("etag", "last-modified")  # of files that were written at different times
CALL = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "greet", "arguments": {"name": "Ada"}}}
WELL_KNOWN = "/.well-known/oauth-protected-resource"


class Log(io.TextIOBase):
    """Standard error, kept by lines, and handed on."""

    def __init__(self, real):
        self.real, self.lines = real, []

    def write(self, text):
        self.lines.extend(text.splitlines())
        return self.real.write(text)

    def flush(self):
        self.real.flush()


@contextlib.contextmanager
def loaded(directory, target):
    """Import the application, and forget all modules of the directory afterwards."""
    module, _, path = target.partition(":")
    before = os.getcwd()
    os.chdir(directory)
    sys.path.insert(0, directory)
    importlib.invalidate_caches()
    try:
        found = importlib.import_module(module)
        for name in path.split("."):
            found = getattr(found, name.removesuffix("()"))
            found = found() if name.endswith("()") else found
        yield found
    finally:
        sys.path.remove(directory)
        os.chdir(before)
        for name, known in list(sys.modules.items()):
            places = [getattr(known, "__file__", None) or "", *(getattr(known, "__path__", None) or ())]
            if any(place.startswith(directory) for place in places):
                del sys.modules[name]


@contextlib.asynccontextmanager
async def started(app):
    """Run the lifespan, and yield a client that passes its state on, as servers do."""
    state = {}
    incoming, outgoing = asyncio.Queue(), asyncio.Queue()
    scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": state}
    task = asyncio.create_task(app(scope, incoming.get, outgoing.put))
    await incoming.put({"type": "lifespan.startup"})
    answer = await outgoing.get()
    assert answer["type"] == "lifespan.startup.complete", answer

    async with client_of(app, state) as client:
        yield client
    await incoming.put({"type": "lifespan.shutdown"})
    answer = await outgoing.get()
    assert answer["type"] == "lifespan.shutdown.complete", answer
    await task


def client_of(app, state):
    async def with_state(scope, receive, send):
        await app(dict(scope, state=dict(state)), receive, send)

    transport = httpx2.ASGITransport(with_state, raise_app_exceptions=False)
    return httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:3002")


async def answer(client, request, **more):
    first, *rest = request.split("\n")
    method, path = first.split(" ", 1)
    headers, body = {}, ""
    for line in rest:
        name, colon, value = line.partition(": ")
        if colon and " " not in name and not body:
            headers[name] = value
        else:
            body += line
    got = await client.request(method, path, headers=headers, content=body or None, **more)
    kept = sorted(f"{name}: {value}" for name, value in got.headers.items() if name not in VARYING)
    return {"request": request, "status": got.status_code, "headers": kept, "body": got.text}


async def ask(client, case):
    return [await answer(client, request) for request in [*case["requests"], *ALWAYS]]


async def call(client, path, token):
    headers = {
        "Accept": "application/json, text/event-stream",
        "MCP-Protocol-Version": "2025-06-18",
        **({"Authorization": f"Bearer {token}"} if token else {}),
    }
    got = await client.post(path, json=CALL, headers=headers)
    return {"status": got.status_code, "challenge": got.headers.get("www-authenticate", ""), "body": got.text}


async def drive(case, log):
    for name in SETTINGS:
        os.environ.pop(name, None)
    result = {}
    with loaded(case["before"], case["serve"]) as app:
        async with started(app) as client:
            result["before"] = await ask(client, case)
    path = case["path"]
    metadata = WELL_KNOWN + path.rstrip("/")
    with loaded(case["after"], case["serve"]) as app:
        log.lines.clear()
        result["unstarted_call"] = await call(client_of(app, {}), path, case["token"])
        async with started(app) as client:
            result["closed"] = await ask(client, case)
            result["closed_call"] = await call(client, path, case["token"])
            result["closed_log"] = [line for line in log.lines if "answers 503" in line]
        os.environ.update(case["settings"])
        async with started(app) as client:  # the same application once more, as test suites do
            result["open"] = await ask(client, case)
            result["refused_call"] = await call(client, path, "")
            result["forged_call"] = await call(client, path, case["token"][:-8] + "AAAAAAAA")
            result["call"] = await call(client, path, case["token"])
            result["slash_call"] = await call(client, path.rstrip("/") + "/", case["token"])
            result["metadata"] = await answer(client, "GET " + metadata)
            result["root_metadata"] = await answer(client, "GET " + WELL_KNOWN)
        result["log"] = log.lines
    return result


async def main():
    warnings.simplefilter("ignore")
    log = sys.stderr = Log(sys.stderr)
    for case in json.load(sys.stdin):
        try:
            result = await drive(case, log)
        except BaseException as error:
            traceback.print_exc()
            result = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps({"name": case["name"], "own_health": case["own_health"], **result}), flush=True)


asyncio.run(main())
