"""Where the embedded server keeps its files: inside the home folder, unless its account cannot reach that.

::

    .clausula/postgres/        the state folder: private (0700), owned by the server's account
        data/                  PostgreSQL's own; it exists only complete
        server.log             what the server says
        gate.lock, users.lock  who may start and stop it, and who uses it: see db/server_locks.py
        .s.PGSQL.5432          the socket, the only way in

Root's home folder may be closed to the account that runs the server.  The state folder is then
``/var/lib/clausula/<digest of the home's path>``, and a note in the home folder says so.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from db.server_account import PROGRAM_TIMEOUT_SECONDS, Account, account_for, outside, programs_for, state_root
from kernel.errors import DatabaseUnavailable

STATE_NAME: Final = "postgres"
#: The file in the home folder that names a state folder elsewhere, in its first line.
NOTE_NAME: Final = "where-the-data-are.txt"
#: PostgreSQL derives the socket's file name from its port number, though no port is open.
PORT: Final = 5432
SOCKET_NAME: Final = f".s.PGSQL.{PORT}"
#: A socket's path has 108 bytes, its closing zero included (``sun_path``).
SOCKET_PATH_BYTES_MAX: Final = 107

# In a URL a comma or a colon would separate hosts; in a setting a quote or a space would need quoting.
_PLAIN_PATH: Final = re.compile(r"[A-Za-z0-9/._+-]+")


@dataclass(frozen=True, slots=True)
class ServerPlace:
    """The files of one embedded server and the account that owns them."""

    home: Path
    state: Path
    account: Account

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.state / "data"

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.state / "server.log"

    @property
    def name(self) -> str:
        """A short name that no other place bears; the server's processes show it in their titles."""
        return f"clausula-{_digest(self.state)}"

    @property
    def socket_folder(self) -> Path:
        """The state folder, or a private temporary one when that path is too long or not plain."""
        path = str(self.state / SOCKET_NAME)
        if _PLAIN_PATH.fullmatch(path) and len(path) <= SOCKET_PATH_BYTES_MAX:
            return self.state
        return Path(tempfile.gettempdir()) / self.name

    def run(self, program: str, *arguments: str, text: str = "", kept_fds: tuple[int, ...] = ()) -> str:
        """Run one of PostgreSQL's programs as the account, in the state folder; return what it printed.

        Raises ``DatabaseUnavailable`` with the program's own words when it fails or hangs.
        """
        command = [str(programs_for(self.account) / program), *arguments]
        try:
            done = self.account.run(command, self.state, text=text, kept_fds=kept_fds)
        except subprocess.TimeoutExpired as error:
            message = f"{program} did not end within {PROGRAM_TIMEOUT_SECONDS} seconds"
            raise DatabaseUnavailable(message, place=str(self.state)) from error
        if done.returncode != 0:
            message = f"{program} failed: {(done.stderr or done.stdout).strip()}"
            raise DatabaseUnavailable(message, place=str(self.state))
        return done.stdout


def find_place(home: Path) -> ServerPlace | None:
    """Return the place that a home folder has, or None if it has none yet.  Changes nothing.

    Raises ``DatabaseUnavailable`` when the data belong to another user, or when the note names the data of
    another home: the folder was moved or copied, and neither an empty database nor the other's is right.
    """
    inside, note = home / STATE_NAME, home / NOTE_NAME
    if inside.is_dir():
        return ServerPlace(home, inside, account_for(inside))
    if not note.exists():
        return None
    state = outside(_digest(home))
    noted = note.read_text(encoding="utf-8").partition("\n")[0]
    if noted != str(state):
        message = f"this folder was moved or copied, and its data stayed in {noted}"
        expected = f"{NOTE_NAME} deleted, to start empty, or before that the data renamed to {state}"
        raise DatabaseUnavailable(message, field="home", value=home, expected=expected)
    return ServerPlace(home, state, account_for(state))


def make_place(home: Path) -> ServerPlace:
    """Return the place that a home folder has, chosen and made now if it has none.

    Once chosen it stays: data that are lost or out of reach raise ``DatabaseUnavailable``, and never give way
    to an empty database somewhere else.
    """
    home.mkdir(parents=True, exist_ok=True)
    place = find_place(home) or _choose_place(home)
    if not place.state.is_dir():
        expected = f"the folder restored, or {NOTE_NAME} deleted to start empty"
        raise DatabaseUnavailable("the data are gone", field="state", value=place.state, expected=expected)
    make_private(place.state, place.account)
    if not place.account.reaches(place.state):
        message = f"user {place.account.uid} owns the data and cannot reach them"
        expected = "parent folders that this user may enter"
        raise DatabaseUnavailable(message, field="state", value=place.state, expected=expected)
    make_private(place.socket_folder, place.account)
    return place


def make_private(folder: Path, account: Account) -> None:
    """Make sure that this folder is the account's and closed to others: who enters is the superuser.

    Raises ``DatabaseUnavailable`` for a link, another's folder or an open one: somebody else made it.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.lstat().st_uid == 0:
        account.own(folder)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != account.uid or found.st_mode & 0o077:
        expected = f"a folder of user {account.uid} that nobody else may enter (mode 0700)"
        raise DatabaseUnavailable(
            "the folder is not private", field="folder", value=folder, expected=expected
        )


def _choose_place(home: Path) -> ServerPlace:
    """Prefer the home folder; the note is written last, so that it never names what is not there."""
    inside = home / STATE_NAME
    account = account_for(inside)
    if not account.is_lent or account.reaches(home):
        make_private(inside, account)
        return ServerPlace(home, inside, account)
    state = state_root() / _digest(home)
    account = account_for(state)
    make_private(state, account)
    text = (
        f"{state}\n\n"
        "The data of this folder are kept there: the user that runs PostgreSQL for root cannot enter here.\n"
        "`python -m db.embedded remove` deletes them.  Deleting this folder does not.\n"
    )
    # Renamed into place: of two processes that start at once, neither reads half a note.
    partial = home / f"{NOTE_NAME}.{os.getpid()}"
    partial.write_text(text, encoding="utf-8")
    partial.replace(home / NOTE_NAME)
    return ServerPlace(home, state, account)


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
