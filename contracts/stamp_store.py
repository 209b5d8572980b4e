"""Stamps: whether what a process knows of contracts is still what the database holds.

A stamp counts the rows that a contract is read from, and adds up the numbers of the transactions that wrote
them (``xmin``).  A new row, a changed one and one that is gone give another stamp: a later writer bears a
greater number, so that with as many rows as before the sum has grown.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    FromClause,
    Label,
    Subquery,
    Table,
    Text,
    cast,
    func,
    literal_column,
    select,
)

from contracts.tables import accounts, held_versions, legal_entities, plans, subscriptions, terms_documents
from db.among import among
from kernel.ids import AccountId

Stamp = tuple[object, ...]

_CATALOG: Final = (terms_documents, plans, legal_entities)
_OF_CONTRACTS: Final = (subscriptions, held_versions)


def catalog_stamp(connection: Connection) -> Stamp:
    """Return the stamp of what all contracts refer to: documents, plans and legal entities."""
    stamps = (
        select(column).select_from(table).scalar_subquery()
        for table in _CATALOG
        for column in (func.count(), _writers(table))
    )
    return tuple(connection.execute(select(*stamps)).one())


def account_stamps(connection: Connection, account_ids: Sequence[AccountId]) -> dict[AccountId, Stamp]:
    """Return the stamps of those of these accounts that exist: of themselves and their contracts."""
    counted = [_written_by_account(table, account_ids) for table in _OF_CONTRACTS]
    joined: FromClause = accounts
    for each in counted:
        joined = joined.outerjoin(each, each.c.account_id == accounts.c.account_id)
    stamps = [_writer(accounts), *(each.c[name] for each in counted for name in ("rows", "writers"))]
    found = select(accounts.c.account_id, *stamps).select_from(joined).where(among(accounts, account_ids))
    rows = connection.execute(found)
    return {AccountId(account_id): tuple(stamp) for account_id, *stamp in rows}


def _written_by_account(table: Table, account_ids: Sequence[AccountId]) -> Subquery:
    return (
        select(table.c.account_id, func.count().label("rows"), _writers(table))
        .where(among(table, account_ids))
        .group_by(table.c.account_id)
        .subquery()
    )


def _writers(table: Table) -> Label[Any]:
    return func.sum(_writer(table)).label("writers")


def _writer(table: Table) -> ColumnElement[int]:
    return cast(cast(literal_column(f"{table.name}.xmin"), Text), BigInteger)
