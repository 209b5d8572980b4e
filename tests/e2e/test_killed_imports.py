"""Importers and PostgreSQL are killed at random points, twenty times: every event is counted exactly once."""

from __future__ import annotations

import os
import random
import select
import signal
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from subprocess import Popen

import psycopg
import pytest
from msgspec.structs import replace

from db.embedded import running_server
from db.engine import engine_of
from db.migrate import upgrade
from db.postmaster import find_postmaster
from db.server_locks import pause
from db.server_place import find_place
from db.unit_of_work import unit_of_work
from kernel.periods import Period
from metering.events import UsageEvent
from metering.measure import Want, measure
from tests.e2e.command_line import DONE, LOOKS, REFUSED, Installation, installed
from tests.integration.metering_book import MIXED, mixed_events, save_book, write_ndjson
from tests.integration.metering_oracle import owed
from tests.unit.metering.book import METERS, SAO_PAULO, ids, subscription

pytestmark = [pytest.mark.integration, pytest.mark.e2e]

KILLS = 20

#: The seed of a run that is to be repeated; which of its steps a kill hits is still for the machine to say.
SEED_VARIABLE = "CLAUSULA_SEED"

#: The command, with imports of small transactions: so a kill falls between and within many of them.
PROGRAM = (sys.executable, Path(__file__).with_name("small_batches.py"))

#: The events of a file, in a dozen transactions; and so many of them stand in the next file, too.
FILE_EVENTS, REPEATED = 3_000, 100

#: A file's use begins so long after that of the one before, and goes on for ten days.
STEP = timedelta(days=5)

#: The longest wait before a kill.
LONGEST_WAIT_MS = 700

#: All of the use, and a day within it.
PERIODS = (Period(date(2026, 3, 1), date(2026, 9, 1)), Period(date(2026, 3, 14), date(2026, 3, 15)))


@dataclass(frozen=True, slots=True)
class Importing:
    """A command that imports a file."""

    file: Path
    command: Popen[str]

    @property
    def is_running(self) -> bool:
        """Whether it has not ended yet."""
        return self.command.poll() is None

    def end(self) -> int:
        """Wait for its end and return the exit code: it was killed, or it ends and says why."""
        _, complaint = self.command.communicate()
        assert self.command.returncode in (DONE, REFUSED, -signal.SIGKILL), complaint
        assert "Traceback" not in complaint
        return self.command.returncode


@dataclass(slots=True)
class Killing:
    """Files of usage, as many as it takes, and how often something was killed while they were imported."""

    place: Installation
    draw: random.Random
    events: list[UsageEvent] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    finished: set[Path] = field(default_factory=set)
    kills: int = 0

    def interrupt(self) -> None:
        """Import two files at once, kill one importer, and then the other or the server beneath it."""
        with running_server(self.place.home) as server:
            importing = [
                Importing(file, self.place.start("meter", "import", file, program=PROGRAM))
                for file in self._unfinished()
            ]
            wait_until_connected(server.url(), importing)
        first, second = self.draw.sample(importing, 2)
        self._kill(first, first.command.pid)
        self._kill(second, self.draw.choice([second.command.pid, server_pid(self.place.home)]))
        self.finished |= {each.file for each in importing if each.end() == DONE}

    def _unfinished(self) -> list[Path]:
        """Return two files that have not been imported to their end."""
        while len(self.files) < len(self.finished) + 2:
            self.files.append(self._written(len(self.files)))
        return [each for each in self.files if each not in self.finished][:2]

    def _written(self, number: int) -> Path:
        drawn = mixed_events(self.draw.randrange(2**32), FILE_EVENTS)
        new = [
            replace(each, source=f"file-{number}", occurred_at=each.occurred_at + number * STEP)
            for each in drawn
        ]
        repeated = self.events[-REPEATED:]
        self.events += new
        return write_ndjson(self.place.folder / f"{number}.ndjson", [*new, *repeated])

    def _kill(self, importing: Importing, pid: int) -> None:
        """Kill an importer, or the server that it works on, a moment later if it is still at work then."""
        select.poll().poll(self.draw.randrange(LONGEST_WAIT_MS))
        if importing.is_running:
            os.kill(pid, signal.SIGKILL)
            self.kills += 1


def server_pid(home: Path) -> int:
    """Return the process number of PostgreSQL's first process, which must run."""
    place = find_place(home)
    postmaster = place and find_postmaster(place)
    assert postmaster
    return postmaster.pid


def wait_until_connected(url: str, importing: Sequence[Importing]) -> None:
    """Return once the importers are at the database."""
    others = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> %s"
    with psycopg.connect(url, autocommit=True) as connection:
        for _ in range(LOOKS):
            found = connection.execute(others, [connection.info.backend_pid]).fetchone()
            if found == (len(importing),) or not all(each.is_running for each in importing):
                return
            pause()
    pytest.fail("the importers do not connect")


def measured(place: Installation, wants: Sequence[Want]) -> dict[Want, object]:
    """Return what the installation's database answers."""
    with running_server(place.home) as server:
        engine = engine_of(server)
        with unit_of_work(engine) as connection:
            found = measure(connection, wants)
        engine.dispose()
    return dict(found)


@pytest.fixture(name="place")
def _place() -> Iterator[Installation]:
    """An installation with the tests' book."""
    with installed() as place:
        with running_server(place.home) as server:
            engine = engine_of(server)
            upgrade(engine)
            save_book(engine, subscription())
            engine.dispose()
        yield place


def test_killed_twenty_times_every_event_is_counted_once(place: Installation) -> None:
    """After a last import of each the sums are those of a walk through all files, and each file is known."""
    seed = int(os.environ.get(SEED_VARIABLE) or random.SystemRandom().randrange(2**32))
    print(f"{SEED_VARIABLE}={seed}")  # noqa: T201 pytest shows it where the test fails
    killing = Killing(place, random.Random(seed))  # noqa: S311 the same for the same seed
    while killing.kills < KILLS:
        killing.interrupt()

    left = [file for file in killing.files if file not in killing.finished]
    ended = [place.say("meter", "import", file) for file in left]
    again = place.say_all({file.name: ("meter", "import", file, "--json") for file in killing.files})

    assert {DONE} == {each.code for each in ended}
    assert {(0, 0, True)} == {
        tuple(each.document[name] for name in ("accepted", "quarantined", "file_known"))
        for each in again.values()
    }
    assert "All is as its events say." == place.say("meter", "check", "acme").out.strip()
    wants = [
        Want(*ids(), meter, "", period, METERS[meter], SAO_PAULO.time_zone)
        for meter in MIXED
        for period in PERIODS
    ]
    assert {want: owed(killing.events, want) for want in wants} == measured(place, wants)
