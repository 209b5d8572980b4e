"""The embedded PostgreSQL server: started on demand, shared by processes, stopped by the last that leaves.

It outlives a process that is killed; the next process joins it, and stops it if it leaves last.
``python -m db.embedded status|stop|remove`` looks after a server from the shell.
"""

from __future__ import annotations

import argparse
import atexit
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self
from urllib.parse import quote

from db.postmaster import (
    DATABASE,
    SUPERUSER,
    ensure_database,
    ensure_running,
    find_postmaster,
    initialise,
    stop,
)
from db.server_locks import gate, is_used, join_users
from db.server_place import NOTE_NAME, PORT, ServerPlace, find_place, make_place
from kernel.errors import DatabaseUnavailable

#: The environment variable that names the home folder, and the folder where it is not set.
HOME_VARIABLE: Final = "CLAUSULA_HOME"
DEFAULT_HOME: Final = Path(".clausula")


@dataclass(frozen=True, slots=True)
class EmbeddedServer:
    """A running server that this process has attached to.

    >>> EmbeddedServer(Path("/srv/.clausula"), Path("/srv/.clausula/postgres")).url()
    'postgresql:///clausula?host=%2Fsrv%2F.clausula%2Fpostgres&port=5432&user=clausula'
    """

    home: Path
    socket_folder: Path

    @classmethod
    def attach(cls, home: Path) -> Self:
        """Start the home folder's server, or join those who use it already.

        Each attachment is counted and needs its ``detach``; the end of the process detaches what is left.
        Raises ``DatabaseUnavailable``, with the end of the server's log if it does not start.
        """
        home = home.resolve()
        with _registry_lock, _file_errors_explained(home):
            place = make_place(home)
            attachment = _attachments.get(home)
            if attachment is None:
                users_fd, socket_folder = _join(place)
                _attachments[home] = _Attachment(place, users_fd, count=1)
            else:
                with gate(place):
                    socket_folder = ensure_running(place).socket_folder
                attachment.count += 1
        return cls(home, socket_folder)

    def detach(self) -> None:
        """Leave the server; the last process that leaves stops it.  Without an attachment left, does nothing.

        Raises ``DatabaseUnavailable`` when the server does not stop.
        """
        with _registry_lock, _file_errors_explained(self.home):
            attachment = _attachments.get(self.home)
            if attachment is None:
                return
            attachment.count -= 1
            if attachment.count == 0:
                del _attachments[self.home]
                _leave(attachment)

    def url(self, database: str = DATABASE) -> str:
        """Return the address of one of the server's databases, in the form that libpq and psycopg take.

        SQLAlchemy takes it with ``postgresql+psycopg`` as its scheme.
        """
        folder = quote(str(self.socket_folder), safe="")
        return f"postgresql:///{quote(database, safe='')}?host={folder}&port={PORT}&user={SUPERUSER}"


@contextmanager
def running_server(home: Path) -> Iterator[EmbeddedServer]:
    """Yield the home folder's server and leave it at the end, whatever happens in between."""
    server = EmbeddedServer.attach(home)
    try:
        yield server
    finally:
        server.detach()


@contextmanager
def temporary_server() -> Iterator[EmbeddedServer]:
    """Yield a server in a folder of its own; at the end it is stopped and all of it is deleted."""
    home = Path(tempfile.mkdtemp(prefix="clausula-"))
    try:
        with running_server(home) as server:
            yield server
    finally:
        # As root the data lie elsewhere: deleting the folder alone would leave them.
        remove(home)
        shutil.rmtree(home, ignore_errors=True)


def stop_server(home: Path) -> bool:
    """Stop a server that nobody uses, such as one whose only user was killed; return whether one ran.

    Raises ``DatabaseUnavailable`` when a process uses it.
    """
    home = home.resolve()
    with _file_errors_explained(home):
        place = find_place(home)
        if place is None or not place.state.is_dir():
            return False
        with gate(place):
            _refuse_if_used(place)
            return stop(place)


def remove(home: Path) -> None:
    """Stop the server and delete its data, wherever they lie.  Other files in the home folder stay.

    Raises ``DatabaseUnavailable`` when a process uses it.
    """
    home = home.resolve()
    with _file_errors_explained(home):
        place = find_place(home)
        if place is None:
            return
        if place.state.is_dir():
            with gate(place):
                _refuse_if_used(place)
                stop(place)
                # Renamed first: who waits at the gate finds it gone, and never a folder half deleted.
                place.state.rename(place.state.with_name(f"{place.state.name}.removed-{os.getpid()}"))
        for removed in place.state.parent.glob(f"{place.state.name}.removed-*"):
            shutil.rmtree(removed)
        if place.socket_folder.exists():
            shutil.rmtree(place.socket_folder)
        (home / NOTE_NAME).unlink(missing_ok=True)


def status(home: Path) -> str:
    """Return one line on the server: whether it runs, where its data lie and how to reach it."""
    home = home.resolve()
    with _file_errors_explained(home):
        place = find_place(home)
        if place is None or not place.data.exists():
            return f"no data in {home}"
        postmaster = find_postmaster(place)
        if postmaster is None:
            return f"stopped; data in {place.data}"
        url = EmbeddedServer(home, postmaster.socket_folder).url()
        return f"running as process {postmaster.pid}; data in {place.data}; {url}"


@dataclass(slots=True)
class _Attachment:
    """This process's use of one server, however many of its parts use it."""

    place: ServerPlace
    users_fd: int
    count: int


_attachments: Final[dict[Path, _Attachment]] = {}
_registry_lock: Final = threading.RLock()


@atexit.register
def _leave_all() -> None:
    """Leave what was not detached: a command may end by sys.exit, an error or Ctrl-C."""
    with _registry_lock:
        while _attachments:
            home, attachment = _attachments.popitem()
            with _file_errors_explained(home):
                _leave(attachment)


def _join(place: ServerPlace) -> tuple[int, Path]:
    """Become a user of a server that runs and has the database; return its lock and its socket's folder."""
    with ExitStack() as undo, gate(place) as gate_fd:
        users_fd = join_users(place)
        undo.callback(os.close, users_fd)
        initialise(place, gate_fd)
        postmaster = ensure_running(place)
        ensure_database(place, postmaster)
        undo.pop_all()
    return users_fd, postmaster.socket_folder


def _leave(attachment: _Attachment) -> None:
    # Closed, never unlocked: a forked child shares this lock and keeps it while it lives.
    os.close(attachment.users_fd)
    with gate(attachment.place):
        if not is_used(attachment.place):
            stop(attachment.place)


def _refuse_if_used(place: ServerPlace) -> None:
    if is_used(place):
        expected = "the processes that use it ended first"
        raise DatabaseUnavailable(
            "the embedded server is in use", field="home", value=place.home, expected=expected
        )


@contextmanager
def _file_errors_explained(home: Path) -> Iterator[None]:
    """Turn what the file system refuses into the one error that callers expect."""
    try:
        yield
    except OSError as error:
        expected = "a folder on a local disk that this user may write to, or CLAUSULA_DATABASE_URL set"
        message = f"the embedded server's files cannot be used: {error}"
        raise DatabaseUnavailable(message, field="home", value=home, expected=expected) from error


def main(arguments: list[str] | None = None) -> int:
    """Run ``python -m db.embedded``; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m db.embedded", description="Look after the embedded server."
    )
    parser.add_argument("action", choices=("status", "stop", "remove"))
    parser.add_argument("--home", type=Path, default=Path(os.environ.get(HOME_VARIABLE) or DEFAULT_HOME))
    chosen = parser.parse_args(arguments)
    try:
        if chosen.action == "stop":
            line = "stopped" if stop_server(chosen.home) else "was not running"
        elif chosen.action == "remove":
            remove(chosen.home)
            line = "removed"
        else:
            line = status(chosen.home)
    except DatabaseUnavailable as error:
        sys.stderr.write(f"{error.code}: {error}\n")
        return 1
    sys.stdout.write(f"{line}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
