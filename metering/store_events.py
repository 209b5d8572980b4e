"""Queries that store events: staged in bulk, known or new by their keys, moved to the months they belong to.

Staged rows live until the commit.  What turns out to be known, or is refused, is taken out of the stage, so
that what is left when the events are stored is what is new; the sums by day are made of it too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, Uuid, and_, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY, INTEGER

from db.copying import copy_packed, copy_rows
from metering.corrections import Corrected
from metering.given_rows import GivenRows
from metering.sources import KEY_BYTES
from metering.staged_rows import NO_KEY, STAGED, MeterNumbers
from metering.tables import event_keys, usage_events
from metering.usage import StoredBody, Usage

_STAGE = text(
    """
    CREATE TEMPORARY TABLE IF NOT EXISTS usage_staged (
        position integer, meter_number integer, event_key uuid, digest uuid, occurred_at timestamptz,
        day date, event_id text, source text, dimension text, quantity text, direction text, contact text,
        dimensions text, corrects text
    ) ON COMMIT DELETE ROWS;
    CREATE TEMPORARY TABLE IF NOT EXISTS usage_metered (
        number integer, account_id uuid, subscription_id uuid, meter text, adds boolean, ordered boolean
    ) ON COMMIT DELETE ROWS;
    CREATE TEMPORARY TABLE IF NOT EXISTS usage_summed (
        account_id uuid, subscription_id uuid, meter text, day date, dimension text, quantity numeric
    ) ON COMMIT DELETE ROWS;
    DELETE FROM usage_staged;
    DELETE FROM usage_metered;
    DELETE FROM usage_summed
    """
)
_METERED: Final = ("number", "account_id", "subscription_id", "meter", "adds", "ordered")
_ADD_KEYS = text(
    """
    WITH new AS (
        INSERT INTO event_keys (event_key, account_id, digest, occurred_at)
        SELECT s.event_key, m.account_id, s.digest, s.occurred_at
        FROM usage_staged s JOIN usage_metered m ON m.number = s.meter_number
        WHERE s.event_key <> :no_key AND (s.corrects <> '') = :corrections
        ORDER BY s.event_key
        ON CONFLICT DO NOTHING
        RETURNING event_key
    )
    SELECT s.position FROM usage_staged s LEFT JOIN new ON new.event_key = s.event_key
    WHERE new.event_key IS NULL AND s.event_key <> :no_key AND (s.corrects <> '') = :corrections
    """
).bindparams(bindparam("no_key", UUID(bytes=NO_KEY)))
_POSITIONS = bindparam("positions", type_=ARRAY(INTEGER))
_KNOWN = text(
    "SELECT s.position FROM usage_staged s JOIN event_keys k ON k.event_key = s.event_key"
    " WHERE s.position = ANY(:positions)"
).bindparams(_POSITIONS)
_BODIES = text(
    """
    SELECT s.position, uuid_send(k.digest) AS digest, k.occurred_at
    FROM usage_staged s JOIN event_keys k ON k.event_key = s.event_key WHERE s.position = ANY(:positions)
    """
).bindparams(_POSITIONS)
_UNSTAGE = text("DELETE FROM usage_staged WHERE position = ANY(:positions)").bindparams(_POSITIONS)
_ADD_MONTHS = text(
    """
    SELECT add_usage_month(month) FROM unnest(CAST(:months AS date[])) AS month
    WHERE to_regclass('usage_events_' || to_char(month, 'YYYY_MM')) IS NULL ORDER BY month
    """
)
_ADD_EVENTS = text(
    """
    INSERT INTO usage_events (account_id, source, event_id, subscription_id, meter, occurred_at, day,
        dimension, quantity, ordered, direction, contact, dimensions, corrects, received_at)
    SELECT m.account_id, s.source, s.event_id, m.subscription_id, m.meter, s.occurred_at, s.day, s.dimension,
        s.quantity::numeric, m.ordered, s.direction, s.contact, s.dimensions::jsonb, s.corrects, :received_at
    FROM usage_staged s JOIN usage_metered m ON m.number = s.meter_number
    WHERE (s.corrects <> '') = :corrections
    """
)
_CLEAR_QUARANTINE = text(
    """
    DELETE FROM quarantine q USING usage_staged s JOIN usage_metered m ON m.number = s.meter_number
    WHERE q.discarded_at IS NULL
        AND q.account_id = m.account_id AND q.source = s.source AND q.event_id = s.event_id
    """
)


def stage(connection: Connection, rows: Iterable[bytes], meters: MeterNumbers) -> None:
    """Stage packed events, and the meters that they feed."""
    connection.execute(_STAGE)
    copy_rows(
        connection,
        "usage_metered",
        _METERED,
        ((number, *each.key, each.adds, each.ordered) for number, each in meters),
    )
    copy_packed(connection, "usage_staged", STAGED, rows)


def unstage(connection: Connection, positions: Collection[int]) -> None:
    """Take events out of the stage: they are known, or refused."""
    if positions:
        connection.execute(_UNSTAGE, {"positions": list(positions)})


def add_months(connection: Connection, months: Iterable[date]) -> None:
    """Make the partitions of months, given by a day of each, where there are none."""
    connection.execute(_ADD_MONTHS, {"months": sorted(months)})


def add_keys(connection: Connection, *, corrections: bool) -> list[int]:
    """Remember the keys of staged events, of corrections or of the others; return the places of known ones.

    A concurrent writer of the same key is waited for.
    """
    return list(connection.execute(_ADD_KEYS, {"corrections": corrections}).scalars())


def known(connection: Connection, positions: Collection[int]) -> frozenset[int]:
    """Return which of staged events are known by their keys."""
    return frozenset(connection.execute(_KNOWN, {"positions": list(positions)}).scalars())


def bodies(connection: Connection, positions: Collection[int]) -> dict[int, StoredBody]:
    """Return what is remembered of staged events that are known, without their quantities."""
    rows = connection.execute(_BODIES, {"positions": list(positions)})
    return {row.position: StoredBody(row.digest, row.occurred_at, None) for row in rows}


def add_events(connection: Connection, *, corrections: bool, received_at: datetime) -> None:
    """Store what is staged, of corrections or of the others; what waited in quarantine for it is mended."""
    connection.execute(_ADD_EVENTS, {"corrections": corrections, "received_at": received_at})


def clear_quarantine(connection: Connection) -> None:
    """Take what is stored now out of quarantine: it has been mended."""
    connection.execute(_CLEAR_QUARANTINE)


# ---------------------------------------------------------------------------------------------- stored events

_NO_UUID: Final = UUID(bytes=NO_KEY)
_EVENTS = GivenRows(
    usage_events, names=("account_id", "source", "event_id", "occurred_at", "event_key"), event_key=Uuid()
)
_SAME_EVENT = and_(*_EVENTS.match(usage_events, ("account_id", "source", "event_id")))
_QUANTITIES = select(_EVENTS.c.position, usage_events.c.quantity).join_from(
    _EVENTS.table, usage_events, and_(_SAME_EVENT, usage_events.c.occurred_at == _EVENTS.c.occurred_at)
)
_CORRECTION = usage_events.alias("correction")
_TAKEN = (
    select(func.coalesce(func.sum(_CORRECTION.c.quantity), 0))
    .where(
        _CORRECTION.c.account_id == usage_events.c.account_id,
        _CORRECTION.c.source == usage_events.c.source,
        _CORRECTION.c.corrects == usage_events.c.event_id,
        _CORRECTION.c.corrects != "",
        _CORRECTION.c.occurred_at == usage_events.c.occurred_at,
    )
    .scalar_subquery()
)
_CORRECTED = (
    select(
        _EVENTS.c.position,
        *(usage_events.c[name] for name in Corrected._fields[:-1]),
        func.coalesce(usage_events.c.quantity, 0) + _TAKEN,
    )
    .select_from(_EVENTS.table)
    .outerjoin(event_keys, event_keys.c.event_key == _EVENTS.c.event_key)
    .join(
        usage_events,
        and_(
            _SAME_EVENT,
            usage_events.c.occurred_at == func.coalesce(event_keys.c.occurred_at, _EVENTS.c.occurred_at),
        ),
    )
)


def quantities(
    connection: Connection, stored: Collection[tuple[Usage, datetime]]
) -> dict[int, Decimal | None]:
    """Return the quantities of stored events, by the places in the batch of those that bear their ids."""
    rows = [
        (usage.metered.key.account_id, usage.source, usage.event_id, occurred_at, _NO_UUID)
        for usage, occurred_at in stored
    ]
    places = [usage.index for usage, _ in stored]
    found = connection.execute(_QUANTITIES, _EVENTS.bind(rows))
    return {places[row.position]: row.quantity for row in found}


def corrected(connection: Connection, corrections: Collection[tuple[bytes, Usage]]) -> dict[bytes, Corrected]:
    """Return the stored events that corrections name, by their keys, and what earlier ones left of each.

    ``corrections`` come with the keys of what they correct.  An event whose key is not remembered is looked
    for at the instant of its correction.
    """
    rows = [
        (
            usage.metered.key.account_id,
            usage.source,
            usage.corrects,
            usage.occurred_at,
            UUID(bytes=key) if len(key) == KEY_BYTES else _NO_UUID,
        )
        for key, usage in corrections
    ]
    keys = [key for key, _ in corrections]
    found = connection.execute(_CORRECTED, _EVENTS.bind(rows))
    return {keys[position]: Corrected._make(stored) for position, *stored in found}
