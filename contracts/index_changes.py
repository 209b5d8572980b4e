"""What an import would do to a price index: what is new, revised, known; and what is refused.  Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

from dateutil.relativedelta import relativedelta

from contracts.indices import YEAR_MONTHS, IndexSeries, months_to
from kernel.errors import Conflict, InvalidBook
from kernel.money import round_exact
from kernel.problems import Problem

#: Points by which twelve compounded months may differ from the published figure.  Of 43 published figures of
#: the IGP-M 28 differ, by 0.02 at most; a wrong copy of a series differs by more.
LARGEST_DIFFERENCE_POINTS = Decimal("0.03")

_SHOWN_PLACES = 4


@dataclass(frozen=True, slots=True)
class Revised:
    """A month that was published anew: the figure before, and the figure now."""

    was: Decimal
    now: Decimal


@dataclass(frozen=True, slots=True)
class Change:
    """What given figures are beside those that are recorded, by month."""

    new: Mapping[date, Decimal] = field(default_factory=dict)
    revised: Mapping[date, Revised] = field(default_factory=dict)
    known: int = 0

    @property
    def figures(self) -> dict[date, Decimal]:
        """What is to be recorded."""
        return {**self.new, **{month: each.now for month, each in self.revised.items()}}


NOTHING = Change()


def change_of(recorded: Mapping[date, Decimal], given: Mapping[date, Decimal]) -> Change:
    """Compare given figures with those that are recorded."""
    new = {month: percent for month, percent in given.items() if month not in recorded}
    revised = {
        month: Revised(recorded[month], percent)
        for month, percent in given.items()
        if month in recorded and recorded[month] != percent
    }
    return Change(new, revised, len(given) - len(new) - len(revised))


def missing_months(series: IndexSeries) -> Iterator[Problem]:
    """Yield a problem for each month that is left out between the first and the last of a series."""
    if not series.percent_by_month:
        return
    month, last = min(series.percent_by_month), max(series.percent_by_month)
    while month < last:
        if month not in series.percent_by_month:
            error = InvalidBook(
                "a month is left out of the index",
                field=series.code,
                value=f"{month:%Y-%m}",
                expected=f"a row for {month:%Y-%m}: neither the file nor what is recorded has it",
            )
            yield Problem.of(error, subject=f"index {series.code}")
        month += relativedelta(months=1)


def checkable_months(series: IndexSeries) -> tuple[date, ...]:
    """Return the months whose published figure can be held against all their twelve months."""
    known = series.percent_by_month
    return tuple(
        month
        for month in sorted(series.published_12m)
        if all(each in known for each in months_to(month, YEAR_MONTHS))
    )


def disagreements(series: IndexSeries) -> Iterator[Problem]:
    """Yield a problem for each published figure that the compounded months do not reach.

    IGP-M to 2021-05 compounds to 37.0630 % where 37.04 % was published: 0.023 points, a matter of rounding.
    """
    for month in checkable_months(series):
        published = series.published_12m[month]
        compounded = (series.compounded(month, YEAR_MONTHS) - 1) * 100
        if abs(compounded - Fraction(published)) > Fraction(LARGEST_DIFFERENCE_POINTS):
            error = Conflict(
                "the twelve months to this one compound to another figure than the published one",
                field=f"{month:%Y-%m}",
                value=f"{round_exact(compounded, _SHOWN_PLACES)} % compounded",
                expected=f"{published} % as published, within {LARGEST_DIFFERENCE_POINTS} points",
            )
            yield Problem.of(error, subject=f"index {series.code}")
