"""The demo on real messages, ``id,business,contact,direction,occurred_at,text``: each business an account.

A book is written in which every business has signed from the month of its first message; all messages are
metered, all months invoiced, and every conversation must have reached an invoice line.
"""

from __future__ import annotations

import csv
import shutil
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path

from dateutil.relativedelta import relativedelta
from sqlalchemy import Engine

from contracts.load import load_book
from contracts.meters import OpenedBy
from db.unit_of_work import reading
from invoicing import bill
from invoicing.documents import Invoice
from kernel.clock import FixedClock
from kernel.errors import InvalidInput, OutOfBalance
from kernel.periods import month_of
from kernel.problems import Problem
from kernel.zones import local_day
from metering.conversations import Message, WindowRule, windows_of
from metering.events import Rejected
from metering.import_file import import_usage
from metering.messages import MessageReader, account_of
from runtime.demo.places import write_whole
from runtime.demo.tell import all_invoices

SHIPPED_BOOK = Path(__file__).parent / "messages_book"
METER = "whatsapp_conversations"
TIME_ZONE = "America/Mexico_City"
HOURS = 24

_ORDER_FORM = """\
# Signed by every business of this file: who opens a conversation, against Annex IX 4.2(iii).
id = "OPENED-BY-{name}"

[[clause]]
id = "OF-1"
place = "Order form, 1"
says_en = "A conversation is opened by {rule} messages only."

[meters.whatsapp_conversations]
kind = "conversations"
clause = "OF-1"
opened_by = "{rule}"
by = "country"
"""


@dataclass(frozen=True, slots=True)
class LoggedMessage:
    """A row of the file, without its text."""

    business: str
    contact: str
    direction: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagesReport:
    """What became of a file of messages."""

    messages: int
    businesses: int
    conversations: Mapping[OpenedBy, int]
    opened_by: OpenedBy
    billed_conversations: Decimal
    invoices: tuple[Invoice, ...]

    def lines(self) -> tuple[str, ...]:
        """Return the report as a person reads it."""
        counted = ", ".join(
            f"{count:,} if opened by {rule.value}" for rule, count in self.conversations.items()
        )
        billed = f"{self.billed_conversations:,} conversations on the lines of {len(self.invoices)} invoices"
        return (
            f"{self.messages:,} messages of {self.businesses} businesses.",
            f"Conversations of 24 hours per business and contact: {counted}.",
            f"Metered and invoiced, opened by {self.opened_by.value}: {billed}; none is missing.",
        )


def bill_messages(engine: Engine, file: Path, *, opened_by: OpenedBy, book: Path) -> MessagesReport:
    """Bill a file of messages from its first to its last month, and prove that nothing was left out.

    Raises :class:`InvalidInput` for the first message that cannot be counted, and :class:`OutOfBalance` when
    the invoices' conversations are not those of the messages.
    """
    reader = MessageReader(meter=METER, dimensions={"country": "MX"})
    messages = read_messages(file, reader)
    last_day = max(local_day(each.occurred_at, TIME_ZONE) for each in messages)
    clock = FixedClock.on(month_of(last_day) + relativedelta(months=1))
    write_book(book, messages, opened_by)
    _refuse_any(load_book(engine, book, clock=clock).problems)
    _refuse_any(import_usage(engine, file, clock=clock, reader=reader, backfill=True).problems)
    bill.run(engine, as_of=clock.now().date(), clock=clock)
    with reading(engine) as connection:
        invoices = all_invoices(connection)
    counted = {rule: count_conversations(messages, rule) for rule in OpenedBy}
    billed = sum(
        (line.quantity for each in invoices for line in each.lines if line.meter == METER), Decimal(0)
    )
    if billed != counted[opened_by]:
        raise OutOfBalance(
            "the invoices do not hold every conversation",
            field="conversations",
            value=billed,
            expected=str(counted[opened_by]),
        )
    return MessagesReport(
        messages=len(messages),
        businesses=len({each.business for each in messages}),
        conversations=counted,
        opened_by=opened_by,
        billed_conversations=billed,
        invoices=invoices,
    )


def read_messages(file: Path, reader: MessageReader) -> tuple[LoggedMessage, ...]:
    """Return the messages of a file; the texts are not kept.

    Raises :class:`InvalidInput` for a file without a message, and for the first row that is none.
    """
    with file.open("rb") as stream:
        for _, event in reader.read(stream, file.name):
            if isinstance(event, Rejected):
                _refuse_any([event.problem])
    with file.open(encoding="utf-8-sig", newline="") as stream:
        messages = tuple(
            LoggedMessage(
                row["business"], row["contact"], row["direction"], datetime.fromisoformat(row["occurred_at"])
            )
            for row in csv.DictReader(stream)
        )
    if not messages:
        raise InvalidInput("no message here", value=file, expected="a row for each message")
    return messages


def _refuse_any(problems: Sequence[Problem]) -> None:
    """Refuse the whole file for the first thing that would be set aside: nothing may be left out here."""
    if problems:
        first = problems[0]
        raise InvalidInput(
            first.message, field=first.field, value=first.value, expected=first.expected, place=first.place
        )


def count_conversations(messages: Iterable[LoggedMessage], opened_by: OpenedBy) -> int:
    """Count the conversations of each business and contact, straight from the messages."""
    threads: dict[tuple[str, str], list[Message]] = defaultdict(list)
    for each in messages:
        day = local_day(each.occurred_at, TIME_ZONE)
        threads[each.business, each.contact].append(Message(each.occurred_at, each.direction, day))
    return sum(len(windows_of(thread, WindowRule(opened_by, HOURS))) for thread in threads.values())


def write_book(book: Path, messages: Sequence[LoggedMessage], opened_by: OpenedBy) -> None:
    """Write the book of a file of messages: one account and one subscription for each business."""
    shutil.copytree(SHIPPED_BOOK, book, dirs_exist_ok=True)
    form = ""
    if opened_by is not OpenedBy.EITHER:
        form = f"opened-by-{opened_by.value}"
        text = _ORDER_FORM.format(name=opened_by.name, rule=opened_by.value)
        write_whole(book / "order_forms" / f"{form}.toml", text.encode())
    first_days: dict[str, date] = {}
    for each in messages:
        day = month_of(local_day(each.occurred_at, TIME_ZONE))
        first_days[each.business] = min(day, first_days.get(each.business, day))
    accounts = [
        (account_of(name), name, "MX", f"billing@{account_of(name)}.example") for name in sorted(first_days)
    ]
    subscriptions = [
        ("messages", account_of(name), "conversion-messages", "1", "zenvia-mx", day, day, form)
        for name, day in sorted(first_days.items())
    ]
    _write_csv(book / "accounts.csv", ("code", "name", "country", "email"), accounts)
    _write_csv(
        book / "subscriptions.csv",
        ("code", "account", "plan", "plan_version", "entity", "signed_on", "starts_on", "order_form"),
        subscriptions,
    )


def _write_csv(path: Path, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    text = StringIO(newline="")
    csv.writer(text).writerows([head, *rows])
    write_whole(path, text.getvalue().encode())
