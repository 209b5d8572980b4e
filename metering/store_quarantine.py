"""Queries of the quarantine: what could not be counted, until it is counted or somebody discards it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    delete,
    func,
    select,
    true,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from db.problem_rows import problem_of
from kernel.ids import AccountId, account_id_of
from metering.quarantine import Discarded, Quarantined, Wanted
from metering.tables import quarantine

#: Rows of a listing, unless told otherwise.
LISTED_ROWS: Final = 1_000

_PROBLEM: Final = ("code", "message", "field", "value", "expected", "place", "batch", "whole")
_INSERT_ASIDE = insert(quarantine)
_SET_ASIDE = _INSERT_ASIDE.on_conflict_do_update(
    index_elements=("account_id", "digest"), set_={name: _INSERT_ASIDE.excluded[name] for name in _PROBLEM}
)
_WAITS: Final = quarantine.c.discarded_at.is_(None)
_ENTRY = (quarantine.c.account_id, quarantine.c.digest)


def set_aside(connection: Connection, aside: Iterable[Quarantined]) -> None:
    """Keep what could not be counted, each once: what comes again changes nothing but its problem.

    What was discarded stays so.
    """
    once = {(each.account_id, each.digest): each.row for each in aside}
    if once:
        connection.execute(_SET_ASIDE, [once[key] for key in sorted(once)])


def quarantined(
    connection: Connection,
    wanted: Wanted | None = None,
    *,
    limit: int = LISTED_ROWS,
    discarded: bool = False,
) -> tuple[Quarantined, ...]:
    """Return what waits in quarantine, or what was discarded, newest first."""
    newest = (
        select(quarantine)
        .where(~_WAITS if discarded else _WAITS, _meant(wanted))
        .order_by(quarantine.c.received_at.desc(), quarantine.c.place, quarantine.c.digest)
        .limit(limit)
    )
    return tuple(map(_entry, connection.execute(newest)))


def count_lost(connection: Connection, wanted: Wanted) -> int:
    """Return how many of what waits cannot be tried again."""
    lost = select(func.count()).select_from(quarantine).where(_WAITS, ~quarantine.c.whole, _meant(wanted))
    return connection.execute(lost).scalar_one()


def to_retry(
    connection: Connection, wanted: Wanted, after: tuple[str, AccountId, bytes] | None, *, limit: int
) -> tuple[Quarantined, ...]:
    """Return what can be tried again, by the batches with which it came; ``after`` is where to go on."""
    order = (quarantine.c.batch, *_ENTRY)
    rest = true() if after is None else tuple_(*order) > tuple_(*after)
    found = (
        select(quarantine)
        .where(_WAITS, quarantine.c.whole, _meant(wanted), rest)
        .order_by(*order)
        .limit(limit)
    )
    return tuple(map(_entry, connection.execute(found)))


def forget(connection: Connection, entries: Collection[Quarantined]) -> None:
    """Take entries out of the quarantine: they are counted."""
    keys = [(each.account_id, each.digest) for each in entries]
    if keys:
        connection.execute(delete(quarantine).where(tuple_(*_ENTRY).in_(keys)))


def discard(connection: Connection, digest: bytes, discarded: Discarded) -> tuple[Quarantined, ...]:
    """Mark what waits under an id as discarded, and return it; nothing where nothing waits under it."""
    marked = (
        update(quarantine)
        .where(_WAITS, quarantine.c.digest == digest)
        .values(discarded_at=discarded.at, discarded_by=discarded.by, discarded_why=discarded.why)
        .returning(*quarantine.c)
    )
    return tuple(map(_entry, connection.execute(marked)))


def _meant(wanted: Wanted | None) -> ColumnElement[bool]:
    found: ColumnElement[bool] = true()
    if wanted is not None and wanted.account:
        found = found & (quarantine.c.account_id == account_id_of(wanted.account))
    if wanted is not None and wanted.code:
        found = found & (quarantine.c.code == wanted.code)
    return found


def _entry(row: Row[Any]) -> Quarantined:
    gone = row.discarded_at is not None
    return Quarantined(
        account_id=AccountId(row.account_id),
        source=row.source,
        event_id=row.event_id,
        raw=row.raw,
        problem=problem_of(row, subject=row.event_id),
        batch=row.batch,
        received_at=row.received_at,
        whole=row.whole,
        discarded=Discarded(at=row.discarded_at, by=row.discarded_by, why=row.discarded_why)
        if gone
        else None,
    )
