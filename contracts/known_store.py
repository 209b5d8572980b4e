"""The query that tells whether what a process knows of an account's contracts still holds."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    ScalarSelect,
    Table,
    Text,
    Uuid,
    bindparam,
    cast,
    func,
    select,
)

from contracts.tables import (
    accounts,
    held_versions,
    legal_entities,
    plans,
    price_adjustments,
    price_changes,
    service_states,
    subscriptions,
    terms_documents,
    vendors,
)
from kernel.ids import AccountId

#: The rows that everyone's contracts are made of; of the first two none ever changes, so their number tells.
_NUMBERED: Final = (plans, terms_documents)
_OF_ALL: Final = (vendors, legal_entities)

#: The rows of an account that its contracts are made of.
_OF_ACCOUNT: Final = (
    accounts,
    subscriptions,
    price_adjustments,
    price_changes,
    held_versions,
    service_states,
)


class Stamp(NamedTuple):
    """What the rows come to that everyone's contracts, and those of an account, are made of."""

    catalog: str
    account: str


def _sum_of(table: Table, *where: ColumnElement[bool]) -> ScalarSelect[Any]:
    """Return the sum of the hashes of rows, which needs no order."""
    row = cast(table.table_valued(), Text)
    sum_ = func.coalesce(func.sum(func.hashtextextended(row, 0)), 0)
    return select(sum_).select_from(table).where(*where).scalar_subquery()


def _of_account(table: Table) -> ScalarSelect[Any]:
    return _sum_of(table, table.c.account_id == bindparam("account_id", type_=Uuid()))


_NUMBERS = (select(func.count()).select_from(table).scalar_subquery() for table in _NUMBERED)
_STAMP: Final = select(
    func.concat_ws("/", *_NUMBERS, *map(_sum_of, _OF_ALL)),
    func.concat_ws("/", *map(_of_account, _OF_ACCOUNT)),
)


def stamp_of(connection: Connection, account_id: AccountId) -> Stamp:
    """Return the stamp of an account's contracts: another one as soon as any of their rows is another."""
    return Stamp(*connection.execute(_STAMP, {"account_id": account_id}).one())
