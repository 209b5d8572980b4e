"""Late charges: fine once, simple interest by the day, correction; pieces of a debt sum to the debt."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.late_rules import ChargeBase, ClosedDueDate, CorrectionProration, DayBasis, LateChargeRule
from kernel.calendars import BusinessCalendar, first_day_after
from kernel.errors import CurrencyMismatch, InvalidInput
from kernel.money import Money
from rating.late_fees import LateCharges, late_charges
from rating.lateness import LateSlice, months_late
from rating.working import ENGLISH, lines_of
from tests.unit.rating.published import IGPM, IPCA

ANNEX_IX = LateChargeRule(
    clause="ZEN-IX-6.2", fine_percent=Decimal(10), interest_percent_per_month=Decimal(1)
)
ANNEX_X = LateChargeRule(
    clause="ZEN-X-8",
    fine_percent=Decimal(2),
    interest_percent_per_month=Decimal(1),
    correction_index="IGPM",
)
ANNEX_X_WHOLE_MONTHS = msgspec.structs.replace(ANNEX_X, correction_proration=CorrectionProration.WHOLE_MONTHS)
ANNEX_IX_AT_BANKS = msgspec.structs.replace(ANNEX_IX, closed_due_date=ClosedDueDate.NEXT_BUSINESS_DAY)
DUE = date(2026, 3, 10)


def reais(amount: str) -> Money:
    """Return money of Brazil."""
    return Money.of(amount, "BRL")


def debt(due_on: date, until: date, principal: str = "10000.00") -> list[LateSlice]:
    """Return a debt that was paid, or is looked at, on one day."""
    return [LateSlice(reais(principal), due_on, until)]


def owed_with_principal(charges: LateCharges) -> Money:
    """Return what 10,000.00 grew to."""
    return reais("10000.00") + charges.total


@pytest.mark.parametrize(
    ("due_on", "until", "total"),
    [
        (date(2024, 9, 10), date(2025, 1, 15), "11423.33"),
        (date(2025, 6, 10), date(2025, 9, 25), "11356.67"),
        (date(2025, 12, 5), date(2025, 12, 6), "11003.33"),
        (date(2024, 1, 31), date(2024, 2, 29), "11096.67"),
    ],
)
@pytest.mark.clause("ZEN-IX-6.2")
def test_ten_percent_and_one_percent_a_month(due_on: date, until: date, total: str) -> None:
    """Annex IX 6.2: a fine of 10 % once, and 1 % a month for each calendar day at a thirtieth."""
    assert reais(total) == owed_with_principal(late_charges(ANNEX_IX, debt(due_on, until)))


@pytest.mark.parametrize(
    ("due_on", "until", "on_principal", "on_corrected"),
    [
        (date(2024, 9, 10), date(2025, 1, 15), "11068.34", "11096.08"),
        (date(2025, 6, 10), date(2025, 9, 25), "10556.67", "10556.67"),
        (date(2025, 12, 5), date(2025, 12, 6), "10203.33", "10203.33"),
        (date(2024, 1, 31), date(2024, 2, 29), "10303.67", "10303.87"),
    ],
)
@pytest.mark.clause("ZEN-X-8")
def test_fine_interest_and_correction_by_whole_months(
    due_on: date, until: date, on_principal: str, on_corrected: str
) -> None:
    """Annex X 8 with whole months of IGP-M, fine and interest on the original or the corrected principal."""
    original = msgspec.structs.replace(ANNEX_X_WHOLE_MONTHS, charge_base=ChargeBase.ORIGINAL)
    slices = debt(due_on, until)

    assert reais(on_principal) == owed_with_principal(late_charges(original, slices, correction=IGPM))
    assert reais(on_corrected) == owed_with_principal(
        late_charges(ANNEX_X_WHOLE_MONTHS, slices, correction=IGPM)
    )


@pytest.mark.clause("ZEN-X-8")
def test_fine_interest_and_correction_by_days() -> None:
    """Annex X 8 as the engine reads it: September's IGP-M counts for its 20 late days of 30."""
    charges = late_charges(ANNEX_X, debt(date(2024, 9, 10), date(2025, 1, 15)), correction=IGPM)

    assert (reais("208.47"), reais("441.26"), reais("423.55")) == (
        charges.fine,
        charges.interest,
        charges.correction,
    )
    assert reais("1073.28") == charges.total


@pytest.mark.clause("ZEN-X-8")
def test_the_working_shows_each_month_and_cites_the_clause() -> None:
    """Correction first, then interest and fine on the corrected principal, each rounded once."""
    charges = late_charges(ANNEX_X, debt(date(2026, 1, 31), date(2026, 3, 2), "3000.00"), correction=IGPM)

    assert (
        "3,000.00 BRL due 2026-01-31: 30 days late on 2026-03-02",
        "IGPM 2026-02: -0.73 % for 28 of 28 days",
        "IGPM fell over these months, factor 0.9927: no correction",
        "corrected: 3,000.00 BRL x 1 = 3,000.00 BRL",
        "1 % a month of 3,000.00 BRL x 1 = 30.00 BRL",
        "monetary correction: 0.00 -> 0.00 BRL (ZEN-X-8)",
        "interest: 30.00 -> 30.00 BRL (ZEN-X-8)",
        "fine 2 % of 3,000.00 BRL = 60.00 BRL (ZEN-X-8)",
    ) == lines_of(charges.working)


@pytest.mark.parametrize(
    ("until", "interest"),
    [
        (date(2026, 3, 9), "0.00"),
        (date(2026, 3, 10), "0.00"),
        (date(2026, 3, 11), "3.33"),
        (date(2026, 3, 12), "6.67"),
        (date(2026, 4, 9), "100.00"),
        (date(2026, 4, 10), "103.33"),
    ],
)
@pytest.mark.clause("ZEN-IX-6.2")
def test_interest_runs_from_the_day_after_the_due_date(until: date, interest: str) -> None:
    """Up to and on the due date nothing is owed; each later day adds a thirtieth of 1 %."""
    assert reais(interest) == late_charges(ANNEX_IX, debt(DUE, until)).interest


@pytest.mark.parametrize(("days", "fine"), [(0, "0.00"), (1, "1000.00"), (2, "1000.00"), (365, "1000.00")])
@pytest.mark.clause("ZEN-IX-6.2")
def test_the_fine_is_owed_once_from_the_first_late_day(days: int, fine: str) -> None:
    """It does not grow with time."""
    until = first_day_after(DUE, days - 1)

    assert reais(fine) == late_charges(ANNEX_IX, debt(DUE, until)).fine


@pytest.mark.parametrize(
    ("basis", "interest"),
    [
        (DayBasis.THIRTY, ("423.33", "356.67", "3.33", "96.67")),
        (DayBasis.CALENDAR_MONTH, ("416.13", "350.00", "3.23", "100.00")),
        (DayBasis.YEAR_365, ("417.53", "351.78", "3.29", "95.34")),
        (DayBasis.STARTED_MONTH, ("500.00", "400.00", "100.00", "100.00")),
    ],
)
def test_the_day_basis_decides_what_a_day_costs(basis: DayBasis, interest: tuple[str, ...]) -> None:
    """Thirtieths, calendar months and their days, 365ths of twelve months, or every month that began."""
    rule = msgspec.structs.replace(ANNEX_IX, day_basis=basis)
    spans = (
        (date(2024, 9, 10), date(2025, 1, 15)),
        (date(2025, 6, 10), date(2025, 9, 25)),
        (date(2025, 12, 5), date(2025, 12, 6)),
        (date(2024, 1, 31), date(2024, 2, 29)),
    )

    assert interest == tuple(
        str(late_charges(rule, debt(due_on, until)).interest.amount) for due_on, until in spans
    )


@pytest.mark.parametrize("basis", DayBasis)
def test_no_basis_charges_interest_on_the_due_date(basis: DayBasis) -> None:
    """Zero days are zero months, and so are days before."""
    assert [0, 0] == [months_late(basis, DUE, until) for until in (DUE, date(2026, 1, 1))]


@pytest.mark.parametrize(("until", "months"), [(date(2026, 4, 10), 1), (date(2026, 4, 11), 2)])
def test_a_month_has_started_on_the_day_after_the_last_one_ended(until: date, months: int) -> None:
    """Exactly one month late is one started month; a day later is two."""
    assert months == months_late(DayBasis.STARTED_MONTH, DUE, until)


def test_a_debt_repaid_in_pieces_is_charged_piece_by_piece() -> None:
    """400.00 late for 5 days and 600.00 for 20: the fine once on all, interest on each for its days."""
    charges = late_charges(
        ANNEX_IX,
        [
            LateSlice(reais("400.00"), DUE, date(2026, 3, 15)),
            LateSlice(reais("600.00"), DUE, date(2026, 3, 30)),
        ],
    )

    assert (reais("100.00"), reais("4.67"), reais("0.00")) == (
        charges.fine,
        charges.interest,
        charges.correction,
    )
    assert (
        "400.00 BRL due 2026-03-10: 5 days late on 2026-03-15",
        "1 % a month of 400.00 BRL x 1/6 = 0.666666... BRL",
        "600.00 BRL due 2026-03-10: 20 days late on 2026-03-30",
        "1 % a month of 600.00 BRL x 2/3 = 4.00 BRL",
        "interest: 4.666666... -> 4.67 BRL (ZEN-IX-6.2)",
        "fine 10 % of 1,000.00 BRL = 100.00 BRL (ZEN-IX-6.2)",
    ) == lines_of(charges.working)


def test_a_piece_that_was_paid_in_time_costs_nothing() -> None:
    """What came by the due date bears no fine, though the rest was late."""
    charges = late_charges(
        ANNEX_IX,
        [LateSlice(reais("400.00"), DUE, DUE), LateSlice(reais("600.00"), DUE, date(2026, 3, 11))],
    )

    assert (reais("60.00"), reais("0.20")) == (charges.fine, charges.interest)
    assert "400.00 BRL due 2026-03-10: in time on 2026-03-10" == lines_of(charges.working)[0]


@pytest.mark.parametrize(
    ("until", "interest"),
    [(date(2026, 3, 7), "0.00"), (date(2026, 3, 9), "0.00"), (date(2026, 3, 10), "10.00")],
)
def test_a_closed_due_date_may_wait_for_the_next_business_day(until: date, interest: str) -> None:
    """Due on a Saturday: Monday is in time; on Tuesday three days are late, the weekend included."""
    slices = debt(date(2026, 3, 7), until)
    banks = BusinessCalendar("BR", banks=True)

    assert reais(interest) == late_charges(ANNEX_IX_AT_BANKS, slices, calendar=banks).interest


def test_a_closed_due_date_stands_where_the_terms_let_nothing_wait() -> None:
    """Due on a Saturday and paid on Monday, two days are late."""
    slices = debt(date(2026, 3, 7), date(2026, 3, 9))
    banks = BusinessCalendar("BR", banks=True)

    assert reais("6.67") == late_charges(ANNEX_IX, slices, calendar=banks).interest


def test_to_wait_for_a_business_day_takes_a_calendar() -> None:
    """Without one nobody can tell which day the next is."""
    with pytest.raises(InvalidInput) as caught:
        late_charges(ANNEX_IX_AT_BANKS, debt(date(2026, 3, 7), date(2026, 3, 9)))

    assert "calendar" == caught.value.field


def test_a_carnival_due_date_waits_until_ash_wednesday() -> None:
    """Banks are closed on 16 and 17 February 2026, though neither is a public holiday."""
    slices = debt(date(2026, 2, 16), date(2026, 2, 18))

    banks = BusinessCalendar("BR", banks=True)

    assert reais("0.00") == late_charges(ANNEX_IX_AT_BANKS, slices, calendar=banks).total


def test_a_yen_debt_is_rounded_to_yen() -> None:
    """The components follow the currency of the principal."""
    slices = [LateSlice(Money.of("100", "JPY"), DUE, date(2026, 3, 25))]
    charges = late_charges(ANNEX_IX, slices)

    assert (Money.of(10, "JPY"), Money.of(1, "JPY")) == (charges.fine, charges.interest)


def test_the_index_must_be_the_one_that_the_rule_names() -> None:
    """Correcting by IPCA what was agreed by IGP-M is refused, and so is correcting by nothing."""
    slices = debt(DUE, date(2026, 4, 20))

    for series in (None, IPCA):
        with pytest.raises(InvalidInput) as caught:
            late_charges(ANNEX_X, slices, correction=series)
        assert "correction" == caught.value.field


def test_terms_without_correction_ignore_the_index() -> None:
    """Annex IX 6.2 corrects nothing, whatever series is at hand."""
    slices = debt(DUE, date(2026, 4, 20))

    assert late_charges(ANNEX_IX, slices) == late_charges(ANNEX_IX, slices, correction=IGPM)


def test_a_debt_has_slices_of_one_currency() -> None:
    """No slice, or two currencies, is no debt."""
    with pytest.raises(InvalidInput):
        late_charges(ANNEX_IX, [])
    with pytest.raises(CurrencyMismatch):
        late_charges(ANNEX_IX, [*debt(DUE, DUE), LateSlice(Money.of(1, "MXN"), DUE, DUE)])


def test_a_negative_principal_is_refused() -> None:
    """Nobody owes interest on a credit."""
    with pytest.raises(InvalidInput):
        LateSlice(reais("-0.01"), DUE, DUE)


CENTS = st.integers(min_value=0, max_value=10**9)
DAYS = st.integers(min_value=-5, max_value=700)
RULES = st.builds(
    LateChargeRule,
    clause=st.just("c"),
    fine_percent=st.decimals(min_value=0, max_value=20, places=2),
    interest_percent_per_month=st.decimals(min_value=0, max_value=5, places=4),
    day_basis=st.sampled_from(DayBasis),
    correction_index=st.sampled_from(["", "IGPM"]),
    charge_base=st.sampled_from(ChargeBase),
    correction_proration=st.sampled_from(CorrectionProration),
)
DUE_DATES = st.dates(min_value=date(2015, 1, 1), max_value=date(2026, 3, 31))


def slice_of(cents: int, due_on: date, days: int) -> LateSlice:
    """Return a slice so many days late; before the due date where negative."""
    return LateSlice(reais(str(Decimal(cents) / 100)), due_on, first_day_after(due_on, days - 1))


@given(RULES, DUE_DATES, st.lists(st.tuples(CENTS, CENTS, DAYS), min_size=1, max_size=4))
def test_pieces_of_a_slice_cost_what_the_slice_costs(
    rule: LateChargeRule, due_on: date, drawn: list[tuple[int, int, int]]
) -> None:
    """Cutting principals that were late for the same days changes no component by a cent."""
    whole = [slice_of(first + second, due_on, days) for first, second, days in drawn]
    pieces = [slice_of(cents, due_on, days) for first, second, days in drawn for cents in (first, second)]
    one, other = (late_charges(rule, slices, correction=IGPM) for slices in (whole, pieces))

    assert (one.fine, one.interest, one.correction) == (other.fine, other.interest, other.correction)


@given(RULES, DUE_DATES, CENTS, DAYS)
def test_waiting_never_makes_a_debt_cheaper_without_an_index(
    rule: LateChargeRule, due_on: date, cents: int, days: int
) -> None:
    """Each further day costs interest or nothing; the fine stays."""
    rule = msgspec.structs.replace(rule, correction_index="")
    today = late_charges(rule, [slice_of(cents, due_on, days)])
    tomorrow = late_charges(rule, [slice_of(cents, due_on, days + 1)])

    assert today.total <= tomorrow.total


@given(RULES, DUE_DATES, CENTS, DAYS)
def test_each_component_is_within_half_a_cent_of_its_exact_amount(
    rule: LateChargeRule, due_on: date, cents: int, days: int
) -> None:
    """The three crossings round nothing else."""
    charges = late_charges(rule, [slice_of(cents, due_on, days)], correction=IGPM)
    exact = {each.code: Fraction(each.facts["exact"]) for each in charges.working if "exact" in each.facts}

    assert abs(exact.get("interest", Fraction()) - charges.interest.exact) <= Fraction(1, 200)
    assert abs(exact.get("correction", Fraction()) - charges.correction.exact) <= Fraction(1, 200)
    assert set() == {each.code for each in charges.working} - set(ENGLISH.templates)
    assert len(charges.working) == len(lines_of(charges.working))
