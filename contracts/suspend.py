"""Suspending and restoring a service for another cause than a debt, in a person's name.

A payment never ends such a suspension, and dunning waits while it lasts.  Each word is told to the customer
and to whoever runs the service, in one transaction.  The caller holds the lock of the account's
subscriptions and has loaded the contract under it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from contracts.duties import Occurrence
from contracts.give_notice import MAIL
from contracts.life_store import begin_state, end_state
from contracts.occur import finish_occurrence
from contracts.occurrence_store import add_occurrence, occurrences_of
from contracts.service_changes import Decision, begin, refuse_day, tell
from contracts.service_states import WHOLE, ServiceState, StateSpan
from contracts.subscriptions import Contract
from contracts.suspending import Cause, announced, refuse_short_notice, refuse_untimely, sourced_of
from contracts.suspension_wording import suspension_letter
from db import outbox
from kernel.calendars import first_day_after
from kernel.clock import Clock
from kernel.errors import Conflict, NotFound
from kernel.ids import occurrence_id_of
from kernel.zones import local_day, start_of_day

SERVICE_SUSPENDED = "service.suspended"
SERVICE_RESTORED = "service.restored"
CONNECTORS_DISCONNECT = "connectors.disconnect"


def announce(connection: Connection, contract: Contract, cause: Cause, *, clock: Clock) -> Occurrence:
    """Warn the customer of a suspension on a day to come; the same again changes nothing.

    Raises as :func:`contracts.suspending.sourced_of` does, and :class:`Conflict` for a day within the notice
    of the clause and for an announcement that was followed already.
    """
    zone, rule = contract.entity.time_zone, sourced_of(contract, cause).rule
    refuse_short_notice(rule, cause, told_on=local_day(clock.now(), zone))
    at = start_of_day(cause.on, zone)
    occurrence = Occurrence(
        account_id=contract.account_id,
        subscription_id=contract.subscription_id,
        occurrence_id=occurrence_id_of(contract.subscription_id, cause.event, at),
        event=cause.event,
        occurred_at=at,
        note=cause.why,
        recorded_at=clock.now(),
    )
    own = occurrence.account_id, occurrence.occurrence_id
    before = occurrences_of(connection, [occurrence.account_id], done=True)
    recorded = add_occurrence(connection, occurrence)
    if recorded.done_at is not None:
        raise Conflict(
            "this announcement was followed already", field="on", value=cause.on, expected="another day"
        )
    if own not in {(each.account_id, each.occurrence_id) for each in before}:
        _write(
            connection, contract, cause, clause=rule.notice_clause or rule.clause, ahead=True, at=clock.now()
        )
    return recorded


def suspend(connection: Connection, contract: Contract, cause: Cause, *, clock: Clock) -> StateSpan:
    """Stop a service, or a part of it, for a cause of the terms, from a day up to today until it is restored.

    A suspension for a debt gives way to it after its own first day, and goes on once this one ends.  Raises
    :class:`Conflict` where the terms ask for more first and where the service is in another state, and as
    :func:`contracts.service_changes.pause` does.
    """
    sourced = sourced_of(contract, cause)
    decision = Decision(on=cause.on, clause=sourced.clause.id, why=cause.why, by=cause.by)
    refuse_day(contract, decision, clock)
    happened = [
        each
        for each in occurrences_of(connection, [contract.account_id], done=True)
        if each.subscription_id == contract.subscription_id
    ]
    refuse_untimely(contract, cause, happened)
    span = _span(contract, cause, sourced.clause.id)
    for each in contract.states:
        if each.by_debt and each.part == span.part and (each.end is None or each.end > span.start):
            span = replace(span, start=max(span.start, first_day_after(each.start, 0)))
            end_state(connection, each, span.start)
    begin(connection, contract, span)
    told = announced(cause, happened, contract)
    if told is not None:
        finish_occurrence(connection, contract.account_id, told.occurrence_id, by=cause.by, clock=clock)
    tell(connection, contract, SERVICE_SUSPENDED, span.part, decision, clock=clock)
    dunning = contract.terms.dunning
    if span.part == WHOLE and dunning is not None and not dunning.rule.connectors_restored:
        tell(connection, contract, CONNECTORS_DISCONNECT, span.part, decision, clock=clock)
    _write(connection, contract, cause, clause=span.clause, ahead=False, at=clock.now())
    return span


def restore(connection: Connection, contract: Contract, cause: Cause, *, clock: Clock) -> StateSpan:
    """End a suspension of this code from a day on; return it as it was.

    What was suspended for a debt before it is suspended again: a payment ends that, and nothing else.  Raises
    :class:`NotFound` for a day on which nothing is suspended under this code.
    """
    named = [each for each in contract.states if each.code == cause.code and each.part == cause.part]
    span = next((each for each in named if each.holds(cause.on)), None)
    if span is None:
        known = "; ".join(f"from {each.start} to {each.end or 'open'}" for each in named)
        raise NotFound(
            "nothing is suspended under this code on this day",
            field="on",
            value=cause.on,
            expected=f"a day of a suspension: {known or 'there is none'}",
        )
    why = f"restored by {cause.by}: {cause.why}"
    end_state(connection, span, cause.on, why=why)
    before = next(
        (
            each
            for each in contract.states
            if each.by_debt and each.part == span.part and each.end == span.start
        ),
        None,
    )
    if before is not None:
        begin_state(connection, replace(before, start=cause.on, end=span.end))
    else:
        decision = Decision(on=cause.on, clause=span.clause, why=cause.why, by=cause.by)
        tell(connection, contract, SERVICE_RESTORED, span.part, decision, clock=clock)
    return replace(span, end=cause.on, reason=f"{span.reason}; {why}")


def _span(contract: Contract, cause: Cause, clause: str) -> StateSpan:
    """Return a suspension; of a part that ends on a day to come, it ends then."""
    ends = [
        each.start
        for each in contract.states
        if each.state is ServiceState.ENDED and each.part == cause.part and each.start > cause.on
    ]
    harm = f"; not announced: {cause.harm}" if cause.harm else ""
    return StateSpan(
        account_id=contract.account_id,
        subscription_id=contract.subscription_id,
        part=cause.part,
        state=ServiceState.PARTIALLY_SUSPENDED if cause.part else ServiceState.SUSPENDED,
        start=cause.on,
        end=min(ends, default=None),
        clause=clause,
        reason=f"{cause.code.replace('_', ' ')}: {cause.why}{harm}",
        decided_by=cause.by,
        code=cause.code,
    )


def _write(
    connection: Connection, contract: Contract, cause: Cause, *, clause: str, ahead: bool, at: datetime
) -> None:
    told = suspension_letter(contract, contract.terms.clause_of(clause), cause, ahead=ahead)
    body = {
        "recipient": contract.account.email,
        "subject": told.subject,
        "body": told.body,
    }
    outbox.put(connection, contract.account_id, MAIL, body, at)
