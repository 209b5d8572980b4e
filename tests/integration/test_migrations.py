"""The migrations: up, down and up again; they make what the code declares, and the database guards it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from contracts.book_store import add_index_months
from contracts.index_store import series_by_code
from contracts.indices import Figure
from db.embedded import EmbeddedServer
from db.engine import engine_of
from db.migrate import downgrade, migrations_folder, newest, require_current, upgrade
from db.schema import whole_schema
from kernel.errors import SchemaOutOfDate
from kernel.ids import account_id_of
from receivables.store import close_month
from tests.integration.invoicing_book import Office

pytestmark = pytest.mark.integration

#: What PostgreSQL itself says of a schema.
CATALOG = {
    "columns": "SELECT table_name, column_name, data_type, is_nullable, column_default"
    " FROM information_schema.columns WHERE table_schema = 'public'",
    "constraints": "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)"
    " FROM pg_constraint WHERE connamespace = 'public'::regnamespace",
    "indexes": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "triggers": "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "functions": "SELECT proname, prosrc FROM pg_proc JOIN pg_language ON pg_language.oid = prolang"
    " WHERE pronamespace = 'public'::regnamespace AND lanname = 'plpgsql'",
}


def schema_of(engine: Engine) -> dict[str, set[tuple[object, ...]]]:
    """Return the catalog of a database, without the table in which Alembic keeps its place."""
    with engine.connect() as connection:
        return {
            name: {tuple(row) for row in connection.execute(text(query)) if "alembic" not in str(row)}
            for name, query in CATALOG.items()
        }


@pytest.fixture(scope="module")
def fresh(server: EmbeddedServer) -> Iterator[Engine]:
    """An engine over an empty database, on which the tests of this module go up and down."""
    admin = engine_of(server, "postgres").execution_options(isolation_level="AUTOCOMMIT")
    engine = engine_of(server, "migrations")
    try:
        with admin.connect() as connection:
            connection.execute(text("CREATE DATABASE migrations TEMPLATE template0"))
        yield engine
    finally:
        engine.dispose()
        with admin.connect() as connection:
            connection.execute(text("DROP DATABASE IF EXISTS migrations WITH (FORCE)"))
        admin.dispose()


@pytest.fixture(scope="module")
def migrated(fresh: Engine) -> Engine:
    """The same database, migrated."""
    upgrade(fresh)
    return fresh


def test_up_down_and_up_again(fresh: Engine) -> None:
    """Down takes away all that up made, and up makes the same again; a third time changes nothing."""
    upgrade(fresh)
    made = schema_of(fresh)
    downgrade(fresh)
    left = schema_of(fresh)
    with pytest.raises(SchemaOutOfDate):
        require_current(fresh)
    upgrade(fresh)

    assert set(whole_schema().tables) == {row[0] for row in made["columns"]}
    assert {name: set() for name in CATALOG} == left
    assert made == schema_of(fresh)
    assert newest() == upgrade(fresh)
    assert made == schema_of(fresh)
    require_current(fresh)


#: A database of the first two revisions: a contract that a ladder ended, suspended before, with an old index.
OF_BEFORE = """
INSERT INTO vendors VALUES ('acme', 'Acme');
INSERT INTO legal_entities VALUES
    ('acme-mx', 'acme', 'Acme', '', 'MX', '', 'MXN', 'America/Mexico_City', '[]', '', '', '', 'A');
INSERT INTO plans VALUES ('pro', 1, 'acme', 'crm', 'MXN', '{}');
INSERT INTO accounts VALUES (:one, 'one', 'One', 'MX', 'one@acme.example', '', '', 'en', now());
INSERT INTO subscriptions VALUES (:one, :one, 'crm', 'crm', 'pro', 1, 'acme-mx', '2025-01-01',
    '[2025-01-01,2026-02-01)', 0, '{}', now());
INSERT INTO open_items (account_id, item_id, kind, number, entity, currency, issued_on, due_on)
    VALUES (:one, :one, 'invoice', 'A-1', 'acme-mx', 'MXN', '2025-12-01', '2025-12-10');
INSERT INTO dunning_actions VALUES (:one, :one, 'termination', :one, 'terminate', '', 'proposal', 'confirmed',
    '2026-01-31', '2026-01-31', 'ana', 'ACM-9', '', now());
INSERT INTO service_states VALUES (:one, :one, '', '[2026-01-10,2026-01-31)', 'suspended'),
    (:one, :one, 'sms', '[2026-01-05,2026-01-10)', 'partially_suspended');
INSERT INTO price_adjustments VALUES
    (:one, :one, '2026-01-01', 1.05, 'IGPM', '2025-01-01', '2025-12-01', 5, 'ACM-4');
INSERT INTO index_values VALUES ('IGPM', '2025-12-01', -0.01);
"""


def test_what_was_there_before_is_there_after(fresh: Engine) -> None:
    """From the first two revisions to the newest and back, with rows: none is lost, ends keep clauses."""
    config = Config()
    config.set_main_option("script_location", str(migrations_folder()))
    with fresh.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        command.upgrade(config, "0002")
        for statement in OF_BEFORE.split(";\n"):
            if statement.strip():
                connection.execute(text(statement), {"one": account_id_of("one")})
    upgrade(fresh)
    with fresh.connect() as connection:
        ended_by = connection.execute(text("SELECT ended_by FROM subscriptions")).scalar_one()
        states = connection.execute(text("SELECT state, clause FROM service_states ORDER BY during")).all()
        months = connection.execute(text("SELECT variation_percent, revision FROM index_values")).all()
        factors = connection.execute(text("SELECT factor FROM price_adjustments")).scalars().all()
    with fresh.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0002")
        left = connection.execute(text("SELECT count(*) FROM service_states")).scalar_one()
        command.downgrade(config, "base")
        command.upgrade(config, "head")

    assert "ACM-9" == ended_by
    assert [("partially_suspended", ""), ("suspended", "")] == [tuple(row) for row in states]
    assert [(Decimal("-0.01"), 1)] == [tuple(row) for row in months]
    assert [Decimal("1.05")] == factors
    assert 2 == left


def test_the_declared_tables_are_those_of_the_migrations(engine: Engine) -> None:
    """Alembic finds no difference between what the code declares and what the migrations made."""
    config = Config(stdout=sys.stderr)
    config.set_main_option("script_location", str(migrations_folder()))
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.check(config)


def test_an_earlier_schema_keeps_the_newest_figures(engine: Engine) -> None:
    """Before indices kept their history a month had one figure: going back leaves the one that counts."""
    april, at = date(2026, 4, 1), datetime(2026, 5, 1, tzinfo=UTC)
    with engine.begin() as connection:
        add_index_months(connection, "IGPM", {april: Decimal("2.37")}, at)
        add_index_months(connection, "IGPM", {april: Decimal("2.73")}, at)
        add_index_months(connection, "IGPM", {april: Decimal("0.61")}, at, kind=Figure.PUBLISHED_12M)
    config = Config(stdout=sys.stderr)
    config.set_main_option("script_location", str(migrations_folder()))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0002")
        kept = [tuple(row) for row in connection.execute(text("SELECT * FROM index_values"))]
    upgrade(engine)
    with engine.connect() as connection:
        series = series_by_code(connection)["IGPM"]

    assert [("IGPM", april, Decimal("2.73"))] == kept
    assert ({april: Decimal("2.73")}, {}) == (series.percent_by_month, series.published_12m)


# ----------------------------------------------------------------------------------- what the database guards

#: The states that PostgreSQL gives for what the guards refuse.
UNBALANCED, CLOSED, APPEND_ONLY, OVERLAPS = "CL001", "CL002", "CL003", "23P01"

ITEM = text(
    "INSERT INTO open_items (account_id, item_id, kind, number, entity, currency, issued_on, due_on)"
    " VALUES (:one, :one, 'invoice', 'X-1', 'zenvia-mx', 'MXN', :on, :on)"
)
ENTRY = text(
    "INSERT INTO journal_postings VALUES"
    " (:one, :one, 1, 'invoice', 'receivable', 'principal', :one, 'MXN', :debit, :on, now(), 'X-1'),"
    " (:one, :one, 2, 'invoice', 'revenue', 'none', NULL, 'MXN', -100, :on, now(), 'X-1')"
)
ANOTHER_SUBSCRIPTION = text(
    "INSERT INTO subscriptions SELECT account_id, gen_random_uuid(), 'another', :product, plan, plan_version,"
    " entity, signed_on, daterange(:start, NULL), billing_day, order_form, recorded_at, ended_by"
    " FROM subscriptions WHERE account_id = :account_id"
)
STATE = text(
    "INSERT INTO service_states SELECT account_id, subscription_id, '', daterange(:start, :end), 'suspended',"
    " '', '', '', '' FROM subscriptions WHERE account_id = :account_id"
)
SEAT = text(
    "INSERT INTO seat_assignments SELECT account_id, subscription_id, :seat_no, daterange(:start, :end),"
    " :holder, '', now() FROM subscriptions WHERE account_id = :account_id"
)
HARBOR = account_id_of("harbor")  # its contract ends on 11 March 2026


@contextmanager
def refused(engine: Engine, state: str) -> Iterator[Connection]:
    """Yield a transaction that the database must refuse with a state."""
    with pytest.raises(DBAPIError) as error, engine.begin() as connection:
        yield connection
    assert state == getattr(error.value.orig, "sqlstate", "")


ONLY_ADDED_TO = (
    "allocations",
    "index_values",
    "invoice_lines",
    "invoices",
    "journal_postings",
    "open_items",
    "receipts",
)


@pytest.mark.parametrize("table", ONLY_ADDED_TO)
@pytest.mark.parametrize(
    "change", ["UPDATE {table} SET {key} = NULL", "DELETE FROM {table}", "TRUNCATE {table} CASCADE"]
)
def test_what_is_only_added_to(migrated: Engine, table: str, change: str) -> None:
    """No row of what was issued, posted, received or published is changed or taken away, whoever asks."""
    key = next(iter(whole_schema().tables[table].primary_key)).name
    with refused(migrated, APPEND_ONLY) as connection:
        connection.execute(text(change.format(table=table, key=key)))


def test_the_list_of_what_is_only_added_to_is_whole(migrated: Engine) -> None:
    """The tables above are those that bear the trigger."""
    bear = text("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'refuse_change' ORDER BY 1")
    with migrated.connect() as connection:
        assert list(ONLY_ADDED_TO) == list(connection.execute(bear).scalars())


def test_entries_balance(engine: Engine) -> None:
    """Debits of 100 and credits of 100 are an entry; a cent less is none."""
    values = {"one": UUID(int=1), "on": date(2026, 1, 1)}
    with engine.begin() as connection:
        connection.execute(ITEM, values)
    with refused(engine, UNBALANCED) as connection:
        connection.execute(ENTRY, values | {"debit": Decimal("99.99")})
    with engine.begin() as connection:
        connection.execute(ENTRY, values | {"debit": 100})


def test_a_closed_month_takes_no_posting(engine: Engine) -> None:
    """January is closed: its last day takes nothing, the first of February does."""
    values = {"one": UUID(int=1), "debit": 100}
    january, february = date(2026, 1, 31), date(2026, 2, 1)
    with engine.begin() as connection:
        connection.execute(ITEM, values | {"on": january})
        close_month(connection, january, closed_at=datetime(2026, 2, 5, tzinfo=UTC), closed_by="ana")
    with refused(engine, CLOSED) as connection:
        connection.execute(ENTRY, values | {"on": january})
    with engine.begin() as connection:
        connection.execute(ENTRY, values | {"on": february})


def test_a_product_is_held_once_at_a_time(engine: Engine) -> None:
    """A second contract of the product may start on the day on which the first has ended, and no earlier."""
    office = Office.open(engine)
    values = {"account_id": HARBOR, "product": "conversion"}
    with refused(office.engine, OVERLAPS) as connection:
        connection.execute(ANOTHER_SUBSCRIPTION, values | {"start": date(2026, 3, 10)})
    with engine.begin() as connection:
        connection.execute(ANOTHER_SUBSCRIPTION, values | {"start": date(2026, 3, 11)})


def test_a_service_is_in_one_state_at_a_time(engine: Engine) -> None:
    """Suspended from 1 to 4 February: not from the 4th on too, but from the 5th."""
    office = Office.open(engine)
    first = {"account_id": HARBOR, "start": date(2026, 2, 1), "end": date(2026, 2, 5)}
    with engine.begin() as connection:
        connection.execute(STATE, first)
    with refused(office.engine, OVERLAPS) as connection:
        connection.execute(STATE, first | {"start": date(2026, 2, 4), "end": None})
    with engine.begin() as connection:
        connection.execute(STATE, first | {"start": date(2026, 2, 5), "end": None})


@pytest.mark.parametrize(
    "again", [{"seat_no": 1, "holder": "beto"}, {"seat_no": 2, "holder": "ana"}], ids=["seat", "person"]
)
def test_a_seat_has_one_holder_and_a_person_one_seat(engine: Engine, again: dict[str, object]) -> None:
    """Ana held seat 1 to 4 February: neither is the seat another's on the 4th, nor Ana on another seat."""
    office = Office.open(engine)
    first = {"account_id": HARBOR, "start": date(2026, 2, 1), "end": date(2026, 2, 5)}
    with engine.begin() as connection:
        connection.execute(SEAT, first | {"seat_no": 1, "holder": "ana"})
    with refused(office.engine, OVERLAPS) as connection:
        connection.execute(SEAT, first | again | {"start": date(2026, 2, 4), "end": None})
    with engine.begin() as connection:
        connection.execute(SEAT, first | again | {"start": date(2026, 2, 5), "end": None})
