"""What a late payment costs: a fine once, interest, and a monetary correction by some terms.

A debt that was repaid in pieces is the sum of its slices, each late until it was paid.  Each component
crosses to money once, over all slices, so that pieces and whole agree to the cent.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from contracts.indices import IndexSeries
from contracts.late_rules import ChargeBase, ChargeOrder, ClosedDueDate, LateChargeRule
from kernel.calendars import BusinessCalendar
from kernel.errors import CurrencyMismatch, InvalidInput
from kernel.money import Money
from rating.correction import Correction, correction_between
from rating.fines import Grown, fine_base, within_cap
from rating.interest import growth
from rating.lateness import LateSlice, months_late
from rating.working import Step, Working, step


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

    Where the rule lets a closed due date wait, what was due on a day that ``calendar`` calls closed may be
    paid on the next business day; later than that, days count from the due date all the same.
    ``published_through`` names the last month of the index that counts and must be known (default: the month
    before each slice's end, as far as the series goes).

    10,000.00 at 10 % and 1 % a month, 127 days late: fine 1,000.00, interest 127/30 months = 423.33.
    """
    series = _series(rule, correction)
    currency = _currency_of(slices)
    parts = [
        _assessed(rule, each, series, published_through) if _is_late(rule, each, calendar) else _in_time(each)
        for each in slices
    ]
    sums = _Part(
        late=sum((part.late for part in parts), Fraction()),
        fine_base=sum((part.fine_base for part in parts), Fraction()),
        interest=sum((part.interest for part in parts), Fraction()),
        correction=sum((part.correction for part in parts), Fraction()),
        working=tuple(each for part in parts for each in part.working),
    )
    fine = Money.rounded(sums.fine_base * rule.fine.exact, currency)
    interest = Money.rounded(sums.interest, currency)
    corrected = Money.rounded(sums.correction, currency)
    steps = [*sums.working]
    if sums.fine_base:
        steps += _crossings(rule, sums, fine, interest, None if series is None else corrected)
    if rule.cap is not None:
        cap = Money.rounded(sums.late * rule.cap.exact, currency)
        if fine + interest > cap:
            fine, interest = within_cap(cap, fine, interest)
            steps.append(_cap_step(rule, sums.late, cap))
    return LateCharges(fine, interest, corrected, tuple(steps))


@dataclass(frozen=True, slots=True)
class _Part:
    """What one slice adds, exactly: the late principal, what the fine is on, interest and correction."""

    late: Fraction
    fine_base: Fraction
    interest: Fraction
    correction: Fraction
    working: Working


def _assessed(
    rule: LateChargeRule, each: LateSlice, series: IndexSeries | None, published_through: date | None
) -> _Part:
    principal, currency = each.principal.exact, each.principal.currency
    found = None if series is None else _correction(rule, each, series, published_through)
    factor = Fraction(1) if found is None else found.factor
    joined = principal
    if rule.order is ChargeOrder.FINE_FIRST:
        joined += principal * rule.fine.exact
    corrected = joined * factor
    base = corrected if rule.charge_base is ChargeBase.CORRECTED else principal
    months_owed = months_late(rule.day_basis, each.due_on, each.until, each.held)
    interest = base * growth(rule.compounding, rule.interest_per_month, months_owed)
    grown = Grown(principal, corrected, base, interest)
    steps = [_slice_step("late", each, days=each.days_charged)]
    if found is not None:
        steps += found.working
        steps.append(step("corrected", corrected, principal=joined, factor=factor, currency=currency))
    steps.append(
        step(
            "interest_part",
            interest,
            percent=rule.interest_per_month * 100,
            months=str(months_owed),
            base=base,
            currency=currency,
        )
    )
    first = rule.order is ChargeOrder.FINE_FIRST
    return _Part(
        late=principal,
        fine_base=principal if first else fine_base(rule, grown),
        interest=interest,
        correction=corrected - joined,
        working=tuple(steps),
    )


def _correction(
    rule: LateChargeRule, each: LateSlice, series: IndexSeries, published_through: date | None
) -> Correction:
    return correction_between(
        series,
        each.due_on,
        each.until,
        proration=rule.correction_proration,
        floor=rule.correction_floor,
        published_through=published_through,
        held=each.held,
    )


def _in_time(each: LateSlice) -> _Part:
    return _Part(Fraction(), Fraction(), Fraction(), Fraction(), (_slice_step("in_time", each),))


def _is_late(rule: LateChargeRule, each: LateSlice, calendar: BusinessCalendar | None) -> bool:
    """Tell whether a slice bears charges; by some rules what is due on a closed day waits for the next."""
    last_day = each.due_on
    if rule.closed_due_date is ClosedDueDate.NEXT_BUSINESS_DAY:
        if calendar is None:
            raise InvalidInput(
                "a due date that may wait for the next business day needs a calendar",
                field="calendar",
                value="none",
                expected="the calendar of the issuing entity's banks",
            )
        last_day = calendar.next_business_day(each.due_on)
    return each.until > last_day and bool(each.charged)


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


def _crossings(
    rule: LateChargeRule, sums: _Part, fine: Money, interest: Money, corrected: Money | None
) -> Iterator[Step]:
    """Yield each component's crossing to money."""
    if corrected is not None:
        yield _crossing("correction", sums.correction, corrected, rule.clause)
    yield _crossing("interest", sums.interest, interest, rule.clause)
    yield step(
        "fine",
        fine.amount,
        percent=rule.fine_percent,
        base=sums.fine_base,
        currency=fine.currency,
        clause=rule.clause,
    )


def _crossing(code: str, exact: Fraction, amount: Money, clause: str) -> Step:
    return step(code, amount.amount, exact=exact, currency=amount.currency, clause=clause)


def _cap_step(rule: LateChargeRule, late: Fraction, cap: Money) -> Step:
    return step(
        "late_cap",
        cap.amount,
        percent=rule.cap_percent,
        base=late,
        currency=cap.currency,
        clause=rule.clause,
    )
