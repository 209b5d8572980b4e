"""Segments, conversations, levels, rounding and the period of an event against worked cases.

Each case is computed by the functions that ingest and a run use; what is not followed has its reason.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest

from contracts.meters import OpenedBy, TimeUnit, UnitRounding
from kernel.errors import EventInFuture
from kernel.money import Rounding, round_exact
from kernel.periods import Period
from kernel.zones import local_day, start_of_day
from metering.conversations import INBOUND, OUTBOUND, Message, Window, WindowRule, recomputed_from, windows_of
from metering.level_time import level_at_end, level_time
from metering.seats import TOTAL, LevelChange, day_levels
from metering.segments import alphabet_of, segments
from metering.unit_rounding import rounded
from metering.usage_times import UsageTimes, check_ahead, too_old
from tests.golden import test_invoicing_golden, test_rating_golden

Case = dict[str, Any]

CASES: list[Case] = [
    case
    for path in sorted((Path(__file__).parent / "cases").glob("*.json"))
    for case in json.loads(path.read_text(), parse_float=Decimal)
]
START = datetime(2026, 3, 1, 12, tzinfo=UTC)
DIRECTIONS = {"in": INBOUND, "out": OUTBOUND}
HOURS = 24


#: Cases of these kinds that are knowingly not followed; decisions/metering.md says why.
REJECTED = {"metronome-after-finalize", "wallet-01"}

#: What a case of use or of rounding is about, by a word of its kind.
ABOUT = ("sms", "conversations", "metering", "usage", "rounding")

#: The kinds that the tests below check, each in full or with its exceptions named above.
KINDS: set[str] = set()


def cases(kind: str) -> pytest.MarkDecorator:
    """Parametrize a test with the cases of a kind."""
    KINDS.add(kind)
    found = [case for case in CASES if case.get("kind") == kind and case["id"] not in REJECTED]
    return pytest.mark.parametrize("case", found, ids=[case["id"] for case in found])


def test_every_case_of_use_and_of_rounding_is_run_or_rejected_for_a_reason() -> None:
    """Those that are not run here are run by what rates them or bills them, or the page says why by none."""
    run = KINDS | test_rating_golden.KINDS | test_invoicing_golden.KINDS
    kinds = {case["id"]: test_rating_golden.kind_of(case) for case in CASES}
    about = {case for case, kind in kinds.items() if any(word in kind for word in ABOUT)}
    reasons = (Path(__file__).parent / "decisions" / "metering.md").read_text(encoding="utf-8")

    assert REJECTED <= about
    assert set() == {case for case in about - REJECTED if kinds[case] not in run}
    assert set() == {case for case in REJECTED if f"| {case} |" not in reasons}


@cases("sms_segments")
def test_segments(case: Case) -> None:
    """The alphabet and the number of segments are those of the case."""
    text = case["input"]["text"]

    assert case["expected"] == {"encoding": alphabet_of(text).name, "segments": segments(text)}


@cases("conversations_24h")
def test_conversations_in_order_of_arrival(case: Case) -> None:
    """Messages that arrive one by one, late ones too, end in the number of conversations of the case."""
    opened_by = OpenedBy(case["input"]["opened_by"])
    arrived: list[Message] = []
    windows: tuple[Window, ...] = ()
    for direction, hours in case["input"]["events_hours_in_arrival_order"]:
        instant = START + timedelta(microseconds=int(Decimal(hours) * 3_600_000_000))
        arrived.append(Message(instant, DIRECTIONS[direction], instant.date()))
        start = recomputed_from(windows, instant, WindowRule(OpenedBy.EITHER, HOURS))
        kept = tuple(window for window in windows if window.opened_at < start)
        reread = [message for message in arrived if message.occurred_at >= start]
        windows = (*kept, *windows_of(reread, WindowRule(opened_by, HOURS)))

    assert case["expected"]["conversations"] == len(windows)


@cases("usage.period")
def test_a_period_holds_its_first_instant_and_not_its_end(case: Case) -> None:
    """The last second of December belongs, the first of January does not."""
    december = Period(date(2026, 12, 1), date(2027, 1, 1))
    years = {"12": 2026, "01": 2027}
    instants = [
        datetime.fromisoformat(f"{years[stamp[:2]]}-{stamp}") for stamp in case["input"]["timestamps"]
    ]

    assert case["expected"]["included"] == [local_day(instant, "UTC") in december for instant in instants]


@cases("usage.window")
def test_when_an_event_may_have_been(case: Case) -> None:
    """Where no paper says anything: 35 days back and five minutes ahead, as Stripe has it."""
    now = datetime.fromisoformat(case["input"]["now"])

    def accepted(instant: str) -> bool:
        occurred_at = datetime.fromisoformat(instant)
        try:
            check_ahead(occurred_at, UsageTimes(), now=now)
        except EventInFuture:
            return False
        return too_old(occurred_at, UsageTimes(), now=now) is None

    assert case["expected"]["accepted"] == [accepted(instant) for instant in case["input"]["timestamps"]]


@cases("usage.late")
def test_the_events_own_time_decides(case: Case) -> None:
    """When an event arrives does not move it to another period."""
    start, end = (date.fromisoformat(day) for day in case["input"]["period"])
    january = Period(start, end + timedelta(days=1))
    stamps = case["input"]["event_timestamps"]
    goes_to = ["draft invoice of January", "next invoice"]

    found = [
        goes_to[0] if local_day(datetime.fromtimestamp(stamp, UTC), "UTC") in january else goes_to[1]
        for stamp in stamps
    ]

    assert case["expected"]["goes_to"] == found


@cases("metering.unit_rounding")
def test_unit_rounding(case: Case) -> None:
    """So many decimals are a unit size: none is 1, two before the point are 100."""
    given = case["input"]
    ways = {"round": UnitRounding.HALF_UP, "floor": UnitRounding.DOWN, "ceil": UnitRounding.UP}
    size = Decimal(10) ** -(given["precision"] or 0)

    found = rounded(Decimal(given["units"]), rounding=ways[given["function"]], unit_size=size)

    assert Decimal(case["expected"]["units"]) == found


def average_level(carried: int, changes: list[tuple[datetime, int]], period: Period) -> Fraction:
    """Return level times days by the days of a period, from what each change adds to the level or takes.

    Our events say the level itself, so that one that comes twice changes nothing: the sums are those levels.
    """
    ordered = sorted(changes)
    levels = list(accumulate((step for _, step in ordered), initial=carried))[1:]
    told = [
        LevelChange(instant, f"{place:04}", TOTAL, Decimal(level), local_day(instant, "UTC"))
        for place, ((instant, _), level) in enumerate(zip(ordered, levels, strict=True))
    ]
    days = day_levels({TOTAL: Decimal(carried)}, told, zone="UTC")
    before = [each for each in days if each.day < period.start]
    inside = [each for each in days if each.day in period]
    entered = level_at_end(Decimal(carried), before)
    return level_time(entered, inside, period, per=TimeUnit.DAY, zone="UTC") / period.days


@cases("metering.weighted_sum")
def test_a_level_weighed_by_its_time(case: Case) -> None:
    """16.5 unit-hours of a month of 744 hours are a level of 0.02218."""
    given = case["input"]
    start = datetime.fromisoformat(given["period_from"]).date()
    changes = [(datetime.fromisoformat(instant), step) for instant, step in given["events"]]

    found = average_level(0, changes, Period(start, start + timedelta(days=given["period_days"])))

    assert Decimal(case["expected"]["units_rounded_5"]) == round_exact(found, 5)


def days_of(given: dict[str, Any]) -> Period:
    """Return the period of a case whose last day is told, up to the day of an upgrade."""
    end = date.fromisoformat(given["period_to"]) + timedelta(days=1)
    return Period(
        date.fromisoformat(given["period_from"]),
        date.fromisoformat(given.get("subscription_upgraded", end.isoformat())),
    )


@cases("metering.unique_count.prorated")
def test_seats_by_the_day(case: Case) -> None:
    """A seat counts on the day on which it is added, on that on which it is removed, and on all between."""
    given, one = case["input"], timedelta(days=1)
    changes = []
    for seat in given["seats"]:
        spans = [(day, day) for day in seat.get("active_days", ())] or [(seat["added"], seat.get("removed"))]
        for first, last in spans:
            changes.append((start_of_day(date.fromisoformat(first), "UTC"), 1))
            if last:
                changes.append((start_of_day(date.fromisoformat(last) + one, "UTC"), -1))
    period = days_of(given)

    found = average_level(0, changes, period) * period.days / given["period_days"]

    assert Decimal(case["expected"]["units"]) == round_exact(found, 5, Rounding.UP)


@cases("metering.sum.prorated")
def test_a_sum_that_stands_by_the_day(case: Case) -> None:
    """5 for the whole month and twice 12 for its last six days, rounded up at five decimals."""
    given = case["input"]
    changes = [
        (start_of_day(date.fromisoformat(each["day"]), "UTC"), each["value"]) for each in given["events"]
    ]

    found = average_level(int(given["carried_over"]), changes, days_of(given))

    assert Decimal(case["expected"]["units"]) == round_exact(found, 5, Rounding.UP)
