"""Queries of a rebuild: the stored events of an account, what its days hold, and how that is forgotten."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, NamedTuple

from sqlalchemy import Connection, Table, Text, and_, cast, delete, select

from kernel.ids import AccountId
from metering.given_rows import GivenRows
from metering.tables import conversations, usage_daily, usage_events, usage_values
from metering.usage import MeterKey, Usage

METER: Final = MeterKey._fields

#: What is derived from events.
DERIVED: Final = (usage_daily, usage_values, conversations)

_METERS = GivenRows(usage_daily, names=METER)


class DerivedRow(NamedTuple):
    """A row that follows from events: its table, and its values by their columns' names."""

    table: str
    values: tuple[tuple[str, object], ...]


def stored_usages(connection: Connection, account_id: AccountId) -> list[Usage]:
    """Return every stored event of an account."""
    columns = (
        cast(usage_events.c[name], Text) if name == "dimensions" else usage_events.c[name]
        for name in Usage.__struct_fields__
    )
    rows = connection.execute(select(*columns).where(usage_events.c.account_id == account_id))
    return [Usage(*row) for row in rows]


def derived_rows(connection: Connection, keys: Collection[MeterKey]) -> frozenset[DerivedRow]:
    """Return all that is derived from the events of meters; a day of nothing is as good as none."""
    return frozenset(row for table in DERIVED for row in _rows_of(connection, table, keys))


def forget(connection: Connection, keys: Collection[MeterKey]) -> None:
    """Delete all that is derived from the events of meters."""
    for table in DERIVED:
        connection.execute(delete(table).where(*_METERS.match(table, METER)), _METERS.bind(keys))


def _rows_of(connection: Connection, table: Table, keys: Collection[MeterKey]) -> list[DerivedRow]:
    found = select(table).join(_METERS.table, and_(*_METERS.match(table, METER)))
    rows = [dict(row) for row in connection.execute(found, _METERS.bind(keys)).mappings()]
    return [DerivedRow(table.name, tuple(row.items())) for row in rows if not _says_nothing(row)]


def _says_nothing(row: dict[str, object]) -> bool:
    return row.get("quantity") == 0 and row.get("closing") is None
