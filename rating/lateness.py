"""How long a part of a debt was late, and which of these days bear charges.

Days run from the day after the due date to the payment date, both included.  Days on which a dispute holds
the charges back are not counted, and what was counted before them stands: due on 10 March, held from 16 to
20 March and paid on the 25th, ten of fifteen days are charged.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import assert_never

from contracts.late_rules import DayBasis
from kernel.calendars import day_before, first_day_after
from kernel.errors import InvalidInput
from kernel.money import Money
from kernel.periods import Cycle, Part, Period

COMMERCIAL_MONTH_DAYS = 30
YEAR_DAYS = 365
YEAR_MONTHS = 12


@dataclass(frozen=True, slots=True)
class LateSlice:
    """A part of a principal that stayed open from its due date until it was paid, or until today.

    ``held`` are days on which a dispute about this part stopped its charges (Annex X 10).
    """

    principal: Money
    due_on: date
    until: date
    held: tuple[Period, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a negative principal: nobody owes interest on a credit."""
        if self.principal < Money.zero(self.principal.currency):
            raise InvalidInput(
                "a late principal is not negative", field="principal", value=self.principal, expected=">= 0"
            )

    @property
    def charged(self) -> tuple[Period, ...]:
        """The late days that bear charges."""
        return charged_days(self.due_on, self.until, self.held)

    @property
    def days_charged(self) -> int:
        """How many late days bear charges."""
        return sum(each.days for each in self.charged)


def charged_days(due_on: date, until: date, held: Sequence[Period] = ()) -> tuple[Period, ...]:
    """Return the days after a due date, up to and on a day, without those that are held."""
    return tuple(_charged_days(due_on, until, held))


def _charged_days(due_on: date, until: date, held: Sequence[Period]) -> Iterator[Period]:
    free, end = first_day_after(due_on, 0), first_day_after(until, 0)
    for hold in sorted(held):
        if free < min(hold.start, end):
            yield Period(free, min(hold.start, end))
        free = max(free, hold.end)
    if free < end:
        yield Period(free, end)


def months_late(basis: DayBasis, due_on: date, until: date, held: Sequence[Period] = ()) -> Fraction:
    """Return for how many months interest runs.

    From 10 September to 15 January, 127 days: by months of thirty 127/30, by calendar months 4 + 5/31, by a
    year of 365 days 12 x 127/365, by started months 5.

    >>> months_late(DayBasis.CALENDAR_MONTH, date(2024, 9, 10), date(2025, 1, 15))
    Fraction(129, 31)
    """
    charged = charged_days(due_on, until, held)
    days = sum(each.days for each in charged)
    match basis:
        case DayBasis.THIRTY:
            return Fraction(days, COMMERCIAL_MONTH_DAYS)
        case DayBasis.YEAR_365:
            return Fraction(YEAR_MONTHS * days, YEAR_DAYS)
        case DayBasis.CALENDAR_MONTH:
            return sum((part.share for part in _months_of(due_on, charged)), Fraction())
        case DayBasis.STARTED_MONTH:
            return Fraction(len({part.whole for part in _months_of(due_on, charged)}))
        case _:
            assert_never(basis)


def _months_of(due_on: date, charged: Sequence[Period]) -> Iterator[Part]:
    """Yield the parts of months that are late, counted from the due date: the first ends a month after it.

    The day after the due date is the first day of the first month, so each day stands for the one before.
    """
    for days in charged:
        yield from Cycle(due_on, 1).parts_of(Period(day_before(days.start), day_before(days.end)))
