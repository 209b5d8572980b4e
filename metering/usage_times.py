"""How far from the clock an event may lie when it comes in, by the terms of its contract."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from contracts.terms import Terms
from kernel.errors import EventInFuture, EventTooOld

#: Where no paper says anything: clocks of machines differ by minutes, and a month is billed in the next.
AHEAD: Final = timedelta(minutes=5)
BEHIND: Final = timedelta(days=35)


@dataclass(frozen=True, slots=True)
class UsageTimes:
    """What an event may lie ahead and behind, and the clause that says so; empty where none does."""

    ahead: timedelta = AHEAD
    behind: timedelta = BEHIND
    cites: str = ""


def times_of(terms: Terms) -> UsageTimes:
    """Return what the terms of a contract allow."""
    if terms.usage_times is None:
        return UsageTimes()
    rule = terms.usage_times.rule
    return UsageTimes(
        timedelta(minutes=rule.future_minutes), timedelta(days=rule.past_days), terms.usage_times.cites
    )


def check_ahead(occurred_at: datetime, times: UsageTimes, *, now: datetime) -> None:
    """Refuse an event that lies too far in the future: it is a wrong date, whoever sends it."""
    if occurred_at > now + times.ahead:
        raise EventInFuture(
            "lies in the future",
            field="occurred_at",
            value=occurred_at.isoformat(),
            expected=f"at most {(now + times.ahead).isoformat()}{_by(times)}",
        )


def too_old(occurred_at: datetime, times: UsageTimes, *, now: datetime) -> EventTooOld | None:
    """Return why an event comes too late to be counted, unless it was counted before or is filled in."""
    if occurred_at >= now - times.behind:
        return None
    return EventTooOld(
        "lies too far in the past",
        field="occurred_at",
        value=occurred_at.isoformat(),
        expected=f"{(now - times.behind).isoformat()} or later{_by(times)}; or a backfill",
    )


def _by(times: UsageTimes) -> str:
    return f", by {times.cites}" if times.cites else ""
