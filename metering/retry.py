"""Retry: what waits in quarantine is tried again; and what never will be counted is discarded by a person."""

from __future__ import annotations

from itertools import groupby
from typing import Final

from sqlalchemy import Connection, Engine

from db.unit_of_work import unit_of_work
from kernel.clock import Clock
from kernel.errors import InvalidInput, NotFound
from metering import store_quarantine
from metering.events import DIGEST_BYTES
from metering.ingest import ingest
from metering.meter_book import MeterBook
from metering.quarantine import Discarded, Quarantined, RetryReport, Wanted

#: Events that one transaction tries.
RETRY_EVENTS: Final = 5_000


def retry(engine: Engine, wanted: Wanted, *, clock: Clock, backfill: bool = False) -> RetryReport:
    """Try again what waits in quarantine and is kept whole; what is counted leaves it, the rest stays.

    Each batch is a transaction, so that a retry that was killed is started again.  With ``backfill`` events
    may be of any age.
    """
    report = RetryReport()
    book = MeterBook()
    after = None
    while True:
        with unit_of_work(engine) as connection:
            entries = store_quarantine.to_retry(connection, wanted, after, limit=RETRY_EVENTS)
            if not entries:
                return _with_lost(connection, report, wanted)
            for batch, group in groupby(entries, key=lambda each: each.batch):
                tried = _tried(connection, book, list(group), batch, clock=clock, backfill=backfill)
                report = report.plus(tried)
            last = entries[-1]
            after = (last.batch, last.account_id, last.digest)


def discard(engine: Engine, entry_id: str, *, by: str, why: str, clock: Clock) -> tuple[Quarantined, ...]:
    """Decide that what waits under an id is never counted; it is kept, with who decided and why.

    Raises :class:`kernel.errors.NotFound` where nothing waits under the id.
    """
    for field, value in (("by", by), ("why", why)):
        if not value.strip():
            raise InvalidInput("must not be empty", field=field, expected="who decides, and why")
    with unit_of_work(engine) as connection:
        done = store_quarantine.discard(
            connection, _digest(entry_id), Discarded(at=clock.now(), by=by, why=why)
        )
    if not done:
        raise NotFound(
            "nothing waits in quarantine under this id",
            field="id",
            value=entry_id,
            expected="an id as `clausula meter quarantine list` shows it",
        )
    return done


def _tried(
    connection: Connection,
    book: MeterBook,
    entries: list[Quarantined],
    batch: str,
    *,
    clock: Clock,
    backfill: bool,
) -> RetryReport:
    result = ingest(
        connection,
        book,
        [each.event for each in entries],
        clock=clock,
        batch=batch,
        place_of=lambda index: entries[index].problem.place,
        backfill=backfill,
    )
    waiting = {each.index for each in result.problems}
    store_quarantine.forget(connection, [each for index, each in enumerate(entries) if index not in waiting])
    return RetryReport(accepted=result.accepted, known=result.known, waiting=len(waiting))


def _with_lost(connection: Connection, report: RetryReport, wanted: Wanted) -> RetryReport:
    return report.plus(RetryReport(lost=store_quarantine.count_lost(connection, wanted)))


def _digest(entry_id: str) -> bytes:
    try:
        digest = bytes.fromhex(entry_id)
    except ValueError:
        digest = b""
    if len(digest) != DIGEST_BYTES:
        raise InvalidInput(
            "not an id of the quarantine",
            field="id",
            value=entry_id,
            expected=f"{2 * DIGEST_BYTES} hexadecimal digits, as `clausula meter quarantine list` shows them",
        )
    return digest
