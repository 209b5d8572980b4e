"""Ingest of usage: acknowledged events a second, against a bare COPY of the same rows on the same disk.

``python -m bench.ingest --size 200000 --stored 1000000`` starts a database of its own in a temporary folder
and removes it.  An acknowledged event is committed, counted once for ever, and in the sums that billing
reads.  Each row is a way in which sources name their events, or a kind of stream; its limit is measured in
the same run, on the same rows, batch by batch.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Final, NamedTuple

from rich.progress import track
from sqlalchemy import CreateTableAs, Engine, false, select, text

from bench.report import Figures, figures, per_second, show_all
from bench.stage import Sizes, run_over
from bench.usage_book import CLOCK, documents, messages, mixed, save_book
from contracts.store import account_chunks
from db.copying import copy_rows
from db.unit_of_work import reading, unit_of_work
from metering import store_sources
from metering.events import UsageEvent
from metering.import_file import BATCH_EVENTS
from metering.ingest import nowhere
from metering.meter_book import MeterBook
from metering.pipeline import Arrived, ingest_batches
from metering.prepare import codes_of, prepare
from metering.sources import Identity, UsageSource
from metering.tables import usage_events

SIZES: Final = Sizes(size=200_000, stored=1_000_000, accounts=1_000)
#: Batches that are ingested in a row before the same rows are copied.
LEG_BATCHES: Final = 5
BARE: Final = "bare_events"
LATE_PERCENT: Final = 5
AGAIN_PERCENT: Final = 20

#: Events of before: a month earlier, with keys like those of ids in any order.
_STORED: Final = (
    "SELECT add_usage_month('2026-09-01')",
    "ALTER TABLE event_keys DROP CONSTRAINT pk_event_keys",
    """
    CREATE TEMPORARY TABLE before ON COMMIT DROP AS
    SELECT i, a.account_id, a.subscription_id,
        timestamptz '2026-09-01' + i * (interval '29 days' / CAST(:stored AS double precision)) AS occurred_at
    FROM generate_series(1, :stored) i JOIN (
        SELECT account_id, subscription_id, row_number() OVER () AS number, count(*) OVER () AS accounts
        FROM subscriptions
    ) a ON a.number = 1 + i % a.accounts
    """,
    """
    INSERT INTO event_keys (event_key, account_id, digest, occurred_at)
    SELECT md5(i::text)::uuid, account_id, md5('d' || i)::uuid, occurred_at FROM before ORDER BY i
    """,
    """
    INSERT INTO usage_events (account_id, source, event_id, subscription_id, meter, occurred_at, day,
        dimension, quantity, ordered, direction, contact, dimensions, corrects, received_at)
    SELECT account_id, 'before', 'event-' || i, subscription_id, 'documents', occurred_at,
        (occurred_at AT TIME ZONE 'America/Sao_Paulo')::date, '', 1 + i % 50, false, '', '', '{}', '',
        occurred_at
    FROM before ORDER BY i
    """,
    """
    INSERT INTO usage_counted (account_id, subscription_id, meter)
    SELECT DISTINCT account_id, subscription_id, meter FROM usage_events
    """,
    """
    INSERT INTO usage_daily (account_id, subscription_id, meter, day, dimension, quantity)
    SELECT account_id, subscription_id, meter, day, dimension, sum(quantity) FROM usage_events
    GROUP BY account_id, subscription_id, meter, day, dimension
    """,
    "ALTER TABLE event_keys ADD CONSTRAINT pk_event_keys PRIMARY KEY (event_key, account_id)",
)


class Row(NamedTuple):
    """A row of the table: what it is called, and how its batches are made."""

    name: str
    batches: Iterable[Sequence[UsageEvent]]


def rows(sizes: Sizes) -> Iterator[Row]:
    """Yield the rows that are measured."""
    size, accounts = sizes.size, sizes.accounts
    for identity in Identity:
        yield Row(f"ids: {identity}", in_batches(documents(size, accounts, identity, f"bench-{identity}")))
    for identity in (Identity.TEXT, Identity.TIME):
        source = f"again-{identity}"
        yield Row(
            f"ids: {identity}, {AGAIN_PERCENT} % again",
            with_repeats(in_batches(documents(size, accounts, identity, source))),
        )
    yield Row(
        f"conversations, {LATE_PERCENT} % late",
        in_batches(messages(size, accounts, "late", late_percent=LATE_PERCENT)),
    )
    yield Row("of every kind", in_batches(mixed(size, accounts)))


def in_batches(events: Iterable[UsageEvent]) -> Iterator[list[UsageEvent]]:
    """Yield events in the batches in which files are imported."""
    rest = iter(events)
    while batch := list(islice(rest, BATCH_EVENTS)):
        yield batch


def with_repeats(batches: Iterable[list[UsageEvent]]) -> Iterator[list[UsageEvent]]:
    """Yield batches of the same length of which a part came with the batch before."""
    draw = random.Random(BATCH_EVENTS)  # noqa: S311 a benchmark is repeated, not guarded
    before: list[UsageEvent] = []
    for batch in batches:
        again = draw.sample(before, len(batch) * AGAIN_PERCENT // 100) if before else []
        before = batch[len(again) :]
        sent = before + again
        draw.shuffle(sent)
        yield sent


def declare(engine: Engine, sizes: Sizes) -> None:
    """Declare what the events of each source are known by."""
    identities = {f"{word}-{each}": each for each in Identity for word in ("bench", "again")}
    for chunk in account_chunks(engine, sizes.accounts):
        with unit_of_work(engine) as connection:
            store_sources.settle(
                connection,
                [
                    UsageSource(account, source, kind)
                    for account in chunk
                    for source, kind in identities.items()
                ],
            )


def fill(engine: Engine, stored: int) -> None:
    """Store events of before, with the rest of what ingest keeps of them."""
    with unit_of_work(engine) as connection:
        for statement in _STORED:
            connection.execute(text(statement), {"stored": stored} if ":stored" in statement else {})
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in ("VACUUM (ANALYZE)", "CHECKPOINT"):
            connection.execute(text(statement))


def measured(engine: Engine, row: Row, book: MeterBook) -> Figures:
    """Ingest the batches of a row, and copy each leg of them bare; return what was found."""
    ingest_ns = copy_ns = events = 0
    batches = iter(row.batches)
    while leg := list(islice(batches, LEG_BATCHES)):
        bare = [bare_rows(engine, batch, book) for batch in leg]
        ingest_ns += timed(partial(ingest_all, engine, leg))
        copy_ns += timed(partial(copy_all, engine, bare))
        events += sum(map(len, leg))
    return figures(row.name, events, rate=per_second(events, ingest_ns), limit=per_second(events, copy_ns))


def timed(work: Callable[[], object]) -> int:
    """Return the nanoseconds that work takes."""
    began = time.perf_counter_ns()
    work()
    return time.perf_counter_ns() - began


def ingest_all(engine: Engine, batches: Sequence[Sequence[UsageEvent]]) -> None:
    """Ingest batches as an import does."""
    arrived = (Arrived(batch, nowhere) for batch in batches)
    for result in ingest_batches(engine, arrived, clock=CLOCK, backfill=True):
        if result.problems:
            message = f"an event was not accepted: {result.problems[0]}"
            raise SystemExit(message)


def bare_rows(engine: Engine, batch: Sequence[UsageEvent], book: MeterBook) -> list[tuple[object, ...]]:
    """Return the rows that a batch comes to, each once."""
    with reading(engine) as connection:
        accounts = book.remembered(connection, codes_of(batch))
    read = prepare(batch, accounts, now=CLOCK.now(), backfill=True).read
    return [
        (
            *(usage.metered.key.account_id, usage.source, usage.event_id, usage.metered.key.subscription_id),
            *(usage.metered.key.meter, usage.occurred_at, usage.day, usage.dimension, usage.quantity),
            *(usage.metered.ordered, usage.direction, usage.contact, usage.dimensions, usage.corrects),
            CLOCK.now(),
        )
        for usage in read.firsts.values()
    ]


def copy_all(engine: Engine, batches: Sequence[Sequence[tuple[object, ...]]]) -> None:
    """Copy the rows of batches into a table without any index, each batch in a transaction."""
    names = [each.name for each in usage_events.columns]
    for batch in batches:
        with unit_of_work(engine) as connection:
            copy_rows(connection, BARE, names, batch)


def measure(engine: Engine, sizes: Sizes) -> None:
    """Ingest each row of the table over a database that holds events already, and show what was found."""
    save_book(engine, sizes.accounts)
    declare(engine, sizes)
    fill(engine, sizes.stored)
    with unit_of_work(engine) as connection:
        connection.execute(CreateTableAs(select(usage_events).where(false()), BARE))
    book = MeterBook()
    found = [measured(engine, row, book) for row in track(list(rows(sizes)), description="measuring")]
    show_all(
        found,
        title=f"ingest over {sizes.stored:,} stored events, {sizes.accounts:,} accounts",
        rows=(("bytes on disk of an event", f"{bytes_per_event(engine):,}"),),
    )


def bytes_per_event(engine: Engine) -> int:
    """Return what an event takes on the disk, with all its indexes, keys and sums."""
    tables = ("event_keys", "usage_daily", "conversations", "usage_counted", "usage_sources")
    sizes = "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relname = ANY(:tables) OR oid IN ("
    parts = "SELECT inhrelid FROM pg_inherits WHERE inhparent = 'usage_events'::regclass)"
    with reading(engine) as connection:
        taken = connection.execute(text(sizes + parts), {"tables": list(tables)}).scalar_one()
        stored = connection.execute(text("SELECT count(*) FROM usage_events")).scalar_one()
    return int(taken) // max(1, int(stored))


if __name__ == "__main__":
    run_over(measure, counts="acknowledged usage events a second", sizes=SIZES)
