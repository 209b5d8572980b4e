"""How much was used: what an invoice run asks before it bills, and tells after it has.

A run holds the exclusive lock of its accounts' subscriptions from the question to the end, and ingest shares
that lock: what comes meanwhile waits, sees what was billed, and is marked as late.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from sqlalchemy import Connection

from contracts.meters import (
    ConversationMeter,
    CountMeter,
    LatestMeter,
    MaximumMeter,
    SeatMeter,
    SmsMeter,
    SumMeter,
    UniqueMeter,
    WeightedMeter,
)
from kernel.ids import AccountId
from kernel.money import Exact
from metering import store_run
from metering.level_time import of_levels
from metering.quantities import Counted, LateUsage, Want
from metering.unit_rounding import rounded_period

__all__ = ["Counted", "LateUsage", "Want", "late_usage", "measure", "settle"]

#: Questions of one query.
WANTS_PER_QUERY: Final = 10_000

#: Meters by what a query has to ask of their days: sums and highest levels, greatest, values, levels.
_KINDS: Final = (
    (SumMeter, CountMeter, SmsMeter, ConversationMeter, SeatMeter),
    (MaximumMeter,),
    (UniqueMeter,),
    (LatestMeter, WeightedMeter),
)


def measure(connection: Connection, wants: Sequence[Want]) -> dict[Want, Decimal]:
    """Return what was used in each wanted period, as its meter counts and rounds it."""
    asked = list(dict.fromkeys(wants))
    quantities: dict[Want, Decimal] = {}
    for first in range(0, len(asked), WANTS_PER_QUERY):
        quantities |= _measured(connection, asked[first : first + WANTS_PER_QUERY])
    return quantities


def _measured(connection: Connection, wants: Sequence[Want]) -> dict[Want, Decimal]:
    summed, greatest, unique, levels = (
        [want for want in wants if isinstance(want.rule, kinds)] for kinds in _KINDS
    )
    exact: dict[Want, Exact] = {}
    if summed:
        exact |= store_run.quantities(connection, summed)
    if greatest:
        exact |= store_run.greatest(connection, greatest)
    if unique:
        exact |= store_run.distinct_values(connection, unique)
    if levels:
        found = store_run.levels(connection, levels)
        exact |= {want: of_levels(want, *found[want]) for want in levels}
    return {want: rounded_period(want.rule, quantity) for want, quantity in exact.items()}


def late_usage(connection: Connection, account_ids: Sequence[AccountId]) -> tuple[LateUsage, ...]:
    """Return the days of these accounts that changed after a run had billed them."""
    return store_run.late_days(connection, account_ids)


def settle(connection: Connection, counted: Sequence[Counted], late: Sequence[LateUsage]) -> None:
    """Take note of what a run billed: days before ``through`` are counted, these late days are dealt with."""
    store_run.settle(connection, counted, late)
