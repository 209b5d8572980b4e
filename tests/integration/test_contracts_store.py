"""The store gives contracts back in order, takes locks in one order, and keeps price changes as facts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from contracts import store
from contracts.load import load_book
from contracts.subscriptions import Contract, PriceAdjustment
from db.unit_of_work import reading, unit_of_work
from kernel.clock import FixedClock
from kernel.errors import Conflict
from kernel.ids import account_id_of

pytestmark = pytest.mark.integration

SMALL = Path(__file__).parents[1] / "books" / "small"
ADJUSTMENT = PriceAdjustment(
    effective_on=date(2026, 5, 20),
    factor=Decimal("1.041234"),
    index="IGPM",
    first_month=date(2025, 5, 1),
    last_month=date(2026, 4, 1),
    variation_percent=Decimal("4.1234"),
    clause="ZEN-IX-12.3",
)
JACARANDA = [account_id_of("clinica-jacaranda")]


@pytest.fixture
def loaded(engine: Engine) -> Engine:
    """A database that holds the small book."""
    load_book(engine, SMALL, clock=FixedClock.on(date(2026, 3, 1)))
    return engine


def only(connection: Connection) -> Contract:
    """Return the one contract of an account."""
    (contract,) = store.contracts_of(connection, store.load_catalog(connection), JACARANDA)
    return contract


def test_accounts_are_walked_chunk_by_chunk(loaded: Engine) -> None:
    """Chunks follow each other without a gap, and the last is followed by none."""
    with reading(loaded) as connection:
        whole = store.account_ids_after(connection, None, 100)
        first = store.account_ids_after(connection, None, 5)
        rest = store.account_ids_after(connection, first[-1], 5)

        assert (8, 8) == (store.count_accounts(connection), len(whole))
        assert whole == first + rest
        assert tuple(sorted(whole)) == whole
        assert () == store.account_ids_after(connection, rest[-1], 5)


def test_contracts_come_in_order(loaded: Engine) -> None:
    """All contracts of the accounts asked for, ended ones too, by account and subscription."""
    with reading(loaded) as connection:
        catalog = store.load_catalog(connection)
        ids = store.account_ids_after(connection, None, 100)
        found = store.contracts_of(connection, catalog, ids)
        keys = [(each.account_id, each.subscription_id) for each in found]

        assert (10, sorted(keys)) == (len(keys), keys)
        assert () == store.contracts_of(connection, catalog, [account_id_of("nobody")])


def test_a_price_change_is_kept_once(loaded: Engine) -> None:
    """The same change again is known; the contract bears it from its day on."""
    with unit_of_work(loaded) as connection:
        for _ in range(2):
            store.save_adjustments(connection, only(connection), [ADJUSTMENT])
        contract = only(connection)

    assert (ADJUSTMENT,) == contract.adjustments
    assert (Fraction(1), Fraction("1.041234")) == (
        contract.factor_of(contract.charges[0], date(2026, 5, 19)),
        contract.factor_of(contract.charges[0], date(2026, 5, 20)),
    )


def test_a_price_in_use_is_never_edited(loaded: Engine) -> None:
    """Another factor for the same day is a conflict, and the first stays."""
    with unit_of_work(loaded) as connection:
        store.save_adjustments(connection, only(connection), [ADJUSTMENT])
    with pytest.raises(Conflict) as caught, unit_of_work(loaded) as connection:
        store.save_adjustments(connection, only(connection), [replace(ADJUSTMENT, factor=Decimal("1.05"))])

    assert ("effective_on", "2026-05-20") == (caught.value.field, caught.value.value)
    with reading(loaded) as connection:
        assert (ADJUSTMENT,) == only(connection).adjustments


@pytest.mark.parametrize(
    ("held", "wanted", "waits"),
    [(True, True, True), (True, False, True), (False, True, True), (False, False, False)],
    ids=["run-run", "run-ingest", "ingest-run", "ingest-ingest"],
)
def test_a_run_and_an_ingest_wait_for_each_other(
    loaded: Engine, *, held: bool, wanted: bool, waits: bool
) -> None:
    """Ingests share a subscription with each other; a run has it alone."""
    with unit_of_work(loaded) as first:
        store.lock_subscriptions(first, JACARANDA, exclusive=held)
        try:
            with unit_of_work(loaded) as second:
                second.execute(text("SET LOCAL lock_timeout = '100ms'"))
                store.lock_subscriptions(second, JACARANDA, exclusive=wanted)
        except OperationalError as error:
            waited = isinstance(error.orig, LockNotAvailable)
        else:
            waited = False

    assert waits is waited


def test_other_accounts_are_not_locked(loaded: Engine) -> None:
    """A run of one chunk holds up nobody of another."""
    with unit_of_work(loaded) as first, unit_of_work(loaded) as second:
        store.lock_subscriptions(first, JACARANDA, exclusive=True)
        second.execute(text("SET LOCAL lock_timeout = '100ms'"))
        store.lock_subscriptions(second, [account_id_of("colegio-ipe")], exclusive=True)
        assert 1 == len(
            store.contracts_of(second, store.load_catalog(second), [account_id_of("colegio-ipe")])
        )


def test_ten_thousand_contracts_share_what_they_agree_on(loaded: Engine) -> None:
    """Contracts of one plan, entity and day of paper come with one and the same resolved terms."""
    with reading(loaded) as connection:
        catalog = store.load_catalog(connection)
        found = store.contracts_of(connection, catalog, store.account_ids_after(connection, None, 100))
    terms = [id(each.terms) for each in found if each.plan.code == "zenvia-conversion-mx"]

    assert (5, 1) == (len(terms), len(set(terms)))
