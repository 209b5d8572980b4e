"""Periods, cycles and day counts against the worked cases of other engines' tests and of the contracts."""

from __future__ import annotations

import json
import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import pytest

from kernel.calendars import first_day_after, last_day_within
from kernel.errors import InvalidPeriod
from kernel.money import Money, decimal_of, round_exact
from kernel.periods import Cycle, CycleUnit, Part, Period, month_of
from kernel.zones import instants, local_day

Case = dict[str, Any]

#: Cases that show another engine's choice where this one chose otherwise.
REJECTED = {
    "kb-q-03": (
        "measures the leading stub on 28 Nov..28 Feb, which no period of a cycle on the 31st is; "
        "here it is 14/90 of 30 Nov..28 Feb, a period of the tiling"
    ),
    "kb-frac-30-5": "counts every month as 30 days; shares of time are of real days until terms differ",
    "kb-frac-28-2": "counts every month as 28 days; shares of time are of real days until terms differ",
    "kb-bcdtz-+03:00": "takes an offset for a time zone; an offset forgets the law of the place",
    "G17/zero_length_service_period": "bills an empty period in full; an empty period is no period here",
    "G17/longer_than_full": "caps a share at one; no part of a span outgrows the whole it is measured on",
}

CYCLES = {
    "MONTHLY": (1, CycleUnit.MONTH),
    "QUARTERLY": (3, CycleUnit.MONTH),
    "ANNUAL": (12, CycleUnit.MONTH),
    "WEEKLY": (7, CycleUnit.DAY),
    "THIRTY_DAYS": (30, CycleUnit.DAY),
}

#: The kinds that these tests check, each in full or with its exceptions named above.
KINDS = {
    "align_to_bcd",
    "align_to_next_bcd",
    "bcd_from_instant",
    "calendar.billed_days",
    "due_date",
    "effective_end",
    "first_action_date",
    "first_billing_cycle_date",
    "fixed_month_day_count",
    "monthly_dates_across_dst",
    "proration.denominator",
    "proration.multi_month",
    "proration.partial_month",
    "proration_fraction_leading",
    "proration_fraction_trailing",
    "proration_in_advance",
    "proration_invalid_dates",
    "usage.period",
    "whole_periods",
    "whole_periods_to_target",
}

ALL_CASES: list[Case] = [
    case
    for path in sorted((Path(__file__).parent / "cases").glob("*.json"))
    for case in json.loads(path.read_text(), parse_float=Decimal)
]


def cases(*kinds: str) -> pytest.MarkDecorator:
    """Return a mark that runs a test on each case of these kinds that is not rejected."""
    chosen = [case for case in ALL_CASES if case.get("kind") in kinds and case["id"] not in REJECTED]
    return pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in chosen])


def case_of(name: str) -> Case:
    """Return one case by its id."""
    return next(case for case in ALL_CASES if case["id"] == name)


def day(text: str) -> date:
    """Read a date of a case."""
    return date.fromisoformat(text)


def after(text: str) -> date:
    """Read an inclusive last day of a case as the exclusive end of a period."""
    return day(text) + timedelta(days=1)


def cycle_of(name: str, anchor: date, billing_day: int = 0) -> Cycle:
    """Return the cycle that a case names, anchored on a day, on a billing day of the month."""
    length, unit = CYCLES[name]
    return Cycle(anchor, length, unit, billing_day)


def first_border(cycle: Cycle, start: date) -> date:
    """Return the first day on or after the start on which a period begins."""
    period = cycle.period_of(start)
    return period.start if period.start == start else period.end


def parts_through(given: Case) -> tuple[Part, ...]:
    """Return the parts billed in advance from the start through the period that holds the target."""
    start, target = day(given["start"]), day(given["target"])
    asked = Period(start, target + timedelta(days=1))
    cycle = cycle_of(given["period"], start, given["bcd"])
    through = cycle.period_of(asked.last_day).end
    return cycle.parts_of(Period(start, min(through, day(given["end"] or str(through)))))


def written(parts: tuple[Part, ...]) -> str:
    """Write parts as the cases do: stubs as days of days, whole periods counted: ``14/28 + 2``."""
    words = []
    for whole, group in groupby(parts, key=lambda part: part.share == 1):
        run = list(group)
        words += [str(len(run))] if whole else [f"{part.period.days}/{part.whole.days}" for part in run]
    return " + ".join(words)


def test_every_case_is_checked_or_rejected_for_a_reason() -> None:
    """No kind is missing from the files, and every exception names a case that exists."""
    names = {case["id"] for case in ALL_CASES}

    assert set() == KINDS - {case.get("kind") for case in ALL_CASES}
    assert set() == {name.split("/")[0] for name in REJECTED} - names


@cases("proration_in_advance")
def test_stubs_are_measured_on_the_period_that_contains_them(case: Case) -> None:
    """Billing in advance sums the shares of all periods through the one that holds the target date."""
    parts = parts_through(case["input"])
    number_of_cycles = round_exact(sum((part.share for part in parts), Fraction()), 9)

    assert case["expected"]["as_fraction"] == written(parts)
    assert Decimal(case["expected"]["number_of_cycles"]) == number_of_cycles


def test_a_stub_before_a_clamped_border_is_measured_on_a_period_of_the_tiling() -> None:
    """Where the source steps back from the clamped day, the quarter on the 31st begins on 30 November."""
    assert "14/90 + 1" == written(parts_through(case_of("kb-q-03")["input"]))


@cases("proration_invalid_dates")
def test_a_target_before_the_start_is_refused(case: Case) -> None:
    """Dates out of order are an error, never clamped."""
    with pytest.raises(InvalidPeriod):
        parts_through(case["input"])


@cases("proration_fraction_trailing")
def test_a_trailing_stub_is_a_share_of_the_period_it_would_have_been(case: Case) -> None:
    """The denominator is the length of the month that follows the last billing."""
    start = day(case["input"]["previous_bill_through"])
    (stub,) = cycle_of(case["input"]["period"], start).parts_of(Period(start, day(case["input"]["end"])))

    assert Decimal(case["expected"]["fraction"]) == round_exact(stub.share, 9)


@cases("whole_periods")
def test_whole_periods_are_counted(case: Case) -> None:
    """A period counts on the day on which the next one begins, and not a day earlier."""
    start, end = day(case["input"]["start"]), day(case["input"]["end"])

    assert case["expected"]["whole_periods"] == (
        cycle_of(case["input"]["period"], start).whole_periods(start, end)
    )


@cases("whole_periods_to_target")
def test_periods_through_the_target_are_counted(case: Case) -> None:
    """A target on a border opens the period that begins there, clamped months included."""
    given = case["input"]
    cycle = cycle_of(given["period"], day(given["start"]), given["bcd"])

    assert case["expected"]["whole_periods"] == cycle.number_of(day(given["target"])) + 1


@cases("effective_end")
def test_a_start_on_a_clamped_billing_day_is_aligned(case: Case) -> None:
    """30 April begins a period of a cycle on the 31st, without a stub."""
    given = case["input"]
    cycle = cycle_of(given["period"], day(given["start"]), given["bcd"])

    assert day(case["expected"]["effective_end"]) == cycle.period_of(day(given["target"])).end


@cases("first_billing_cycle_date")
def test_the_first_billing_day_is_the_first_border_from_the_start(case: Case) -> None:
    """Months and years wait for the billing day, periods of days begin on the start itself."""
    start, billing_day = day(case["input"]["start"]), case["input"]["bcd"]
    found = {
        name: first_border(cycle_of(name.upper(), start, billing_day), start).isoformat()
        for name in case["expected"]
    }

    assert case["expected"] == found


@cases("align_to_bcd", "align_to_next_bcd")
def test_a_change_is_aligned_to_the_next_border(case: Case) -> None:
    """A change that waits for the cycle takes effect when the next period begins."""
    given = case["input"]
    proposed = day(given["proposed"])
    cycle = cycle_of(given["period"], day(given.get("previous", given["proposed"])), given["bcd"])

    assert day(case["expected"]["aligned"]) == first_border(cycle, proposed)


@cases("bcd_from_instant")
def test_the_billing_day_is_the_local_day(case: Case) -> None:
    """A charge at 21:17 UTC is tomorrow's in Tokyo and today's in Honolulu."""
    given = case["input"]

    assert case["expected"]["bcd"] == (
        local_day(datetime.fromisoformat(given["instant"]), given["account_timezone"]).day
    )


@cases("calendar.billed_days")
def test_days_are_counted_by_the_local_calendar(case: Case) -> None:
    """A month with a change of clocks has as many days as any other."""
    first, last = (
        local_day(datetime.fromisoformat(case["input"][name]), case["input"]["timezone"])
        for name in ("from_utc", "to_utc")
    )

    assert case["expected"]["days"] == Period(first, last + timedelta(days=1)).days


@cases("monthly_dates_across_dst")
def test_monthly_periods_keep_their_dates_across_daylight_saving(case: Case) -> None:
    """After the trial come nineteen calendar months at the full price, and no day shifts with the clocks."""
    given = case["input"]
    zone, price = given["timezone"], Decimal(given["price"])
    created = local_day(datetime.fromisoformat(given["account_created_utc"]), zone)
    start = Cycle(created, given["trial_days"], CycleUnit.DAY).border(1)
    parts = Cycle(start, 1, day=given["bcd"]).parts_of(Period(start, date(2017, 5, 1)))
    items = [
        (local_day(begin, zone), local_day(end, zone), round_exact(part.share * Fraction(price), 2))
        for part in parts
        for begin, end in (instants(part.period, zone),)
    ]
    first_days = [date(2015 + month // 12, month % 12 + 1, 1) for month in range(9, 29)]
    first_item = case["expected"]["items"][0]

    assert [(begin, end, price) for begin, end in pairwise(first_days)] == items
    assert (day(first_item[0]), day(first_item[1]), Decimal(first_item[2])) == items[0]


@cases("proration.denominator")
def test_the_denominator_is_the_whole_quarter(case: Case) -> None:
    """Who starts in mid-quarter pays days of the quarter's 91, wherever the quarter is anchored."""
    first, last = case["input"]["period"]
    quarter = Period(day(first), after(last))
    billed = Period(day(case["input"]["started"]), quarter.end)
    (part,) = Cycle(quarter.start, 3).parts_of(billed)

    assert (case["expected"]["days_in_period"], case["expected"]["days_billed"]) == (
        part.whole.days,
        part.period.days,
    )
    assert quarter == part.whole


@cases("proration.multi_month")
def test_each_calendar_month_keeps_its_own_denominator(case: Case) -> None:
    """A span over two months is a sum of two shares, not a share of one month."""
    span = Period(day(case["input"]["from"]), after(case["input"]["to_inclusive"]))
    parts = Cycle(month_of(span.start), 1).parts_of(span)

    assert case["expected"]["fraction"] == written(parts)
    assert Decimal(case["expected"]["fraction_decimal"]) == (
        round_exact(sum((part.share for part in parts), Fraction()), 6)
    )


@cases("proration.partial_month")
def test_days_of_february_are_shares_of_28(case: Case) -> None:
    """Three days of a month of 28 cost 3/28 of its price."""
    given = case["input"]
    span = Period(day(given["from"]), after(given["to_inclusive"]))
    (part,) = Cycle(month_of(span.start), 1).parts_of(span)
    price = decimal_of(given["price_per_month"], field="price_per_month")

    assert Decimal(case["expected"]["amount"]) == round_exact(part.share * Fraction(price), 5)


@cases("usage.period")
def test_usage_of_a_month_ends_before_the_next_begins(case: Case) -> None:
    """The first instant of January is not December's."""
    begin, end = instants(Period(date(2025, 12, 1), date(2026, 1, 1)), "UTC")
    times = [
        datetime.fromisoformat(f"{2026 if text.startswith('01-') else 2025}-{text}")
        for text in case["input"]["timestamps"]
    ]

    assert case["expected"]["included"] == [begin <= instant < end for instant in times]


@cases("due_date")
def test_net_days_from_the_end_of_the_month(case: Case) -> None:
    """An invoice that is due 30 days after its month is past due on the 31st."""
    given = case["input"]
    issued = day(given["invoice_date"])
    month_end = Cycle(month_of(issued), 1).period_of(issued).last_day

    assert day(case["expected"]["past_due_on"]) == first_day_after(month_end, given["net_terms"])


@cases("first_action_date")
def test_the_first_day_on_which_a_clause_lets_one_act(case: Case) -> None:
    """More than N days, and what follows N days, start on the day after N; within N days ends on N."""
    anchor = day(case["input"]["anchor"].split()[-1])
    rule = case["input"]["rule"]
    count = int(re.findall(r"\d+", rule)[0])
    counted = last_day_within if "within" in rule else first_day_after

    assert day(case["expected"]["date"]) == counted(anchor, count)


def test_shares_of_days_become_money_at_the_currencys_unit() -> None:
    """A hundred dollars and a thousand yen for a part of a month are rounded once, each to its own unit."""
    case = case_of("G17")
    amounts = []
    for each in case["inputs"]["cases"]:
        part = Period(day(each["from"]), day(each["to"]))
        share = part.share_of(Period(part.start, day(each["full_to"])))
        amounts.append(Money.rounded(share * int(each["amount"]), each["ccy"]).amount)

    assert [Decimal(text) for text in case["expected"]["amounts"]] == amounts


def test_a_first_cycle_is_measured_on_the_calendar_it_joins() -> None:
    """The first month, quarter and year of a subscription are shares of the whole one that it joins."""
    case = case_of("G26")
    found = []
    for (start, end, *_), length in zip(case["inputs"]["cases"], (1, 3, 12), strict=False):
        cycle = Cycle(day(end).replace(year=day(start).year), length, day=1)
        found += [written(cycle.parts_of(Period(day(start), day(end))))]

    assert case["expected"]["factors"][:3] == found


def test_a_span_of_no_days_is_never_billed() -> None:
    """Where the case gives a factor of zero, there is no period to bill at all."""
    start, end, *_ = case_of("G26")["inputs"]["cases"][3]

    with pytest.raises(InvalidPeriod):
        Period(day(start), day(end))
