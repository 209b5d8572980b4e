"""Every query of receivables: items and entries in, balances out as of any day and known at any instant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import psycopg
from sqlalchemy import ColumnElement, Connection, Row, func, or_, select, true
from sqlalchemy.dialects.postgresql import insert

from db.among import among
from db.copying import copy_rows
from kernel.errors import PeriodClosed, UnbalancedEntry
from kernel.ids import AccountId, ItemId
from kernel.money import Money
from kernel.periods import Period, month_of
from kernel.zones import aware
from receivables.journal import Component, Entry, EntryKind, ItemBalance, ItemKind, Ledger, OpenItem
from receivables.roll_forward import Movement
from receivables.tables import (
    CLOSED_STATE,
    CLOSING_LOCK,
    UNBALANCED_STATE,
    closed_months,
    journal_postings,
    open_items,
)

_ITEM_COLUMNS = (
    "account_id", "item_id", "kind", "number", "entity", "subscription_id", "currency", "issued_on", "due_on",
)  # fmt: skip
_POSTING_COLUMNS = (
    "account_id", "entry_id", "line_no", "kind", "ledger", "component", "item_id",
    "currency", "amount", "effective_on", "recorded_at", "source",
)  # fmt: skip
OWED_COMPONENTS = (Component.PRINCIPAL, Component.INTEREST, Component.FINE, Component.CORRECTION)


@dataclass(frozen=True, slots=True)
class LedgerBalance:
    """The balance of one ledger in one currency."""

    ledger: Ledger
    balance: Money


def add_items(connection: Connection, items: Sequence[OpenItem]) -> None:
    """Open items; they are frozen from here on."""
    rows = (tuple(getattr(item, name) for name in _ITEM_COLUMNS) for item in items)
    copy_rows(connection, open_items, _ITEM_COLUMNS, rows)


def post(connection: Connection, entries: Sequence[Entry]) -> None:
    """Add entries to the journal, in one COPY.

    Raises :class:`PeriodClosed` when a month is closed, :class:`UnbalancedEntry` when the database finds an
    entry that does not balance; the transaction is spoiled then, as after any refusal by the database.
    """
    rows = (row for entry in entries for row in _posting_rows(entry))
    try:
        copy_rows(connection, journal_postings, _POSTING_COLUMNS, rows)
    except psycopg.DatabaseError as error:
        detail = error.diag.message_primary or ""
        if error.sqlstate == CLOSED_STATE:
            raise PeriodClosed(
                "the month is closed to postings",
                field="effective_on",
                value=detail,
                expected="a day of an open month",
            ) from error
        if error.sqlstate == UNBALANCED_STATE:
            raise UnbalancedEntry(detail, field="postings") from error
        raise


def _posting_rows(entry: Entry) -> Iterator[tuple[object, ...]]:
    for line_no, posting in enumerate(entry.postings, start=1):
        yield (
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
        )


def balances(
    connection: Connection,
    *,
    as_of: date,
    account_ids: Sequence[AccountId] | None = None,
    known_at: datetime | None = None,
    include_closed: bool = False,
) -> tuple[ItemBalance, ...]:
    """Return what is open on each item as of a day, by account, due date and number.

    ``known_at`` looks with the eyes of an instant: what was recorded later is not seen, so that last month's
    report can be printed again.  ``include_closed`` adds the items that are settled.
    """
    p = journal_postings.c
    sums = {
        name: func.coalesce(func.sum(p.amount).filter(p.component == name.value), 0)
        for name in OWED_COMPONENTS
    }
    owed = (
        select(p.account_id, p.item_id, *(each.label(name.value) for name, each in sums.items()))
        .where(p.item_id.is_not(None), *_seen(as_of, account_ids, known_at))
        .group_by(p.account_id, p.item_id)
        .having(true() if include_closed else or_(*(each != 0 for each in sums.values())))
        .subquery()
    )
    i = open_items.c
    rows = connection.execute(
        select(open_items, *(owed.c[name.value] for name in OWED_COMPONENTS))
        .join(owed, (owed.c.account_id == i.account_id) & (owed.c.item_id == i.item_id))
        .order_by(i.account_id, i.due_on, i.number)
    )
    return tuple(_balance(row) for row in rows)


def item_by_number(connection: Connection, account_id: AccountId, number: str) -> OpenItem | None:
    """Return the item of an account that bears a document number, or None."""
    return _item_where(connection, open_items.c.account_id == account_id, open_items.c.number == number)


def item_by_id(connection: Connection, account_id: AccountId, item_id: ItemId) -> OpenItem | None:
    """Return an item of an account, or None."""
    return _item_where(connection, open_items.c.account_id == account_id, open_items.c.item_id == item_id)


def _item_where(connection: Connection, *conditions: ColumnElement[bool]) -> OpenItem | None:
    row = connection.execute(select(open_items).where(*conditions)).one_or_none()
    return None if row is None else _item(row)


def principal_movements(
    connection: Connection, account_id: AccountId, item_id: ItemId
) -> tuple[tuple[date, Money], ...]:
    """Return how the principal of an item moved, one sum a day, in the order of the days.

    Late charges are computed on what was open on each day: 1,000.00 on 10 March, -400.00 on 25 March.
    """
    p = journal_postings.c
    rows = connection.execute(
        select(p.effective_on, p.currency, func.sum(p.amount).label("amount"))
        .where(p.account_id == account_id, p.item_id == item_id, p.component == Component.PRINCIPAL.value)
        .group_by(p.effective_on, p.currency)
        .having(func.sum(p.amount) != 0)
        .order_by(p.effective_on)
    )
    return tuple((row.effective_on, Money(row.amount, row.currency)) for row in rows)


def trial_balance(
    connection: Connection,
    *,
    as_of: date,
    account_ids: Sequence[AccountId] | None = None,
    known_at: datetime | None = None,
) -> tuple[LedgerBalance, ...]:
    """Return the balance of each ledger in each currency as of a day; those of a currency sum to zero."""
    p = journal_postings.c
    rows = connection.execute(
        select(p.ledger, p.currency, func.sum(p.amount).label("amount"))
        .where(*_seen(as_of, account_ids, known_at))
        .group_by(p.ledger, p.currency)
        .order_by(p.currency, p.ledger)
    )
    return tuple(LedgerBalance(Ledger(row.ledger), Money(row.amount, row.currency)) for row in rows)


def receivable_movements(connection: Connection, period: Period) -> tuple[Movement, ...]:
    """Return what each kind of entry moved on receivables in a period, by currency."""
    p = journal_postings.c
    rows = connection.execute(
        select(p.kind, p.currency, func.sum(p.amount).label("amount"))
        .where(p.item_id.is_not(None), p.effective_on >= period.start, p.effective_on < period.end)
        .group_by(p.kind, p.currency)
        .order_by(p.currency, p.kind)
    )
    return tuple(Movement(EntryKind(row.kind), Money(row.amount, row.currency)) for row in rows)


def unapplied_cash(
    connection: Connection,
    *,
    as_of: date,
    account_ids: Sequence[AccountId] | None = None,
    known_at: datetime | None = None,
) -> Mapping[tuple[AccountId, str], Money]:
    """Return the money of each account, by currency, that no item has taken yet; positive amounts."""
    p = journal_postings.c
    rows = connection.execute(
        select(p.account_id, p.currency, func.sum(p.amount).label("amount"))
        .where(p.ledger == Ledger.UNAPPLIED_CASH.value, *_seen(as_of, account_ids, known_at))
        .group_by(p.account_id, p.currency)
        .having(func.sum(p.amount) != 0)
    )
    return {(row.account_id, row.currency): Money(-row.amount, row.currency) for row in rows}


def close_month(connection: Connection, month: date, *, closed_at: datetime, closed_by: str) -> None:
    """Close a month to postings, after every posting that is under way has committed or gone.

    Raises :class:`PeriodClosed` when it is closed already.
    """
    connection.execute(select(func.pg_advisory_xact_lock(CLOSING_LOCK)))
    closed = connection.execute(
        insert(closed_months)
        .values(month=month_of(month), closed_at=closed_at, closed_by=closed_by)
        .on_conflict_do_nothing()
        .returning(closed_months.c.month)
    ).scalar_one_or_none()
    if closed is None:
        raise PeriodClosed("the month is closed already", field="month", value=month_of(month))


def months_closed(connection: Connection) -> frozenset[date]:
    """Return the first days of the months that take no posting."""
    return frozenset(connection.execute(select(closed_months.c.month)).scalars())


def _seen(
    as_of: date, account_ids: Sequence[AccountId] | None, known_at: datetime | None
) -> list[ColumnElement[bool]]:
    p = journal_postings.c
    seen = [p.effective_on <= as_of]
    if account_ids is not None:
        seen.append(among(journal_postings, account_ids))
    if known_at is not None:
        seen.append(p.recorded_at <= aware(known_at))
    return seen


def _balance(row: Row[Any]) -> ItemBalance:
    return ItemBalance(
        item=_item(row),
        principal=Money(row.principal, row.currency),
        interest=Money(row.interest, row.currency),
        fine=Money(row.fine, row.currency),
        correction=Money(row.correction, row.currency),
    )


def _item(row: Row[Any]) -> OpenItem:
    return OpenItem(
        account_id=row.account_id,
        item_id=row.item_id,
        kind=ItemKind(row.kind),
        number=row.number,
        entity=row.entity,
        subscription_id=row.subscription_id,
        currency=row.currency,
        issued_on=row.issued_on,
        due_on=row.due_on,
    )


def debtors(
    connection: Connection, account_ids: Sequence[AccountId], *, as_of: date
) -> frozenset[tuple[AccountId, str]]:
    """Return which of these accounts owe something as of a day, and to which legal entity."""
    return frozenset(
        (each.item.account_id, each.item.entity)
        for each in balances(connection, as_of=as_of, account_ids=account_ids)
        if each.total.amount > 0
    )
