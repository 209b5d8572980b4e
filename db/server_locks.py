"""Who may start and stop the embedded server, and who uses it: two locks that the kernel keeps.

Every process that uses the server holds ``users.lock`` together with the others.  Whoever starts or stops it
holds ``gate.lock`` alone, and stops it only if ``users.lock`` could be had alone too.  The kernel releases
both when a process ends, however it ends, so there is no list of users that could go stale.
"""

from __future__ import annotations

import fcntl
import os
import select
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from db.server_account import Account
from db.server_place import ServerPlace
from kernel.errors import DatabaseUnavailable

#: Longer than setting up, starting and stopping a server may take together.
GATE_SECONDS: Final = 180
POLL_MILLISECONDS: Final = 20


@contextmanager
def gate(place: ServerPlace) -> Iterator[int]:
    """Be the only process that sets up, starts or stops this server; yield the open lock.

    Raises ``DatabaseUnavailable`` when another process stands in the gate for ``GATE_SECONDS``.
    """
    path = place.state / "gate.lock"
    deadline_ns = time.monotonic_ns() + GATE_SECONDS * 1_000_000_000
    while (gate_fd := _try_gate(path, place.account)) is None:
        if time.monotonic_ns() > deadline_ns:
            message = f"another process has been starting or stopping the server for {GATE_SECONDS} seconds"
            raise DatabaseUnavailable(message, field="lock", value=path, expected="that process ended")
        pause()
    try:
        yield gate_fd
    finally:
        os.close(gate_fd)


def join_users(place: ServerPlace) -> int:
    """Return the open lock that makes this process a user until it is closed.  Call it inside the gate."""
    users_fd = _open_lock(_users_lock(place), place.account)
    # Waits for nobody: holding this lock alone takes the gate.
    fcntl.flock(users_fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    return users_fd


def is_used(place: ServerPlace) -> bool:
    """Whether any process, this one included, is a user.  Call it inside the gate."""
    users_fd = _open_lock(_users_lock(place), place.account)
    try:
        fcntl.flock(users_fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(users_fd)
    return False


def pause() -> None:
    """Wait a moment.  ``poll`` takes whole milliseconds, where ``sleep`` would have a float."""
    select.poll().poll(POLL_MILLISECONDS)


def _users_lock(place: ServerPlace) -> Path:
    return place.state / "users.lock"


def _try_gate(path: Path, account: Account) -> int | None:
    """Return the open lock, or None while another process has it or when it was deleted meanwhile."""
    with ExitStack() as undo:
        gate_fd = _open_lock(path, account)
        undo.callback(os.close, gate_fd)
        try:
            fcntl.flock(gate_fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return None
        if not os.path.samestat(path.stat(), os.fstat(gate_fd)):
            return None
        undo.pop_all()
        return gate_fd


def _open_lock(path: Path, account: Account) -> int:
    lock_fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    account.own(lock_fd)
    return lock_fd
