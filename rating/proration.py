"""Shares of time: which part of a period's price a part of it owes, exactly, with its working.

By days, whatever their length; or by seconds, between instants.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from kernel.periods import Cycle, Part, Period
from kernel.zones import instants
from rating.working import Step, Working, step


@dataclass(frozen=True, slots=True)
class Share:
    """How many periods a span covers, exactly, and how that was counted."""

    exact: Fraction
    working: Working


#: Instants from the first to the one at which time is over: half-open, aware.
Span = tuple[datetime, datetime]

#: What spans are measured in: no finer time is kept anywhere.
_UNIT = timedelta(microseconds=1)

#: A whole period, which needs no working.
WHOLE = Share(Fraction(1), ())


def share_of(span: Period, cycle: Cycle) -> Share:
    """Return the share of a cycle that a span of days covers; each part keeps its own period's days.

    25 January to 2 February by calendar months is 7/31 + 2/28, never 9/31: February's days are February's.

    >>> from datetime import date
    >>> months = Cycle(date(2015, 1, 1), 1)
    >>> share_of(Period(date(2015, 1, 25), date(2015, 2, 3)), months).exact
    Fraction(129, 434)
    """
    parts = cycle.parts_of(span)
    exact = sum((part.share for part in parts), Fraction())
    return Share(exact, () if exact == 1 == len(parts) else tuple(_days(part) for part in parts))


def share_in_seconds(span: Period, cycle: Cycle, zone: str) -> Share:
    """Return the share of a cycle that a span of days covers, measured in the seconds of its time zone.

    The first half of March 2026 in New York, where the 8th has 23 hours, is 1,292,400 of 2,674,800 seconds,
    a little less than its 15 of 31 days.
    """
    parts = cycle.parts_of(span)
    shares = [share_of_span(instants(part.period, zone), instants(part.whole, zone)) for part in parts]
    exact = sum((share.exact for share in shares), Fraction())
    if exact == 1 == len(parts):
        return WHOLE
    return Share(exact, tuple(each for share in shares for each in share.working))


def share_of_span(span: Span, whole: Span) -> Share:
    """Return the share that a span of instants is of another: a change at a second of the month.

    >>> from datetime import UTC
    >>> month = datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)
    >>> share_of_span((datetime(2026, 2, 15, tzinfo=UTC), month[1]), month).exact
    Fraction(1, 2)
    """
    seconds, of_seconds = (Fraction((until - since) // _UNIT, 1_000_000) for since, until in (span, whole))
    exact = seconds / of_seconds
    counted = step("seconds", exact, seconds=seconds, of_seconds=of_seconds)
    return WHOLE if exact == 1 else Share(exact, (counted,))


def _days(part: Part) -> Step:
    return step(
        "days",
        part.share,
        days=part.period.days,
        of_days=part.whole.days,
        first=part.period.start.isoformat(),
        last=part.period.last_day.isoformat(),
    )
