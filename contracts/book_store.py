"""Every query that loading a book writes with: reference data, accounts, subscriptions.  Nothing commits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from psycopg.errors import ExclusionViolation
from psycopg.types.range import DateRange
from sqlalchemy import Connection, Table, TableClause, column, delete, func, select, text, update
from sqlalchemy import table as table_clause
from sqlalchemy.dialects.postgresql import Range, insert
from sqlalchemy.exc import IntegrityError

from contracts.indices import Figure
from contracts.parties import Account, LegalEntity, Vendor
from contracts.plans import Plan
from contracts.subscriptions import Subscription
from contracts.tables import (
    accounts,
    held_versions,
    index_values,
    late_states,
    legal_entities,
    plans,
    seat_assignments,
    service_states,
    subscriptions,
    terms_documents,
    vendors,
)
from contracts.terms import TermsDocument
from db.copying import copy_rows
from kernel.calendars import first_day_after
from kernel.errors import SubscriptionOverlap
from kernel.ids import AccountId, SubscriptionId, SubscriptionKey, account_id_of, subscription_id_of

#: What stands where a clause would, as long as none ends a subscription: its end is the book's own.
NOBODY = ""

#: One book is loaded at a time.
LOADING_LOCK = 0x636F6E7472


def lock_loading(connection: Connection) -> None:
    """Let nobody else load a book until the transaction ends."""
    connection.execute(select(func.pg_advisory_xact_lock(LOADING_LOCK)))


def save_vendors(connection: Connection, given: Iterable[Vendor]) -> None:
    """Add vendors, or correct them."""
    _upsert(connection, vendors, [msgspec.to_builtins(each) for each in given])


def save_entities(connection: Connection, given: Iterable[LegalEntity]) -> None:
    """Add legal entities, or correct them."""
    _upsert(connection, legal_entities, [msgspec.to_builtins(each) for each in given])


def add_documents(connection: Connection, given: Iterable[TermsDocument]) -> None:
    """Add versions of terms documents; a version is never changed."""
    rows = [
        {
            "id": each.document.id,
            "version": each.document.version,
            "vendor": each.document.vendor,
            "effective_from": each.document.effective_from,
            "body": msgspec.to_builtins(each),
        }
        for each in given
    ]
    if rows:
        connection.execute(insert(terms_documents), rows)


def add_plans(connection: Connection, given: Iterable[Plan]) -> None:
    """Add versions of plans; a version is never changed."""
    rows = [
        {
            "code": each.code,
            "version": each.version,
            "vendor": each.vendor,
            "product": each.product,
            "currency": each.currency,
            "body": msgspec.to_builtins(each),
        }
        for each in given
    ]
    if rows:
        connection.execute(insert(plans), rows)


def add_index_months(
    connection: Connection,
    code: str,
    percent_by_month: Mapping[date, Decimal],
    at: datetime,
    *,
    kind: Figure = Figure.MONTHLY,
) -> None:
    """Record figures of an index; of a month that has one this is the next revision, and the other stays."""
    own = index_values.c
    last = connection.execute(
        select(own.month, func.max(own.revision))
        .where(own.index_code == code, own.kind == kind)
        .group_by(own.month)
    )
    revisions = {row[0]: row[1] for row in last}
    rows = [
        {
            "index_code": code,
            "kind": kind,
            "month": month,
            "revision": revisions.get(month, 0) + 1,
            "variation_percent": percent,
            "recorded_at": at,
        }
        for month, percent in percent_by_month.items()
    ]
    if rows:
        connection.execute(insert(index_values), rows)


def save_accounts(connection: Connection, given: Iterable[Account], at: datetime) -> None:
    """Add accounts, or correct them."""
    staged = _staged(connection, accounts, (_account_row(each, at) for each in given))
    statement = insert(accounts).from_select(_names(accounts), select(staged))
    kept = {"account_id", "code", "recorded_at"}
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[accounts.c.account_id],
            set_={name: statement.excluded[name] for name in _names(accounts) if name not in kept},
        )
    )


def _account_row(account: Account, at: datetime) -> tuple[object, ...]:
    return (
        account_id_of(account.code),
        account.code,
        account.name,
        account.country,
        account.email,
        account.tax_id,
        account.address,
        account.language,
        account.tax_region,
        account.tax_exempt,
        account.withholds,
        at,
    )


def add_subscriptions(
    connection: Connection,
    given: Iterable[tuple[Subscription, str]],
    at: datetime,
    *,
    follows: SubscriptionId | None = None,
) -> set[SubscriptionKey]:
    """Add signed subscriptions, each with its product, and return which were added.

    ``follows`` is the subscription whose plan they change.

    One whose days overlap another of the same product is left out by the database, as is one that is known.
    """
    staged = _staged(
        connection, subscriptions, (_subscription_row(each, product, at, follows) for each, product in given)
    )
    own = subscriptions.c
    added = connection.execute(
        insert(subscriptions)
        .from_select(_names(subscriptions), select(staged))
        .on_conflict_do_nothing()
        .returning(own.account_id, own.subscription_id)
    )
    return {(row.account_id, row.subscription_id) for row in added}


def _subscription_row(
    subscription: Subscription, product: str, at: datetime, follows: SubscriptionId | None
) -> tuple[object, ...]:
    account_id = account_id_of(subscription.account)
    return (
        account_id,
        subscription_id_of(account_id, subscription.code),
        subscription.code,
        product,
        subscription.plan,
        subscription.plan_version,
        subscription.entity,
        subscription.signed_on,
        DateRange(subscription.starts_on, subscription.ends_on),
        subscription.billing_day,
        msgspec.json.encode(subscription.order_form).decode(),
        NOBODY,
        follows,
        at,
    )


def change_end(connection: Connection, subscription: Subscription, *, ended_by: str = NOBODY) -> None:
    """Let a subscription end on another day, or not at all; ``ended_by`` is the clause that ends it.

    A book, which names none, leaves the one that is recorded.

    Raises :class:`SubscriptionOverlap` when another of the same product holds these days.
    """
    account_id = account_id_of(subscription.account)
    statement = (
        update(subscriptions)
        .where(
            subscriptions.c.account_id == account_id,
            subscriptions.c.subscription_id == subscription_id_of(account_id, subscription.code),
        )
        .values(
            during=Range(subscription.starts_on, subscription.ends_on),
            **({"ended_by": ended_by} if ended_by else {}),
        )
    )
    try:
        with connection.begin_nested():
            connection.execute(statement)
    except IntegrityError as error:
        if not isinstance(error.orig, ExclusionViolation):
            raise
        raise overlap(subscription) from error


def end_contract(connection: Connection, subscription: Subscription, *, ended_by: str) -> None:
    """Let a subscription end by a clause, and with it what would have followed by a change of plan.

    What has not begun by then, was never billed and never used, is taken away as if it had not been signed;
    else it ends with its first day.
    """
    change_end(connection, subscription, ended_by=ended_by)
    own, account_id = subscriptions.c, account_id_of(subscription.account)
    following = connection.execute(
        select(own.subscription_id, own.during).where(
            own.account_id == account_id,
            own.follows == subscription_id_of(account_id, subscription.code),
            func.lower(own.during) >= subscription.ends_on,
        )
    ).all()
    for row in following:
        _take_away(connection, account_id, row.subscription_id, row.during.lower, ended_by)


def _take_away(
    connection: Connection, account_id: AccountId, subscription_id: UUID, starts_on: date, ended_by: str
) -> None:
    try:
        with connection.begin_nested():
            for table in (held_versions, seat_assignments, service_states, late_states, subscriptions):
                connection.execute(
                    delete(table).where(
                        table.c.account_id == account_id, table.c.subscription_id == subscription_id
                    )
                )
    except IntegrityError:
        connection.execute(
            update(subscriptions)
            .where(
                subscriptions.c.account_id == account_id, subscriptions.c.subscription_id == subscription_id
            )
            .values(during=Range(starts_on, first_day_after(starts_on, 0)), ended_by=ended_by)
        )


def overlap(subscription: Subscription) -> SubscriptionOverlap:
    """Return the error of a subscription that the database refused to put beside another."""
    return SubscriptionOverlap(
        "the account has this product already in these days",
        field="starts_on",
        value=f"{subscription.starts_on} to {subscription.ends_on or 'open'}",
        expected="days in which no other recorded subscription of the product is in force",
    )


def _upsert(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        key = [each.name for each in table.primary_key]
        statement = insert(table)
        changes = {name: statement.excluded[name] for name in _names(table) if name not in key}
        connection.execute(statement.on_conflict_do_update(index_elements=key, set_=changes), rows)


def _staged(connection: Connection, table: Table, rows: Iterable[Sequence[object]]) -> TableClause:
    """Copy rows, in the order of a table's columns, into a table beside it, from where they can be merged."""
    name = f"staged_{table.name}"
    connection.execute(
        text(f"CREATE TEMP TABLE IF NOT EXISTS {name} (LIKE {table.name}) ON COMMIT DELETE ROWS")
    )
    staged = table_clause(name, *(column(each.name, each.type) for each in table.columns))
    connection.execute(delete(staged))
    copy_rows(connection, name, _names(table), rows)
    return staged


def _names(table: Table) -> list[str]:
    return [each.name for each in table.columns]
