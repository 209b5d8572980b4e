"""What is derived from events can be made anew from them, and a check tells where it is not as it must be."""

from __future__ import annotations

import random
from datetime import date

import pytest
from sqlalchemy import Engine, Table, update
from typer.testing import CliRunner

from db.engine import URL_VARIABLE
from db.unit_of_work import unit_of_work
from kernel.errors import UnknownAccount
from kernel.ids import account_id_of
from metering.measure import Counted, late_usage, settle
from metering.rebuild import differences, rebuild
from metering.store_rebuild import DERIVED, DerivedRow
from metering.tables import conversations, usage_daily, usage_values
from runtime.cli import app
from tests.integration.metering_book import MIXED, feed, mixed_events, save_book, snapshot
from tests.unit.metering.book import CATALOG, ids, subscription

pytestmark = pytest.mark.integration


def found_wrong(engine: Engine) -> frozenset[DerivedRow]:
    """Return what a check finds in acme's account."""
    with unit_of_work(engine) as connection:
        return differences(connection, CATALOG, [account_id_of("acme")])


def made_anew(engine: Engine) -> None:
    """Rebuild acme's account."""
    with unit_of_work(engine) as connection:
        rebuild(connection, CATALOG, [account_id_of("acme")])


@pytest.mark.parametrize("seed", [1, 2])
def test_a_rebuild_gives_what_ingest_gave(engine: Engine, seed: int) -> None:
    """Events of every kind, late and repeated: a check finds nothing, a rebuild changes nothing."""
    save_book(engine, subscription())
    events = mixed_events(seed, 500)
    arriving = [*events, *events[::7]]
    random.Random(seed).shuffle(arriving)  # noqa: S311 the same for the same seed
    feed(engine, arriving, batch=60)
    ingested = snapshot(engine)

    wrong = found_wrong(engine)
    checked = snapshot(engine)
    made_anew(engine)

    assert frozenset() == wrong
    assert ingested == checked == snapshot(engine)


@pytest.mark.parametrize("table", DERIVED, ids=lambda table: table.name)
def test_a_lost_row_is_found_and_made_anew(engine: Engine, table: Table) -> None:
    """Whatever derived table lost its rows, the check tells, and tells no more after a rebuild."""
    save_book(engine, subscription())
    feed(engine, mixed_events(3, 200))
    ingested = snapshot(engine)
    with unit_of_work(engine) as connection:
        connection.execute(table.delete())

    wrong = found_wrong(engine)
    made_anew(engine)

    assert {table.name} == {row.table for row in wrong}
    assert ingested == snapshot(engine)


def test_a_wrong_number_is_told_with_the_right_one(engine: Engine) -> None:
    """Of each meter whose days were altered the check shows the row as it is and as it must be."""
    save_book(engine, subscription())
    feed(engine, mixed_events(4, 300))
    with unit_of_work(engine) as connection:
        connection.execute(update(usage_daily).values(quantity=usage_daily.c.quantity + 1))

    told = {dict(row.values)["meter"] for row in found_wrong(engine)}

    assert set(MIXED) == told


def test_a_rebuild_makes_nothing_late(engine: Engine) -> None:
    """What was billed is what it was: the next run has nothing to look at again."""
    save_book(engine, subscription())
    feed(engine, mixed_events(5, 200))
    with unit_of_work(engine) as connection:
        settle(connection, [Counted(*ids(), meter, date(2026, 4, 1)) for meter in MIXED], [])

    made_anew(engine)

    with unit_of_work(engine) as connection:
        assert () == late_usage(connection, [ids()[0]])


def test_an_account_without_use(engine: Engine) -> None:
    """There is nothing to find and nothing to make."""
    save_book(engine, subscription())

    made_anew(engine)

    assert frozenset() == found_wrong(engine)
    assert {usage_daily, usage_values, conversations} == set(DERIVED)


def test_the_command_tells_and_mends(engine: Engine) -> None:
    """``clausula meter check`` tells what is right, lists what is not, and mends it on demand."""
    save_book(engine, subscription())
    feed(engine, mixed_events(6, 100))
    ingested = snapshot(engine)
    runner = CliRunner(env={URL_VARIABLE: engine.url.render_as_string(hide_password=False)})

    def check(*options: str) -> tuple[int, str]:
        result = runner.invoke(app, ("meter", "check", "acme", *options))
        return result.exit_code, result.stdout.strip().splitlines()[-1]

    right = check()
    with unit_of_work(engine) as connection:
        connection.execute(usage_values.delete())
    lost = len(ingested[2])
    told = check()
    mended = check("--rebuild")

    assert (0, "All is as its events say.") == right
    assert (1, f"{lost} rows: not as they must be.") == told
    assert (1, f"{lost} rows: made anew.") == mended
    assert (right, ingested) == (check(), snapshot(engine))


def test_the_command_knows_its_accounts(engine: Engine) -> None:
    """An account that is none is told by its name."""
    save_book(engine, subscription())
    runner = CliRunner(env={URL_VARIABLE: engine.url.render_as_string(hide_password=False)})

    result = runner.invoke(app, ("meter", "check", "acne"))

    assert isinstance(result.exception, UnknownAccount)
