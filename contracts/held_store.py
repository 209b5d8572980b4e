"""Every query of what notices brought: prices, versions of documents, ends.  Nothing here commits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from contracts.notices import Notice
from contracts.subscriptions import PriceChange
from contracts.tables import held_versions, price_changes, subscriptions
from db.among import among
from kernel.ids import AccountId, NoticeId, SubscriptionKey


def add_price_change(connection: Connection, told: Notice, change: PriceChange) -> None:
    """Keep a change of prices."""
    row = {
        "account_id": told.account_id,
        "subscription_id": told.subscription_id,
        **asdict(change),
        "charges": list(change.charges),
    }
    connection.execute(insert(price_changes).values(row))


def price_changes_of(
    connection: Connection, account_ids: Sequence[AccountId]
) -> Mapping[SubscriptionKey, tuple[PriceChange, ...]]:
    """Return the changes of prices by subscription, oldest first."""
    p = price_changes.c
    rows = connection.execute(
        select(price_changes)
        .where(among(price_changes, account_ids))
        .order_by(p.account_id, p.subscription_id, p.effective_on, p.notice_id)
    )
    found: dict[SubscriptionKey, list[PriceChange]] = defaultdict(list)
    for row in rows:
        change = PriceChange(
            effective_on=row.effective_on,
            factor=row.factor,
            charges=tuple(row.charges),
            clause=row.clause,
            document=row.document,
            notice_id=row.notice_id,
        )
        found[row.account_id, row.subscription_id].append(change)
    return {key: tuple(changes) for key, changes in found.items()}


def hold_versions(
    connection: Connection,
    key: SubscriptionKey,
    versions: Mapping[str, str],
    *,
    effective_on: date,
    clause: str,
    notice_id: NoticeId | None = None,
) -> None:
    """Let a contract stand under other versions of documents from a day on; of one day the last counts."""
    rows = [
        {
            "account_id": key[0],
            "subscription_id": key[1],
            "document_id": document_id,
            "effective_on": effective_on,
            "version": version,
            "clause": clause,
            "notice_id": notice_id,
        }
        for document_id, version in versions.items()
    ]
    if rows:
        statement = insert(held_versions)
        latest = {name: statement.excluded[name] for name in ("version", "clause", "notice_id")}
        key_columns = [*held_versions.primary_key]
        connection.execute(statement.on_conflict_do_update(index_elements=key_columns, set_=latest), rows)


def ends_of(connection: Connection, account_ids: Sequence[AccountId]) -> Mapping[SubscriptionKey, date]:
    """Return the ends of subscriptions that a clause set: a book no longer moves them back."""
    own = subscriptions.c
    rows = connection.execute(
        select(own.account_id, own.subscription_id, own.during).where(
            among(subscriptions, account_ids), own.ended_by != ""
        )
    )
    return {(row.account_id, row.subscription_id): row.during.upper for row in rows}


def held_versions_of(
    connection: Connection, account_ids: Sequence[AccountId], *, on: date | None = None
) -> Mapping[SubscriptionKey, Mapping[str, str]]:
    """Return the versions that contracts stand under on a day, where they are not those of their signature.

    Without a day all that is recorded counts.
    """
    h = held_versions.c
    query = select(held_versions).where(among(held_versions, account_ids))
    if on is not None:
        query = query.where(h.effective_on <= on)
    rows = connection.execute(query.order_by(h.effective_on))
    found: dict[SubscriptionKey, dict[str, str]] = defaultdict(dict)
    for row in rows:
        found[row.account_id, row.subscription_id][row.document_id] = row.version
    return found
