"""Shares of time: which part of a period's price a part of its days owes, exactly, with its working."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from kernel.periods import Cycle, Part, Period
from rating.working import Step, Working, step


@dataclass(frozen=True, slots=True)
class Share:
    """How many periods a span covers, exactly, and how that was counted."""

    exact: Fraction
    working: Working


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


def _days(part: Part) -> Step:
    return step(
        "days",
        part.share,
        days=part.period.days,
        of_days=part.whole.days,
        first=part.period.start.isoformat(),
        last=part.period.last_day.isoformat(),
    )
