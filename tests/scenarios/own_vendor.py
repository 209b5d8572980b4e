"""A year of a vendor that only TOML knows: its customers use, are invoiced, pay or do not, and are chased.

Day by day, with the verbs of the commands, from Monday 5 January 2026 to Monday 4 January 2027: 53 runs.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from msgspec.structs import replace
from sqlalchemy import Engine

from contracts.load import LoadReport, load_book
from db.unit_of_work import reading, unit_of_work
from dunning.chase import ChaseReport, chase, confirm_delivery
from dunning.confirm import confirm
from dunning.store import notices_of
from invoicing.bill import RunReport
from kernel.clock import FixedClock
from kernel.ids import ItemId, account_id_of
from metering.events import UsageEvent
from payments.import_receipts import ReceiptsReport, import_receipts
from receivables.store import balances
from runtime.demo.replay import RECEIPT_COLUMNS
from tests.integration.dunning_book import Customer, contract_of
from tests.integration.invoicing_book import Office, chats, counted, texts

BOOK = Path(__file__).parents[1] / "books" / "corrivane"

FIRST, LAST = date(2026, 1, 5), date(2027, 1, 4)
WEEKS = 52

#: 200 characters: two SMS by plain length, three by the alphabet that ê needs.
TEXT = "você " * 40

#: People who can log in, from the Monday of a week on.
PEOPLE: Mapping[int, int] = {0: 2, 5: 4, 18: 7, 36: 3}

#: The week in which Ana writes: two chats, by the clock.
ANAS_WEEK = 2
ANA = (("outbound", "06:00"), ("inbound", "08:00"), ("inbound", "19:59"), ("inbound", "20:00"))

LATE_INVOICE, LATE_DUE = date(2026, 3, 2), date(2026, 3, 14)
#: What comes in of the late invoice, and when.
LATE_PAYMENTS: Mapping[date, str] = {date(2026, 3, 29): "20.00", date(2026, 4, 12): "25.10"}

SALGUEIROS_FIRST, TERMINATED = date(2026, 6, 1), date(2026, 7, 26)


def monday(week: int) -> date:
    """Return the first day of a week; week 0 begins on 5 January 2026."""
    return FIRST + timedelta(weeks=week)


@dataclass(frozen=True, slots=True)
class Use:
    """What Faolán Books uses of a week, by the day of the week (0: Monday)."""

    chats: Mapping[int, int]
    texts: Mapping[int, int]
    words: Mapping[int, int]


def use_of(week: int) -> Use:
    """Return the use of a week: more on some, less on others, the same in every replay."""
    return Use(
        chats={0: 4 + week * 5 % 23, 4: 19 + week * 3 % 31},
        texts={1: week % 4, 5: 2 + week * 7 % 11},
        words={6: 300 + 37 * week},
    )


def events_of(week: int) -> Iterator[UsageEvent]:
    """Yield what all customers used in a week."""
    first, use = monday(week), use_of(week)
    for day, count in use.chats.items():
        yield from chats("faolan", "chats", count, first + timedelta(days=day))
    for day, count in use.texts.items():
        yield from texts("faolan", TEXT, count, first + timedelta(days=day))
    for day, count in use.words.items():
        yield from counted("faolan", "words", count, first + timedelta(days=day))
    if week in PEOPLE:
        yield from counted("faolan", "people", PEOPLE[week], first)
    if week == ANAS_WEEK:
        yield from _ana(first + timedelta(days=2))
    if monday(week + 1) == LATE_INVOICE:
        yield from chats("ribera", "chats", 60, first)
        yield from texts("ribera", "Su libro ha llegado.", 55, first)


def _ana(on: date) -> Iterator[UsageEvent]:
    for direction, clock in ANA:
        (message,) = chats("faolan", "chats", 1, on)
        instant = datetime.combine(on, time.fromisoformat(clock), tzinfo=UTC)
        yield replace(message, contact="ana", direction=direction, occurred_at=instant)


@dataclass(frozen=True, slots=True)
class Year:
    """The book in a database, the files of its receipts, and all that was told to it."""

    office: Office
    folder: Path
    used: dict[int, tuple[UsageEvent, ...]] = field(default_factory=dict)

    @classmethod
    def replayed(cls, engine: Engine, folder: Path) -> Year:
        """Live the year in a fresh database; ``folder`` takes what the bank reports."""
        year = cls(Office.open(engine, BOOK), folder)
        for offset in range((LAST - FIRST).days + 1):
            year.lives(FIRST + timedelta(days=offset))
        return year

    def lives(self, day: date) -> None:
        """Do what a day holds: invoices on Mondays, what the bank and the post report, then the night."""
        if day.weekday() == 0:
            week = (day - FIRST).days // 7
            if week:
                self.used[week - 1] = tuple(events_of(week - 1))
                self.uses(week - 1)
            self.bills(day)
        paid = tuple(self._payments(day))
        if paid:
            self._write(day, paid)
            self.banks(day)
        self.posts(day)
        self.night(day)
        if day == TERMINATED:
            self.terminates(day)

    def loads(self) -> LoadReport:
        """Load the book."""
        return load_book(self.office.engine, BOOK, clock=FixedClock.on(LAST))

    def uses(self, week: int) -> None:
        """Ingest what was used in a week, on the Monday after it."""
        self.office.gets(self.used[week], clock=FixedClock.on(monday(week + 1)))

    def bills(self, day: date) -> RunReport:
        """Run the invoices of a day."""
        return self.office.bills(day)

    def banks(self, day: date) -> ReceiptsReport:
        """Import what the bank reports of a day."""
        return import_receipts(self.office.engine, self._statement(day), clock=FixedClock.on(day))

    def posts(self, day: date) -> None:
        """Confirm the delivery of each notice that was sent before a day, at eight in its morning."""
        with unit_of_work(self.office.engine) as connection:
            for account in ("ribera", "salgueiro"):
                for notice in notices_of(connection, account_id_of(account)):
                    if notice.sent_on < day:
                        instant = datetime.combine(day, time(8), tzinfo=UTC)
                        confirm_delivery(
                            connection, notice.account_id, notice.notice_id, delivered_at=instant
                        )

    def night(self, day: date) -> ChaseReport:
        """Chase what is late as of a day."""
        return chase(self.office.engine, as_of=day, clock=FixedClock.on(day))

    def customer(self, account: str) -> Customer:
        """Return a customer of the book."""
        return Customer(self.office.engine, contract_of(self.office.engine, account))

    @property
    def statements(self) -> tuple[date, ...]:
        """The days on which somebody paid."""
        return tuple(date.fromisoformat(path.stem) for path in sorted(self.folder.glob("*.csv")))

    def _payments(self, day: date) -> Iterator[tuple[str, ...]]:
        """Yield a row for each invoice that is paid on a day: Faolán's and Ribera's when they fall due."""
        payers = {account_id_of(code): code for code in ("faolan", "ribera")}
        with reading(self.office.engine) as connection:
            owed = balances(connection, as_of=day, account_ids=list(payers))
        for each in owed:
            number, account = each.item.number, payers[each.item.account_id]
            late = account == "ribera" and each.item.issued_on == LATE_INVOICE
            if late and day in LATE_PAYMENTS:
                yield f"{number}/{day}", account, day.isoformat(), LATE_PAYMENTS[day], "EUR", number
            elif not late and each.item.due_on == day:
                yield number, account, day.isoformat(), str(each.total.amount), "EUR", number

    def _write(self, day: date, rows: tuple[tuple[str, ...], ...]) -> None:
        with self._statement(day).open("w", newline="") as file:
            csv.writer(file).writerows([RECEIPT_COLUMNS, *rows])

    def _statement(self, day: date) -> Path:
        return self.folder / f"{day.isoformat()}.csv"

    def terminates(self, day: date) -> None:
        """A person confirms the proposal about Salgueiro's first invoice."""
        item_id = ItemId(self.office.of("salgueiro", SALGUEIROS_FIRST).invoice_id)
        confirm(
            self.office.engine,
            account_id_of("salgueiro"),
            item_id,
            "termination",
            by="aoife",
            clock=FixedClock.on(day),
        )
