"""Queries of a rebuild: the stored events of accounts, what their days hold, and how that is forgotten."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import Connection, Table, and_, delete, select, text

from db.among import among
from kernel.ids import AccountId
from metering import store_events
from metering.given_rows import GivenRows
from metering.staged_rows import MeterNumbers
from metering.tables import conversations, usage_counted, usage_daily, usage_events, usage_values
from metering.usage import NO_DIMENSIONS, MeterInForce, MeterKey, Usage

METER: Final = MeterKey._fields

#: What is derived from events.
DERIVED: Final = (usage_daily, usage_values, conversations)

_METERS = GivenRows(usage_daily, names=METER)
_RESTAGE = text(
    """
    INSERT INTO usage_staged (meter_number, day, dimension, quantity, corrects)
    SELECT m.number, e.day, e.dimension, e.quantity::text, e.corrects
    FROM usage_events e JOIN usage_metered m USING (account_id, subscription_id, meter) WHERE m.adds
    """
)
_NOT_ADDING = text(
    """
    SELECT m.number, e.source, e.event_id, e.occurred_at, e.day, e.dimension, e.quantity, e.direction,
        e.contact
    FROM usage_events e JOIN usage_metered m USING (account_id, subscription_id, meter) WHERE NOT m.adds
    """
)


class DerivedRow(NamedTuple):
    """A row that follows from events: its table, and its values by their columns' names."""

    table: str
    values: tuple[tuple[str, object], ...]


def used_meters(connection: Connection, account_ids: Sequence[AccountId]) -> frozenset[MeterKey]:
    """Return the meters of accounts that were ever used."""
    rows = connection.execute(
        select(*(usage_counted.c[name] for name in METER)).where(among(usage_counted, account_ids))
    )
    return frozenset(MeterKey(*row) for row in rows)


def restage(connection: Connection, meters: MeterNumbers) -> dict[MeterInForce, list[Usage]]:
    """Stage the stored events of meters that add up, and return those of the others."""
    by_number = dict(meters)
    store_events.stage(connection, (), meters)
    connection.execute(_RESTAGE)
    found: defaultdict[MeterInForce, list[Usage]] = defaultdict(list)
    for row in connection.execute(_NOT_ADDING):
        metered = by_number[row.number]
        usage = Usage(
            index=0,
            metered=metered,
            source=row.source,
            event_id=row.event_id,
            occurred_at=row.occurred_at,
            day=row.day,
            dimension=row.dimension,
            quantity=row.quantity,
            direction=row.direction,
            contact=row.contact,
            dimensions=NO_DIMENSIONS,
            corrects="",
            digest=b"",
        )
        found[metered].append(usage)
    return found


def forget_later_events(
    connection: Connection, account_ids: Sequence[AccountId], recorded_by: datetime
) -> None:
    """Delete the events of accounts that came after an instant; for a transaction that is undone."""
    later = usage_events.c.received_at > recorded_by
    connection.execute(delete(usage_events).where(among(usage_events, account_ids), later))


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
