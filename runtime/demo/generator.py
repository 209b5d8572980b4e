"""Usage for the demo: seeded, so that the same profile and month give the same events, byte for byte.

A day has the shape of a help desk's: quiet at night, a peak before lunch and one in the late afternoon, half
as much on Saturday, little on Sunday.  Talk comes in threads: one side opens, the other answers after
minutes, and most threads are over after a handful of messages; some contacts come back within the 24 hours of
a conversation and some after it.  The figures are invented but of the size that small vendors see.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import accumulate
from random import Random

import msgspec

from contracts.clauses import Record
from kernel.periods import Period
from kernel.zones import start_of_day

#: Threads per hour of the local day, relative to each other.
HOUR_WEIGHTS = (1, 1, 1, 1, 1, 2, 4, 8, 14, 20, 24, 24, 20, 14, 16, 20, 24, 22, 18, 12, 8, 5, 3, 2)

_HOURS = tuple(accumulate(HOUR_WEIGHTS))

#: Threads per day of the week, Monday first.
WEEKDAY_WEIGHTS = (11, 10, 10, 10, 12, 6, 3)

#: How many messages a thread has: most are short.
THREAD_LENGTHS = (1, 2, 2, 3, 3, 4, 4, 5, 6, 8, 12)

#: Minutes until the next message of a thread; the long ones cross the 24 hours of a conversation.
ANSWER_MINUTES = (1, 2, 2, 3, 5, 8, 15, 40, 120, 600, 1600)

#: One thread in so many is opened by the customer of the vendor, with a notice or a campaign.
OUTBOUND_OPENS_ONE_IN = 4


class Pattern(StrEnum):
    """What a profile's events look like."""

    TALK = "talk"
    COUNT = "count"
    SEATS = "seats"
    SMS = "sms"


class Profile(Record, frozen=True, kw_only=True):
    """How one subscription is used: which meter, how much a month, by how many contacts, in which dimensions.

    ``per_month`` counts threads (talk), units (count), texts (SMS) or seats.
    """

    account: str
    subscription: str
    meter: str
    pattern: Pattern
    per_month: int
    contacts: int = 200
    time_zone: str
    dimensions: dict[str, str] = {}
    months: dict[str, int] = {}

    def amount_of(self, month: date) -> int:
        """Return how much is used in a month, where ``months`` gives another amount for some of them."""
        return self.months.get(f"{month:%Y-%m}", self.per_month)


class _Moments:
    """Draws random moments of one month, in the shape of day and week."""

    def __init__(self, period: Period, zone: str, random: Random) -> None:
        self.period = period
        self.random = random
        self._days = [period.start + timedelta(days=offset) for offset in range(period.days)]
        self._midnights = [start_of_day(day, zone) for day in self._days]
        self._weights = list(accumulate(WEEKDAY_WEIGHTS[day.weekday()] for day in self._days))

    def draw(self) -> datetime:
        """Return the next moment."""
        midnight = self.random.choices(self._midnights, cum_weights=self._weights)[0]
        hour = self.random.choices(range(24), cum_weights=_HOURS)[0]
        return midnight + timedelta(seconds=hour * 3600 + self.random.randrange(3600))


def usage_of(profile: Profile, period: Period, seed: int) -> Iterator[dict[str, object]]:
    """Yield the events of a profile over a month, in the shape that ``clausula meter import`` takes."""
    random = Random(  # noqa: S311 repeatable, and no secret
        f"{seed}/{profile.account}/{profile.subscription}/{profile.meter}/{period.start}"
    )
    moments = _Moments(period, profile.time_zone, random)
    amount = profile.amount_of(period.start)
    if amount == 0:
        return
    match profile.pattern:
        case Pattern.TALK:
            events = _talk(profile, moments, amount)
        case Pattern.COUNT:
            events = _counts(moments, amount)
        case Pattern.SMS:
            events = _texts(profile, moments, amount)
        case Pattern.SEATS:
            events = iter([(start_of_day(period.start, profile.time_zone), {"quantity": str(amount)})])
    # Two profiles of one account differ in one of these; an id counts once for ever in all of the account.
    names = "-".join((profile.subscription, profile.meter, *profile.dimensions.values()))
    for number, (at, fields) in enumerate(events, start=1):
        yield {
            "id": f"{names}-{period.start:%Y-%m}-{number:06d}",
            "source": "demo",
            "account": profile.account,
            "subscription": profile.subscription,
            "meter": profile.meter,
            "occurred_at": at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            **({"dimensions": profile.dimensions} if profile.dimensions else {}),
            **fields,
        }


def ndjson(events: Iterator[dict[str, object]]) -> Iterator[bytes]:
    """Write each event as one line of JSON."""
    for event in events:
        yield msgspec.json.encode(event) + b"\n"


def _talk(profile: Profile, moments: _Moments, threads: int) -> Iterator[tuple[datetime, dict[str, object]]]:
    random, end = moments.random, start_of_day(moments.period.end, profile.time_zone)
    for _ in range(threads):
        at, contact = moments.draw(), f"+52155{random.randrange(profile.contacts):08d}"
        outbound = random.randrange(OUTBOUND_OPENS_ONE_IN) == 0
        for _ in range(random.choice(THREAD_LENGTHS)):
            if at >= end:
                break
            yield at, {"contact": contact, "direction": "outbound" if outbound else "inbound"}
            at += timedelta(minutes=random.choice(ANSWER_MINUTES), seconds=random.randrange(60))
            outbound = not outbound


def _counts(moments: _Moments, units: int) -> Iterator[tuple[datetime, dict[str, object]]]:
    left = units
    while left > 0:
        batch = min(left, moments.random.randrange(1, 6))
        left -= batch
        yield moments.draw(), {"quantity": str(Decimal(batch))}


def _texts(profile: Profile, moments: _Moments, texts: int) -> Iterator[tuple[datetime, dict[str, object]]]:
    templates = (
        "Your code is {number}. It expires in 5 minutes.",
        "Su pedido {number} ya salió a reparto, le esperamos entre las 10 y las 14 horas.",
        "Te recordamos tu cita del lunes. Responde 1 para confirmar o 2 para cambiarla, folio {number}.",
    )
    for _ in range(texts):
        text = moments.random.choice(templates).format(number=moments.random.randrange(100_000, 1_000_000))
        contact = f"+52155{moments.random.randrange(profile.contacts):08d}"
        yield moments.draw(), {"text": text, "contact": contact, "direction": "outbound"}
