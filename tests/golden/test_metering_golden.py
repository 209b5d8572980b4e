"""Segments, conversations and the period of an event against worked cases.

Each case is computed by the same functions that ingest uses; what is not followed is named with its reason.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from contracts.meters import OpenedBy
from kernel.errors import EventInFuture
from kernel.periods import Period
from kernel.zones import local_day
from metering.conversations import INBOUND, OUTBOUND, Message, Window, recomputed_from, windows_of
from metering.segments import alphabet_of, segments
from metering.usage_times import UsageTimes, check_ahead, too_old

Case = dict[str, Any]

CASES: list[Case] = [
    case
    for path in sorted((Path(__file__).parent / "cases").glob("*.json"))
    for case in json.loads(path.read_text(), parse_float=Decimal)
]
START = datetime(2026, 3, 1, 12, tzinfo=UTC)
DIRECTIONS = {"in": INBOUND, "out": OUTBOUND}
HOURS = 24


#: What is knowingly not followed.
REJECTED = {
    "metronome-after-finalize": "voids a finalized invoice; here the difference is billed on the next one",
}


def cases(kind: str) -> pytest.MarkDecorator:
    """Parametrize a test with the cases of a kind."""
    found = [case for case in CASES if case.get("kind") == kind and case["id"] not in REJECTED]
    return pytest.mark.parametrize("case", found, ids=[case["id"] for case in found])


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
        start = recomputed_from(windows, instant, hours=HOURS)
        kept = tuple(window for window in windows if window.opened_at < start)
        reread = [message for message in arrived if message.occurred_at >= start]
        windows = (*kept, *windows_of(reread, opened_by=opened_by, hours=HOURS))

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
