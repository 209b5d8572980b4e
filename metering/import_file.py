"""Import: a file of usage is ingested in batches, each in a transaction of its own.

A batch is idempotent by the ids of its events.  So an import that was killed is started again: what was
committed is known, the rest is new, and nothing is lost or counted twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final

from sqlalchemy import Engine

from db.unit_of_work import unit_of_work
from kernel.clock import Clock
from kernel.errors import InvalidInput
from metering import store
from metering.events import ReadEvent
from metering.imports import ImportedFile, ImportReport
from metering.pipeline import Arrived, ingest_batches
from metering.usage_files import UsageReader, reader_of

BATCH_EVENTS: Final = 10_000
FILE_DIGEST_BYTES: Final = 32
_BLOCK_BYTES: Final = 1024 * 1024

#: Told after each batch that was committed: bytes done, bytes in all, and what came of them so far.
OnProgress = Callable[[int, int, ImportReport], None]


def import_usage(
    engine: Engine,
    path: Path,
    *,
    clock: Clock,
    batch_events: int = BATCH_EVENTS,
    on_progress: OnProgress | None = None,
    reader: UsageReader | None = None,
    backfill: bool = False,
) -> ImportReport:
    """Ingest a file of events, which its suffix says how to read unless a reader is given.

    A file that was imported to its end without problems is remembered by its bytes and not read again; one
    that had problems is, so that mended events are counted.  With ``backfill`` events may be of any age.
    Raises :class:`kernel.errors.InvalidInput` for a file that cannot be read as events at all.
    """
    reads = reader or reader_of(path)
    with _opened(path) as stream:
        digest = _digest(stream, reads.kind)
        with unit_of_work(engine) as connection:
            remembered = store.imported_file(connection, digest)
        if remembered is not None and not remembered.events_quarantined:
            return ImportReport(
                read=remembered.events_read,
                known=remembered.events_read,
                file_known=True,
                imported_before=remembered.finished_at,
            )
        size = path.stat().st_size
        report = ImportReport(imported_before=remembered.finished_at if remembered else None)
        batches = _batches(reads.read(stream, path.name), path.name, batch_events)
        for result in ingest_batches(engine, batches, clock=clock, name=digest.hex(), backfill=backfill):
            report = report.after(accepted=result.accepted, known=result.known, problems=result.problems)
            if on_progress is not None:
                on_progress(stream.tell(), size, report)
    with unit_of_work(engine) as connection:
        finished = ImportedFile(digest, path.name, size, report.read, report.quarantined, clock.now())
        store.remember_file(connection, finished)
    return report


def _batches(events: Iterator[ReadEvent], name: str, size: int) -> Iterator[Arrived]:
    while batch := list(islice(events, size)):
        yield Arrived([event for _, event in batch], _places(name, batch))


def _places(name: str, batch: list[ReadEvent]) -> Callable[[int], str]:
    return lambda index: f"{name}:{batch[index].line}"


def _digest(stream: BinaryIO, kind: str) -> bytes:
    digest = blake2b(kind.encode(), digest_size=FILE_DIGEST_BYTES)
    while block := stream.read(_BLOCK_BYTES):
        digest.update(block)
    stream.seek(0)
    return digest.digest()


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        stream = path.open("rb")
    except OSError as error:
        raise InvalidInput(
            "the file cannot be opened", field="path", value=path, expected=str(error)
        ) from error
    with stream:
        yield stream
