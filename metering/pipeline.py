"""Pipeline: batches are ingested one after the other, and while one is stored the next is prepared.

Preparing is work of this process, storing is work of PostgreSQL: on two cores both take the longer's time.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Engine

from db.unit_of_work import reading, unit_of_work
from kernel.clock import Clock
from metering.events import Rejected, UsageEvent
from metering.ingest import IngestResult, ingest_prepared
from metering.meter_book import MeterBook
from metering.prepare import PreparedBatch, codes_of, prepare

_HAND_OVERS_A_SECOND: Final = 5_000


@dataclass(frozen=True, slots=True)
class Arrived:
    """A batch of events, and how the place of each is told."""

    events: Sequence[UsageEvent | Rejected]
    place_of: Callable[[int], str]


def ingest_batches(
    engine: Engine,
    batches: Iterable[Arrived],
    *,
    clock: Clock,
    name: str = "",
    backfill: bool = False,
) -> Iterator[IngestResult]:
    """Ingest batches in their order, each in its own transaction; yield what became of each, once committed.

    ``name`` tells in quarantine which import an event came with.  What fails is raised where its result would
    have been; the batches before it are committed, and at most the one behind it.
    """
    book = MeterBook()

    def store(batch: Arrived, prepared: PreparedBatch) -> IngestResult:
        with unit_of_work(engine) as connection:
            return ingest_prepared(
                connection,
                book,
                prepared,
                clock=clock,
                batch=name,
                place_of=batch.place_of,
                backfill=backfill,
            )

    storing: Future[IngestResult] | None = None
    with _handed_over_soon(), ThreadPoolExecutor(max_workers=1, thread_name_prefix="storing") as storer:
        for batch in batches:
            with reading(engine) as connection:
                accounts = book.remembered(connection, codes_of(batch.events))
            prepared = prepare(batch.events, accounts, now=clock.now(), backfill=backfill)
            if storing is not None:
                yield storing.result()
            storing = storer.submit(store, batch, prepared)
        if storing is not None:
            yield storing.result()


@contextmanager
def _handed_over_soon() -> Iterator[None]:
    """Let a thread that PostgreSQL has answered go on soon: it has twenty statements for each batch.

    Unless told, Python lets it wait up to five milliseconds behind one that prepares.
    """
    before = sys.getswitchinterval()
    sys.setswitchinterval(1 / _HAND_OVERS_A_SECOND)
    try:
        yield
    finally:
        sys.setswitchinterval(before)
