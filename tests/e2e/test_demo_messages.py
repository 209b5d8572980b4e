"""The demo on messages: every conversation reaches an invoice line, whoever opens it.

The messages are invented here.  With ``CLAUSULA_MESSAGES`` naming the published file of customer-support
messages, its known counts are proved too.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from contracts.meters import OpenedBy
from tests.e2e.command_line import DONE, Installation, Said, installed
from tests.integration.message_log import (
    BUSINESSES,
    MESSAGES,
    PUBLISHED,
    PUBLISHED_CONVERSATIONS,
    PUBLISHED_MESSAGES,
    VARIABLE,
    conversations,
    invented,
    write,
)

pytestmark = [pytest.mark.integration, pytest.mark.e2e]


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


@pytest.mark.skipif(not PUBLISHED, reason=f"{VARIABLE} names no file of messages")
@pytest.mark.parametrize("opened_by", list(OpenedBy))
def test_the_published_messages_give_the_known_counts(place: Installation, opened_by: OpenedBy) -> None:
    """2,869 messages are 1,129 conversations if either side opens, 848 if inbound, 1,089 if outbound."""
    said = place.say("demo", "--messages", Path(PUBLISHED).resolve(), "--opened-by", opened_by, "--json")

    assert DONE == said.code, said.err
    report = said.document["report"]
    assert PUBLISHED_MESSAGES == report["messages"]
    assert {rule.value: count for rule, count in PUBLISHED_CONVERSATIONS.items()} == report["conversations"]
    assert PUBLISHED_CONVERSATIONS[opened_by] == billed(said)
