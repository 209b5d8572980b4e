"""PostgreSQL's first process: its settings, how it is set up, found, started and stopped.

Nothing here locks: the callers in db/embedded.py hold the gate.  The programs run in the state folder and get
relative paths, because pg_ctl hands them to a shell.
"""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from db.server_locks import pause
from db.server_place import PORT, SOCKET_NAME, ServerPlace
from kernel.errors import DatabaseUnavailable

#: The database that every server has, and its superuser.
DATABASE: Final = "clausula"
SUPERUSER: Final = "clausula"

#: How long a start, with the recovery after a crash, or a stop may take.
TIMEOUT_SECONDS: Final = 60
#: How long a process that lost its postmaster may take to end before it is killed.
ORPHAN_SECONDS: Final = 5
LOG_BYTES_MAX: Final = 10_000_000
LOG_LINES_SHOWN: Final = 20

#: Given on the command line: what stands here is what runs, whatever the data folder's files say.
SETTINGS: Final = {
    # Private: the socket in a private folder is the only way in, so whoever gets there needs no password.
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "50",
    # Acknowledged means committed: a power cut loses nothing that was reported as done.
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    # Nothing replicates from here, so bulk loads into new tables need no log of their own.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    # An invoice run writes in bursts: let checkpoints come by the clock, not in the middle of a burst.
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    # Room for a laptop's working set; a larger one belongs on a server (CLAUSULA_DATABASE_URL).
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    # Disks have no moving arm any more; the default of 4 makes the planner shun indexes.
    "random_page_cost": "1.1",
    # Billing asks many short questions; compiling a plan costs more than it saves.
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Errors are logged, but not the text of the statement: a bulk insert can have megabytes.
    "log_min_error_statement": "panic",
    "log_checkpoints": "off",
}


@dataclass(frozen=True, slots=True)
class Postmaster:
    """A live server, as its postmaster.pid tells it."""

    pid: int
    socket_folder: Path
    is_ready: bool


def find_postmaster(place: ServerPlace) -> Postmaster | None:
    """Return the live server of this place, or None.

    The file alone proves nothing: it outlives a killed server, and its number may be another process's by
    now.  Only a process that was started for this place counts; a zombie has no command line.
    """
    try:
        text = (place.data / "postmaster.pid").read_text(encoding="utf-8", errors="surrogateescape")
        lines = text.splitlines()
        pid = int(lines[0])
        command = psutil.Process(pid).cmdline()
    except (FileNotFoundError, IndexError, ValueError, psutil.NoSuchProcess, psutil.AccessDenied):
        return None
    if f"--cluster_name={place.name}" not in command:
        return None
    # Pid, data folder, start, port, socket folder, address, shared memory, status; written one by one.
    lines += [""] * (8 - len(lines))
    return Postmaster(pid, Path(lines[4]), is_ready=lines[7].strip() == "ready")


def initialise(place: ServerPlace, gate_fd: int) -> None:
    """Make the data folder if there is none, whole or not at all: it is built beside its place, then renamed.

    initdb keeps the gate's lock open.  If this process is killed, the next one waits until its initdb has
    ended, and then clears away what it left.
    """
    if place.data.exists():
        return
    partial = place.state / "data.partial"
    if partial.exists():
        shutil.rmtree(partial)
    place.run(
        "initdb",
        f"--pgdata={partial.name}",
        f"--username={SUPERUSER}",
        "--auth=trust",
        "--encoding=UTF8",
        # The server's own C.UTF-8 sorts the same on every machine, whichever locales are installed.
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--no-instructions",
        kept_fds=(gate_fd,),
    )
    partial.rename(place.data)
    folder_fd = os.open(place.state, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder_fd)
    finally:
        os.close(folder_fd)


def ensure_running(place: ServerPlace) -> Postmaster:
    """Return the ready server of this place, started if there is none.

    A server that somebody else's unfinished call is starting or stopping is waited for.
    Raises ``DatabaseUnavailable`` with the end of the server's log.
    """
    deadline_ns = time.monotonic_ns() + TIMEOUT_SECONDS * 1_000_000_000
    while time.monotonic_ns() < deadline_ns:
        postmaster = find_postmaster(place)
        if postmaster is None:
            _start(place)
        elif postmaster.is_ready:
            return postmaster
        else:
            pause()
    message = f"the server was not ready within {TIMEOUT_SECONDS} seconds:\n{_log_end(place, 0)}"
    raise DatabaseUnavailable(
        message, place=str(place.state), expected="another try, if it is still recovering"
    )


def ensure_database(place: ServerPlace, postmaster: Postmaster) -> None:
    """Create the database if it is missing: it is not part of a new data folder, and anyone may drop it."""
    place.run(
        "psql",
        "--no-psqlrc",
        "--quiet",
        "--set=ON_ERROR_STOP=1",
        f"--host={postmaster.socket_folder}",
        f"--port={PORT}",
        f"--username={SUPERUSER}",
        "--dbname=postgres",
        f"--set=name={DATABASE}",
        text="SELECT format('CREATE DATABASE %I', :'name') WHERE NOT EXISTS"
        " (SELECT FROM pg_database WHERE datname = :'name') \\gexec\n",
    )


def stop(place: ServerPlace) -> bool:
    """Stop the server cleanly, with a checkpoint and without waiting for clients; return whether one ran.

    The signal is that of ``pg_ctl stop -m fast``, which waits in vain for one that is killed meanwhile.
    Raises ``DatabaseUnavailable`` with the end of the server's log when it does not end in time.
    """
    postmaster = find_postmaster(place)
    if postmaster is None:
        return False
    with suppress(ProcessLookupError):
        os.kill(postmaster.pid, signal.SIGINT)
    deadline_ns = time.monotonic_ns() + TIMEOUT_SECONDS * 1_000_000_000
    while find_postmaster(place) is not None:
        if time.monotonic_ns() > deadline_ns:
            message = f"the server did not stop within {TIMEOUT_SECONDS} seconds:\n{_log_end(place, 0)}"
            raise DatabaseUnavailable(message, place=str(place.state), expected="another try")
        pause()
    return True


def _start(place: ServerPlace) -> None:
    """Start the server in a session of its own: it survives whoever starts it, and Ctrl-C."""
    _clear_remains(place)
    if place.log.exists() and place.log.stat().st_size > LOG_BYTES_MAX:
        place.log.replace(place.log.with_suffix(".log.1"))
    logged_bytes = place.log.stat().st_size if place.log.exists() else 0
    settings = SETTINGS | {"unix_socket_directories": str(place.socket_folder), "cluster_name": place.name}
    options = shlex.join(f"--{name}={value}" for name, value in settings.items())
    try:
        place.run(
            "pg_ctl",
            "start",
            f"--pgdata={place.data.name}",
            f"--log={place.log.name}",
            "--wait",
            f"--timeout={TIMEOUT_SECONDS}",
            f"--options={options}",
        )
    except DatabaseUnavailable as error:
        if find_postmaster(place) is not None:
            return  # a process that was killed while it started the server had got that far
        message = f"the embedded server does not start:\n{_log_end(place, logged_bytes) or error.message}"
        expected = "what the log asks for, or CLAUSULA_DATABASE_URL set"
        raise DatabaseUnavailable(message, place=str(place.log), expected=expected) from error


def _clear_remains(place: ServerPlace) -> None:
    """Clear away what a killed server left: its pid files, and processes that have not noticed its end yet.

    PostgreSQL refuses to start while such a process holds the old shared memory, or while the number in a
    file is that of any process of its user: a stranger, or the server's own zombie.  What the processes had
    not committed is lost in any case.
    """
    pid_file = place.data / "postmaster.pid"
    if not pid_file.exists():
        return
    title = f"postgres: {place.name}: "
    orphans = [
        process
        for process in psutil.process_iter(["cmdline"])
        if " ".join(process.info["cmdline"] or ()).startswith(title)
    ]
    for process in orphans:
        with suppress(psutil.NoSuchProcess):
            process.terminate()
    _, deaf = psutil.wait_procs(orphans, timeout=ORPHAN_SECONDS)
    for process in deaf:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(deaf, timeout=ORPHAN_SECONDS)
    (place.socket_folder / f"{SOCKET_NAME}.lock").unlink(missing_ok=True)
    pid_file.unlink(missing_ok=True)


def _log_end(place: ServerPlace, from_byte: int) -> str:
    if not place.log.exists():
        return ""
    with place.log.open("rb") as log:
        log.seek(from_byte)
        text = log.read().decode(errors="replace")
    return "\n".join(text.splitlines()[-LOG_LINES_SHOWN:])
