"""Queries of limits: what was used over the days of each, and of which thresholds word was sent."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from sqlalchemy import (
    Boolean,
    Connection,
    Date,
    Integer,
    Numeric,
    Text,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from metering.given_rows import GivenRows
from metering.limited_spans import LimitedSpan, SpanKey, Told, UseWant, ValueDays
from metering.tables import limit_spans, limit_values, usage_daily, usage_values
from metering.usage import MeterKey

METER: Final = MeterKey._fields
SPAN: Final = SpanKey._fields

_WANTS = GivenRows(
    usage_daily,
    limit_spans,
    names=UseWant._fields,
    start=Date(),
    end=Date(),
    how=Text(),
    counted=Boolean(),
)
_DAYS = (
    *_WANTS.match(usage_daily, METER),
    usage_daily.c.day >= _WANTS.c.start,
    usage_daily.c.day < _WANTS.c.end,
)
_SUM = select(func.sum(usage_daily.c.quantity)).where(*_DAYS).scalar_subquery()
_GREATEST = select(func.max(usage_daily.c.quantity)).where(*_DAYS).scalar_subquery()
_LEVEL = (
    select(usage_daily.c.closing)
    .where(
        *_WANTS.match(usage_daily, METER),
        usage_daily.c.dimension == "",
        usage_daily.c.day < _WANTS.c.end,
        usage_daily.c.closing.is_not(None),
    )
    .order_by(usage_daily.c.day.desc())
    .limit(1)
    .scalar_subquery()
)


_COUNTED = (
    select(limit_spans.c.counted)
    .where(
        *_WANTS.match(limit_spans, (*METER, "code")),
        limit_spans.c.starts_on == _WANTS.c.start,
        _WANTS.c.counted,
    )
    .scalar_subquery()
)
_VALUES = (
    select(cast(func.count(usage_values.c.value.distinct()), Numeric))
    .where(
        *_WANTS.match(usage_values, METER),
        usage_values.c.day >= _WANTS.c.start,
        usage_values.c.day < _WANTS.c.end,
    )
    .scalar_subquery()
)
_USED = select(
    _WANTS.c.position,
    func.coalesce(
        case(
            (_WANTS.c.how == "level", _LEVEL),
            (_WANTS.c.how == "values", func.coalesce(_COUNTED, _VALUES)),
            (_WANTS.c.how == "greatest", _GREATEST),
            else_=_SUM,
        ),
        0,
    ),
).select_from(_WANTS.table)

_SPANS = GivenRows(limit_spans, names=(*SPAN, "limit_quantity"))
# Rows are added before any is locked, both in one order, so that writers cannot wait in a circle.
_ADD = (
    insert(limit_spans)
    .from_select(
        (*_SPANS.names, "told_percent"),
        select(*_SPANS.columns, cast(0, Integer))
        .where(~exists().where(*_SPANS.match(limit_spans, SPAN)))
        .order_by(*_SPANS.columns),
    )
    .on_conflict_do_nothing()
)
_LOCK = (
    select(
        _SPANS.c.position, *(limit_spans.c[name] for name in ("limit_quantity", "told_percent", "counted"))
    )
    .join_from(_SPANS.table, limit_spans, and_(*_SPANS.match(limit_spans, SPAN)))
    .order_by(*(limit_spans.c[name] for name in SPAN))
    .with_for_update(key_share=True, of=limit_spans)
)
_TOLD = GivenRows(limit_spans, names=(*_SPANS.names, "told_percent"))
_TELL = (
    update(limit_spans)
    .where(*_TOLD.match(limit_spans, SPAN))
    .values(
        limit_quantity=_TOLD.c.limit_quantity,
        told_percent=_TOLD.c.told_percent,
        told_at=bindparam("told_at"),
    )
)


_DAYS_OF_VALUES = GivenRows(limit_spans, names=(*SPAN, "start", "end"), start=Date(), end=Date())
_SEEN = (
    select(*(_DAYS_OF_VALUES.c[name] for name in SPAN), usage_values.c.value)
    .join_from(
        _DAYS_OF_VALUES.table,
        usage_values,
        and_(
            *_DAYS_OF_VALUES.match(usage_values, METER),
            usage_values.c.day >= _DAYS_OF_VALUES.c.start,
            usage_values.c.day < _DAYS_OF_VALUES.c.end,
        ),
    )
    .distinct()
)
_NEW_VALUES = (
    insert(limit_values)
    .from_select((*SPAN, "value"), _SEEN)
    .on_conflict_do_nothing()
    .returning(*(limit_values.c[name] for name in SPAN))
    .cte("new_values")
)
_COUNT_NEW = select(*(_NEW_VALUES.c[name] for name in SPAN), func.count()).group_by(
    *(_NEW_VALUES.c[name] for name in SPAN)
)
_VALUES_COUNTED = GivenRows(limit_spans, names=(*SPAN, "counted"))
_KEEP_COUNT = (
    update(limit_spans)
    .where(*_VALUES_COUNTED.match(limit_spans, SPAN))
    .values(counted=_VALUES_COUNTED.c.counted)
)


def used(connection: Connection, wants: Collection[UseWant]) -> list[Decimal]:
    """Return what was used of each want, in their order; zero where nothing was."""
    rows = connection.execute(_USED, _WANTS.bind(wants))
    return [quantity for _, quantity in sorted((position, quantity) for position, quantity in rows)]


def lock_spans(connection: Connection, spans: Sequence[LimitedSpan]) -> list[Told]:
    """Wait for other writers of these spans; return, in their order, of what word was sent for each.

    What the others committed is seen by the statements that follow.
    """
    given = _SPANS.bind((*each.key, each.limit.quantity) for each in spans)
    connection.execute(_ADD, given)
    told = {position: Told(*row) for position, *row in connection.execute(_LOCK, given)}
    return [told[position] for position in range(len(spans))]


def mark_told(connection: Connection, told: Collection[tuple[LimitedSpan, int]], *, at: datetime) -> None:
    """Note the last threshold of each span of which word is sent."""
    rows = ((*span.key, span.limit.quantity, percent) for span, percent in told)
    connection.execute(_TELL, {**_TOLD.bind(rows), "told_at": at})


def new_values(connection: Connection, days: Sequence[ValueDays]) -> dict[SpanKey, int]:
    """Note the values of days that their limits had not seen; return how many are new to each."""
    rows = connection.execute(
        _COUNT_NEW, _DAYS_OF_VALUES.bind((*each.key, each.start, each.end) for each in days)
    )
    return {SpanKey(*row[:-1]): row[-1] for row in rows}


def keep_counts(connection: Connection, counts: Mapping[LimitedSpan, Decimal]) -> None:
    """Keep how many different values each span has."""
    rows = ((*span.key, counted) for span, counted in counts.items())
    connection.execute(_KEEP_COUNT, _VALUES_COUNTED.bind(rows))
