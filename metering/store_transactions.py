"""Queries of an invoice run over single events: amounts of transactions, quantities by dimensions.

What adds up by day is asked of the sums by day (``store_run``), and so are quantities by a meter's own
dimension; only prices that look at single events are read from the events themselves.  A correction belongs
to the event that it corrects.  Days of a month that lies in an archive are refused with ``month_archived``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Final

from sqlalchemy import Connection, Date, DateTime, and_, bindparam, func, or_, select

from metering.archived_months import require_stored
from metering.given_rows import GivenRows
from metering.quantities import Want
from metering.tables import usage_daily, usage_events
from metering.usage import MeterKey

#: No zone is further from UTC than this.
_FURTHEST_ZONE: Final = timedelta(days=1)

#: Questions of one query.
WANTS_PER_QUERY: Final = 10_000

_WANTS = GivenRows(
    usage_events, names=(*MeterKey._fields, "dimension", "start", "end"), start=Date(), end=Date()
)
_WANTED = and_(
    *_WANTS.match(usage_events, MeterKey._fields),
    usage_events.c.day >= _WANTS.c.start,
    usage_events.c.day < _WANTS.c.end,
    or_(_WANTS.c.dimension == "", usage_events.c.dimension == _WANTS.c.dimension),
    # Days are local, months of events are of UTC: so only months are read that the wanted days touch.
    usage_events.c.occurred_at >= bindparam("first", type_=DateTime(timezone=True)),
    usage_events.c.occurred_at < bindparam("end", type_=DateTime(timezone=True)),
)
_CORRECTED = func.coalesce(func.nullif(usage_events.c.corrects, ""), usage_events.c.event_id)
_QUANTITY = func.sum(usage_events.c.quantity)
_TRANSACTIONS = (
    select(_WANTS.c.position, _QUANTITY)
    .join_from(_WANTS.table, usage_events, _WANTED)
    .group_by(_WANTS.c.position, usage_events.c.source, _CORRECTED)
    .order_by(_WANTS.c.position, func.min(usage_events.c.occurred_at), usage_events.c.source, _CORRECTED)
)

_BY_DIMENSION = (
    select(_WANTS.c.position, func.sum(usage_daily.c.quantity), usage_daily.c.dimension)
    .join_from(
        _WANTS.table,
        usage_daily,
        and_(
            *_WANTS.match(usage_daily, MeterKey._fields),
            usage_daily.c.day >= _WANTS.c.start,
            usage_daily.c.day < _WANTS.c.end,
        ),
    )
    .group_by(_WANTS.c.position, usage_daily.c.dimension)
)


def transactions(connection: Connection, wants: Sequence[Want]) -> dict[Want, tuple[Decimal, ...]]:
    """Return the amounts of the events of each want, corrected, in the order in which they occurred."""
    found: dict[Want, list[Decimal]] = {want: [] for want in wants}
    for asked, bound in _stored_chunks(connection, wants):
        for position, quantity in connection.execute(_TRANSACTIONS, bound):
            found[asked[position]].append(quantity)
    return {want: tuple(amounts) for want, amounts in found.items()}


def combinations(
    connection: Connection, wants: Sequence[Want], *, by: tuple[str, ...]
) -> dict[Want, dict[tuple[str, ...], Decimal]]:
    """Return the quantity of each want by the values of some dimensions; empty where an event says none."""
    values = [func.coalesce(usage_events.c.dimensions[name].astext, "") for name in by]
    statement = (
        select(_WANTS.c.position, _QUANTITY, *values)
        .join_from(_WANTS.table, usage_events, _WANTED)
        .group_by(_WANTS.c.position, *values)
    )
    found: dict[Want, dict[tuple[str, ...], Decimal]] = {want: {} for want in wants}
    for asked, bound in _stored_chunks(connection, wants):
        for position, quantity, *told in connection.execute(statement, bound):
            found[asked[position]][tuple(told)] = quantity
    return found


def by_dimension(connection: Connection, wants: Sequence[Want]) -> dict[Want, dict[tuple[str, ...], Decimal]]:
    """Return the quantity of each want by the dimension that its meter names, from the sums by day."""
    found: dict[Want, dict[tuple[str, ...], Decimal]] = {want: {} for want in wants}
    for asked, bound in _chunks(wants):
        for position, quantity, dimension in connection.execute(_BY_DIMENSION, bound):
            found[asked[position]][dimension,] = quantity
    return found


def _stored_chunks(
    connection: Connection, wants: Sequence[Want]
) -> Iterator[tuple[Sequence[Want], dict[str, object]]]:
    for chunk, bound in _chunks(wants):
        require_stored(connection, {want.account_id for want in chunk}, *_days(chunk))
        yield chunk, bound


def _chunks(wants: Sequence[Want]) -> Iterator[tuple[Sequence[Want], dict[str, object]]]:
    asked = list(dict.fromkeys(wants))
    for first in range(0, len(asked), WANTS_PER_QUERY):
        chunk = asked[first : first + WANTS_PER_QUERY]
        yield chunk, {**_WANTS.bind(map(_row, chunk)), **_months(chunk)}


def _row(want: Want) -> tuple[object, ...]:
    period = want.period
    return (
        *(want.account_id, want.subscription_id, want.meter, want.dimension),
        *(period.start, period.end),
    )


def _days(wants: Sequence[Want]) -> tuple[date, date]:
    """Return days of UTC between which all events of these local days lie, whatever their zones."""
    start = min(want.period.start for want in wants) - _FURTHEST_ZONE
    return start, max(want.period.end for want in wants) + _FURTHEST_ZONE


def _months(wants: Sequence[Want]) -> dict[str, object]:
    start, end = _days(wants)
    return {"first": datetime.combine(start, time(), UTC), "end": datetime.combine(end, time(), UTC)}
