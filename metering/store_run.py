"""Queries of an invoice run: quantities of periods, late usage, and what is billed."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from sqlalchemy import (
    Connection,
    Date,
    Numeric,
    Select,
    and_,
    case,
    cast,
    delete,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import insert

from kernel.ids import AccountId
from metering.given_rows import GivenRows
from metering.quantities import Counted, LateUsage, Want
from metering.seats import DayLevel
from metering.tables import late_usage, usage_counted, usage_daily, usage_values
from metering.usage import MeterKey

METER: Final = MeterKey._fields
SECONDS_PER_DAY: Final = 86_400


class Levels(NamedTuple):
    """The level with which a period begins, and the days of it on which the level changed."""

    carried: Decimal
    days: tuple[DayLevel, ...]


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
_WANTED_DAYS = (
    *_WANTS.match(usage_daily, METER),
    usage_daily.c.day >= _WANTS.c.start,
    usage_daily.c.day < _WANTS.c.end,
)
_HIGHEST_DAY = (
    select(func.coalesce(func.max(usage_daily.c.quantity), 0).label("quantity"))
    .where(
        *_WANTED_DAYS, or_(usage_daily.c.dimension == _WANTS.c.dimension, _WANTS.c.dimension == literal(""))
    )
    .lateral("highest_day")
)
_GREATEST = (
    select(_WANTS.c.position, _HIGHEST_DAY.c.quantity).select_from(_WANTS.table).join(_HIGHEST_DAY, true())
)
_VALUES_OF_DAYS = (
    select(cast(func.count(usage_values.c.value.distinct()), Numeric).label("quantity"))
    .where(
        *_WANTS.match(usage_values, METER),
        usage_values.c.day >= _WANTS.c.start,
        usage_values.c.day < _WANTS.c.end,
        or_(usage_values.c.dimension == _WANTS.c.dimension, _WANTS.c.dimension == literal("")),
    )
    .lateral("values_of_days")
)
_DISTINCT_VALUES = (
    select(_WANTS.c.position, _VALUES_OF_DAYS.c.quantity)
    .select_from(_WANTS.table)
    .join(_VALUES_OF_DAYS, true())
)
_LEVELS_CARRIED = (
    select(_WANTS.c.position, func.coalesce(_CARRIED.c.closing, 0))
    .select_from(_WANTS.table)
    .outerjoin(_CARRIED, true())
)
# A level that was counted before levels were weighed counts as if it had held all day.
_LEVEL_DAYS = (
    select(
        _WANTS.c.position,
        *(usage_daily.c[name] for name in ("dimension", "day", "quantity", "closing")),
        func.coalesce(usage_daily.c.level_seconds, usage_daily.c.closing * SECONDS_PER_DAY).label(
            "level_seconds"
        ),
    )
    .join_from(_WANTS.table, usage_daily, and_(*_WANTED_DAYS))
    .where(_IS_LEVEL, usage_daily.c.dimension == _WANTS.c.dimension)
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
    """Return what the days of each want add up to, or the highest level; zero where nothing was used."""
    return _measured(connection, _QUANTITIES, wants)


def greatest(connection: Connection, wants: Sequence[Want]) -> dict[Want, Decimal]:
    """Return the greatest quantity of any event of each want."""
    return _measured(connection, _GREATEST, wants)


def distinct_values(connection: Connection, wants: Sequence[Want]) -> dict[Want, Decimal]:
    """Return how many different values the events of each want bear."""
    return _measured(connection, _DISTINCT_VALUES, wants)


def levels(connection: Connection, wants: Sequence[Want]) -> dict[Want, Levels]:
    """Return the level with which each want's period begins, and the days of it on which levels changed."""
    carried = _measured(connection, _LEVELS_CARRIED, wants)
    days: dict[Want, list[DayLevel]] = {want: [] for want in wants}
    for row in connection.execute(_LEVEL_DAYS, _bound(wants)):
        days[wants[row.position]].append(
            DayLevel(row.dimension, row.day, row.quantity, row.closing, row.level_seconds)
        )
    return {want: Levels(carried[want], tuple(days[want])) for want in wants}


def _measured(
    connection: Connection, statement: Select[int, Decimal], wants: Sequence[Want]
) -> dict[Want, Decimal]:
    return {wants[position]: quantity for position, quantity in connection.execute(statement, _bound(wants))}


def _bound(wants: Sequence[Want]) -> dict[str, str]:
    return _WANTS.bind(
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
