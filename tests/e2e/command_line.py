"""The command line as a person or a script drives it: real processes, and an installation of their own."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from db.embedded import HOME_VARIABLE, remove, running_server
from db.engine import URL_VARIABLE
from db.server_locks import pause

SMALL_BOOK = Path(__file__).parents[1] / "books" / "small"
COMMAND = Path(sys.executable).with_name("clausula")
LONGEST_SECONDS = 300

#: How often something is looked at before it is given up; between two looks lie some milliseconds.
LOOKS = 20_000

#: Exit codes of every command.
DONE, SET_ASIDE, WRONG_USAGE, REFUSED = 0, 1, 2, 3


#: Commands by names of their own.
Commands = dict[str, tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class Said:
    """What a command printed, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        """The lines on standard output."""
        return self.out.splitlines()

    @property
    def document(self) -> Any:  # noqa: ANN401 JSON has any shape
        """The one JSON document on standard output."""
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class Installation:
    """A home folder with its own embedded database, and a folder for the files of a test."""

    home: Path
    folder: Path

    def start(self, *arguments: object, program: Sequence[object] = (COMMAND,)) -> subprocess.Popen[str]:
        """Start a command."""
        return subprocess.Popen(  # noqa: S603 our own command, no shell
            [*map(str, program), *map(str, arguments)],
            cwd=self.folder,
            env={**os.environ, HOME_VARIABLE: str(self.home), URL_VARIABLE: ""},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def say(self, *arguments: object) -> Said:
        """Run a command to its end."""
        command = self.start(*arguments)
        out, err = command.communicate(timeout=LONGEST_SECONDS)
        return Said(command.returncode, out, err)

    def say_all(self, commands: Commands) -> dict[str, Said]:
        """Run commands that change nothing, one on each processor at a time; return what each said."""
        with ThreadPoolExecutor(max_workers=os.cpu_count()) as workers:
            said = workers.map(lambda command: self.say(*command), commands.values())
        return dict(zip(commands, said, strict=True))

    @contextmanager
    def serving(self, key: str) -> Iterator[httpx2.Client]:
        """Serve the API on a free port, and yield a client with a key once it answers."""
        port = free_port()
        server = self.start("serve", "--port", port)
        try:
            with httpx2.Client(base_url=f"http://127.0.0.1:{port}", headers=bearing(key)) as client:
                wait_for(server, client)
                yield client
        finally:
            server.terminate()
            server.communicate(timeout=LONGEST_SECONDS)

    def write(self, name: str, text: str) -> Path:
        """Write a file into the folder."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def book(self, *, subscriptions: str = "", name: str = "book") -> Path:
        """Copy the tests' small book, with these subscriptions where they are given."""
        book = self.folder / name
        shutil.copytree(SMALL_BOOK, book)
        if subscriptions:
            (book / "subscriptions.csv").write_text(subscriptions, encoding="utf-8")
        return book


def bearing(key: str) -> dict[str, str]:
    """Return the header that carries a key."""
    return {"Authorization": f"Bearer {key}"}


def free_port() -> int:
    """Return a port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(server: subprocess.Popen[str], client: httpx2.Client) -> None:
    """Return once a server answers."""
    for _ in range(LOOKS):
        try:
            client.get("/healthz").raise_for_status()
        except httpx2.ConnectError:
            assert server.poll() is None, server.communicate()
            pause()
        else:
            return
    pytest.fail("the server does not answer")


@contextmanager
def installed() -> Iterator[Installation]:
    """Yield a fresh installation whose server runs throughout, so that commands join it; then remove it."""
    root = Path(tempfile.mkdtemp(prefix="clausula-e2e-"))
    home, folder = root / "home", root / "folder"
    home.mkdir()
    folder.mkdir()
    try:
        with running_server(home):
            yield Installation(home, folder)
    finally:
        remove(home)
        shutil.rmtree(root, ignore_errors=True)
