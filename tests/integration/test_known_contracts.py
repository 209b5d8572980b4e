"""The contracts that a process knows: resolved once, and again as soon as one of their rows has changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine, event, text

from contracts import book_store
from contracts.known import KnownContracts
from contracts.subscriptions import Contract
from db.unit_of_work import reading, unit_of_work
from kernel.ids import account_id_of
from tests.integration.entitled_book import ATTRACTION, signed

pytestmark = pytest.mark.integration

CHANGES: dict[str, tuple[str, Callable[[Contract], object]]] = {
    "accounts": ("UPDATE accounts SET name = 'Acme II'", lambda each: each.account.name),
    "legal_entities": ("UPDATE legal_entities SET name = 'Issuer II'", lambda each: each.entity.name),
    "subscriptions": ("UPDATE subscriptions SET billing_day = 5", lambda each: each.subscription.billing_day),
    "service_states": (
        """
        INSERT INTO service_states SELECT account_id, subscription_id, '', '[2026-02-01,)', 'suspended',
            'ZEN-II-4.4', '', '', '' FROM subscriptions
        """,
        lambda each: len(each.states),
    ),
    "price_adjustments": (
        """
        INSERT INTO price_adjustments (account_id, subscription_id, effective_on, factor, index_code,
            first_month, last_month, variation_percent, clause, accumulation, substitutes, carried)
        SELECT account_id, subscription_id, '2027-01-01', 1.1, 'IPCA', '2026-01-01', '2026-12-01', 10,
            'ZEN-II-4.4', 'compound_monthly', '', 1 FROM subscriptions
        """,
        lambda each: len(each.adjustments),
    ),
}


def known_contract(engine: Engine, known: KnownContracts) -> tuple[Contract, int]:
    """Return Acme's contract as a process knows it, and how many statements that took."""
    seen: list[object] = []
    with reading(engine) as connection:
        event.listen(connection, "before_cursor_execute", lambda *given: seen.append(given[2]))
        (only,) = known.contracts_of(connection, account_id_of("acme"))
    return only, len(seen)


@pytest.mark.parametrize("table", CHANGES)
def test_what_has_changed_is_seen(engine: Engine, table: str) -> None:
    """One statement while nothing changes; after a change the contract is what it is now, and known again."""
    signed(engine, ATTRACTION, plan="attraction-lite", fee="100")
    known = KnownContracts()
    statement, told = CHANGES[table]
    first, _ = known_contract(engine, known)
    same, statements = known_contract(engine, known)
    with unit_of_work(engine) as connection:
        connection.execute(text(statement))
    changed, resolved = known_contract(engine, known)
    again, after = known_contract(engine, known)

    assert (True, 1, True, 1) == (same is first, statements, again is changed, after)
    assert resolved > 1
    assert told(first) != told(changed)
    assert told(changed) == told(known_contract(engine, KnownContracts())[0])


def test_another_account_does_not_load_the_catalog_again(engine: Engine) -> None:
    """The plans and terms are read once for all accounts; a new plan lets them be read again."""
    own = signed(engine, ATTRACTION, plan="attraction-lite", fee="100")
    known = KnownContracts()
    first, _ = known_contract(engine, known)
    with unit_of_work(engine) as connection:
        connection.execute(text("UPDATE accounts SET name = 'Acme II'"))
    changed, _ = known_contract(engine, known)
    with unit_of_work(engine) as connection:
        book_store.add_plans(connection, [replace(own.plan, version=2)])
    anew, _ = known_contract(engine, known)

    assert (own.plan, True, False) == (first.plan, first.terms is changed.terms, anew.terms is first.terms)


def test_nothing_is_kept_of_who_does_not_exist(engine: Engine) -> None:
    """An account that nobody has is not known, and is found once it is there."""
    known = KnownContracts()
    with reading(engine) as connection:
        nobody = known.contracts_of(connection, account_id_of("acme"))
    own = signed(engine, ATTRACTION, plan="attraction-lite", fee="100")

    assert ((), own.subscription_id) == (nobody, known_contract(engine, known)[0].subscription_id)
    assert date(2026, 1, 1) == own.subscription.starts_on
