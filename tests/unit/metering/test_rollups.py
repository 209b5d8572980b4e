"""Rollups: sums by day, and which days a run has to look at again."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from metering.conversations import Window
from metering.rollups import (
    Addition,
    TouchedDays,
    day_sums,
    touched_by_sums,
    touched_when_billed,
    window_additions,
)
from metering.usage import MeterKey
from tests.unit.metering.book import ids

KEY = MeterKey(*ids(), "whatsapp")
JANUARY = date(2026, 1, 31)
FEBRUARY = date(2026, 2, 1)


def test_sums_by_day_and_dimension() -> None:
    """Quantities of one day and dimension add up; others stand apart."""
    one, two = Decimal(1), Decimal(2)
    additions = [
        Addition(JANUARY, "MX", one),
        Addition(JANUARY, "MX", two),
        Addition(JANUARY, "BR", one),
        Addition(FEBRUARY, "MX", one),
    ]

    assert {(JANUARY, "MX"): Decimal(3), (JANUARY, "BR"): one, (FEBRUARY, "MX"): one} == {
        (key.day, key.dimension): quantity for key, quantity in day_sums(KEY, additions).items()
    }


def window(day: date, hour: int) -> Window:
    """Return a conversation of one message."""
    instant = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
    return Window(instant, instant, 1, day)


def test_a_conversation_that_moves_within_its_day_changes_nothing() -> None:
    """Only the day of its opening counts, so the day's number stays."""
    assert {} == day_sums(KEY, window_additions([window(JANUARY, 12)], [window(JANUARY, 11)]))


def test_a_conversation_that_moves_to_another_day_takes_its_count_along() -> None:
    """The old day has one less, the new one more, and both are touched."""
    sums = day_sums(KEY, window_additions([window(FEBRUARY, 0)], [window(JANUARY, 23)]))

    assert [(JANUARY, Decimal(1)), (FEBRUARY, Decimal(-1))] == sorted(
        (key.day, quantity) for key, quantity in sums.items()
    )
    assert [JANUARY, FEBRUARY] == sorted(touched.start for touched in touched_by_sums(sums))


def test_dimensions_of_a_day_touch_it_once() -> None:
    """Two dimensions of one day are one day to look at."""
    sums = day_sums(KEY, [Addition(JANUARY, dimension, Decimal(1)) for dimension in ("BR", "MX")])

    assert [TouchedDays(*KEY, JANUARY, FEBRUARY)] == touched_by_sums(sums)


def test_only_billed_days_are_late() -> None:
    """A day before the first unbilled one is late, that one is not; a meter never billed has none."""
    touched = [TouchedDays(*KEY, JANUARY, FEBRUARY), TouchedDays(*KEY, FEBRUARY, None)]

    assert touched[:1] == touched_when_billed(touched, {KEY: FEBRUARY})
    assert [] == touched_when_billed(touched, {})
