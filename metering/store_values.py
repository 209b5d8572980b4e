"""Queries of meters whose days only grow: the values that a day saw, the greatest quantity of its events.

Whatever the order of writers, a row that two of them bring is there once, and the greater quantity stays.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Final

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from metering.given_rows import GivenRows
from metering.rollups import DayKey, DayValue
from metering.tables import usage_daily, usage_values

DAY: Final = DayKey._fields

_VALUES = GivenRows(usage_values, names=DayValue._fields)
_ADD_VALUES = (
    insert(usage_values)
    .from_select(_VALUES.names, select(*_VALUES.columns).order_by(*_VALUES.columns))
    .on_conflict_do_nothing()
    .returning(*(usage_values.c[name] for name in DayValue._fields))
)
_GREATEST = GivenRows(usage_daily, names=(*DAY, "quantity"))
_INSERT_GREATEST = insert(usage_daily).from_select(
    _GREATEST.names, select(*_GREATEST.columns).order_by(*_GREATEST.columns)
)
_RAISE = _INSERT_GREATEST.on_conflict_do_update(
    index_elements=DAY,
    set_={"quantity": _INSERT_GREATEST.excluded.quantity},
    where=usage_daily.c.quantity < _INSERT_GREATEST.excluded.quantity,
).returning(*(usage_daily.c[name] for name in DAY))


def add_values(connection: Connection, values: Collection[DayValue]) -> list[DayValue]:
    """Note values of days; return those that their days had not seen."""
    return [DayValue(*row) for row in connection.execute(_ADD_VALUES, _VALUES.bind(values))]


def raise_days(connection: Connection, greatest: Mapping[DayKey, Decimal]) -> list[DayKey]:
    """Raise days to quantities that are greater than theirs; return those that were raised."""
    rows = [(*key, quantity) for key, quantity in greatest.items()]
    return [DayKey(*row) for row in connection.execute(_RAISE, _GREATEST.bind(rows))]
