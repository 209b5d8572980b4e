"""Every query of outages."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select, update
from sqlalchemy.dialects.postgresql import insert

from contracts.outages import Outage
from contracts.service_level_rules import OutageCause
from contracts.tables import outages
from kernel.ids import AccountId, OutageId, SubscriptionKey


def add_outage(connection: Connection, outage: Outage) -> Outage:
    """Record an outage and return it as it stands recorded: one that was there already is not changed."""
    connection.execute(insert(outages).values(asdict(outage)).on_conflict_do_nothing())
    found = outage_of(connection, outage.account_id, outage.outage_id)
    return outage if found is None else found


def outage_of(connection: Connection, account_id: AccountId, outage_id: OutageId) -> Outage | None:
    """Return an outage of an account, or None."""
    row = connection.execute(select(outages).where(*_is(account_id, outage_id))).one_or_none()
    return None if row is None else _outage(row)


def end_outage(
    connection: Connection, account_id: AccountId, outage_id: OutageId, *, restored_at: datetime
) -> None:
    """Keep when an outage was over, the first time it is said."""
    connection.execute(
        update(outages)
        .where(*_is(account_id, outage_id), outages.c.restored_at.is_(None))
        .values(restored_at=restored_at)
    )


def outages_of(connection: Connection, key: SubscriptionKey) -> tuple[Outage, ...]:
    """Return the outages of a subscription, oldest first."""
    own = outages.c
    rows = connection.execute(
        select(outages)
        .where(own.account_id == key[0], own.subscription_id == key[1])
        .order_by(own.began_at, own.outage_id)
    )
    return tuple(_outage(row) for row in rows)


def _is(account_id: AccountId, outage_id: OutageId) -> tuple[ColumnElement[bool], ...]:
    return outages.c.account_id == account_id, outages.c.outage_id == outage_id


def _outage(row: Row[Any]) -> Outage:
    return Outage(**{**row._asdict(), "cause": OutageCause(row.cause)})
