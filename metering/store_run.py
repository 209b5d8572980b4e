"""Queries of an invoice run: quantities of periods, late usage, and what is billed."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from sqlalchemy import Connection, Date, and_, case, delete, func, or_, select, true
from sqlalchemy.dialects.postgresql import insert

from kernel.ids import AccountId
from metering.given_rows import GivenRows
from metering.quantities import Counted, LateUsage, Want
from metering.tables import late_usage, usage_counted, usage_daily
from metering.usage import MeterKey

METER: Final = MeterKey._fields

_WANTS = GivenRows(usage_daily, names=(*METER, "dimension", "start", "end"), start=Date(), end=Date())
_IS_LEVEL = usage_daily.c.closing.is_not(None)
_INSIDE = (
    select(
        func.sum(usage_daily.c.quantity).filter(~_IS_LEVEL).label("added"),
        func.max(usage_daily.c.quantity).filter(_IS_LEVEL).label("highest"),
        func.min(usage_daily.c.day).filter(_IS_LEVEL).label("first_day"),
    )
    .where(
        *_WANTS.match(usage_daily, METER),
        usage_daily.c.day >= _WANTS.c.start,
        usage_daily.c.day < _WANTS.c.end,
        or_(usage_daily.c.dimension == _WANTS.c.dimension, and_(~_IS_LEVEL, _WANTS.c.dimension == "")),
    )
    .lateral("inside")
)
_CARRIED = (
    select(usage_daily.c.closing)
    .where(
        *_WANTS.match(usage_daily, METER),
        usage_daily.c.dimension == _WANTS.c.dimension,
        usage_daily.c.day < _WANTS.c.start,
        _IS_LEVEL,
    )
    .order_by(usage_daily.c.day.desc())
    .limit(1)
    .lateral("carried")
)
# A level day holds the level that it began with; only where none begins the period is the carried one asked.
_QUANTITIES = (
    select(
        _WANTS.c.position,
        func.coalesce(_INSIDE.c.added, 0)
        + func.greatest(
            func.coalesce(_INSIDE.c.highest, 0),
            case((_INSIDE.c.first_day == _WANTS.c.start, 0), else_=func.coalesce(_CARRIED.c.closing, 0)),
        ),
    )
    .select_from(_WANTS.table)
    .join(_INSIDE, true())
    .outerjoin(_CARRIED, true())
)
_COUNTED = GivenRows(usage_counted, names=(*METER, "through"))
_INSERT_COUNTED = insert(usage_counted).from_select(
    _COUNTED.names, select(*_COUNTED.columns).order_by(*_COUNTED.columns)
)
_SETTLE = _INSERT_COUNTED.on_conflict_do_update(
    index_elements=METER,
    set_={"through": func.greatest(usage_counted.c.through, _INSERT_COUNTED.excluded.through)},
)
_LATE = GivenRows(late_usage, names=(*METER, "day"))
_DELETE_LATE = delete(late_usage).where(*_LATE.match(late_usage, (*METER, "day")))


def quantities(connection: Connection, wants: Sequence[Want]) -> dict[Want, Decimal]:
    """Return the quantity of each want, zero where nothing was used."""
    rows = (
        (
            want.account_id,
            want.subscription_id,
            want.meter,
            want.dimension,
            want.period.start,
            want.period.end,
        )
        for want in wants
    )
    measured = connection.execute(_QUANTITIES, _WANTS.bind(rows))
    return {wants[position]: quantity for position, quantity in measured}


def late_days(connection: Connection, account_ids: Sequence[AccountId]) -> tuple[LateUsage, ...]:
    """Return the days of accounts that changed after they were billed, in order."""
    days = [late_usage.c[name] for name in (*METER, "day")]
    found = select(*days).where(late_usage.c.account_id.in_(account_ids)).order_by(*days)
    return tuple(LateUsage(*row) for row in connection.execute(found))


def settle(connection: Connection, counted: Sequence[Counted], late: Sequence[LateUsage]) -> None:
    """Move forward what is billed, and drop the late days that have been dealt with."""
    furthest: dict[MeterKey, Counted] = {}
    for each in sorted(counted, key=lambda each: each.through):
        furthest[MeterKey(each.account_id, each.subscription_id, each.meter)] = each
    connection.execute(_SETTLE, _COUNTED.bind((*key, each.through) for key, each in furthest.items()))
    rows = ((each.account_id, each.subscription_id, each.meter, each.day) for each in late)
    connection.execute(_DELETE_LATE, _LATE.bind(rows))
