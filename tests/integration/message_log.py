"""Logs of messages for tests: one that is invented, and the published one, which is not ours to carry."""

from __future__ import annotations

import csv
import os
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final, NamedTuple

from contracts.meters import OpenedBy

SEED: Final = 20171031
MESSAGES: Final = 320
BUSINESSES: Final = ("Ask_Florist", "bookshop", "CityBikes", "dentist")
COLUMNS: Final = ("id", "business", "contact", "direction", "occurred_at", "text")
DAY: Final = timedelta(hours=24)

#: Minutes to the next message of a contact: soon, the next day, and exactly 24 hours or a second less.
GAPS: Final = (1, 3, 20, 90, 600, 1_439, 1_440, 1_441, 2_000, 9_000)

#: Names the published file of customer-support messages of October 2017, whose licence keeps it out of here.
VARIABLE: Final = "CLAUSULA_MESSAGES"
PUBLISHED: Final = os.environ.get(VARIABLE, "")

#: Its messages, and its conversations by who opens them.
PUBLISHED_MESSAGES: Final = 2_869
PUBLISHED_CONVERSATIONS: Final = {OpenedBy.EITHER: 1_129, OpenedBy.INBOUND: 848, OpenedBy.OUTBOUND: 1_089}


class Row(NamedTuple):
    """A message as a log has it, without its text."""

    number: int
    business: str
    contact: str
    direction: str
    occurred_at: datetime


def invented() -> list[Row]:
    """Return messages over seven weeks, the same every time, in no order of time."""
    random = Random(SEED)  # noqa: S311 repeatable, and no secret
    clocks = {
        (business, f"{contact}"): datetime(2017, 10, 1, 12, tzinfo=UTC) + timedelta(days=random.randrange(40))
        for business in BUSINESSES
        for contact in range(1, 13)
    }
    rows = []
    for number in range(1, MESSAGES + 1):
        thread = random.choice(sorted(clocks))
        rows.append(Row(number, *thread, random.choice(("inbound", "outbound")), clocks[thread]))
        clocks[thread] += timedelta(minutes=random.choice(GAPS))
    random.shuffle(rows)
    return rows


def published() -> list[Row]:
    """Return the messages of the published file."""
    with Path(PUBLISHED).open(newline="", encoding="utf-8") as log:
        return [
            Row(
                int(row["id"]),
                row["business"],
                row["contact"],
                row["direction"],
                datetime.fromisoformat(row["occurred_at"]),
            )
            for row in csv.DictReader(log)
        ]


def write(rows: Sequence[Row], path: Path) -> Path:
    """Write messages as a support tool exports them."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        for row in rows:
            at = row.occurred_at.isoformat().replace("+00:00", "Z")
            writer.writerow((row.number, row.business, row.contact, row.direction, at, 'Hello, "you"'))
    return path


def conversations(rows: Sequence[Row], opened_by: OpenedBy) -> int:
    """Count by hand: a message that may open one, at or after the end of the last, opens the next."""
    ends: dict[tuple[str, str], datetime] = defaultdict(lambda: datetime.min.replace(tzinfo=UTC))
    count = 0
    for row in sorted(rows, key=lambda row: row.occurred_at):
        thread = row.business, row.contact
        if opened_by in (OpenedBy.EITHER, row.direction) and row.occurred_at >= ends[thread]:
            ends[thread] = row.occurred_at + DAY
            count += 1
    return count
