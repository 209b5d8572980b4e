"""The server as an operator runs it: ``clausula serve``, asked over a socket and stopped by a signal."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx2
import pytest

from db.embedded import HOME_VARIABLE, remove, status
from db.engine import URL_VARIABLE
from db.server_locks import pause
from runtime.options import EXIT_REFUSED
from tests.integration.api_portal import bearing

pytestmark = [pytest.mark.integration, pytest.mark.e2e]

CHECKOUT = Path(__file__).parents[2]
LONGEST_WAIT_SECONDS: Final = 60
LOOKS: Final = 1_000


@pytest.fixture(name="home")
def _home() -> Iterator[Path]:
    """An installation of its own, with its own embedded database."""
    home = Path(tempfile.mkdtemp(prefix="clausula-test-"))
    try:
        yield home
    finally:
        remove(home)
        shutil.rmtree(home, ignore_errors=True)


def start(home: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start a command."""
    return subprocess.Popen(  # noqa: S603 our own interpreter, no shell
        [sys.executable, "-c", "from runtime.cli import main; main()", *arguments],
        cwd=CHECKOUT,
        env={"PATH": "/usr/bin:/bin", HOME_VARIABLE: str(home), URL_VARIABLE: ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def done(home: Path, *arguments: str) -> str:
    """Run a command to its end and return what it printed."""
    command = start(home, *arguments)
    printed, complaint = command.communicate(timeout=LONGEST_WAIT_SECONDS)
    assert 0 == command.returncode, complaint
    return printed


def free_port() -> int:
    """Return a port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(home: Path) -> Iterator[tuple[subprocess.Popen[str], httpx2.Client]]:
    """Serve on a free port, and yield the process and a client once it answers."""
    port = free_port()
    server = start(home, "serve", "--port", str(port))
    with httpx2.Client(base_url=f"http://127.0.0.1:{port}") as client:
        try:
            wait_until_it_answers(server, client)
            yield server, client
        finally:
            server.kill()
            server.communicate()


def wait_until_it_answers(server: subprocess.Popen[str], client: httpx2.Client) -> None:
    """Return once the server tells its health."""
    for _ in range(LOOKS):
        try:
            assert {"status": "ok"} == client.get("/healthz").json()
        except httpx2.ConnectError:
            assert server.poll() is None, server.communicate()
            pause()
        else:
            return
    pytest.fail("the server does not answer")


def test_a_server_answers_until_it_is_stopped(home: Path) -> None:
    """It serves who has a key, ends with 0 on SIGTERM, stops its database and leaves a log of JSON lines."""
    done(home, "init")
    key = done(home, "api-key", "create", "portal", "--scope", "invoices:read").strip()
    with serving(home) as (server, client):
        answers = [
            client.get("/v1/invoices", headers=headers)
            for headers in ({}, bearing(key), {"X-Request-Id": "mine"})
        ]
        server.send_signal(signal.SIGTERM)
        _, log = server.communicate(timeout=LONGEST_WAIT_SECONDS)

    assert [401, 200, 401] == [answer.status_code for answer in answers]
    assert {"object": "list", "data": [], "has_more": False} == answers[1].json()
    assert "server" not in answers[1].headers
    assert 0 == server.returncode, log
    assert status(home).startswith("stopped"), log
    lines = [json.loads(line) for line in log.splitlines()]
    assert ["mine"] == [line["request_id"] for line in lines if line.get("path") == "/v1/invoices"][2:]
    assert "Application shutdown complete." in [line["event"] for line in lines]
    assert key.split("_")[2] not in log


def test_a_server_without_its_schema_is_refused(home: Path) -> None:
    """Who forgot ``clausula init`` is told so, without a traceback."""
    server = start(home, "serve", "--port", str(free_port()))
    _, complaint = server.communicate(timeout=LONGEST_WAIT_SECONDS)

    assert EXIT_REFUSED == server.returncode
    assert "schema_out_of_date" in complaint
    assert "clausula init" in complaint
    assert "Traceback" not in complaint
