"""The yearly index: which twelve months, what a negative year does, and when anniversaries fall."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from contracts.indices import IndexSeries
from contracts.rules import Accumulation, IndexationRule, IndexFloor
from kernel.errors import IndexNotPublished
from kernel.money import Money
from kernel.periods import anniversaries
from rating.indexation import (
    adjustment,
    carried_over,
    is_discontinued,
    is_published,
    working_of,
)
from rating.working import lines_of
from tests.unit.rating.published import IGPM

YEARLY = IndexationRule(clause="ZEN-X-4-adjustment", index="IGPM")
BRAZIL_ONLY = IndexationRule(clause="ZEN-IX-12.3", index="IGPM", entity_countries=("BR",))


def with_floor(floor: IndexFloor, months: int = 2) -> IndexationRule:
    """Return a rule over a short window, to be checked by hand."""
    return IndexationRule(clause="c", index="IGPM", months=months, floor=floor)


def year_of(*percents: str) -> IndexSeries:
    """Return consecutive months from January 2026."""
    return IndexSeries(
        "IGPM", {date(2026, number, 1): Decimal(each) for number, each in enumerate(percents, 1)}
    )


@pytest.mark.clause("ZEN-X-4-adjustment")
@pytest.mark.clause("ZEN-IX-12.3")
def test_igpm_of_may_2021_to_april_2022() -> None:
    """At the anniversary of 10 May 2022, the year to April is +14.6548 %: 1,408.68 is 1,615.12."""
    adjusted = adjustment(YEARLY, IGPM, anniversary=date(2022, 5, 10), clause="ZEN-X-4-adjustment")

    assert (Decimal("1.146548"), Decimal("14.6548")) == (adjusted.factor, adjusted.variation_percent)
    assert (date(2021, 5, 1), date(2022, 4, 1)) == (adjusted.first_month, adjusted.last_month)
    assert (date(2022, 5, 10), "IGPM", "ZEN-X-4-adjustment") == (
        adjusted.effective_on,
        adjusted.index,
        adjusted.clause,
    )
    assert Money.of("1615.12", "BRL") == Money.rounded(Fraction("1408.68") * Fraction(adjusted.factor), "BRL")


@pytest.mark.parametrize(
    ("anniversary", "variation"),
    [
        (date(2021, 1, 1), "23.1391"),
        (date(2021, 6, 15), "37.0630"),
        (date(2023, 1, 31), "5.4584"),
        (date(2024, 1, 1), "-3.1783"),
        (date(2025, 1, 1), "6.5362"),
        (date(2026, 1, 1), "-1.0422"),
        (date(2026, 5, 1), "0.6196"),
    ],
)
def test_twelve_months_end_with_the_month_before(anniversary: date, variation: str) -> None:
    """The day of the month does not matter; the published months are compounded."""
    found = adjustment(YEARLY, IGPM, anniversary=anniversary, clause="c").variation_percent

    assert Decimal(variation) == found


def test_the_window_may_end_with_the_anniversarys_own_month() -> None:
    """To June 2021 the same thousand becomes 1,357.67 instead of 1,370.63."""
    to_may, to_june = (
        adjustment(
            IndexationRule(clause="c", index="IGPM", window_end_offset_months=offset),
            IGPM,
            anniversary=date(2021, 6, 15),
            clause="c",
        ).factor
        for offset in (-1, 0)
    )

    assert (Decimal("1370.63"), Decimal("1357.67")) == (
        Money.rounded(Fraction(to_may) * 1000, "BRL").amount,
        Money.rounded(Fraction(to_june) * 1000, "BRL").amount,
    )


@pytest.mark.clause("ZEN-X-4-adjustment")
def test_a_negative_year_leaves_prices_as_they_are() -> None:
    """IGP-M of 2025 fell by 1.04 %; the year is floored, its rising months are not picked out."""
    adjusted = adjustment(YEARLY, IGPM, anniversary=date(2026, 1, 1), clause="c")

    assert (Decimal("1.000000"), Decimal("-1.0422")) == (adjusted.factor, adjusted.variation_percent)


@pytest.mark.parametrize(
    ("floor", "factor"),
    [(IndexFloor.POSITIVE_ONLY, "1"), (IndexFloor.CARRY, "1"), (IndexFloor.FULL, "0.9702")],
)
def test_what_a_negative_window_does_depends_on_the_floor(floor: IndexFloor, factor: str) -> None:
    """-2 % and -1 % lower prices only where the index applies in full."""
    adjusted = adjustment(with_floor(floor), year_of("-2", "-1"), anniversary=date(2026, 3, 1), clause="c")

    assert Decimal(factor) == adjusted.factor


def test_a_carried_fall_lowers_the_next_rise() -> None:
    """A fall to 0.9702, then a rise of 5 %: the second anniversary raises by 1.8710 %, not by 5 %."""
    rule, series = with_floor(IndexFloor.CARRY), year_of("-2", "-1", "5", "0")
    first = adjustment(rule, series, anniversary=date(2026, 3, 1), clause="c")
    carried = carried_over(rule, first)
    second = adjustment(rule, series, anniversary=date(2026, 5, 1), clause="c", carried=carried)

    assert Decimal("0.970200") == carried
    assert (Decimal("1.018710"), Decimal("5.0000")) == (second.factor, second.variation_percent)
    assert (
        "the fall of earlier years lowers this one: x 0.9702",
        "index factor 1.01871 (IGPM 2026-03 to 2026-04, +5 %)",
    ) == lines_of(working_of([second]))
    assert Decimal(1) == carried_over(rule, second)


def test_a_carried_fall_that_is_not_made_up_is_carried_on() -> None:
    """Two falls in a row are carried together."""
    rule, series = with_floor(IndexFloor.CARRY), year_of("-2", "-1", "1", "0")
    carried = carried_over(rule, adjustment(rule, series, anniversary=date(2026, 3, 1), clause="c"))
    second = adjustment(rule, series, anniversary=date(2026, 5, 1), clause="c", carried=carried)

    assert (Decimal("1.000000"), Decimal("0.979902")) == (second.factor, carried_over(rule, second))


@pytest.mark.parametrize("floor", [IndexFloor.POSITIVE_ONLY, IndexFloor.FULL])
def test_other_floors_carry_nothing(floor: IndexFloor) -> None:
    """A fall is forgotten, or was applied."""
    rule = with_floor(floor)
    fell = adjustment(rule, year_of("-2", "-1"), anniversary=date(2026, 3, 1), clause="c")

    assert Decimal(1) == carried_over(rule, fell)


def test_a_factor_is_rounded_half_up_at_six_places() -> None:
    """1.0000005 is 1.000001."""
    adjusted = adjustment(
        with_floor(IndexFloor.FULL, months=1), year_of("0.00005"), anniversary=date(2026, 2, 1), clause="c"
    )

    assert (Decimal("1.000001"), Decimal("0.0001")) == (adjusted.factor, adjusted.variation_percent)


def test_a_month_that_is_not_published_stops_the_adjustment() -> None:
    """A price is never guessed."""
    with pytest.raises(IndexNotPublished):
        adjustment(YEARLY, IGPM, anniversary=date(2026, 6, 1), clause="c")


@pytest.mark.clause("ZEN-IX-12.3")
def test_the_rule_is_for_what_the_brazilian_entity_issues() -> None:
    """Others have no index under Annex IX; a rule without countries is for all."""
    assert (True, False) == (BRAZIL_ONLY.adjusts("BR"), BRAZIL_ONLY.adjusts("MX"))
    assert (True, True) == (YEARLY.adjusts("BR"), YEARLY.adjusts("MX"))


@pytest.mark.parametrize(
    ("after", "through", "expected"),
    [
        (date(2019, 5, 10), date(2020, 5, 9), ()),
        (date(2019, 5, 10), date(2020, 5, 10), (date(2020, 5, 10),)),
        (date(2020, 5, 9), date(2020, 5, 10), (date(2020, 5, 10),)),
        (date(2020, 5, 10), date(2021, 5, 9), ()),
        (date(2015, 1, 1), date(2021, 12, 31), (date(2020, 5, 10), date(2021, 5, 10))),
        (date(2015, 1, 1), date(2018, 1, 1), ()),
        (date(2022, 1, 1), date(2021, 1, 1), ()),
    ],
)
@pytest.mark.clause("ZEN-IX-12.3")
def test_anniversaries_follow_the_signature(after: date, through: date, expected: tuple[date, ...]) -> None:
    """Later than one day, up to and on another, and never before twelve months are over."""
    assert expected == anniversaries(date(2019, 5, 10), after=after, through=through)


def test_a_signature_of_29_february() -> None:
    """Its anniversary is the last day of February, and the 29th again in a leap year."""
    assert (date(2021, 2, 28), date(2022, 2, 28), date(2023, 2, 28), date(2024, 2, 29)) == anniversaries(
        date(2020, 2, 29), after=date(2020, 2, 29), through=date(2024, 12, 31)
    )


def test_a_rule_may_count_other_months() -> None:
    """Every six months from 31 August: the last day of February, then 31 August again."""
    assert (date(2025, 2, 28), date(2025, 8, 31)) == anniversaries(
        date(2024, 8, 31), after=date(2024, 8, 31), through=date(2025, 12, 31), months=6
    )


def test_the_working_says_which_months_moved_the_price() -> None:
    """Each adjustment in force has its line."""
    adjusted = adjustment(YEARLY, IGPM, anniversary=date(2022, 5, 10), clause="ZEN-X-4-adjustment")

    assert ("index factor 1.146548 (IGPM 2021-05 to 2022-04, +14.6548 %)",) == lines_of(
        working_of([adjusted])
    )


@given(
    st.lists(st.decimals(min_value=-5, max_value=5, places=2), min_size=24, max_size=24),
    st.sampled_from(IndexFloor),
)
def test_carrying_raises_between_the_other_two(percents: list[Decimal], floor: IndexFloor) -> None:
    """Over two years prices under FULL are never above CARRY, nor CARRY above POSITIVE_ONLY."""
    series = IndexSeries(
        "IGPM", {date(2024 + number // 12, number % 12 + 1, 1): each for number, each in enumerate(percents)}
    )
    product = {each: _two_years(each, series) for each in IndexFloor}

    assert product[IndexFloor.FULL] - Fraction(1, 10**5) <= product[IndexFloor.CARRY]
    assert product[IndexFloor.CARRY] <= product[IndexFloor.POSITIVE_ONLY] + Fraction(1, 10**5)
    assert product[floor] >= (1 if floor is not IndexFloor.FULL else 0)


def _two_years(floor: IndexFloor, series: IndexSeries) -> Fraction:
    rule = with_floor(floor, months=12)
    first, second = date(2025, 1, 1), date(2026, 1, 1)
    one = adjustment(rule, series, anniversary=first, clause="c")
    two = adjustment(rule, series, anniversary=second, clause="c", carried=carried_over(rule, one))
    return Fraction(one.factor) * Fraction(two.factor)


def test_a_rule_refuses_what_it_could_not_execute() -> None:
    """What is published spans twelve months; an index does not replace itself."""
    with pytest.raises(ValueError, match="months: what is published spans 12, not 6"):
        IndexationRule(clause="c", index="IGPM", months=6, accumulation=Accumulation.PUBLISHED_12M)
    with pytest.raises(ValueError, match="substitute: another index than IGPM"):
        IndexationRule(clause="c", index="IGPM", substitute="IGPM")


@pytest.mark.parametrize(("as_of", "overdue"), [(date(2026, 6, 30), False), (date(2026, 7, 1), True)])
def test_an_index_is_given_up_more_than_thirty_days_after_its_window(as_of: date, *, overdue: bool) -> None:
    """The window of 10 June ends on 31 May; thirty days later nothing is given up yet."""
    assert overdue is is_discontinued(YEARLY, date(2026, 6, 10), as_of)


def test_a_published_figure_is_all_that_its_rule_asks_for() -> None:
    """Compounding needs each month, the published figure only the last; neither guesses."""
    rule = IndexationRule(clause="c", index="IGPM", accumulation=Accumulation.PUBLISHED_12M)
    series = IndexSeries("IGPM", {}, {date(2026, 4, 1): Decimal("0.61")})
    day = date(2026, 5, 1)

    assert (True, False) == (is_published(rule, series, day), is_published(YEARLY, series, day))
    assert Decimal("1.006100") == adjustment(rule, series, anniversary=day, clause="c").factor


def test_the_working_names_the_substitute() -> None:
    """A stranger's index on an invoice needs its reason."""
    rule = IndexationRule(clause="c", index="IGPM", substitute="IPCA")
    series = IndexSeries("IPCA", {date(2026, 1, 1): Decimal(1)})
    adjusted = adjustment(replace(rule, months=1), series, anniversary=date(2026, 2, 1), clause="c")

    assert (
        "IPCA stands in for IGPM, not published for these months",
        "index factor 1.01 (IPCA 2026-01 to 2026-01, +1 %)",
    ) == lines_of(working_of([adjusted]))
