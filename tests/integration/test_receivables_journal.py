"""The journal in a real database: balanced, append-only, and the same tomorrow as today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from threading import Thread

import psycopg
import pytest
from sqlalchemy import Connection, Engine, func, select, text
from sqlalchemy.exc import DBAPIError

from db.copying import copy_rows
from db.unit_of_work import reading, unit_of_work
from kernel.errors import PeriodClosed, UnbalancedEntry
from kernel.ids import EntryId, new_id
from kernel.money import Money
from receivables.journal import (
    AllocationPart,
    Component,
    Entry,
    ItemBalance,
    Ledger,
    OpenItem,
    invoice_entry,
    late_charge_entry,
    receipt_entry,
)
from receivables.store import (
    add_items,
    balances,
    close_month,
    item_by_id,
    item_by_number,
    months_closed,
    post,
    principal_movements,
    trial_balance,
    unapplied_cash,
)
from receivables.tables import APPEND_ONLY_STATE, UNBALANCED_STATE, journal_postings
from tests.unit.receivables.books import ACCOUNT_ID, item_of, mxn, noon, owes, stamp_of

ISSUED = date(2026, 1, 1)
FEBRUARY_END, MARCH_DAY = date(2026, 2, 28), date(2026, 3, 10)

COLUMNS = [column.name for column in journal_postings.columns]


def invoiced(item: OpenItem, *, total: str = "1160.00") -> Entry:
    """Return the entry of an invoice with 16 % of tax inside."""
    tax = Money.rounded(mxn(total).exact * 16 / 116, "MXN")
    return invoice_entry(item, stamp_of(item.issued_on), net=mxn(total) - tax, tax=tax)


def paid(item: OpenItem, amount: str, *, on: date) -> Entry:
    """Return the entry of a receipt that settles principal."""
    parts = [AllocationPart(item.item_id, Component.PRINCIPAL, mxn(amount))]
    return receipt_entry(item.account_id, stamp_of(on), amount=mxn(amount), parts=parts)


def keep(engine: Engine, items: Sequence[OpenItem], *entries: Entry) -> None:
    """Open items and post entries in one unit of work."""
    with unit_of_work(engine) as connection:
        add_items(connection, items)
        post(connection, entries)


def open_on(engine: Engine, day: date) -> tuple[ItemBalance, ...]:
    """Return what is open as of a day."""
    with reading(engine) as connection:
        return balances(connection, as_of=day)


def test_an_invoice_is_open_from_its_issue(engine: Engine) -> None:
    """Nothing the day before, all of it on the day."""
    item = item_of("F-1")
    keep(engine, [item], invoiced(item))

    assert () == open_on(engine, ISSUED - timedelta(days=1))
    assert (owes(item, "1160.00"),) == open_on(engine, ISSUED)


def test_components_are_kept_apart(engine: Engine) -> None:
    """Fine and interest stand beside the principal."""
    item = item_of("F-1")
    charges = {Component.FINE: mxn("116.00"), Component.INTEREST: mxn("3.87")}
    keep(engine, [item], invoiced(item), late_charge_entry(item, stamp_of(MARCH_DAY), charges))

    assert (owes(item, "1160.00", fine="116.00", interest="3.87"),) == open_on(engine, MARCH_DAY)


def test_a_payment_of_march_leaves_february_as_it_was(engine: Engine) -> None:
    """Zuora's rule: a later payment must not alter an earlier period's aging."""
    item = item_of("F-1")
    keep(engine, [item], invoiced(item))
    before = open_on(engine, FEBRUARY_END)

    with unit_of_work(engine) as connection:
        post(connection, [paid(item, "1160.00", on=MARCH_DAY)])

    assert before == open_on(engine, FEBRUARY_END)
    assert () == open_on(engine, MARCH_DAY)


def test_what_is_recorded_later_is_not_known_earlier(engine: Engine) -> None:
    """A receipt of February that comes to light in March was not known in February."""
    item = item_of("F-1")
    keep(engine, [item], invoiced(item))
    late_known = replace(paid(item, "160.00", on=FEBRUARY_END), recorded_at=noon(MARCH_DAY))
    with unit_of_work(engine) as connection:
        post(connection, [late_known])

    with reading(engine) as connection:
        known_then = balances(connection, as_of=FEBRUARY_END, known_at=noon(FEBRUARY_END))
        known_now = balances(connection, as_of=FEBRUARY_END)
        known_at_that_instant = balances(connection, as_of=FEBRUARY_END, known_at=noon(MARCH_DAY))
    assert (owes(item, "1160.00"),) == known_then
    assert (owes(item, "1000.00"),) == known_now == known_at_that_instant


def test_a_settled_item_is_shown_on_request(engine: Engine) -> None:
    """Closed items are left out of what is open, and come back with zero when asked for."""
    item = item_of("F-1")
    keep(engine, [item], invoiced(item), paid(item, "1160.00", on=MARCH_DAY))

    with reading(engine) as connection:
        assert () == balances(connection, as_of=MARCH_DAY)
        assert (owes(item, "0"),) == balances(connection, as_of=MARCH_DAY, include_closed=True)


def test_balances_come_by_account_due_date_and_number(engine: Engine) -> None:
    """The order is stated, so that a report does not shuffle from day to day."""
    late = item_of("F-1", due_on=date(2026, 2, 1))
    second, first = item_of("F-3"), item_of("F-2")
    keep(engine, [late, second, first], *(invoiced(item) for item in (late, second, first)))

    assert ["F-2", "F-3", "F-1"] == [each.item.number for each in open_on(engine, ISSUED)]


def test_balances_of_chosen_accounts(engine: Engine) -> None:
    """Only the accounts that were asked for are read; none means none."""
    item = item_of("F-1")
    keep(engine, [item], invoiced(item))

    with reading(engine) as connection:
        assert 1 == len(balances(connection, as_of=ISSUED, account_ids=[ACCOUNT_ID]))
        assert () == balances(connection, as_of=ISSUED, account_ids=[])


def test_an_item_comes_back_as_it_went_in(engine: Engine) -> None:
    """By number and by id within its account, and not at all when unknown."""
    item = item_of("F-1")
    keep(engine, [item])

    with reading(engine) as connection:
        assert item == item_by_number(connection, ACCOUNT_ID, "F-1")
        assert item == item_by_id(connection, ACCOUNT_ID, item.item_id)
        assert item_by_number(connection, ACCOUNT_ID, "F-2") is None


def test_principal_moves_by_day(engine: Engine) -> None:
    """Late charges are computed on these movements; a fine is none of them."""
    item = item_of("F-1")
    fined = late_charge_entry(item, stamp_of(MARCH_DAY), {Component.FINE: mxn("10")})
    keep(
        engine,
        [item],
        invoiced(item),
        fined,
        paid(item, "400.00", on=MARCH_DAY),
        paid(item, "60.00", on=MARCH_DAY),
    )

    with reading(engine) as connection:
        moved = principal_movements(connection, ACCOUNT_ID, item.item_id)
    assert ((ISSUED, mxn("1160.00")), (MARCH_DAY, mxn("-460.00"))) == moved


def test_the_trial_balance_sums_to_zero(engine: Engine) -> None:
    """Every ledger has its balance, and debits equal credits."""
    item = item_of("F-1")
    over = receipt_entry(
        ACCOUNT_ID,
        stamp_of(MARCH_DAY),
        amount=mxn("1200.00"),
        parts=[AllocationPart(item.item_id, Component.PRINCIPAL, mxn("1160.00"))],
    )
    keep(engine, [item], invoiced(item), over)

    with reading(engine) as connection:
        found = {each.ledger: each.balance for each in trial_balance(connection, as_of=MARCH_DAY)}
        waiting = unapplied_cash(connection, as_of=MARCH_DAY)
    assert {
        Ledger.CASH: mxn("1200.00"),
        Ledger.RECEIVABLE: mxn("0"),
        Ledger.REVENUE: mxn("-1000.00"),
        Ledger.TAX_PAYABLE: mxn("-160.00"),
        Ledger.UNAPPLIED_CASH: mxn("-40.00"),
    } == found
    assert {(ACCOUNT_ID, "MXN"): mxn("40.00")} == waiting


def test_an_invoice_over_nothing_leaves_no_posting(engine: Engine) -> None:
    """A free month opens an item and moves nothing."""
    item = item_of("F-1")
    keep(engine, [item], invoiced(item, total="0"))

    assert () == open_on(engine, ISSUED)


def raw_rows(entry: Entry) -> list[list[object]]:
    """Return the rows of an entry, for those who write past the store."""
    return [
        [
            entry.account_id,
            entry.entry_id,
            line_no,
            entry.kind.value,
            posting.ledger.value,
            posting.component.value,
            posting.item_id,
            posting.amount.currency,
            posting.amount.amount,
            entry.effective_on,
            entry.recorded_at,
            entry.source,
        ]
        for line_no, posting in enumerate(entry.postings, start=1)
    ]


AMOUNT, EFFECTIVE_ON, CURRENCY = (COLUMNS.index(name) for name in ("amount", "effective_on", "currency"))


@pytest.mark.parametrize(
    ("at", "wrong"),
    [(AMOUNT, mxn("1159.99").amount), (EFFECTIVE_ON, MARCH_DAY), (CURRENCY, "BRL")],
    ids=["a cent is missing", "two days", "two currencies"],
)
def test_copy_of_a_torn_entry_is_refused_by_the_database(engine: Engine, at: int, wrong: object) -> None:
    """Whoever writes past our code meets the trigger, with COPY too."""
    item = item_of("F-1")
    keep(engine, [item])
    rows = raw_rows(invoiced(item))
    rows[0][at] = wrong

    with pytest.raises(psycopg.DatabaseError) as refused, unit_of_work(engine) as connection:
        copy_rows(connection, journal_postings, COLUMNS, rows)

    assert UNBALANCED_STATE == refused.value.sqlstate


def test_an_insert_that_does_not_balance_is_refused(engine: Engine) -> None:
    """One posting alone is no entry."""
    item = item_of("F-1")
    keep(engine, [item])
    row = dict(zip(COLUMNS, raw_rows(invoiced(item))[0], strict=True))

    with pytest.raises(DBAPIError) as refused, unit_of_work(engine) as connection:
        connection.execute(journal_postings.insert().values(**row))

    assert UNBALANCED_STATE == getattr(refused.value.orig, "sqlstate", "")


def test_the_store_names_what_the_database_refuses(engine: Engine) -> None:
    """An entry that was torn on its way comes back as an error of the house."""
    item = item_of("F-1")
    keep(engine, [item])
    entry = invoiced(item)
    object.__setattr__(entry, "postings", entry.postings[:1])

    with pytest.raises(UnbalancedEntry) as refused, unit_of_work(engine) as connection:
        post(connection, [entry])

    assert "postings" == refused.value.field


@pytest.mark.parametrize("table", ["journal_postings", "open_items"])
@pytest.mark.parametrize(
    "change", ["UPDATE {} SET currency = 'USD'", "DELETE FROM {}", "TRUNCATE {} CASCADE"]
)
def test_nothing_that_was_posted_changes(engine: Engine, table: str, change: str) -> None:
    """No update, no delete, no truncate, whoever asks; even when no row would be touched."""
    with pytest.raises(DBAPIError) as refused, unit_of_work(engine) as connection:
        connection.execute(text(change.format(table)))

    assert APPEND_ONLY_STATE == getattr(refused.value.orig, "sqlstate", "")


def test_one_entry_is_posted_once(engine: Engine) -> None:
    """The same entry again is refused by its key."""
    item = item_of("F-1")
    entry = invoiced(item)
    keep(engine, [item], entry)

    with pytest.raises(psycopg.errors.UniqueViolation), unit_of_work(engine) as connection:
        post(connection, [entry])


def test_a_debt_stands_on_a_known_item(engine: Engine) -> None:
    """A posting on an item that was never opened is refused by the foreign key."""
    with pytest.raises(psycopg.errors.ForeignKeyViolation), unit_of_work(engine) as connection:
        post(connection, [invoiced(item_of("F-1"))])


def test_a_closed_month_takes_no_posting(engine: Engine) -> None:
    """Its first and last day are closed, the days around it are not; its reports can no more change."""
    items = [item_of(f"F-{at}", issued_on=day, due_on=day) for at, day in enumerate(month_edges())]
    keep(engine, items)
    with unit_of_work(engine) as connection:
        close_month(connection, FEBRUARY_END, closed_at=noon(MARCH_DAY), closed_by="ana")

    with reading(engine) as connection:
        assert frozenset({date(2026, 2, 1)}) == months_closed(connection)
    answers = {item.issued_on: answer_to(engine, invoiced(item)) for item in items}
    assert {
        date(2026, 1, 31): "taken",
        date(2026, 2, 1): "closed: 2026-02-01",
        date(2026, 2, 28): "closed: 2026-02-01",
        date(2026, 3, 1): "taken",
    } == answers


def month_edges() -> list[date]:
    """Return the days at both edges of February 2026."""
    return [date(2026, 1, 31), date(2026, 2, 1), date(2026, 2, 28), date(2026, 3, 1)]


def answer_to(engine: Engine, entry: Entry) -> str:
    """Post an entry; tell whether it was taken or which month is closed."""
    try:
        with unit_of_work(engine) as connection:
            post(connection, [entry])
    except PeriodClosed as error:
        return f"closed: {error.value}"
    return "taken"


def test_a_month_is_closed_once(engine: Engine) -> None:
    """The second closing is told that it comes too late."""
    with unit_of_work(engine) as connection:
        close_month(connection, FEBRUARY_END, closed_at=noon(MARCH_DAY), closed_by="ana")

    with pytest.raises(PeriodClosed), unit_of_work(engine) as connection:
        close_month(connection, date(2026, 2, 1), closed_at=noon(MARCH_DAY), closed_by="bea")


def test_closing_waits_for_postings_under_way(engine: Engine) -> None:
    """A posting that is not committed yet is in the month before it closes: nothing slips in behind."""
    item = item_of("F-1")
    keep(engine, [item])
    seen: list[int] = []

    def close() -> None:
        with unit_of_work(engine) as connection:
            close_month(connection, ISSUED, closed_at=noon(MARCH_DAY), closed_by="ana")
            seen.append(postings(connection))

    with unit_of_work(engine) as connection:
        post(connection, [invoiced(item)])
        closing = Thread(target=close)
        closing.start()
        wait_for_a_waiting_lock(connection)
    closing.join()

    assert [3] == seen


def postings(connection: Connection) -> int:
    """Count postings."""
    return connection.execute(select(func.count()).select_from(journal_postings)).scalar_one()


def wait_for_a_waiting_lock(connection: Connection) -> None:
    """Return once another session waits for a lock."""
    waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    while not connection.execute(waiting).scalar_one():
        connection.execute(text("SELECT pg_sleep_for('10 milliseconds')"))


def test_ids_are_given_by_the_caller(engine: Engine) -> None:
    """Two entries of one document are two entries."""
    item = item_of("F-1")
    entry = invoiced(item)
    keep(engine, [item], entry, replace(entry, entry_id=EntryId(new_id())))

    assert (owes(item, "2320.00"),) == open_on(engine, ISSUED)
