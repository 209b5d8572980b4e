"""Availability of a month: its hours, what counts as outage, the credit of a table, the right to leave."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.service_level_rules import CreditStep, MonthHours, ServiceCredit, ServiceExit
from kernel.money import Money
from kernel.periods import Cycle, Period, months_before
from kernel.zones import instants
from rating.availability import (
    Availability,
    Span,
    availability,
    availability_working,
    credit_due,
    hours_of,
    reason_to_leave,
)
from rating.working import lines_of

ZONE = "America/Sao_Paulo"
JUNE = Cycle(date(2026, 6, 1), 1).period(0)
WINDOW = instants(JUNE, ZONE)
PROMISED = Fraction("99.5")
CREDIT = ServiceCredit(
    clause="OF-1",
    level="products",
    steps=(
        CreditStep(below_percent=Decimal("99.5"), credit_percent=Decimal(5)),
        CreditStep(below_percent=Decimal(98), credit_percent=Decimal(10)),
    ),
)
EXIT = ServiceExit(
    clause="SIN-4.2e",
    level="contact_center",
    ending="service_level",
    consecutive_months=4,
    months=5,
    of_months=12,
    below_percent=Decimal(95),
)


def span(start: int, hours: str) -> Span:
    """Return so many hours from an hour of June on."""
    begins = WINDOW[0] + timedelta(hours=start)
    return begins, begins + timedelta(minutes=int(Fraction(hours) * 60))


def measured(down: list[Span], excluded: list[Span] | None = None) -> Availability:
    """Return June's availability by 720 hours and 99.5 %."""
    return availability(WINDOW, Fraction(720), PROMISED, down=down, excluded=excluded or [])


def of_percent(percent: str) -> Availability:
    """Return an availability of so many percent of a thousand hours."""
    down = 10 * (100 - Fraction(percent))
    return Availability(
        hours=Fraction(1000), outage_hours=down, excluded_hours=Fraction(), target_percent=PROMISED
    )


@pytest.mark.parametrize(
    ("day", "standard", "calendar"),
    [("2026-06-01", 720, 720), ("2026-07-01", 744, 744), ("2026-02-01", 720, 672), ("2028-02-01", 720, 696)],
)
@pytest.mark.clause("ZEN-VIII-6.2")
def test_a_month_has_720_hours_or_744(day: str, standard: int, calendar: int) -> None:
    """By the formula of the paper, which gives February 720 too; or by the calendar."""
    month = Cycle(date.fromisoformat(day), 1).period(0)
    window = instants(month, ZONE)

    assert [standard, calendar] == [hours_of(month, basis, window) for basis in MonthHours]


@pytest.mark.clause("SIN-4.2b")
def test_a_month_in_which_clocks_change_has_an_hour_less() -> None:
    """March 2026 in Tijuana: 743 hours by the calendar, 744 by the formula."""
    month = Period(date(2026, 3, 1), date(2026, 4, 1))
    window = instants(month, "America/Tijuana")

    assert [744, 743] == [hours_of(month, basis, window) for basis in MonthHours]


@pytest.mark.parametrize(("hours", "missed"), [("3.6", False), ("3.65", True), ("0", False), ("720", True)])
@pytest.mark.clause("ZEN-VIII-6.1")
def test_three_hours_and_36_minutes_are_tolerated(hours: str, missed: bool) -> None:  # noqa: FBT001 a fact
    """0.5 % of 720 hours; the 3 h 39 min of the table are too many for the formula."""
    assert missed is measured([span(10, hours)]).missed


def test_an_outage_of_the_whole_month_leaves_nothing() -> None:
    """And never less than that, however few hours the formula gives a month."""
    july = instants(Cycle(date(2026, 7, 1), 1).period(0), ZONE)
    found = availability(july, Fraction(720), PROMISED, down=[july], excluded=[])

    assert 0 == found.percent


@pytest.mark.clause("ZEN-VIII-6.5")
def test_excluded_time_is_no_outage() -> None:
    """Four hours of which one lies in a maintenance: three count, 99.583333... %."""
    found = measured([span(10, "4")], [span(13, "2")])

    assert [3, 2] == [found.outage_hours, found.excluded_hours]
    assert (
        "outage: 3 hours; 2 hours do not count",
        "(720 - 3) of 720 hours = 99.583333... %; promised: 99.5 % (ZEN-VIII-6.2)",
    ) == lines_of(availability_working(found, "ZEN-VIII-6.2"))


def test_outages_that_overlap_count_once() -> None:
    """Two reports of one morning: 10 to 14 h and 12 to 16 h are six hours."""
    assert 6 == measured([span(10, "4"), span(12, "4")]).outage_hours


def test_only_the_part_within_the_month_counts() -> None:
    """An outage over the border is split between its months; the first hour of July is none of June's."""
    assert 2 == measured([span(718, "5")]).outage_hours
    assert 0 == measured([span(720, "5")]).outage_hours
    assert 1 == measured([(WINDOW[0] - timedelta(hours=3), WINDOW[0] + timedelta(hours=1))]).outage_hours


@pytest.mark.parametrize(
    ("percent", "credit"), [("99.5", "0.00"), ("99.49", "99.95"), ("98", "99.95"), ("97.99", "199.90")]
)
@pytest.mark.clause("SIN-4.2c")
def test_the_table_gives_the_largest_step_that_was_reached(percent: str, credit: str) -> None:
    """5 % below 99.5 %, 10 % below 98 %, of 1,999.00."""
    found = credit_due(CREDIT, of_percent(percent), Money.of("1999.00", "MXN"))

    assert Money.of(credit, "MXN") == found.amount
    assert bool(found.working) is (credit != "0.00")


def test_a_level_that_was_met_gives_no_credit_whatever_the_table_says() -> None:
    """A step above the target is a typing error of the order form, and no gift."""
    generous = ServiceCredit(
        clause="OF-1",
        level="products",
        steps=(CreditStep(below_percent=Decimal(100), credit_percent=Decimal(5)),),
    )

    assert not credit_due(generous, of_percent("99.7"), Money.of("1999.00", "MXN")).amount


def year_of(*percents: str) -> dict[date, Availability]:
    """Return months that end with December 2026."""
    last = date(2026, 12, 1)
    return {
        months_before(last, before): of_percent(percent) for before, percent in enumerate(reversed(percents))
    }


@pytest.mark.parametrize(
    ("percents", "why"),
    [
        (("99", "99", "99", "99"), "missed in 4 consecutive months"),
        (("99.9", "99", "99", "99"), ""),
        (("99", "99", "99.9", "99", "99", "99"), "missed in 5 of 12 months"),
        (("99", "99", "99.9", "99", "99"), ""),
        (("99", *["99.9"] * 7, "99", "99", "99.9", "99", "99"), ""),
        (("99", *["99.9"] * 6, "99", "99", "99.9", "99", "99"), "missed in 5 of 12 months"),
        (("94.99",), "below 95 % in one month"),
        (("95",), ""),
        (("94", "94", "94", "94", "99.9"), ""),
    ],
)
@pytest.mark.clause("SIN-4.2e")
def test_when_the_customer_may_leave(percents: tuple[str, ...], why: str) -> None:
    """Four in a row, five of twelve, or one below 95 %; a month that was met completes no count."""
    assert why == reason_to_leave(EXIT, year_of(*percents), date(2026, 12, 1))


def test_a_right_that_is_not_stated_frees_nobody() -> None:
    """A rule of zeros: no count of missed months is enough."""
    nothing = ServiceExit(clause="c", level="l", ending="e")

    assert not reason_to_leave(nothing, year_of(*["10"] * 12), date(2026, 12, 1))


HOURS = st.integers(min_value=-100, max_value=900)
SPANS = st.lists(
    st.tuples(HOURS, st.integers(min_value=1, max_value=200)).map(
        lambda drawn: (
            WINDOW[0] + timedelta(hours=drawn[0]),
            WINDOW[0] + timedelta(hours=drawn[0] + drawn[1]),
        )
    ),
    max_size=6,
)


@given(SPANS, SPANS)
def test_availability_lies_between_nothing_and_all(down: list[Span], excluded: list[Span]) -> None:
    """Whatever was down or left out, and leaving time out never makes it worse."""
    found, strict = measured(down, excluded), measured(down)

    assert 0 <= strict.percent <= found.percent <= 100
    assert 0 <= found.outage_hours <= found.hours


@given(SPANS, SPANS)
def test_splitting_an_outage_changes_nothing(down: list[Span], excluded: list[Span]) -> None:
    """Two records of one outage, cut anywhere, count as one."""
    cut = [
        half
        for start, end in down
        for middle in [start + (end - start) / 2]
        for half in ((start, middle), (middle, end))
    ]

    assert measured(down, excluded) == measured(cut, excluded)


@given(
    st.decimals(min_value=0, max_value=100, places=3),
    st.lists(st.tuples(*[st.decimals(min_value=0, max_value=100, places=2)] * 2), max_size=5),
    st.decimals(min_value=0, max_value=10**6, places=2),
)
def test_a_credit_never_exceeds_the_fee(
    percent: Decimal, steps: list[tuple[Decimal, ...]], fee: Decimal
) -> None:
    """Whatever the table."""
    rule = ServiceCredit(
        clause="c",
        level="l",
        steps=tuple(CreditStep(below_percent=below, credit_percent=share) for below, share in steps),
    )
    charged = Money.of(fee, "MXN")

    assert Money.of(0, "MXN") <= credit_due(rule, of_percent(str(percent)), charged).amount <= charged


def test_instants_are_of_the_entitys_zone() -> None:
    """June begins at 03:00Z in São Paulo: an outage before that is May's."""
    assert datetime(2026, 6, 1, 3, tzinfo=UTC) == WINDOW[0]
    assert (
        0
        == measured([(datetime(2026, 6, 1, 0, tzinfo=UTC), datetime(2026, 6, 1, 3, tzinfo=UTC))]).outage_hours
    )
