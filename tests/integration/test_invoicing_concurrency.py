"""Runs that meet ingest, meet each other, or are killed: nothing is lost, nothing is billed twice."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, text

from db.embedded import EmbeddedServer
from db.engine import engine_of
from db.unit_of_work import unit_of_work
from invoicing.bill import RunReport
from invoicing.tables import invoice_runs
from metering.ingest import ingest
from metering.meter_book import MeterBook
from metering.tables import late_usage
from tests.integration.invoicing_book import RECEIVED, Office, billed, gapless, talks

pytestmark = pytest.mark.integration

FEB, MAR = date(2026, 2, 1), date(2026, 3, 1)
WAITING = text(
    "SELECT count(*), pg_sleep(0.01) FROM pg_stat_activity "
    "WHERE datname = current_database() AND wait_event_type = 'Lock'"
)
LOOKS = 3_000  # at least 30 seconds


@pytest.fixture
def office(engine: Engine) -> Office:
    """The book in a fresh database."""
    return Office.open(engine)


@pytest.fixture
def twin(server: EmbeddedServer, template_database: str) -> Iterator[Office]:
    """The same book in a second database."""
    admin = engine_of(server, "postgres").execution_options(isolation_level="AUTOCOMMIT")
    engine = engine_of(server, "twin")
    try:
        with admin.connect() as connection:
            connection.execute(text(f'CREATE DATABASE twin TEMPLATE "{template_database}"'))
        yield Office.open(engine)
    finally:
        engine.dispose()
        with admin.connect() as connection:
            connection.execute(text("DROP DATABASE IF EXISTS twin WITH (FORCE)"))
        admin.dispose()


def wait_for_blocked(engine: Engine, *work: Future[Any]) -> None:
    """Return once all this work, or a process that is not named, waits for locks that others hold."""
    watcher = engine.execution_options(isolation_level="AUTOCOMMIT")  # in one transaction it would look once
    with watcher.connect() as connection:
        for _ in range(LOOKS):
            if connection.execute(WAITING).scalar_one() == max(1, len(work)):
                return
            for each in work:
                assert not each.done(), each.result()
    pytest.fail("nobody waits for a lock")


@contextmanager
def no_numbers(engine: Engine) -> Iterator[None]:
    """Hold the numbers, so that a run stops where it takes them, with all else of its chunk written."""
    with engine.begin() as connection:
        connection.execute(text("LOCK TABLE invoice_series IN EXCLUSIVE MODE"))
        yield


def test_a_run_waits_for_usage_that_is_on_its_way(office: Office) -> None:
    """A batch is open when the run starts: it waits for the commit, and bills what the batch brought."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        with unit_of_work(office.engine) as connection:
            batch = tuple(talks("flores", 260, date(2026, 1, 31)))
            ingest(connection, MeterBook(), batch, clock=RECEIVED, backfill=True)
            run = pool.submit(office.bills, FEB)
            wait_for_blocked(office.engine, run)
        run.result()

    (line,) = [each for each in office.of("flores", FEB).lines if each.meter]
    assert ("whatsapp_mx", Decimal(260)) == (line.charge, line.quantity)
    assert 0 == office.count(late_usage)


def test_usage_that_comes_while_a_run_bills_is_late(office: Office) -> None:
    """The run has measured and not committed: the batch waits, is marked as late, and billed in March."""
    office.gets(talks("flores", 260, date(2026, 1, 31)))
    with ThreadPoolExecutor(max_workers=2) as pool:
        with no_numbers(office.engine):
            run = pool.submit(office.bills, FEB)
            wait_for_blocked(office.engine, run)
            batch = pool.submit(office.gets, talks("flores", 20, date(2026, 1, 31)))
            wait_for_blocked(office.engine, run, batch)
        run.result()
        batch.result()
    office.bills(MAR)

    (first,) = [each for each in office.of("flores", FEB).lines if each.meter]
    (late,) = [each for each in office.of("flores", MAR).lines if each.meter]
    assert [(Decimal(260), "usage"), (Decimal(20), "late_usage")] == [
        (each.quantity, each.kind.value) for each in (first, late)
    ]


@pytest.mark.parametrize("chunk_accounts", [1, 500])
def test_two_runs_at_once_issue_each_invoice_once(office: Office, twin: Office, chunk_accounts: int) -> None:
    """What one bills the other finds billed; together they issue what one alone does."""
    start = Barrier(2)

    def run() -> RunReport:
        start.wait()
        return office.bills(MAR, chunk_accounts=chunk_accounts)

    with ThreadPoolExecutor(max_workers=2) as pool:
        reports = [each.result() for each in [pool.submit(run), pool.submit(run)]]
    alone = twin.bills(MAR)

    assert billed(twin) == billed(office)
    assert gapless(office)
    assert alone.invoices == sum(each.invoices for each in reports)


def test_a_run_that_is_killed_is_run_again(office: Office, twin: Office) -> None:
    """Killed after three accounts, in the middle of the fourth: the second run bills what was left."""
    for each in (office, twin):
        each.gets(talks("flores", 260, date(2026, 1, 31)))
        each.gets(talks("meridiano", 120, date(2026, 1, 31)))
    kill_in_the_middle(office.engine)
    committed = len(office.invoices)
    report = office.bills(FEB, chunk_accounts=1)
    alone = twin.bills(FEB)

    assert 3 == committed
    assert gapless(office)
    assert billed(twin) == billed(office)
    assert alone.invoices == committed + report.invoices
    assert twin.numbers == office.numbers
    assert [False, True] == sorted(row[3] is not None for row in office.rows(invoice_runs))


def kill_in_the_middle(engine: Engine) -> None:
    """Start a run in a process, and kill -9 it with three accounts billed and the fourth under way."""
    url = engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.integration.invoicing_process", url, FEB.isoformat(), "3"]
    with subprocess.Popen(  # noqa: S603 this interpreter, and arguments of our own
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert "waiting\n" == process.stdout.readline()
        with no_numbers(engine):
            process.stdin.write("\n")
            process.stdin.flush()
            wait_for_blocked(engine)
            process.kill()
            assert -signal.SIGKILL == process.wait()
