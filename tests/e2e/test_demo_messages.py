"""The demo on messages: every conversation reaches an invoice line, whoever opens it.

The messages are invented here.  With ``CLAUSULA_MESSAGES`` naming the published file of customer-support
messages, its known counts are proved too.
"""

from __future__ import annotations

import csv
import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest

from contracts.meters import OpenedBy
from tests.e2e.command_line import DONE, Installation, Said, installed

pytestmark = [pytest.mark.integration, pytest.mark.e2e]

MESSAGES = 320
SEED = 20171031
COLUMNS = ("id", "business", "contact", "direction", "occurred_at", "text")
BUSINESSES = ("Ask_Florist", "bookshop", "CityBikes", "dentist")
DAY = timedelta(hours=24)

#: Minutes to the next message of a contact: soon, the next day, and exactly 24 hours or a second less.
GAPS = (1, 3, 20, 90, 600, 1_439, 1_440, 1_441, 2_000, 9_000)

#: The published file: messages, and conversations by who opens them.
PUBLISHED = os.environ.get("CLAUSULA_MESSAGES", "")
PUBLISHED_MESSAGES = 2_869
PUBLISHED_CONVERSATIONS = {OpenedBy.EITHER: 1_129, OpenedBy.INBOUND: 848, OpenedBy.OUTBOUND: 1_089}


class Row(NamedTuple):
    """A message as the file has it, without its text."""

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


def billed(said: Said) -> Decimal:
    """Return the conversations on all lines of all invoices of a report."""
    lines = (line for invoice in said.document["report"]["invoices"] for line in invoice["lines"])
    return sum(
        (Decimal(line["quantity"]) for line in lines if line["meter"] == "whatsapp_conversations"), Decimal(0)
    )


@pytest.fixture(name="place", scope="module")
def _place() -> Iterator[Installation]:
    with installed() as place:
        yield place


@pytest.mark.parametrize("opened_by", [OpenedBy.EITHER, OpenedBy.INBOUND])
def test_every_conversation_reaches_an_invoice_line(place: Installation, opened_by: OpenedBy) -> None:
    """The three counts are those made by hand, and the lines hold as many as the rule asks for."""
    rows = invented()
    file = write(rows, place.folder / "messages.csv")

    said = place.say("demo", "--messages", file, "--opened-by", opened_by, "--json")

    assert DONE == said.code, said.err
    report = said.document["report"]
    counted = {rule: conversations(rows, rule) for rule in OpenedBy}
    assert (MESSAGES, len(BUSINESSES)) == (report["messages"], report["businesses"])
    assert counted == {OpenedBy(rule): count for rule, count in report["conversations"].items()}
    assert counted[opened_by] == billed(said)
    numbers = {invoice["number"] for invoice in report["invoices"]}
    assert numbers == {path.stem for path in (place.folder / "out" / "messages" / "invoices").glob("*.pdf")}


@pytest.mark.skipif(not PUBLISHED, reason="CLAUSULA_MESSAGES names no file of messages")
@pytest.mark.parametrize("opened_by", list(OpenedBy))
def test_the_published_messages_give_the_known_counts(place: Installation, opened_by: OpenedBy) -> None:
    """2,869 messages are 1,129 conversations if either side opens, 848 if inbound, 1,089 if outbound."""
    said = place.say("demo", "--messages", Path(PUBLISHED).resolve(), "--opened-by", opened_by, "--json")

    assert DONE == said.code, said.err
    report = said.document["report"]
    assert PUBLISHED_MESSAGES == report["messages"]
    assert {rule.value: count for rule, count in PUBLISHED_CONVERSATIONS.items()} == report["conversations"]
    assert PUBLISHED_CONVERSATIONS[opened_by] == billed(said)
