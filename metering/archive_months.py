"""Archive: months of events go into files, and their partitions away; at no time are they in neither.

A month is written, read back and compared, and only then taken away, in the transaction that records its
file.  Whatever is killed, the same command again goes on: it writes what is still stored, and what a killed
one left under a temporary name is written over.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from psycopg.errors import DeadlockDetected, LockNotAvailable
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

from contracts.store import load_catalog, sound_contracts_of
from db.unit_of_work import reading, unit_of_work
from kernel.clock import Clock
from kernel.errors import InvalidArchive, MonthInUse
from metering import store_archives
from metering.month_rows import EventRow, RowsDigest, digest_of
from metering.parquet_archives import read_rows, write_rows
from metering.retention import ContractsById, MeterUse, MonthPlan, in_order, plan_month
from metering.store_archives import ArchivedMonth

#: Accounts whose contracts are read at a time.
ACCOUNTS_PER_QUERY: Final = 1_000

#: Told how many events of how many are written.
OnProgress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Archivist:
    """Where files go, and who says so."""

    folder: Path
    by: str
    clock: Clock


def plan_archive(engine: Engine, *, today: date, before: date | None = None) -> tuple[MonthPlan, ...]:
    """Return, oldest first, which stored months may go and why the others stay.

    ``before`` is the first day of a month: it and later ones stay, whatever the contracts allow.
    """
    with reading(engine) as connection:
        plans = [
            _planned(connection, each.month, today=today, before=before)
            for each in store_archives.stored_months(connection)
        ]
    return tuple(in_order(plans))


def _planned(connection: Connection, month: date, *, today: date, before: date | None) -> MonthPlan:
    if before is not None and month >= before:
        events = store_archives.count_events(connection, month)
        return MonthPlan(month, events, (f"not before {before:%Y-%m}, as was asked",))
    uses = store_archives.uses_of(connection, month)
    return plan_month(month, uses, _contracts(connection, uses), today=today)


def _contracts(connection: Connection, uses: Sequence[MeterUse]) -> ContractsById:
    catalog = load_catalog(connection)
    accounts = sorted({each.key.account_id for each in uses})
    chunks = (
        accounts[first : first + ACCOUNTS_PER_QUERY] for first in range(0, len(accounts), ACCOUNTS_PER_QUERY)
    )
    contracts = (each for chunk in chunks for each in sound_contracts_of(connection, catalog, chunk)[0])
    return {(each.account_id, each.subscription_id): each for each in contracts}


def archive_month(
    engine: Engine, month: date, archivist: Archivist, *, on_progress: OnProgress = lambda _done, _of: None
) -> ArchivedMonth | None:
    """Put a month's events into a file and take its partition away; return what is remembered of it.

    A month without events has no file.  Raises :class:`MonthInUse` where events came meanwhile, or others
    hold the month for long: nothing is taken away then.
    """
    archivist.folder.mkdir(parents=True, exist_ok=True)
    temporary = archivist.folder / f".{store_archives.partition_of(month)}.parquet.part"
    digest = _write(engine, month, temporary, on_progress)
    if not digest.rows:
        temporary.unlink()
        _take_away(engine, month, None)
        return None
    part = _free_part(engine, month, archivist.folder, digest)
    file = archivist.folder / file_name(month, part)
    temporary.replace(file)
    _sync(archivist.folder)
    archived = ArchivedMonth(
        month,
        part,
        file.name,
        digest.rows,
        file.stat().st_size,
        digest.digest,
        archivist.clock.now(),
        archivist.by,
    )
    _take_away(engine, month, archived)
    return archived


def file_name(month: date, part: int) -> str:
    """Return the name of a part of a month: usage_events_2026_01.parquet, usage_events_2026_01-2.parquet."""
    return store_archives.partition_of(month) + (f"-{part}" if part > 1 else "") + ".parquet"


def _write(engine: Engine, month: date, path: Path, on_progress: OnProgress) -> RowsDigest:
    """Write a month's rows, read them back and compare; return their digest."""
    written = RowsDigest()
    with reading(engine) as connection:
        events = store_archives.count_events(connection, month)
        on_progress(0, events)
        write_rows(
            path, _telling(written.passing(store_archives.rows_of(connection, month)), events, on_progress)
        )
    read = digest_of(read_rows(path))
    if (read.rows, read.digest, events) != (written.rows, written.digest, written.rows):
        raise InvalidArchive(
            "what was written reads back otherwise",
            field="file",
            value=f"{path.name}: {read.rows} events",
            expected=f"{events} events, as they are stored; the disk may be at fault",
        )
    return written


def _telling(
    batches: Iterable[list[EventRow]], events: int, on_progress: OnProgress
) -> Iterator[list[EventRow]]:
    done = 0
    for rows in batches:
        yield rows
        done += len(rows)
        on_progress(done, events)


def _free_part(engine: Engine, month: date, folder: Path, digest: RowsDigest) -> int:
    """Return the next part of a month whose name no file bears that holds anything else."""
    with reading(engine) as connection:
        parts = [each.part for each in store_archives.archived(connection) if each.month == month]
    part = max(parts, default=0) + 1
    while not _is_free(folder / file_name(month, part), digest):
        part += 1
    return part


def _is_free(path: Path, digest: RowsDigest) -> bool:
    """Tell whether a name bears no file, or one of the same rows: that of a run which was killed."""
    if not path.exists():
        return True
    try:
        return digest_of(read_rows(path)).digest == digest.digest
    except InvalidArchive:
        return False


def _sync(folder: Path) -> None:
    """Let a name outlive a loss of power."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _take_away(engine: Engine, month: date, archived: ArchivedMonth | None) -> None:
    with _refused_in_use(month), unit_of_work(engine) as connection:
        store_archives.lock_archives(connection)
        events = store_archives.count_events(connection, month)
        if events != (archived.events if archived else 0):
            raise MonthInUse("events came while the month was written", field="month", value=f"{month:%Y-%m}")
        store_archives.take_away(connection, month)
        if archived:
            store_archives.record(connection, archived)


@contextmanager
def _refused_in_use(month: date) -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        if isinstance(error.orig, LockNotAvailable | DeadlockDetected):
            raise MonthInUse(
                "others read or write events",
                field="month",
                value=f"{month:%Y-%m}",
                expected="the same command once no rebuild or invoice run is at work",
            ) from error
        raise
