"""Monetary correction compounds what was published, by the days that were late, and never lowers a debt."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.indices import IndexSeries
from contracts.late_rules import CorrectionProration
from kernel.calendars import first_day_after
from kernel.errors import IndexNotPublished
from kernel.money import round_exact
from rating.correction import correction_between
from rating.working import lines_of
from tests.unit.rating.published import IGPM

WHOLE_MONTHS = CorrectionProration.WHOLE_MONTHS


def made_up(*percents: str, first: date = date(2026, 1, 1)) -> IndexSeries:
    """Return a series of consecutive months of one year; an empty text leaves a month out."""
    return IndexSeries(
        "IGPM",
        {first.replace(month=number): Decimal(text) for number, text in enumerate(percents, 1) if text},
    )


@pytest.mark.parametrize(
    ("due_on", "until", "factor"),
    [
        (date(2024, 9, 10), date(2025, 1, 15), "1.04450054"),
        (date(2025, 6, 10), date(2025, 9, 25), "1"),
        (date(2025, 12, 5), date(2025, 12, 6), "1"),
        (date(2024, 1, 31), date(2024, 2, 29), "1.0007"),
    ],
)
@pytest.mark.clause("ZEN-X-8")
def test_whole_months_of_igpm(due_on: date, until: date, factor: str) -> None:
    """From the month of the due date to the month before the payment's, as published."""
    found = correction_between(IGPM, due_on, until, proration=WHOLE_MONTHS).factor

    assert Decimal(factor) == round_exact(found, 8).normalize()


@pytest.mark.clause("ZEN-X-8")
def test_the_first_month_counts_by_its_late_days() -> None:
    """Due on 10 September, 20 of its 30 days are late; January is not over on the 15th."""
    found = correction_between(IGPM, date(2024, 9, 10), date(2025, 1, 15))
    by_hand = (
        (1 + Fraction(62, 10_000) * Fraction(20, 30))
        * (1 + Fraction(152, 10_000))
        * (1 + Fraction(130, 10_000))
        * (1 + Fraction(94, 10_000))
    )

    assert by_hand == found.factor
    assert (
        "IGPM 2024-09: +0.62 % for 20 of 30 days",
        "IGPM 2024-10: +1.52 % for 31 of 31 days",
        "IGPM 2024-11: +1.3 % for 30 of 30 days",
        "IGPM 2024-12: +0.94 % for 31 of 31 days",
    ) == lines_of(found.working)


def test_the_last_month_counts_by_its_late_days_once_it_is_published() -> None:
    """Paid on 28 January, when January's figure is known to be out, 28 of its 31 days count."""
    series = made_up("3.1", "1")
    paid = date(2026, 1, 28)

    assert Fraction(1) == correction_between(series, date(2025, 12, 31), paid).factor
    assert Fraction("1.028") == (
        correction_between(series, date(2025, 12, 31), paid, published_through=date(2026, 1, 27)).factor
    )


def test_a_month_counts_from_the_first_day_of_the_next() -> None:
    """On 31 January its variation does not count yet, on 1 February all of it does."""
    series = made_up("3.1", "9")

    assert Fraction(1) == correction_between(series, date(2025, 12, 31), date(2026, 1, 31)).factor
    assert Fraction("1.031") == correction_between(series, date(2025, 12, 31), date(2026, 2, 1)).factor


def test_a_due_date_on_the_last_day_leaves_its_month_out() -> None:
    """Not a day of January is late: by days its variation does not count, by whole months it does."""
    series = made_up("1", "2")
    due_on, until = date(2026, 1, 31), date(2026, 3, 1)

    assert Fraction("1.02") == correction_between(series, due_on, until).factor
    assert Fraction("1.0302") == correction_between(series, due_on, until, proration=WHOLE_MONTHS).factor


def test_what_accumulates_is_floored_and_not_each_month() -> None:
    """+2 % then -1 % is 1.0098, not 1.02; -1 % then +0.5 % is nothing."""
    due_on, until = date(2026, 1, 1), date(2026, 3, 1)
    risen = correction_between(made_up("2", "-1"), due_on, until, proration=WHOLE_MONTHS)
    fallen = correction_between(made_up("-1", "0.5"), due_on, until, proration=WHOLE_MONTHS)

    assert (Fraction("1.0098"), Fraction(1)) == (risen.factor, fallen.factor)
    assert (
        "IGPM 2026-01: -1 % for 31 of 31 days",
        "IGPM 2026-02: +0.5 % for 28 of 28 days",
        "IGPM fell over these months, factor 0.99495: no correction",
    ) == lines_of(fallen.working)


def test_months_after_the_last_published_one_do_not_count_and_it_is_said() -> None:
    """Due in January and paid in June, when February is the last known month: two months correct."""
    found = correction_between(made_up("1", "1"), date(2025, 12, 31), date(2026, 6, 15))

    assert Fraction("1.0201") == found.factor
    assert "IGPM is known through 2026-02; later months do not count yet" == lines_of(found.working)[-1]


def test_nothing_is_said_of_the_month_of_the_payment() -> None:
    """That the running month is not known is no news."""
    found = correction_between(made_up("1", "1"), date(2025, 12, 31), date(2026, 3, 15))

    assert ["index_month", "index_month"] == [each.code for each in found.working]


def test_a_month_missing_in_the_middle_is_an_error() -> None:
    """A gap in a series is a broken import, never a month without inflation."""
    with pytest.raises(IndexNotPublished) as caught:
        correction_between(made_up("1", "", "1"), date(2025, 12, 31), date(2026, 4, 15))

    assert ("IGPM", "2026-02") == (caught.value.field, caught.value.value)


def test_a_month_that_should_be_published_is_an_error() -> None:
    """Whoever says that March is out must have it."""
    with pytest.raises(IndexNotPublished):
        correction_between(
            made_up("1", "1"), date(2025, 12, 31), date(2026, 4, 15), published_through=date(2026, 3, 31)
        )


def test_an_empty_series_is_an_error() -> None:
    """An index without a single month was never imported."""
    with pytest.raises(IndexNotPublished):
        correction_between(made_up(), date(2025, 12, 31), date(2026, 4, 15))


@given(
    st.dates(min_value=date(2000, 1, 1), max_value=date(2025, 12, 31)),
    st.integers(min_value=0, max_value=800),
    st.sampled_from(CorrectionProration),
)
def test_a_debt_is_never_corrected_downward(due_on: date, days: int, proration: CorrectionProration) -> None:
    """Whatever IGP-M did since 2000, the factor is at least 1."""
    until = first_day_after(due_on, days)

    assert correction_between(IGPM, due_on, until, proration=proration).factor >= 1


@given(
    st.dates(min_value=date(2010, 1, 1), max_value=date(2025, 1, 31)),
    st.integers(min_value=0, max_value=400),
)
def test_the_linear_and_the_compound_form_differ_by_little(due_on: date, days: int) -> None:
    """A month's linear share is within v squared over 8 of the power, for every month since 2010."""
    until = first_day_after(due_on, days)
    for part in correction_between(IGPM, due_on, until).working:
        if part.code == "index_month":
            variation = Decimal(part.result) / 100
            share = Decimal(part.facts["days"]) / Decimal(part.facts["of_days"])
            difference = 1 + variation * share - (1 + variation) ** share

            assert abs(difference) <= variation**2 / 8 * Decimal("1.05") + Decimal("1e-25")
