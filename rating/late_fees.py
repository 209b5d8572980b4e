"""What a late payment costs: a fine once, simple interest, and a monetary correction by some terms.

A debt that was repaid in pieces is the sum of its slices, each late until it was paid.  Each component
crosses to money once, over all slices, so that pieces and whole agree to the cent.

Days run from the day after the due date to the payment date, both included.  The daily rate is never rounded:
interest is principal x rate x months late, and the months are an exact fraction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import assert_never

from contracts.indices import IndexSeries
from contracts.rules import ChargeBase, DayBasis, LateChargeRule
from kernel.calendars import BusinessCalendar, days_late
from kernel.errors import CurrencyMismatch, InvalidInput
from kernel.money import Money
from kernel.periods import Cycle, Part, Period
from rating.correction import correction_between
from rating.working import Step, Working, step

COMMERCIAL_MONTH_DAYS = 30
YEAR_DAYS = 365
YEAR_MONTHS = 12


@dataclass(frozen=True, slots=True)
class LateSlice:
    """A part of a principal that stayed open from its due date until it was paid, or until today."""

    principal: Money
    due_on: date
    until: date

    def __post_init__(self) -> None:
        """Refuse a negative principal: nobody owes interest on a credit."""
        if self.principal < Money.zero(self.principal.currency):
            raise InvalidInput(
                "a late principal is not negative", field="principal", value=self.principal, expected=">= 0"
            )


@dataclass(frozen=True, slots=True)
class LateCharges:
    """What lateness costs, by component, and the working that led to it."""

    fine: Money
    interest: Money
    correction: Money
    working: Working

    @property
    def total(self) -> Money:
        """The sum of the components."""
        return self.fine + self.interest + self.correction


def late_charges(
    rule: LateChargeRule,
    slices: Sequence[LateSlice],
    *,
    correction: IndexSeries | None = None,
    published_through: date | None = None,
    calendar: BusinessCalendar | None = None,
) -> LateCharges:
    """Return the charges on the slices of one debt; a slice that was paid in time costs nothing.

    With a ``calendar``, what was due on a closed day may be paid on the next business day; later than that,
    days count from the due date all the same.  ``published_through`` names the last month of the index that
    counts and must be known (default: the month before each slice's end, as far as the series goes).

    10,000.00 at 10 % and 1 % a month, 127 days late: fine 1,000.00, interest 127/30 months = 423.33.
    """
    series = _series(rule, correction)
    currency = _currency_of(slices)
    parts = [
        _assessed(rule, each, series, published_through) if _is_late(each, calendar) else _in_time(each)
        for each in slices
    ]
    base = sum((part.base for part in parts), Fraction())
    exact_interest = sum((part.interest for part in parts), Fraction())
    exact_correction = sum((part.correction for part in parts), Fraction())
    fine = Money.rounded(base * rule.fine.exact, currency)
    interest = Money.rounded(exact_interest, currency)
    corrected = Money.rounded(exact_correction, currency)
    steps = [each for part in parts for each in part.working]
    if base and series is not None:
        steps.append(_crossing("correction", exact_correction, corrected, rule.clause))
    if base:
        steps.append(_crossing("interest", exact_interest, interest, rule.clause))
        steps.append(_fine_step(rule, base, fine))
    return LateCharges(fine, interest, corrected, tuple(steps))


def months_late(basis: DayBasis, due_on: date, until: date) -> Fraction:
    """Return for how many months interest runs.

    From 10 September to 15 January, 127 days: by months of thirty 127/30, by calendar months 4 + 5/31, by a
    year of 365 days 12 x 127/365, by started months 5.

    >>> months_late(DayBasis.CALENDAR_MONTH, date(2024, 9, 10), date(2025, 1, 15))
    Fraction(129, 31)
    """
    days = days_late(due_on, until)
    if days == 0:
        return Fraction()
    match basis:
        case DayBasis.THIRTY:
            return Fraction(days, COMMERCIAL_MONTH_DAYS)
        case DayBasis.YEAR_365:
            return Fraction(YEAR_MONTHS * days, YEAR_DAYS)
        case DayBasis.CALENDAR_MONTH:
            return sum((part.share for part in _months_from(due_on, until)), Fraction())
        case DayBasis.STARTED_MONTH:
            return Fraction(len(_months_from(due_on, until)))
        case _:
            assert_never(basis)


@dataclass(frozen=True, slots=True)
class _Part:
    """What one slice adds, exactly: the base of fine and interest, the interest, the correction."""

    base: Fraction
    interest: Fraction
    correction: Fraction
    working: Working


def _assessed(
    rule: LateChargeRule, each: LateSlice, series: IndexSeries | None, published_through: date | None
) -> _Part:
    principal, currency = each.principal.exact, each.principal.currency
    days = days_late(each.due_on, each.until)
    steps = [_slice_step("late", each, days=days)]
    factor = Fraction(1)
    if series is not None:
        corrected = correction_between(
            series,
            each.due_on,
            each.until,
            proration=rule.correction_proration,
            published_through=published_through,
        )
        factor = corrected.factor
        steps += corrected.working
        steps.append(
            step("corrected", principal * factor, principal=principal, factor=factor, currency=currency)
        )
    base = principal * factor if rule.charge_base is ChargeBase.CORRECTED else principal
    months_owed = months_late(rule.day_basis, each.due_on, each.until)
    interest = base * rule.interest_per_month.exact * months_owed
    steps.append(
        step(
            "interest_part",
            interest,
            percent=rule.interest_percent_per_month,
            months=str(months_owed),
            base=base,
            currency=currency,
        )
    )
    return _Part(base, interest, principal * (factor - 1), tuple(steps))


def _in_time(each: LateSlice) -> _Part:
    return _Part(Fraction(), Fraction(), Fraction(), (_slice_step("in_time", each),))


def _is_late(each: LateSlice, calendar: BusinessCalendar | None) -> bool:
    """Tell whether a slice was paid late; by a calendar, what is due on a closed day waits for the next."""
    last_day = each.due_on if calendar is None else calendar.next_business_day(each.due_on)
    return each.until > last_day


def _months_from(due_on: date, until: date) -> tuple[Part, ...]:
    return Cycle(due_on, 1).parts_of(Period(due_on, until))


def _series(rule: LateChargeRule, correction: IndexSeries | None) -> IndexSeries | None:
    """Return the series that the rule names, or None where it corrects nothing."""
    if not rule.correction_index:
        return None
    if correction is None or correction.code != rule.correction_index:
        raise InvalidInput(
            "the monetary correction needs the index that its rule names",
            field="correction",
            value="no series" if correction is None else correction.code,
            expected=rule.correction_index,
        )
    return correction


def _currency_of(slices: Sequence[LateSlice]) -> str:
    """Return the one currency of the slices; a debt without slices, or of two currencies, is none."""
    currencies = sorted({each.principal.currency for each in slices})
    if not currencies:
        raise InvalidInput("a debt has a principal", field="slices", value="none", expected="one or more")
    if len(currencies) > 1:
        raise CurrencyMismatch(
            "a debt has one currency", field="slices", value=", ".join(currencies), expected=currencies[0]
        )
    return currencies[0]


def _slice_step(code: str, each: LateSlice, **facts: int) -> Step:
    return step(
        code,
        each.principal.amount,
        principal=each.principal.amount,
        currency=each.principal.currency,
        due_on=each.due_on.isoformat(),
        until=each.until.isoformat(),
        **facts,
    )


def _crossing(code: str, exact: Fraction, amount: Money, clause: str) -> Step:
    return step(code, amount.amount, exact=exact, currency=amount.currency, clause=clause)


def _fine_step(rule: LateChargeRule, base: Fraction, fine: Money) -> Step:
    return step(
        "fine",
        fine.amount,
        percent=rule.fine_percent,
        base=base,
        currency=fine.currency,
        clause=rule.clause,
    )
