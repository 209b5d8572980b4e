"""A clock tells aware UTC instants, and one that stands still makes a year replayable."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest

from kernel.clock import Clock, FixedClock, SystemClock
from kernel.errors import InvalidInput


def test_the_system_clock_tells_utc_and_never_runs_backwards() -> None:
    """Two readings are in order, and both say that they are UTC."""
    clock: Clock = SystemClock()
    first, second = clock.now(), clock.now()

    assert first <= second
    assert [UTC, UTC] == [first.tzinfo, second.tzinfo]


def test_a_fixed_clock_stands_at_noon_utc_of_its_day() -> None:
    """Noon is the same day in every zone that the engine bills in, so --as-of means one day."""
    clock: Clock = FixedClock.on(date(2026, 3, 10))

    assert [datetime(2026, 3, 10, 12, tzinfo=UTC)] * 2 == [clock.now(), clock.now()]


def test_a_fixed_clock_can_stand_at_any_time_of_a_day() -> None:
    """A replay can stand a second before midnight."""
    assert datetime(2026, 3, 10, 23, 59, 59, tzinfo=UTC) == (
        FixedClock.on(date(2026, 3, 10), time(23, 59, 59)).now()
    )


def test_a_fixed_clock_tells_utc_whatever_it_was_given() -> None:
    """An instant with an offset is told in UTC."""
    given = datetime(2026, 3, 10, 21, tzinfo=timezone(timedelta(hours=-3)))

    assert "2026-03-11T00:00:00+00:00" == FixedClock(given).now().isoformat()


def test_a_fixed_clock_refuses_a_naive_instant() -> None:
    """A clock that does not know its zone cannot tell when anything is recorded."""
    naive = datetime(2026, 3, 10, tzinfo=UTC).replace(tzinfo=None)

    with pytest.raises(InvalidInput):
        FixedClock(naive).now()
