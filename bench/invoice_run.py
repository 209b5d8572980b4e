"""The invoice run: invoices issued a second, against a bare COPY of the rows that it writes on the same disk.

``python -m bench.invoice_run --size 2000`` starts a database of its own in a temporary folder and removes it.
An issued invoice is committed: rated, numbered, frozen, posted, mailed to the outbox, and marked as billed.

Customers sign the demo's contracts of three kinds in turn, and are billed for January's use and February's
fee.  The use is written as sums by day, by COPY: ingest has a benchmark of its own.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import cycle, islice
from pathlib import Path
from typing import Any, Final

from msgspec.structs import replace
from sqlalchemy import (
    Column,
    ColumnElement,
    CreateTableAs,
    Engine,
    Table,
    Text,
    cast,
    false,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB

from bench.report import figures, per_second, show
from bench.stage import run
from contracts import book_store
from contracts.book import read_book
from contracts.book_checks import Book
from contracts.charges import Flat, OneOff
from contracts.meters import SeatMeter
from contracts.parties import Account
from contracts.store import account_chunks, contracts_of, load_catalog
from contracts.subscriptions import Contract, Subscription
from db.copying import copy_rows
from db.tables import outbox
from db.unit_of_work import unit_of_work
from invoicing import bill
from invoicing.cycles import Progress
from invoicing.store import save_progress
from invoicing.tables import billing_marks, billing_progress, invoice_lines, invoices
from kernel.clock import FixedClock
from metering.tables import usage_counted, usage_daily
from receivables.tables import journal_postings, open_items

DEFAULT_SIZE: Final = 2_000
BOOK: Final = Path(__file__).parents[1] / "runtime" / "demo" / "book"
#: Accounts of the demo that signed the three kinds of contract.
SIGNERS: Final = ("ferreteria-martillo", "cartorio-digital", "floreria-jazmin")

JANUARY: Final = date(2026, 1, 1)
FEBRUARY: Final = date(2026, 2, 1)
DAYS: Final = tuple(JANUARY + timedelta(days=number) for number in range((FEBRUARY - JANUARY).days))
CLOCK: Final = FixedClock.on(FEBRUARY)
#: So much of a meter on each day; seats hold as many all month.
USED_A_DAY: Final = Decimal(37)

METER: Final = ("account_id", "subscription_id", "meter")
DAY: Final = (*METER, "day", "dimension", "quantity", "closing")

#: Rows that one transaction copies bare: what a chunk of the run writes of lines.
COPIED_ROWS: Final = 2_000

#: What the run writes.
WRITTEN: Final = (
    invoices, invoice_lines, billing_marks, billing_progress, open_items, journal_postings, outbox,
)  # fmt: skip


def sign(engine: Engine, book: Book, size: int) -> None:
    """Store the demo's terms and plans, and so many customers who sign one of the contracts each."""
    forms = {each.value.account: each.value for each in book.subscriptions}
    templates = [forms[signer] for signer in SIGNERS]
    signed = [
        replace(template, account=f"account-{number}", signed_on=JANUARY, starts_on=JANUARY, ends_on=None)
        for number, template in enumerate(islice(cycle(templates), size))
    ]
    with unit_of_work(engine) as connection:
        book_store.save_vendors(connection, [each.value for each in book.vendors])
        book_store.save_entities(connection, [each.value for each in book.entities])
        book_store.add_documents(connection, [each.value for each in book.documents])
        book_store.add_plans(connection, [each.value for each in book.plans])
        for series in book.indices:
            book_store.add_index_months(connection, series.code, series.percent_by_month, CLOCK.now())
        book_store.save_accounts(connection, map(account_of, signed), CLOCK.now())
        plans = {each.value.code: each.value for each in book.plans}
        book_store.add_subscriptions(
            connection, [(each, plans[each.plan].product) for each in signed], CLOCK.now()
        )


def account_of(signed: Subscription) -> Account:
    """Return the customer who signed a contract."""
    code = signed.account
    return Account(
        code=code,
        name=f"Customer {code}, S.A. de C.V.",
        country="MX",
        email=f"{code}@example.com",
        tax_id="XAXX010101000",
        address="Av. de los Ejemplos 100, 06600 Ciudad de México",
        language="es",
    )


def use_january(engine: Engine) -> None:
    """Write the use of a month, and the progress that a run of 1 January leaves: its fees are billed."""
    for accounts in account_chunks(engine, bill.CHUNK_ACCOUNTS):
        with unit_of_work(engine) as connection:
            signed = contracts_of(connection, load_catalog(connection), accounts)
            billed = {(each.account_id, each.subscription_id): Progress(FEBRUARY, JANUARY) for each in signed}
            save_progress(connection, billed)
            used = [row for each in signed for row in used_by(each)]
            copy_rows(connection, usage_counted, METER, {row[: len(METER)]: None for row in used})
            copy_rows(connection, usage_daily, DAY, used)


def used_by(contract: Contract) -> Iterator[tuple[object, ...]]:
    """Yield the sums by day of all that a contract charges by use."""
    for charge in contract.charges:
        if not isinstance(charge, Flat | OneOff):
            meter = (contract.account_id, contract.subscription_id, charge.meter)
            if isinstance(contract.terms.meters[charge.meter].rule, SeatMeter):
                yield (*meter, JANUARY, charge.dimension, USED_A_DAY, USED_A_DAY)
            else:
                yield from ((*meter, day, charge.dimension, USED_A_DAY, None) for day in DAYS)


def timed_run(engine: Engine, size: int) -> int:
    """Run the invoices of 1 February; return the nanoseconds to the last commit."""
    began = time.perf_counter_ns()
    report = bill.run(engine, as_of=FEBRUARY, clock=CLOCK)
    took = time.perf_counter_ns() - began
    if report.invoices != size:
        message = f"of {size} contracts {report.invoices} were billed; {report.problems[:1]}"
        raise SystemExit(message)
    return took


def timed_copy(engine: Engine, table: Table) -> int:
    """Copy what the run wrote into a table without any index; return the nanoseconds of its commits."""
    names = [column.name for column in table.columns]
    bare, took = f"bare_{table.name}", 0
    with unit_of_work(engine) as connection:
        connection.execute(CreateTableAs(select(table).where(false()), bare))
    with engine.connect().execution_options(stream_results=True) as reader:
        written = reader.execute(select(*map(as_copied, table.columns)))
        for rows in written.partitions(COPIED_ROWS):
            began = time.perf_counter_ns()
            with unit_of_work(engine) as connection:
                copy_rows(connection, bare, names, rows)
            took += time.perf_counter_ns() - began
    return took


def as_copied(column: Column[Any]) -> ColumnElement[Any]:
    """Return a column as COPY takes it: documents as text."""
    return cast(column, Text) if isinstance(column.type, JSONB) else column


def measure(engine: Engine, size: int) -> None:
    """Bill so many contracts, copy what that wrote bare, and show the figures."""
    book, problems = read_book(BOOK)
    if problems:
        raise SystemExit(str(problems))
    sign(engine, book, size)
    use_january(engine)
    run_ns = timed_run(engine, size)
    copy_ns = sum(timed_copy(engine, table) for table in WRITTEN)
    found = figures("invoice_run", size, rate=per_second(size, run_ns), limit=per_second(size, copy_ns))
    with unit_of_work(engine) as connection:
        lines = connection.execute(select(func.count()).select_from(invoice_lines)).scalar_one()
    show(
        found,
        unit="invoices",
        rows=(("lines", f"{lines:,}"), ("accounts of a transaction", f"{bill.CHUNK_ACCOUNTS:,}")),
    )


if __name__ == "__main__":
    run(measure, counts="issued invoices a second", of="invoices to issue", default_size=DEFAULT_SIZE)
