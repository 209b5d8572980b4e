"""Ingest of usage: acknowledged events a second, against a bare COPY of the same rows on the same disk.

``python -m bench.ingest --size 200000`` starts a database of its own in a temporary folder and removes it.
An acknowledged event is committed, counted once for ever, and in the sums, conversations and seats.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Final

from msgspec.structs import astuple, replace
from sqlalchemy import CreateTableAs, Engine, false, select

from bench.report import figures, per_second, show
from bench.stage import run
from contracts import book_store
from contracts.catalog import Catalog
from contracts.charges import PerUnit
from contracts.clauses import Clause, DocumentHead, Layer
from contracts.meters import ConversationMeter, Meter, SeatMeter, SmsMeter, SumMeter
from contracts.parties import Account, LegalEntity, Vendor
from contracts.plans import Plan
from contracts.store import contracts_of, load_catalog
from contracts.subscriptions import Subscription
from contracts.terms import TermsDocument
from db.copying import copy_rows
from db.unit_of_work import unit_of_work
from kernel.clock import FixedClock
from kernel.ids import account_id_of
from metering.batches import ContractsByAccount, sort_batch
from metering.conversations import INBOUND, OUTBOUND
from metering.events import UsageEvent
from metering.import_file import BATCH_EVENTS
from metering.ingest import ingest
from metering.tables import usage_events
from metering.usage import Usage

DEFAULT_SIZE: Final = 200_000
SEED: Final = 20_261_001
EVENTS_PER_ACCOUNT: Final = 200
LATEST_SECONDS: Final = 3600
BARE_TABLE: Final = "bare_events"

FIRST_DAY: Final = date(2026, 10, 1)
SECONDS_IN_MONTH: Final = 31 * 24 * 60 * 60
CLOCK: Final = FixedClock(datetime(2026, 12, 1, tzinfo=UTC))

CLAUSE: Final = "BENCH-1"
METERS: Final[dict[str, Meter]] = {
    "sms": SmsMeter(clause=CLAUSE),
    "whatsapp": ConversationMeter(clause=CLAUSE, by="country"),
    "documents": SumMeter(clause=CLAUSE, unit="document"),
    "agents": SeatMeter(clause=CLAUSE),
}
#: Of a hundred events so many are of each meter.
MIX: Final = ("sms",) * 45 + ("whatsapp",) * 40 + ("documents",) * 14 + ("agents",)
WORDS: Final = (
    "hola",
    "su",
    "pedido",
    "llega",
    "hoy",
    "gracias",
    "por",
    "esperar",
    "código",
    "1234",
    "atención",
)
COUNTRIES: Final = ("BR", "MX", "CO")


def account_code(number: int) -> str:
    """Return the code of one of the accounts."""
    return f"account-{number}"


def save_book(engine: Engine, accounts: int) -> Catalog:
    """Store a book with so many accounts, each with one subscription, and return its catalog."""
    head = DocumentHead(
        id="terms", vendor="bench", layer=Layer.GENERAL, title="Terms", version="1", effective_from=FIRST_DAY
    )
    clause = Clause(id=CLAUSE, place="1", says_en="Use is counted by meters.")
    entity = LegalEntity(
        code="bench-br",
        vendor="bench",
        name="Bench",
        tax_id="1",
        country="BR",
        currency="BRL",
        time_zone="America/Sao_Paulo",
        series="B",
    )
    plan = Plan(
        code="plan",
        version=1,
        product="messaging",
        vendor="bench",
        name="Messaging",
        currency="BRL",
        effective_from=FIRST_DAY,
        documents=("terms",),
        charge=tuple(
            PerUnit(code=meter, name=meter, clause=CLAUSE, meter=meter, unit_price=Decimal(1))
            for meter in METERS
        ),
    )
    codes = [account_code(number) for number in range(accounts)]
    holders = [Account(code=code, name=code, country="BR", email=f"{code}@example.com") for code in codes]
    signed = [
        Subscription(
            code="main",
            account=code,
            plan="plan",
            plan_version=1,
            entity="bench-br",
            signed_on=FIRST_DAY,
            starts_on=FIRST_DAY - timedelta(days=1),
        )
        for code in codes
    ]
    with unit_of_work(engine) as connection:
        book_store.save_vendors(connection, [Vendor(code="bench", name="Bench")])
        book_store.save_entities(connection, [entity])
        book_store.add_documents(connection, [TermsDocument(document=head, clause=(clause,), meters=METERS)])
        book_store.add_plans(connection, [plan])
        book_store.save_accounts(connection, holders, CLOCK.now())
        book_store.add_subscriptions(connection, [(each, plan.product) for each in signed], CLOCK.now())
        return load_catalog(connection)


def events(size: int, accounts: int) -> Iterator[UsageEvent]:
    """Yield a month of use, roughly in the order of time, the same for the same size."""
    draw = random.Random(SEED)  # noqa: S311 a benchmark is repeated, not guarded
    start = datetime(FIRST_DAY.year, FIRST_DAY.month, 1, 12, tzinfo=UTC)
    for number in range(size):
        seconds = number * SECONDS_IN_MONTH // size - draw.randrange(LATEST_SECONDS)
        yield event(draw, number, draw.randrange(accounts), start + timedelta(seconds=seconds))


def event(draw: random.Random, number: int, account: int, occurred_at: datetime) -> UsageEvent:
    """Return one event of a meter drawn from the mix."""
    about = UsageEvent(
        id=f"event-{number}",
        account=account_code(account),
        meter=draw.choice(MIX),
        occurred_at=occurred_at,
        source="bench",
    )
    match METERS[about.meter]:
        case SmsMeter():
            return replace(about, text=" ".join(draw.choices(WORDS, k=draw.randrange(3, 40))))
        case ConversationMeter():
            return replace(
                about,
                direction=draw.choice((INBOUND, OUTBOUND)),
                contact=f"+5511{occurred_at.day}",
                dimensions={"country": COUNTRIES[account % len(COUNTRIES)]},
            )
        case _:
            return replace(about, quantity=Decimal(draw.randrange(1, 50)))


def batches(size: int, accounts: int) -> Iterator[list[UsageEvent]]:
    """Yield the events in the batches in which files are imported."""
    rest = events(size, accounts)
    while batch := list(islice(rest, BATCH_EVENTS)):
        yield batch


def book_of(engine: Engine, catalog: Catalog, accounts: int) -> ContractsByAccount:
    """Return all contracts, to turn events into rows for the bare COPY."""
    with unit_of_work(engine) as connection:
        ids = [account_id_of(account_code(number)) for number in range(accounts)]
        return {each.account.code: [each] for each in contracts_of(connection, catalog, ids)}


def timed_ingest(engine: Engine, catalog: Catalog, batch: list[UsageEvent]) -> int:
    """Ingest a batch; return the nanoseconds to its acknowledgement."""
    began = time.perf_counter_ns()
    with unit_of_work(engine) as connection:
        result = ingest(connection, catalog, batch, clock=CLOCK, backfill=True)
    took = time.perf_counter_ns() - began
    if result.accepted != len(batch):
        message = f"of {len(batch)} events {result.accepted} were accepted; {result.problems[:1]}"
        raise SystemExit(message)
    return took


def timed_copy(engine: Engine, batch: list[UsageEvent], book: ContractsByAccount) -> int:
    """Copy the rows of a batch into a table without any index; return the nanoseconds to the commit."""
    rows = [
        astuple(each.usage)
        for each in sort_batch(batch, book, now=CLOCK.now(), backfill=True).firsts.values()
    ]
    began = time.perf_counter_ns()
    with unit_of_work(engine) as connection:
        copy_rows(connection, BARE_TABLE, Usage.__struct_fields__, rows)
    return time.perf_counter_ns() - began


def measure(engine: Engine, size: int) -> None:
    """Ingest so many events, copying each batch of them bare beside, and show the figures."""
    accounts = max(10, size // EVENTS_PER_ACCOUNT)
    catalog = save_book(engine, accounts)
    book = book_of(engine, catalog, accounts)
    columns = [usage_events.c[name] for name in Usage.__struct_fields__]
    with unit_of_work(engine) as connection:
        connection.execute(CreateTableAs(select(*columns).where(false()), BARE_TABLE))
    ingest_ns = copy_ns = 0
    for batch in batches(size, accounts):
        ingest_ns += timed_ingest(engine, catalog, batch)
        copy_ns += timed_copy(engine, batch, book)
    found = figures("ingest", size, rate=per_second(size, ingest_ns), limit=per_second(size, copy_ns))
    show(
        found,
        unit="events",
        rows=(("accounts", f"{accounts:,}"), ("events of a transaction", f"{BATCH_EVENTS:,}")),
    )


if __name__ == "__main__":
    run(
        measure, counts="acknowledged usage events a second", of="events to ingest", default_size=DEFAULT_SIZE
    )
