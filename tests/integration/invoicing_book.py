"""A book in a database, its customers' use and invoices: the world of invoicing's tests.

Unless another is named it is a book of every kind of contract.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path

from msgspec.structs import replace
from sqlalchemy import Engine, Table, func, select

from contracts import book_store
from contracts.library import read_order_form
from contracts.load import load_book
from contracts.store import load_catalog, subscriptions_of
from contracts.subscriptions import OrderForm, Subscription
from db.unit_of_work import reading, unit_of_work
from invoicing import bill
from invoicing.archive import InvoiceFilter, invoices_page
from invoicing.bill import RunReport
from invoicing.documents import Invoice
from invoicing.explain import explain
from invoicing.store import open_problems
from kernel.clock import Clock, FixedClock
from kernel.ids import account_id_of, new_id, subscription_id_of
from kernel.problems import Problem
from metering.events import UsageEvent
from metering.ingest import ingest
from metering.meter_book import MeterBook

BOOK = Path(__file__).parents[1] / "books" / "invoicing"

#: Later than every event of these tests.
RECEIVED = FixedClock(datetime(2027, 1, 1, tzinfo=UTC))

#: When an event of a day happens: on that day in Mexico and in Brazil.
HOUR = time(18)


def talks(
    account: str, count: int, on: date, *, country: str = "MX", contact: str = ""
) -> Iterator[UsageEvent]:
    """Yield so many conversations over WhatsApp, each with a contact of its own unless one is named."""
    for each in chats(account, "whatsapp_conversations", count, on):
        yield replace(each, contact=contact or each.contact, dimensions={"country": country})


def chats(account: str, meter: str, count: int, on: date) -> Iterator[UsageEvent]:
    """Yield so many messages that came in, each from a contact of its own."""
    for _ in range(count):
        yield replace(_event(account, meter, on), direction="inbound", contact=str(new_id()))


def texts(account: str, text: str, count: int, on: date) -> Iterator[UsageEvent]:
    """Yield the same SMS so many times."""
    for _ in range(count):
        yield replace(_event(account, "sms", on), text=text)


def counted(account: str, meter: str, quantity: int, on: date) -> Iterator[UsageEvent]:
    """Yield the use of so many units, or a level of so many seats from then on."""
    yield replace(_event(account, meter, on), quantity=Decimal(quantity))


def _event(account: str, meter: str, on: date) -> UsageEvent:
    occurred_at = datetime.combine(on, HOUR, tzinfo=UTC)
    return UsageEvent(id=str(new_id()), account=account, meter=meter, occurred_at=occurred_at)


@dataclass(frozen=True, slots=True)
class Office:
    """A book in a database."""

    engine: Engine
    book: Path = BOOK

    @classmethod
    def open(cls, engine: Engine, book: Path = BOOK) -> Office:
        """Load a book into an empty database."""
        report = load_book(engine, book, clock=FixedClock.on(date(2025, 12, 31)))
        if report.problems:
            message = f"the book of these tests is not sound: {report.problems}"
            raise AssertionError(message)
        return cls(engine, book)

    def signs(
        self,
        account: str,
        plan: str,
        entity: str,
        *,
        order_form: str = "",
        signed_on: date = date(2025, 12, 20),
        starts_on: date = date(2026, 1, 1),
    ) -> None:
        """Sign a contract that is not in the book."""
        form = (
            read_order_form(self.book / "order_forms" / f"{order_form}.toml") if order_form else OrderForm()
        )
        signed = Subscription(
            code=plan,
            account=account,
            plan=plan,
            plan_version=1,
            entity=entity,
            signed_on=signed_on,
            starts_on=starts_on,
            order_form=form,
        )
        with unit_of_work(self.engine) as connection:
            product = load_catalog(connection).plan(plan, 1).product
            book_store.add_subscriptions(connection, [(signed, product)], RECEIVED.now())

    def ends(self, account: str, code: str, on: date | None) -> None:
        """Let a contract end on a day, or not at all."""
        account_id = account_id_of(account)
        with unit_of_work(self.engine) as connection:
            signed = subscriptions_of(connection, [account_id])[
                account_id, subscription_id_of(account_id, code)
            ]
            book_store.change_end(connection, replace(signed, ends_on=on))

    def gets(self, events: Iterable[UsageEvent], *, clock: Clock = RECEIVED) -> None:
        """Ingest events, all of which count."""
        with unit_of_work(self.engine) as connection:
            result = ingest(connection, MeterBook(), tuple(events), clock=clock, backfill=True)
        if result.problems:
            message = f"events of these tests are refused: {result.problems}"
            raise AssertionError(message)

    def bills(
        self, on: date, *, today: date | None = None, chunk_accounts: int = bill.CHUNK_ACCOUNTS
    ) -> RunReport:
        """Run the invoices of a day, on that day or on another."""
        clock = FixedClock.on(today or on)
        return bill.run(self.engine, as_of=on, clock=clock, chunk_accounts=chunk_accounts)

    @property
    def invoices(self) -> tuple[Invoice, ...]:
        """Every invoice, in the order of its number."""
        with reading(self.engine) as connection:
            found = invoices_page(connection, InvoiceFilter(limit=1_000))
        return tuple(sorted(found, key=lambda each: each.number))

    def of(self, account: str, on: date, *, subscription: str = "") -> Invoice:
        """Return the one invoice of an account, or of a subscription of it, that was issued on a day."""
        (found,) = [
            each
            for each in self.invoices
            if (each.customer.code, each.issued_on) == (account, on)
            and each.subscription.startswith(subscription)
        ]
        return found

    def told(self, account: str, on: date) -> str:
        """Return what ``explain`` prints of an invoice, without its digest: that covers ids drawn anew."""
        lines = explain(self.of(account, on))
        return "".join(f"{line}\n" for line in lines if not line.startswith("Content SHA-256"))

    @property
    def numbers(self) -> dict[str, list[int]]:
        """The numbers of each series, in the order in which they sort."""
        found: defaultdict[str, list[int]] = defaultdict(list)
        for invoice in self.invoices:
            series, number = invoice.number.rsplit("-", 1)
            found[series].append(int(number))
        return dict(found)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is set aside."""
        with reading(self.engine) as connection:
            return open_problems(connection)

    def rows(self, table: Table) -> list[tuple[object, ...]]:
        """Return all rows of a table, in the order of its key."""
        with reading(self.engine) as connection:
            return [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]

    def count(self, table: Table) -> int:
        """Count the rows of a table."""
        with reading(self.engine) as connection:
            return connection.execute(select(func.count()).select_from(table)).scalar_one()


def gapless(office: Office) -> bool:
    """Tell whether each series counts from 1 and leaves no number out."""
    return all(list(range(1, len(each) + 1)) == each for each in office.numbers.values())


def billed(office: Office) -> Counter[tuple[str, str, str, str, str]]:
    """Count what was billed, whatever its number: customer, charge, period, net and sum of each line."""
    return Counter(
        (
            f"{each.customer.code}/{each.subscription}",
            line.charge,
            str(line.period),
            f"{line.net}",
            f"{line.gross}",
        )
        for each in office.invoices
        for line in each.lines
    )
