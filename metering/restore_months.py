"""Restore: the events of an archived file are put back into their month, once, and exactly as they were."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import Engine

from db.unit_of_work import unit_of_work
from kernel.errors import InvalidArchive, UnknownArchive
from metering import store_archives
from metering.month_rows import RowsDigest, digest_of
from metering.parquet_archives import read_rows
from metering.store_archives import ArchivedMonth


def restore_file(engine: Engine, path: Path) -> ArchivedMonth:
    """Put the events of a file back and forget that they were archived, in one transaction.

    The file may have another name: it is known by the digest of its rows.  Raises :class:`InvalidArchive`
    where it was altered, and :class:`UnknownArchive` where nothing was archived with its rows, or they were
    put back already.
    """
    digest = digest_of(read_rows(path))
    with unit_of_work(engine) as connection:
        archived = store_archives.claim(connection, digest.digest)
        if archived is None:
            raise _unknown(path, store_archives.archived(connection))
        copied = RowsDigest()
        store_archives.put_back(connection, archived.month, copied.passing(read_rows(path)))
        if copied.digest != archived.digest:
            raise _altered(path)
        store_archives.forget(connection, archived)
    return archived


def _unknown(path: Path, archived: Iterable[ArchivedMonth]) -> InvalidArchive | UnknownArchive:
    if any(each.file_name == path.name for each in archived):
        return _altered(path)
    return UnknownArchive(
        "no archived month has these events: they were put back already, or lie in another database",
        field="file",
        value=path.name,
        expected="a file that clausula meter months lists",
    )


def _altered(path: Path) -> InvalidArchive:
    return InvalidArchive(
        "its events are not those that were archived",
        field="file",
        value=path.name,
        expected="the file as it was written; another copy of it",
    )
