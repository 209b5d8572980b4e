"""Every query of occurrences: what happened under contracts, once each, and what of it is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update
from sqlalchemy.dialects.postgresql import insert

from contracts.duties import Occurrence
from contracts.tables import occurrences
from db.among import among
from kernel.ids import AccountId, OccurrenceId


def add_occurrence(connection: Connection, occurrence: Occurrence) -> Occurrence:
    """Record an occurrence and return it as it stands recorded: one that was there already is not changed."""
    connection.execute(insert(occurrences).values(asdict(occurrence)).on_conflict_do_nothing())
    own = occurrences.c
    row = connection.execute(
        select(occurrences).where(
            own.account_id == occurrence.account_id,
            own.subscription_id == occurrence.subscription_id,
            own.occurrence_id == occurrence.occurrence_id,
        )
    ).one()
    return _occurrence(row)


def finish(
    connection: Connection, account_id: AccountId, occurrence_id: OccurrenceId, *, by: str, at: datetime
) -> Occurrence | None:
    """Keep that an occurrence was dealt with, the first time it is said; None where there is none."""
    known = occurrences.c.account_id == account_id, occurrences.c.occurrence_id == occurrence_id
    connection.execute(
        update(occurrences).where(*known, occurrences.c.done_at.is_(None)).values(done_at=at, done_by=by)
    )
    row = connection.execute(select(occurrences).where(*known)).one_or_none()
    return None if row is None else _occurrence(row)


def occurrences_of(
    connection: Connection, account_ids: Sequence[AccountId], *, done: bool = False
) -> tuple[Occurrence, ...]:
    """Return what is not done of these accounts (``done``: all), by account, instant and id."""
    own = occurrences.c
    query = select(occurrences).where(among(occurrences, account_ids))
    if not done:
        query = query.where(own.done_at.is_(None))
    rows = connection.execute(query.order_by(own.account_id, own.occurred_at, own.occurrence_id))
    return tuple(_occurrence(row) for row in rows)


def _occurrence(row: Row[Any]) -> Occurrence:
    return Occurrence(**row._asdict())
