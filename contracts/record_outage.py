"""Recording outages, and that they are over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from contracts import outage_store
from contracts.outages import Outage
from contracts.service_level_rules import OutageCause
from contracts.subscriptions import Contract
from kernel.clock import Clock
from kernel.errors import Conflict, InvalidInput, NotFound
from kernel.ids import AccountId, OutageId, outage_id_of
from kernel.zones import aware


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is said of an outage."""

    began_at: datetime
    cause: OutageCause
    by: str
    part: str = ""
    note: str = ""
    reported_at: datetime | None = None
    restored_at: datetime | None = None


def record_outage(connection: Connection, contract: Contract, told: Told, *, clock: Clock) -> Outage:
    """Record an outage of a service or of a part of it; the same again changes nothing.

    Raises :class:`InvalidInput` for a contract without a service level, and for a part that it does not
    measure; :class:`Conflict` where an outage of the part that began then is recorded otherwise.
    """
    levels = [each.rule for each in contract.terms.service_levels.values()]
    if not levels:
        raise InvalidInput(
            "the terms promise no availability",
            field="subscription",
            value=contract.subscription.code,
            expected="terms with [service_levels]",
        )
    known = {part for level in levels for part in (*level.parts, *level.excluded_parts)}
    if told.part and known and told.part not in known:
        raise InvalidInput(
            "no service level measures this part",
            field="part",
            value=told.part,
            expected="one of " + ", ".join(sorted(known)),
        )
    outage = Outage(
        account_id=contract.account_id,
        subscription_id=contract.subscription_id,
        outage_id=outage_id_of(contract.subscription_id, told.part, told.began_at),
        part=told.part,
        began_at=aware(told.began_at),
        cause=told.cause,
        note=told.note,
        recorded_by=told.by,
        recorded_at=clock.now(),
        reported_at=None if told.reported_at is None else aware(told.reported_at),
        restored_at=None if told.restored_at is None else aware(told.restored_at),
    )
    kept = outage_store.add_outage(connection, outage)
    if (kept.cause, kept.reported_at) != (outage.cause, outage.reported_at):
        raise Conflict(
            "an outage of this part that began then is recorded otherwise",
            field="cause",
            value=outage.cause,
            expected=f"{kept.cause}, told {kept.reported_at or 'by nobody'}",
        )
    return kept


def end_outage(
    connection: Connection, account_id: AccountId, outage_id: OutageId, *, restored_at: datetime
) -> Outage:
    """Keep when the service was back; the first word counts.

    Raises :class:`NotFound` for an outage that the account does not have, :class:`InvalidInput` for an
    instant before it began.
    """
    known = outage_store.outage_of(connection, account_id, outage_id)
    if known is None:
        raise NotFound(
            "the account has no such outage",
            field="outage",
            value=outage_id,
            expected="an id that clausula sla outages prints",
        )
    if aware(restored_at) < known.began_at:
        raise InvalidInput(
            "an outage is over after it began",
            field="restored_at",
            value=restored_at,
            expected=f"{known.began_at} or later",
        )
    outage_store.end_outage(connection, account_id, outage_id, restored_at=aware(restored_at))
    return outage_store.outage_of(connection, account_id, outage_id) or known
