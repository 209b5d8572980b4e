"""The parameters of late charges: on what, in which order, by which days, and how much at most."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.indices import IndexSeries
from contracts.late_rules import (
    ChargeBase,
    ChargeOrder,
    ClosedDueDate,
    Compounding,
    CorrectionFloor,
    CorrectionProration,
    DayBasis,
    FineBase,
    LateChargeRule,
)
from kernel.calendars import BusinessCalendar, first_day_after
from kernel.money import Money
from kernel.periods import Period
from rating.correction import correction_between
from rating.interest import growth
from rating.late_fees import LateCharges, late_charges
from rating.lateness import LateSlice, months_late
from rating.working import lines_of
from tests.unit.rating.published import IGPM

DUE = date(2026, 1, 31)
MARCH = date(2026, 3, 2)
RULE = LateChargeRule(
    clause="c",
    fine_percent=Decimal(10),
    interest_percent_per_month=Decimal(1),
    correction_index="IGPM",
)
TWO_PERCENT = IndexSeries("IGPM", {date(2026, 2, 1): Decimal(2)})
BANKS = BusinessCalendar("BR", banks=True)


def reais(amount: str | Decimal) -> Money:
    """Return money of Brazil."""
    return Money.of(amount, "BRL")


def charged(rule: LateChargeRule, series: IndexSeries = TWO_PERCENT, until: date = MARCH) -> LateCharges:
    """Return what 1,000.00 due on 31 January owe; by 2 March they are thirty days late."""
    return late_charges(rule, [LateSlice(reais("1000.00"), DUE, until)], correction=series, calendar=BANKS)


@pytest.mark.parametrize(
    ("fine_base", "fine"),
    [
        (FineBase.AS_INTEREST, "102.00"),
        (FineBase.ORIGINAL, "100.00"),
        (FineBase.CORRECTED, "102.00"),
        (FineBase.CORRECTED_WITH_INTEREST, "103.02"),
    ],
)
def test_the_fine_is_taken_on_one_of_the_amounts_that_grow(fine_base: FineBase, fine: str) -> None:
    """1,000.00 are 1,020.00 corrected, and 1,030.20 with their interest."""
    found = charged(msgspec.structs.replace(RULE, fine_base=fine_base))

    assert (reais(fine), reais("10.20"), reais("20.00")) == (found.fine, found.interest, found.correction)


def test_a_fine_as_the_interest_stays_on_the_original_with_it() -> None:
    """Where interest is taken on the original principal, so is the fine; another base may be stated."""
    original = msgspec.structs.replace(RULE, charge_base=ChargeBase.ORIGINAL)
    apart = msgspec.structs.replace(original, fine_base=FineBase.CORRECTED)

    assert (reais("100.00"), reais("10.00")) == (charged(original).fine, charged(original).interest)
    assert (reais("102.00"), reais("10.00")) == (charged(apart).fine, charged(apart).interest)


def test_a_fine_that_comes_first_is_corrected_with_the_principal() -> None:
    """2,250.00 of a public calculator: fine 0.05 %, then +0.2729 %, then 0.39835 % are 2,266.26."""
    rule = msgspec.structs.replace(
        RULE,
        fine_percent=Decimal("0.05"),
        interest_percent_per_month=Decimal("0.39835"),
        order=ChargeOrder.FINE_FIRST,
    )
    series = IndexSeries("IGPM", {date(2026, 2, 1): Decimal("0.2729")})
    found = late_charges(rule, [LateSlice(reais("2250.00"), DUE, MARCH)], correction=series)

    assert (reais("1.13"), reais("8.99"), reais("6.14")) == (found.fine, found.interest, found.correction)
    assert reais("2266.26") == reais("2250.00") + found.total


@pytest.mark.parametrize("base", [FineBase.CORRECTED, FineBase.CORRECTED_WITH_INTEREST])
def test_a_fine_that_comes_first_knows_no_correction(base: FineBase) -> None:
    """What it would be taken on is not known yet."""
    with pytest.raises(ValueError, match="fine_base"):
        msgspec.structs.replace(RULE, order=ChargeOrder.FINE_FIRST, fine_base=base)


def test_interest_is_stated_by_the_month_or_by_the_year() -> None:
    """8 % a year for 60 of 365 days on 5,000.00 are 65.75; both rates at once are refused."""
    yearly = LateChargeRule(
        clause="c",
        fine_percent=Decimal(0),
        interest_percent_per_year=Decimal(8),
        day_basis=DayBasis.YEAR_365,
    )
    found = late_charges(yearly, [LateSlice(reais("5000.00"), DUE, first_day_after(DUE, 59))])

    assert reais("65.75") == found.interest
    with pytest.raises(ValueError, match="interest_percent_per_year"):
        msgspec.structs.replace(yearly, interest_percent_per_month=Decimal(1))


@pytest.mark.parametrize(
    "name", ["fine_percent", "interest_percent_per_month", "interest_percent_per_year", "cap_percent"]
)
def test_no_late_payment_is_rewarded(name: str) -> None:
    """A negative percentage is refused by the name of its field."""
    with pytest.raises(ValueError, match=name):
        msgspec.structs.replace(RULE, **{name: Decimal("-0.01")})


@pytest.mark.parametrize(
    ("months", "share"),
    [
        (Fraction(0), Fraction(0)),
        (Fraction(1, 2), Fraction("0.005")),
        (Fraction(1), Fraction("0.01")),
        (Fraction(2), Fraction("0.0201")),
        (Fraction(5, 2), Fraction("0.0252005")),
    ],
)
def test_interest_may_bear_interest_from_month_to_month(months: Fraction, share: Fraction) -> None:
    """Whole months compound; within a month it is linear, so half a month is what it is without."""
    assert share == growth(Compounding.MONTHLY, Fraction(1, 100), months)
    assert months / 100 == growth(Compounding.SIMPLE, Fraction(1, 100), months)


def test_a_fall_may_count_as_zero_month_by_month() -> None:
    """+2 % then -1 % is 1.0098 by the whole and 1.02 by the month, and the working says why."""
    series = IndexSeries("IGPM", {date(2026, 2, 1): Decimal(2), date(2026, 3, 1): Decimal(-1)})
    found = correction_between(series, DUE, date(2026, 4, 1), floor=CorrectionFloor.MONTH)

    assert Fraction("1.02") == found.factor
    assert Fraction("1.0098") == correction_between(series, DUE, date(2026, 4, 1)).factor
    assert "IGPM 2026-03 fell and counts as 0 %" == lines_of(found.working)[-1]


def test_published_months_floored_one_by_one() -> None:
    """June to August 2025: by the whole IGP-M corrects nothing, by the month it is 1.0036."""
    whole_months = CorrectionProration.WHOLE_MONTHS
    due_on, until = date(2025, 6, 10), date(2025, 9, 25)

    assert 1 == correction_between(IGPM, due_on, until, proration=whole_months).factor
    assert Fraction("1.0036") == (
        correction_between(IGPM, due_on, until, proration=whole_months, floor=CorrectionFloor.MONTH).factor
    )


@pytest.mark.parametrize(
    ("cap", "fine", "interest"),
    [("12", "102.00", "10.20"), ("11", "102.00", "8.00"), ("10", "100.00", "0.00"), ("0", "102.00", "10.20")],
)
def test_fine_and_interest_together_come_to_a_cap(cap: str, fine: str, interest: str) -> None:
    """The cap is taken on the late principal; interest gives way first; 0 is no cap."""
    found = charged(msgspec.structs.replace(RULE, cap_percent=Decimal(cap)))

    assert (reais(fine), reais(interest), reais("20.00")) == (found.fine, found.interest, found.correction)


def test_the_working_names_the_cap() -> None:
    """11 % of 1,000.00, by the clause of the rule."""
    found = charged(msgspec.structs.replace(RULE, cap_percent=Decimal(11)))

    assert "cap of fine and interest: 11 % of 1,000.00 BRL = 110.00 BRL (c)" == lines_of(found.working)[-1]


@pytest.mark.clause("ZEN-X-10")
def test_the_days_of_a_dispute_bear_neither_interest_nor_correction() -> None:
    """Fourteen of February's 28 days held: half of its 2 %, and 16 of thirty days of interest."""
    held = (Period(date(2026, 2, 1), date(2026, 2, 15)),)
    found = late_charges(RULE, [LateSlice(reais("1000.00"), DUE, MARCH, held=held)], correction=TWO_PERCENT)

    assert (reais("101.00"), reais("5.39"), reais("10.00")) == (found.fine, found.interest, found.correction)


@pytest.mark.clause("ZEN-X-10")
def test_what_was_held_from_the_due_date_on_owes_nothing_yet() -> None:
    """A debt in dispute since its due date has no late day; the day after the dispute is the first."""
    held = (Period(date(2026, 2, 1), date(2026, 2, 15)),)
    last, first = (
        late_charges(RULE, [LateSlice(reais("1000.00"), DUE, until, held=held)], correction=TWO_PERCENT)
        for until in (date(2026, 2, 14), date(2026, 2, 15))
    )

    assert (reais("0.00"), reais("100.33")) == (last.total, first.total)


RULES = st.builds(
    LateChargeRule,
    clause=st.just("c"),
    fine_percent=st.decimals(min_value=0, max_value=20, places=2),
    interest_percent_per_month=st.decimals(min_value=0, max_value=5, places=4),
    day_basis=st.sampled_from(DayBasis),
    compounding=st.sampled_from(Compounding),
    correction_index=st.sampled_from(["", "IGPM"]),
    charge_base=st.sampled_from(ChargeBase),
    fine_base=st.sampled_from([FineBase.AS_INTEREST, FineBase.ORIGINAL]),
    order=st.sampled_from(ChargeOrder),
    correction_proration=st.sampled_from(CorrectionProration),
    correction_floor=st.sampled_from(CorrectionFloor),
    closed_due_date=st.sampled_from(ClosedDueDate),
    cap_percent=st.decimals(min_value=0, max_value=20, places=2),
)
DUE_DATES = st.dates(min_value=date(2015, 1, 1), max_value=date(2025, 12, 31))
DAYS = st.integers(min_value=0, max_value=400)
CENTS = st.integers(min_value=0, max_value=10**8)


def late_by(cents: int, due_on: date, days: int, held: tuple[Period, ...] = ()) -> LateSlice:
    """Return a slice so many days late."""
    return LateSlice(reais(Decimal(cents) / 100), due_on, first_day_after(due_on, days - 1), held)


@given(RULES, DUE_DATES, st.lists(st.tuples(CENTS, CENTS, DAYS), min_size=1, max_size=3))
def test_under_every_rule_pieces_cost_what_the_whole_costs(
    rule: LateChargeRule, due_on: date, drawn: list[tuple[int, int, int]]
) -> None:
    """Cutting principals that were late for the same days changes no component by a cent."""
    whole = [late_by(first + second, due_on, days) for first, second, days in drawn]
    pieces = [late_by(cents, due_on, days) for first, second, days in drawn for cents in (first, second)]
    one, other = (late_charges(rule, slices, correction=IGPM, calendar=BANKS) for slices in (whole, pieces))

    assert (one.fine, one.interest, one.correction) == (other.fine, other.interest, other.correction)


@given(RULES, DUE_DATES, CENTS, DAYS)
def test_under_every_rule_waiting_never_makes_a_debt_cheaper(
    rule: LateChargeRule, due_on: date, cents: int, days: int
) -> None:
    """Without an index each further day costs interest or nothing, cap and closed days included."""
    rule = msgspec.structs.replace(rule, correction_index="")
    today, tomorrow = (
        late_charges(rule, [late_by(cents, due_on, each)], calendar=BANKS) for each in (days, days + 1)
    )

    assert today.total <= tomorrow.total


@given(
    st.sampled_from([basis for basis in DayBasis if basis is not DayBasis.STARTED_MONTH]),
    DUE_DATES,
    DAYS,
    DAYS,
)
def test_the_months_of_two_spans_are_the_months_of_both(
    basis: DayBasis, due_on: date, first: int, second: int
) -> None:
    """What accrues to a day and what accrues from it on add up to the whole, on any day of a cut."""
    middle, end = (first_day_after(due_on, days - 1) for days in (first, first + second))
    after_due, after_middle, after_end = (first_day_after(day, 0) for day in (due_on, middle, end))
    until_middle = months_late(basis, due_on, end, [Period(after_middle, after_end)] if second else [])
    from_middle = months_late(basis, due_on, end, [Period(after_due, after_middle)] if first else [])

    assert months_late(basis, due_on, end) == until_middle + from_middle


@given(RULES, DUE_DATES, CENTS, DAYS, st.tuples(DAYS, DAYS))
def test_a_dispute_never_makes_a_debt_dearer_without_an_index(
    rule: LateChargeRule, due_on: date, cents: int, days: int, dispute: tuple[int, int]
) -> None:
    """Days that are held are taken from what is charged, under every rule."""
    rule = msgspec.structs.replace(rule, correction_index="", closed_due_date=ClosedDueDate.STANDS)
    start, length = dispute
    held = Period(first_day_after(due_on, start), first_day_after(due_on, start + length + 1))
    free, disputed = (late_charges(rule, [late_by(cents, due_on, days, holds)]) for holds in ((), (held,)))

    assert disputed.total <= free.total
