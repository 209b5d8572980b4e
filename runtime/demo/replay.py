"""Replaying a year, day by day, with the verbs that the commands call.

Each step may be repeated: usage is known by its id, a period by its mark, a receipt by its reference, a
dunning step by its invoice.  So a replay that was killed goes on from the last day that was done and ends
with the same numbers.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

from dateutil.relativedelta import relativedelta
from sqlalchemy import Engine

from contracts.life_store import held_days_of
from contracts.store import contracts_of, load_catalog
from db.unit_of_work import reading
from dunning.chase import chase
from invoicing import bill
from invoicing.assess import assess
from kernel.clock import FixedClock
from kernel.ids import account_id_of
from kernel.money import Money
from kernel.periods import Period
from kernel.problems import Problem
from metering.import_file import import_usage
from payments.import_receipts import import_receipts
from receivables.journal import OpenItem
from receivables.store import balances
from runtime.deliver import Folder, deliver
from runtime.demo.generator import ndjson, usage_of
from runtime.demo.places import Places, Progress, write_whole
from runtime.demo.story import Story

RECEIPT_COLUMNS = ("reference", "account", "received_on", "amount", "currency", "invoice")

#: Told after each day: the day, and how many days are done.
DayDone = Callable[[date, int], None]


@dataclass(frozen=True, slots=True)
class Replay:
    """A story over a database; ``places`` keeps how far it came with the book of this digest."""

    engine: Engine
    story: Story
    places: Places
    book: str

    def run(self, on_day: DayDone) -> tuple[Problem, ...]:
        """Replay all days that are not done yet; return what was set aside on the way."""
        problems: list[Problem] = []
        for number, day in enumerate(self._days(), start=1):
            if not self._is_done(day):
                problems += self._live(day)
                self.places.keep(Progress(book=self.book, done=day))
            on_day(day, number)
        self.places.keep(Progress(book=self.book, done=self.story.last_day, finished=True))
        return tuple(problems)

    def _days(self) -> Iterator[date]:
        for offset in range(self.story.days):
            yield self.story.first_day + timedelta(days=offset)

    def _is_done(self, day: date) -> bool:
        progress = self.places.progress()
        return progress is not None and progress.done is not None and day <= progress.done

    def _live(self, day: date) -> list[Problem]:
        """Do what an operator's day holds: usage and invoices on the first, receipts, dunning, deliveries."""
        clock = FixedClock.on(day)
        problems: list[Problem] = []
        if day.day == 1:
            self._import_usage(day, clock)
            problems += bill.run(self.engine, as_of=day, clock=clock).problems
        receipts = self._receipts(day)
        if receipts is not None:
            problems += import_receipts(self.engine, receipts, clock=clock).problems
        problems += chase(self.engine, as_of=day, clock=clock).problems
        deliver(self.engine, Folder(self.places.folder("outbox")), clock=clock)
        return problems

    def _import_usage(self, first: date, clock: FixedClock) -> None:
        """Generate the month that ended and import it, as the channel's export would be."""
        month = Period(first - relativedelta(months=1), first)
        if month.start < self.story.first_day:
            return
        path = self.places.folder("usage") / f"{month.start:%Y-%m}.ndjson"
        if not path.exists():
            events = (
                line
                for profile in self.story.profile
                for line in ndjson(usage_of(profile, month, self.story.seed))
            )
            write_whole(path, b"".join(events))
        import_usage(self.engine, path, clock=clock)

    def _receipts(self, day: date) -> Path | None:
        """Write what the bank reports of a day, once; None where nobody pays."""
        path = self.places.folder("receipts") / f"{day.isoformat()}.csv"
        if not path.exists():
            rows = list(self._payments(day))
            if not rows:
                return None
            text = StringIO(newline="")
            writer = csv.writer(text)
            writer.writerows([RECEIPT_COLUMNS, *rows])
            write_whole(path, text.getvalue().encode())
        return path

    def _payments(self, day: date) -> Iterator[tuple[str, ...]]:
        """Yield the row of each receipt of a day, late charges of that day included in what is paid."""
        payers = {account_id_of(payer.account): payer for payer in self.story.payer}
        with reading(self.engine) as connection:
            owed = balances(connection, as_of=day, account_ids=list(payers))
        for balance in owed:
            payer = payers[balance.item.account_id]
            paying = payer.paying(balance.item, day)
            if paying is not None:
                total = self._with_late_charges(balance.item, day)
                amount = Money.rounded(total.exact * paying.percent.exact, total.currency)
                what = (str(amount.amount), amount.currency, balance.item.number)
                yield (paying.reference, payer.account, day.isoformat(), *what)

    def _with_late_charges(self, item: OpenItem, day: date) -> Money:
        """Return what an item comes to on a day; the assessment is undone, only the receipt will make it."""
        accounts = [item.account_id]
        with self.engine.connect() as connection, connection.begin() as transaction:
            catalog = load_catalog(connection)
            contracts = contracts_of(connection, catalog, accounts)
            held, clock = held_days_of(connection, contracts), FixedClock.on(day)
            for each in contracts:
                if each.subscription_id == item.subscription_id:
                    own = held[each.account_id, each.subscription_id]
                    assess(connection, catalog, each, item, through=day, clock=clock, held=own)
            found = balances(connection, as_of=day, account_ids=accounts)
            transaction.rollback()
        return next(each.total for each in found if each.item.item_id == item.item_id)
