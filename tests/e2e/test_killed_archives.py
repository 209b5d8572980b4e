"""An archive is killed after each of its steps: every event lies in the database or in a recorded file."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine

from db.embedded import running_server
from db.engine import engine_of
from db.migrate import upgrade
from db.unit_of_work import reading, unit_of_work
from metering import store_archives
from metering.measure import Counted, settle
from tests.e2e.command_line import DONE, Installation, installed
from tests.e2e.killed_archive import STEPS
from tests.integration.metering_book import feed, save_book
from tests.unit.metering.book import at, ids, subscription, used

pytestmark = [pytest.mark.integration, pytest.mark.e2e]

PROGRAM = (sys.executable, Path(__file__).with_name("killed_archive.py"))
EVENTS = 300


@dataclass(frozen=True, slots=True)
class Months:
    """Two months of years ago, billed, in an installation of their own."""

    place: Installation
    engine: Engine

    def stored(self) -> int:
        """Return how many events lie in the database."""
        with reading(self.engine) as connection:
            months = store_archives.stored_months(connection)
            return sum(store_archives.count_events(connection, each.month) for each in months)

    def recorded(self) -> dict[str, int]:
        """Return how many events each recorded file holds."""
        with reading(self.engine) as connection:
            return {each.file_name: each.events for each in store_archives.archived(connection)}

    def restore(self) -> None:
        """Put all files back, for the next kill."""
        files = [Path("archive", name) for name in self.recorded()]
        said = self.place.say("meter", "restore", *files)
        assert said.code == DONE, said.err


@pytest.fixture(name="months", scope="module")
def _months() -> Iterator[Months]:
    with installed() as place, running_server(place.home) as server:
        engine = engine_of(server)
        upgrade(engine)
        save_book(engine, subscription())
        feed(engine, [used(f"a{number}", at("2020-03-10T12:00:00Z"), 1) for number in range(EVENTS)])
        feed(engine, [used(f"b{number}", at("2020-04-10T12:00:00Z"), 1) for number in range(EVENTS)])
        with unit_of_work(engine) as connection:
            settle(connection, [Counted(*ids(), "documents", date(2020, 5, 1))], [])
        yield Months(place, engine)
        engine.dispose()


@pytest.mark.parametrize("step", STEPS)
def test_killed_after_a_step_nothing_is_lost_and_it_goes_on(months: Months, step: str) -> None:
    """After the kill each event is in one place; the command again, not killed, takes the rest."""
    killed = months.place.start(step, "meter", "archive", "--to", "archive", program=PROGRAM)
    killed.communicate()
    stored, recorded = months.stored(), months.recorded()

    again = months.place.say("meter", "archive", "--to", "archive", "--by", "ana")
    after = months.recorded()
    left = months.stored()
    months.restore()

    assert killed.returncode == -signal.SIGKILL
    assert 2 * EVENTS == stored + sum(recorded.values())
    assert {"commit": 1}.get(step, 0) == len(recorded)
    assert DONE == again.code, again.err
    assert {"usage_events_2020_03.parquet": EVENTS, "usage_events_2020_04.parquet": EVENTS} == after
    assert (0, 2 * EVENTS) == (left, months.stored())
