"""Every query of granted credits.  Nothing here commits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, select
from sqlalchemy.dialects.postgresql import insert

from contracts.credit_grants import CreditGrant
from contracts.tables import credit_grants
from db.among import among
from kernel.ids import AccountId, SubscriptionKey
from kernel.money import Money


def grants_by_subscription(
    connection: Connection, account_ids: Sequence[AccountId]
) -> dict[SubscriptionKey, tuple[CreditGrant, ...]]:
    """Return the credits granted to subscriptions of these accounts, by day and code."""
    g = credit_grants.c
    found: dict[SubscriptionKey, list[CreditGrant]] = defaultdict(list)
    rows = connection.execute(
        select(credit_grants).where(among(credit_grants, account_ids)).order_by(g.given_on, g.code)
    )
    for row in rows:
        found[row.account_id, row.subscription_id].append(_grant(row))
    return {key: tuple(grants) for key, grants in found.items()}


def add_grant(connection: Connection, grant: CreditGrant) -> tuple[CreditGrant, bool]:
    """Record a grant; return the one that stands under its code, and whether it is new.

    One that was there is not changed.
    """
    row = {
        "account_id": grant.account_id,
        "subscription_id": grant.subscription_id,
        "code": grant.code,
        "name": grant.name,
        "clause": grant.clause,
        "amount": grant.amount.amount,
        "currency": grant.amount.currency,
        "given_on": grant.given_on,
        "expires_on": grant.expires_on,
        "priority": grant.priority,
        "charges": list(grant.charges),
        "given_by": grant.given_by,
        "reason": grant.reason,
        "recorded_at": grant.recorded_at,
    }
    g = credit_grants.c
    statement = insert(credit_grants).values(row).on_conflict_do_nothing().returning(g.code)
    is_new = connection.execute(statement).scalar_one_or_none() is not None
    recorded = connection.execute(
        select(credit_grants).where(
            g.account_id == grant.account_id,
            g.subscription_id == grant.subscription_id,
            g.code == grant.code,
        )
    ).one()
    return _grant(recorded), is_new


def _grant(row: Row[Any]) -> CreditGrant:
    return CreditGrant(
        account_id=row.account_id,
        subscription_id=row.subscription_id,
        code=row.code,
        name=row.name,
        clause=row.clause,
        amount=Money(row.amount, row.currency),
        given_on=row.given_on,
        expires_on=row.expires_on,
        priority=row.priority,
        charges=tuple(row.charges),
        given_by=row.given_by,
        reason=row.reason,
        recorded_at=row.recorded_at,
    )
