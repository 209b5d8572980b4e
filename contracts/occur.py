"""Recording what happened under a contract, and that what it asked for was done."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from contracts.duties import Occurrence, refuse_unknown_event
from contracts.occurrence_store import add_occurrence, finish
from contracts.subscriptions import Contract
from kernel.clock import Clock
from kernel.errors import Conflict, NotFound
from kernel.ids import AccountId, OccurrenceId, occurrence_id_of
from kernel.zones import aware


def record_occurrence(
    connection: Connection,
    contract: Contract,
    event: str,
    *,
    occurred_at: datetime,
    minutes: int = 0,
    note: str = "",
    clock: Clock,
) -> Occurrence:
    """Record that an event happened, or is planned for, at an instant; the same again changes nothing.

    Raises :class:`kernel.errors.InvalidInput` for an event on which nothing in the contract's terms hangs,
    :class:`Conflict` where the same event of that instant is recorded with another length.
    """
    refuse_unknown_event(event, contract.terms)
    recorded = add_occurrence(
        connection,
        Occurrence(
            account_id=contract.account_id,
            subscription_id=contract.subscription_id,
            occurrence_id=occurrence_id_of(contract.subscription_id, event, occurred_at),
            event=event,
            occurred_at=aware(occurred_at),
            minutes=minutes,
            note=note,
            recorded_at=clock.now(),
        ),
    )
    if recorded.minutes != minutes:
        raise Conflict(
            "this event of this instant is recorded with another length",
            field="minutes",
            value=minutes,
            expected=f"{recorded.minutes}, as recorded",
        )
    return recorded


def finish_occurrence(
    connection: Connection, account_id: AccountId, occurrence_id: OccurrenceId, *, by: str, clock: Clock
) -> Occurrence:
    """Keep that what an occurrence asked for was done, and by whom; the first word counts.

    Raises :class:`NotFound` for an occurrence that the account does not have.
    """
    done = finish(connection, account_id, occurrence_id, by=by, at=clock.now())
    if done is None:
        raise NotFound(
            "the account has no such occurrence",
            field="occurrence",
            value=occurrence_id,
            expected="an id that clausula duties list prints",
        )
    return done
