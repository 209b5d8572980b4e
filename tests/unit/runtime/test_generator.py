"""The demo's usage: the same bytes from the same seed, in the shape of a help desk's day and week."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from kernel.periods import Period
from metering.event_reading import read_json
from metering.events import UsageEvent, check
from runtime.demo.generator import (
    HOUR_WEIGHTS,
    OUTBOUND_OPENS_ONE_IN,
    WEEKDAY_WEIGHTS,
    Pattern,
    Profile,
    ndjson,
    usage_of,
)

SEED = 7
ZONE = "America/Mexico_City"
MAY = Period(date(2025, 5, 1), date(2025, 6, 1))
LATER = datetime(2026, 1, 1, tzinfo=UTC)
PROFILE = Profile(
    account="acme",
    subscription="crm",
    meter="whatsapp_conversations",
    pattern=Pattern.TALK,
    per_month=300,
    time_zone=ZONE,
    dimensions={"country": "MX"},
)


def written(profile: Profile, period: Period = MAY, seed: int = SEED) -> bytes:
    """Return the file of a month."""
    return b"".join(ndjson(usage_of(profile, period, seed)))


def events(profile: Profile, period: Period = MAY) -> list[UsageEvent]:
    """Return the events of a month, as an import reads them."""
    return [read_json(line) for line in written(profile, period).splitlines()]


def local(event: UsageEvent) -> datetime:
    """Return when an event happened on the account's clock."""
    return event.occurred_at.astimezone(ZoneInfo(ZONE))


@pytest.mark.parametrize("pattern", list(Pattern))
def test_the_same_seed_gives_the_same_bytes(pattern: Pattern) -> None:
    """Whoever repeats the demo counts the same."""
    profile = replace(PROFILE, pattern=pattern)

    assert written(profile) == written(profile)


def test_another_seed_month_or_account_gives_other_use() -> None:
    """No two customers, and no two months, are copies of each other."""
    june = Period(date(2025, 6, 1), date(2025, 7, 1))
    times = [
        [event["occurred_at"] for event in usage_of(profile, period, seed)]
        for profile, period, seed in (
            (PROFILE, MAY, SEED),
            (PROFILE, MAY, SEED + 1),
            (PROFILE, june, SEED),
            (replace(PROFILE, account="other"), MAY, SEED),
        )
    ]

    assert len(times) == len({tuple(each) for each in times})


@pytest.mark.parametrize("pattern", list(Pattern))
def test_all_use_lies_in_the_month_and_can_be_imported(pattern: Pattern) -> None:
    """Each event is one that an import takes, on a local day of the month, under an id of its own."""
    made = events(replace(PROFILE, pattern=pattern))
    for event in made:
        check(event, now=LATER)

    assert {("acme", "crm", "whatsapp_conversations")} == {
        (event.account, event.subscription, event.meter) for event in made
    }
    assert len(made) == len({event.id for event in made})
    assert [] == [event for event in made if not MAY.start <= local(event).date() < MAY.end]


def test_two_profiles_of_one_meter_do_not_share_ids() -> None:
    """Lines of Mexico and of the United States are counted side by side."""
    ids = [{event.id for event in events(replace(PROFILE, dimensions={"country": c}))} for c in ("MX", "US")]

    assert set() == ids[0] & ids[1]


def test_a_day_and_a_week_have_their_shape() -> None:
    """Each hour and each weekday has its share of 40,000 texts, give or take a tenth and thirty texts."""
    made = [local(event) for event in events(replace(PROFILE, pattern=Pattern.SMS, per_month=40_000))]
    hours = Counter(at.hour for at in made)
    days = Counter(at.weekday() for at in made)
    weights = Counter(
        {day: WEEKDAY_WEIGHTS[day] * times for day, times in Counter(map(date.weekday, month())).items()}
    )

    for seen, expected in ((hours, Counter(dict(enumerate(HOUR_WEIGHTS)))), (days, weights)):
        for key, weight in expected.items():
            share = len(made) * weight // expected.total()
            assert abs(seen[key] - share) <= share // 10 + 30, (key, seen[key], share)


def month() -> list[date]:
    """Return the days of May."""
    return [date(2025, 5, day) for day in range(1, MAY.days + 1)]


def test_talk_goes_to_and_fro() -> None:
    """In a thread the sides take turns, in time; the customer's customer opens three of four."""
    threads: dict[str, list[UsageEvent]] = defaultdict(list)
    for event in events(replace(PROFILE, per_month=2_000, contacts=100_000_000)):
        threads[event.contact].append(event)
    opened = Counter(thread[0].direction for thread in threads.values())

    assert 2_000 == len(threads)
    for thread in threads.values():
        assert thread == sorted(thread, key=lambda event: event.occurred_at)
        assert all(first.direction != second.direction for first, second in pairwise(thread))
    assert abs(opened["outbound"] * OUTBOUND_OPENS_ONE_IN - len(threads)) <= len(threads) // 5


def test_counts_add_up_to_the_amount() -> None:
    """940 transactions come in small batches whose sum is 940."""
    made = events(replace(PROFILE, pattern=Pattern.COUNT, per_month=940))

    assert Decimal(940) == sum((event.quantity or Decimal(0) for event in made), Decimal(0))
    assert {Decimal(each) for each in range(1, 6)} >= {event.quantity for event in made}


def test_seats_are_told_once_at_the_start_of_the_month() -> None:
    """At midnight of the account's own clock."""
    made = events(replace(PROFILE, pattern=Pattern.SEATS, per_month=6))

    assert [(datetime(2025, 5, 1, tzinfo=ZoneInfo(ZONE)), Decimal(6))] == [
        (local(event), event.quantity) for event in made
    ]


def test_a_month_may_have_an_amount_of_its_own() -> None:
    """May has none here, and all other months have what is usual."""
    profile = replace(PROFILE, pattern=Pattern.SEATS, per_month=6, months={"2025-05": 0, "2025-06": 8})

    assert [] == events(profile)
    assert (0, 8, 6) == tuple(profile.amount_of(date(2025, each, 1)) for each in (5, 6, 7))
