"""Queries of archives: the months that are stored, their rows out and in, and which months lie in files.

Whoever reads single events asks first which months are archived, and so shares the lock of that table to the
end of the transaction; a month is taken away under its exclusive lock.  So nobody sees half of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, NamedTuple

from dateutil.relativedelta import relativedelta
from sqlalchemy import (
    BigInteger,
    Connection,
    Select,
    Text,
    cast,
    delete,
    exists,
    extract,
    func,
    insert,
    select,
    table,
    text,
)
from sqlalchemy import column as named_column

from contracts.tables import subscriptions
from db.among import among
from db.copying import copy_rows
from kernel.ids import AccountId
from metering.month_rows import BATCH_ROWS, ORDER, EventRow
from metering.retention import MeterUse
from metering.tables import archived_months, late_usage, usage_counted, usage_events
from metering.usage import MeterKey

#: No zone is further from UTC than this, so no local day of a month's events lies further outside of it.
_FURTHEST_ZONE: Final = timedelta(days=1)

#: How long taking a month away waits for whoever reads or writes events; meanwhile others wait behind it.
LOCK_WAIT: Final = "5s"

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_INSTANTS: Final = ("occurred_at", "received_at")
_AS_TEXT: Final = ("account_id", "subscription_id", "quantity", "dimensions")


class StoredMonth(NamedTuple):
    """A month whose events lie in the database, and the bytes that they take, indexes too."""

    month: date
    disk_bytes: int


class ArchivedMonth(NamedTuple):
    """A part of a month that lies in a file, as the database remembers it."""

    month: date
    part: int
    file_name: str
    events: int
    file_bytes: int
    digest: bytes
    archived_at: datetime
    archived_by: str


def partition_of(month: date) -> str:
    """Return the name of the table that holds a month."""
    return f"usage_events_{month:%Y_%m}"


def _table_of(month: date) -> Any:  # noqa: ANN401 a table of no type of its own
    return table(partition_of(month), *(named_column(each.name, each.type) for each in usage_events.columns))


# ---------------------------------------------------------------------------------------------- stored months

_PARTITIONS = text(
    """
    SELECT to_date(right(c.relname, 7), 'YYYY_MM') AS month, pg_total_relation_size(c.oid) AS bytes
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'usage_events'::regclass ORDER BY 1
    """
)


def stored_months(connection: Connection) -> list[StoredMonth]:
    """Return the months whose events are stored, oldest first; a month may hold none."""
    return [StoredMonth(*row) for row in connection.execute(_PARTITIONS)]


def count_events(connection: Connection, month: date) -> int:
    """Return how many events a stored month holds."""
    return connection.execute(select(func.count()).select_from(_table_of(month))).scalar_one()


def uses_of(connection: Connection, month: date) -> list[MeterUse]:
    """Return what a stored month holds of each meter, and how far it is billed."""
    events = _table_of(month)
    key = [events.c[name] for name in MeterKey._fields]
    last_day = func.max(events.c.day)
    held = select(*key, func.count().label("events"), last_day.label("last_day")).group_by(*key).subquery()
    same = [usage_counted.c[name] == held.c[name] for name in MeterKey._fields]
    changed = exists().where(
        *(late_usage.c[name] == held.c[name] for name in MeterKey._fields),
        late_usage.c.day >= month - _FURTHEST_ZONE,
        late_usage.c.day < month + relativedelta(months=1) + _FURTHEST_ZONE,
    )
    rows = connection.execute(
        select(held, usage_counted.c.through, changed.label("changed"))
        .join_from(held, usage_counted, same[0] & same[1] & same[2], isouter=True)
        .order_by(*(held.c[name] for name in MeterKey._fields))
    )
    return [MeterUse(MeterKey(*row[:3]), row.events, row.last_day, row.through, row.changed) for row in rows]


def rows_of(connection: Connection, month: date) -> Iterator[list[EventRow]]:
    """Yield the rows of a stored month in the order of an archive, a bounded number at a time."""
    streamed = connection.execute(
        _rows(month), execution_options={"stream_results": True, "yield_per": BATCH_ROWS}
    )
    for rows in streamed.partitions():
        yield [EventRow._make(row) for row in rows]


def _rows(month: date) -> Select[Any]:
    events = _table_of(month)
    columns = [_exact(events.c[name], name) for name in EventRow._fields]
    order = [
        events.c[name].collate("C") if name in {"source", "event_id"} else events.c[name] for name in ORDER
    ]
    return select(*columns).order_by(*order)


def _exact(stored: Any, name: str) -> Any:  # noqa: ANN401 as above
    if name in _INSTANTS:
        return cast(extract("epoch", stored) * 1_000_000, BigInteger)
    return cast(stored, Text) if name in _AS_TEXT else stored


# -------------------------------------------------------------------------------------------- away, and back


def lock_archives(connection: Connection) -> None:
    """Wait until nobody reads or writes single events, for ``LOCK_WAIT`` at most, and let nobody begin."""
    connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_WAIT}'"))
    connection.execute(text("LOCK TABLE archived_months IN ACCESS EXCLUSIVE MODE"))


def take_away(connection: Connection, month: date) -> None:
    """Drop the partition of a month."""
    name = partition_of(month)
    connection.execute(text(f"ALTER TABLE usage_events DETACH PARTITION {name}"))
    connection.execute(text(f"DROP TABLE {name}"))


def record(connection: Connection, archived: ArchivedMonth) -> None:
    """Remember that a part of a month lies in a file."""
    connection.execute(insert(archived_months).values(archived._asdict()))


def archived(connection: Connection) -> list[ArchivedMonth]:
    """Return all that lies in files, by month and part."""
    rows = connection.execute(
        select(archived_months).order_by(archived_months.c.month, archived_months.c.part)
    )
    return [ArchivedMonth(*row) for row in rows]


def claim(connection: Connection, digest: bytes) -> ArchivedMonth | None:
    """Return what is remembered of the rows of a digest, and lock it; who comes second waits."""
    found = select(archived_months).where(archived_months.c.digest == digest).with_for_update()
    row = connection.execute(found).one_or_none()
    return None if row is None else ArchivedMonth(*row)


def put_back(connection: Connection, month: date, batches: Iterable[Sequence[EventRow]]) -> None:
    """Copy rows into the partition of a month, which is made where there is none."""
    connection.execute(text("SELECT add_usage_month(:month)"), {"month": month})
    rows = (_stored(row) for batch in batches for row in batch)
    copy_rows(connection, partition_of(month), EventRow._fields, rows)


def forget(connection: Connection, archived: ArchivedMonth) -> None:
    """Forget that a part of a month lies in a file."""
    connection.execute(delete(archived_months).where(archived_months.c.digest == archived.digest))


def _stored(row: EventRow) -> EventRow:
    values = {name: _EPOCH + getattr(row, name) * _MICROSECOND for name in _INSTANTS}
    return row._replace(**values)


# ------------------------------------------------------------------------------------------- months in files

_USED_IN_MONTH = (
    exists()
    .where(
        usage_counted.c.account_id == subscriptions.c.account_id,
        usage_counted.c.subscription_id == subscriptions.c.subscription_id,
        func.lower(subscriptions.c.during) < archived_months.c.month + text("interval '1 month 1 day'"),
    )
    .correlate(archived_months)
)


def archived_for(
    connection: Connection, account_ids: Iterable[AccountId], first: date = date.min, end: date = date.max
) -> list[ArchivedMonth]:
    """Return what lies in files of the months that days touch, and may hold events of one of these accounts.

    An account may have events in a month if a subscription that was ever used began before its end.
    """
    found = (
        select(archived_months)
        .where(
            _USED_IN_MONTH.where(among(usage_counted, account_ids)),
            archived_months.c.month < end,
            archived_months.c.month + text("interval '1 month'") > first,
        )
        .order_by(archived_months.c.month, archived_months.c.part)
    )
    return [ArchivedMonth(*row) for row in connection.execute(found)]
