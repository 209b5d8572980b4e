"""Levels: what holds until the next event changes it.  Seats owe a period's highest, the first included.

5 seats since June, 8 from the 10th of July, 6 from the 20th: July owes 8, August 6.  Other meters ask for the
level that a period ends with, or for level times time (:mod:`metering.level_time`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from operator import attrgetter
from typing import Final, NamedTuple

from kernel.money import round_exact
from kernel.periods import Period
from kernel.zones import instants, start_of_day

MICROSECONDS: Final = 1_000_000
#: Decimals of a level (12) and of seconds (6): a product of the two loses nothing.
LEVEL_SECOND_PLACES: Final = 18

#: The series of all dimensions together; the only one of a meter that is not counted by a dimension.
TOTAL: Final = ""


class LevelChange(NamedTuple):
    """So many seats from an instant on.

    Of two changes at one instant the greater ``event_id`` holds; of one id of two sources, the greater level.
    """

    occurred_at: datetime
    event_id: str
    dimension: str
    quantity: Decimal
    day: date


@dataclass(frozen=True, slots=True)
class DayLevel:
    """What a day of changes saw: its highest level, the level that it ends with, and level times seconds.

    The level that the day began with counts, unless a change came on its very first instant.
    """

    dimension: str
    day: date
    highest: Decimal
    closing: Decimal
    level_seconds: Decimal


@dataclass(frozen=True, slots=True)
class LevelDays:
    """The days whose level is not what it was: from ``start`` to the day before ``end``, or open."""

    start: date
    end: date | None


def day_levels(
    carried: Mapping[str, Decimal], changes: Iterable[LevelChange], *, zone: str
) -> tuple[DayLevel, ...]:
    """Return the days on which levels change, by dimension and in total, from changes in any order.

    ``carried`` holds the level of each dimension before the first change.
    """
    ordered = sorted(changes, key=attrgetter("occurred_at", "event_id", "quantity"))
    standing = list({(change.occurred_at, change.dimension): change for change in ordered}.values())
    if any(change.dimension != TOTAL for change in standing):
        standing = [*standing, *_totals(carried, standing)]
    by_dimension = sorted(standing, key=attrgetter("dimension"))
    return tuple(
        level
        for dimension, series in groupby(by_dimension, key=attrgetter("dimension"))
        for level in _levels_of(carried.get(dimension, Decimal(0)), series, zone=zone)
    )


def changed_days(before: Iterable[DayLevel], after: Iterable[DayLevel]) -> LevelDays | None:
    """Return the days on which another level holds than was stored: a level holds beyond its own day."""
    known = set(before)
    new = [level for level in after if level not in known]
    if not new:
        return None
    ends = {_next_day(known, dimension, new) for dimension in {level.dimension for level in new}}
    return LevelDays(
        start=min(level.day for level in new),
        end=None if None in ends else max(end for end in ends if end is not None),
    )


def _next_day(known: Iterable[DayLevel], dimension: str, new: Iterable[DayLevel]) -> date | None:
    """Return the first stored day of a dimension after its last new one: there its level is known again."""
    last = max(level.day for level in new if level.dimension == dimension)
    return min(
        (level.day for level in known if level.dimension == dimension and level.day > last), default=None
    )


def _totals(carried: Mapping[str, Decimal], changes: Iterable[LevelChange]) -> Iterator[LevelChange]:
    running = {dimension: level for dimension, level in carried.items() if dimension != TOTAL}
    for _, at_once in groupby(changes, key=attrgetter("occurred_at")):
        for change in at_once:
            running[change.dimension] = change.quantity
        yield change._replace(dimension=TOTAL, quantity=sum(running.values(), Decimal(0)))


def _levels_of(level: Decimal, series: Iterable[LevelChange], *, zone: str) -> Iterator[DayLevel]:
    for day, of_day in groupby(series, key=attrgetter("day")):
        changes = list(of_day)
        closing = changes[-1].quantity
        held = [change.quantity for change in changes]
        if changes[0].occurred_at != start_of_day(day, zone):
            held.append(level)
        weighed = _level_seconds(level, changes, *instants(Period(day, day + timedelta(days=1)), zone))
        yield DayLevel(changes[0].dimension, day, max(held), closing, weighed)
        level = closing


def _level_seconds(level: Decimal, changes: Iterable[LevelChange], start: datetime, end: datetime) -> Decimal:
    """Return the sum of each level by the seconds for which it held, from one instant to another."""
    total, since = Fraction(0), start
    for change in changes:
        total += Fraction(level) * seconds_between(since, change.occurred_at)
        level, since = change.quantity, change.occurred_at
    return round_exact(total + Fraction(level) * seconds_between(since, end), LEVEL_SECOND_PLACES)


def seconds_between(start: datetime, end: datetime) -> Fraction:
    """Return the seconds from one instant to another, exact to the microsecond."""
    return Fraction((end - start) // timedelta(microseconds=1), MICROSECONDS)
