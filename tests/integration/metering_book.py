"""What the tests of metering on PostgreSQL share: a book, events for it, and a look at what is stored."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec.structs import replace
from sqlalchemy import Engine, or_, select

from contracts import book_store
from contracts.subscriptions import Subscription
from db.unit_of_work import unit_of_work
from kernel.periods import Period
from metering.conversations import INBOUND, OUTBOUND
from metering.events import UsageEvent
from metering.ingest import IngestResult, ingest
from metering.measure import Want, measure
from metering.meter_book import MeterBook
from metering.tables import (
    conversations,
    event_keys,
    imported_files,
    late_usage,
    usage_counted,
    usage_daily,
    usage_events,
    usage_sources,
    usage_values,
)
from tests.unit.metering.book import (
    CLOCK,
    CRM,
    CRM_TERMS,
    MESSAGING,
    METERS,
    NOW,
    SAO_PAULO,
    TERMS,
    TIJUANA,
    VENDOR,
    account,
    at,
    ids,
    message,
    used,
)

#: The meters of events in no order, and telephone numbers of two people.
MIXED = tuple(code for code in METERS if code not in ("sms", "voice"))
NUMBERS = ("+55 11 98765-4321", "+551187654321", "+5215512345678", "+52 55 1234 5678", "525512345678")

#: When the tests' use begins.
INSTANT = at("2026-03-10T12:00:00Z")

#: Everything that billing reads, row by row.
Snapshot = tuple[list[tuple[object, ...]], ...]

T = TypeVar("T")


def save_book(engine: Engine, *signed: Subscription, accounts: tuple[str, ...] = ()) -> None:
    """Put the book into a database, with these subscriptions and their accounts."""
    with unit_of_work(engine) as connection:
        book_store.save_vendors(connection, [VENDOR])
        book_store.save_entities(connection, [SAO_PAULO, TIJUANA])
        book_store.add_documents(connection, [TERMS, CRM_TERMS])
        book_store.add_plans(connection, [MESSAGING, CRM])
    sign(engine, *signed, accounts=accounts)


def sign(engine: Engine, *signed: Subscription, accounts: tuple[str, ...] = ()) -> None:
    """Add subscriptions and their accounts, and accounts without any."""
    codes = dict.fromkeys((*accounts, *(each.account for each in signed)))
    with unit_of_work(engine) as connection:
        book_store.save_accounts(connection, [account(code) for code in codes], NOW)
        book_store.add_subscriptions(connection, [(each, each.plan) for each in signed], NOW)


def feed(engine: Engine, events: Sequence[UsageEvent], *, batch: int = 10_000) -> list[IngestResult]:
    """Ingest events in batches of a size, each in its own transaction."""
    results = []
    for first in range(0, len(events), batch):
        with unit_of_work(engine) as connection:
            results.append(ingest(connection, MeterBook(), events[first : first + batch], clock=CLOCK))
    return results


def write_ndjson(path: Path, events: Sequence[UsageEvent], *more: str) -> Path:
    """Write events, and further lines as they are, one a line."""
    lines = [msgspec.json.encode(event).decode() for event in events]
    path.write_text("\n".join([*lines, *more]) + "\n")
    return path


def snapshot(engine: Engine) -> Snapshot:
    """Return all sums by day, of days that have any, all conversations and all values."""
    with_use = or_(usage_daily.c.quantity != 0, usage_daily.c.closing.is_not(None))
    days = select(usage_daily).where(with_use).order_by(*usage_daily.primary_key)
    windows = select(conversations).order_by(*conversations.primary_key)
    values = select(usage_values).order_by(*usage_values.primary_key)
    with unit_of_work(engine) as connection:
        return tuple([tuple(row) for row in connection.execute(rows)] for rows in (days, windows, values))


def mixed_events(seed: int, count: int) -> list[UsageEvent]:
    """Return events of every kind of meter, of a few contacts over ten days, in no order of time."""
    draw = random.Random(seed)  # noqa: S311 the same for the same seed
    events = []
    for number in range(count):
        instant = INSTANT + timedelta(minutes=draw.randrange(10 * 24 * 60))
        meter = draw.choice(list(MIXED))
        match meter:
            case "documents" | "agents" | "boxes" | "storage" | "cpu" | "minutes" | "talk":
                events.append(used(number, instant, draw.randrange(9), meter=meter))
            case "roles":
                events.append(used(number, instant, draw.randrange(9), meter=meter, role=draw.choice("ab")))
            case "calls":
                events.append(
                    used(number, instant, draw.randrange(9), meter=meter, country=draw.choice("ab"))
                )
            case "devices":
                bears = {"device": draw.choice("xyz"), "country": draw.choice("ab")}
                events.append(replace(used(number, instant, 0, meter=meter, **bears), quantity=None))
            case "people":
                sent = message(number, instant, contact=draw.choice(NUMBERS))
                events.append(replace(sent, meter=meter))
            case _:
                sent = message(number, instant, draw.choice([INBOUND, OUTBOUND]), contact=draw.choice("xyz"))
                events.append(replace(sent, meter=meter, dimensions={"country": draw.choice(["BR", "MX"])}))
    return events


def forget_usage(engine: Engine) -> None:
    """Empty the tables of metering, to count the same again."""
    with unit_of_work(engine) as connection:
        for table in (
            usage_daily,
            usage_values,
            conversations,
            late_usage,
            usage_events,
            event_keys,
            usage_sources,
            usage_counted,
            imported_files,
        ):
            connection.execute(table.delete())


def measured(
    engine: Engine, meter: str, start: date, end: date, *, dimension: str = "", code: str = "main"
) -> Decimal:
    """Return what acme used of a meter from one day to the day before another."""
    want = Want(*ids(code=code), meter, dimension, Period(start, end), METERS[meter], SAO_PAULO.time_zone)
    with unit_of_work(engine) as connection:
        return measure(connection, [want])[want]
