"""The clock: the one thing that may ask what time it is, so that a year can be replayed in a test."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Protocol

from kernel.zones import aware


class Clock(Protocol):
    """Tells the instant at which things are recorded."""

    def now(self) -> datetime:
        """Return the present instant, in UTC."""
        ...


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The computer's clock."""

    def now(self) -> datetime:
        """Return the present instant, in UTC."""
        return datetime.now(UTC)  # noqa: TID251 the one clock that all others are given in place of


@dataclass(frozen=True, slots=True)
class FixedClock:
    """A clock that stands still: for ``--as-of``, replays and tests."""

    instant: datetime

    @classmethod
    def on(cls, day: date, at: time = time(12)) -> FixedClock:
        """Stand still on a day, at noon UTC unless told otherwise."""
        return cls(datetime.combine(day, at, tzinfo=UTC))

    def now(self) -> datetime:
        """Return the instant at which this clock stands."""
        return aware(self.instant)
