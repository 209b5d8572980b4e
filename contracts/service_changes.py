"""What a person decides about a service: pause it, let it go on, end a part of it; and what hit it.

Each writes the state and leaves word in the outbox for whoever runs the service, in one transaction.  The
caller holds the lock of the account's subscriptions and has loaded the contract under it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import Connection

from contracts.duties import recordable_events
from contracts.force_majeure import FORCE_MAJEURE, ForceMajeure, begun_with
from contracts.life_store import add_force_majeure, begin_state, end_state, force_majeure_of
from contracts.occur import finish_occurrence, record_occurrence
from contracts.occurrence_store import occurrences_of
from contracts.service_states import WHOLE, ServiceState, StateSpan
from contracts.shapes import one_of
from contracts.subscriptions import Contract
from db import outbox
from kernel.clock import Clock
from kernel.errors import Conflict, InvalidInput, NotFound
from kernel.periods import Period
from kernel.zones import local_day, start_of_day

SERVICE_PAUSED = "service.paused"
SERVICE_RESUMED = "service.resumed"
PART_ENDED = "service.part_ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A person's word: from which day on, by which clause, why, and whose it is."""

    on: date
    clause: str
    why: str
    by: str


def pause(connection: Connection, contract: Contract, decision: Decision, *, clock: Clock) -> StateSpan:
    """Let a whole service rest as both sides agreed, from a day up to today on, until it is resumed.

    The agreement may stand outside of the terms: its clause is taken as it is told.  Raises
    :class:`InvalidInput` for a day on which the contract is not in force or that lies ahead, and
    :class:`Conflict` where the service is in another state already.
    """
    refuse_day(contract, decision, clock)
    span = _span(contract, ServiceState.PAUSED, WHOLE, decision)
    begin(connection, contract, span)
    tell(connection, contract, SERVICE_PAUSED, WHOLE, decision, clock=clock)
    return span


def resume(connection: Connection, contract: Contract, decision: Decision, *, clock: Clock) -> StateSpan:
    """Let a paused service work again from a day on, which may lie ahead; return the pause as it was.

    A pause that is resumed on its first day never was.  Raises :class:`NotFound` for a day of no pause.
    """
    pauses = [each for each in contract.states if each.state is ServiceState.PAUSED]
    paused = next((each for each in pauses if each.holds(decision.on)), None)
    if paused is None:
        raise NotFound(
            "the service is not paused on this day",
            field="on",
            value=decision.on,
            expected=f"a day of a pause: {'; '.join(map(_days, pauses)) or 'there is none'}",
        )
    why = f"resumed by {decision.by}: {decision.why} ({decision.clause})"
    end_state(connection, paused, decision.on, why=why)
    tell(connection, contract, SERVICE_RESUMED, WHOLE, decision, clock=clock)
    return replace(paused, end=decision.on, reason=f"{paused.reason}; {why}")


def end_part(
    connection: Connection, contract: Contract, part: str, decision: Decision, *, clock: Clock
) -> StateSpan:
    """End a part of a service for good, from a day up to today on; a suspension of it is over with that.

    Its charges owe nothing from that day on; what was billed stands.  Raises :class:`NotFound` for a part
    that the contract does not have, :class:`kernel.errors.UnknownClause` for a clause of no document in
    force and :class:`Conflict` for a part that is over on that day, else as :func:`pause` does.
    """
    if part not in contract.parts:
        raise NotFound(
            "the contract has no such part", field="part", value=part, expected=one_of(contract.parts, part)
        )
    contract.terms.clause_of(decision.clause)
    refuse_day(contract, decision, clock)
    ended = _end_of(contract, part)
    if ended is not None and ended.start <= decision.on:
        raise Conflict(
            "the part has ended already",
            field="part",
            value=part,
            expected=f"a part that works: {part} is over since {ended.start} ({ended.clause})",
        )
    return part_ends(connection, contract, part, decision, clock=clock)


def part_ends(
    connection: Connection, contract: Contract, part: str, decision: Decision, *, clock: Clock
) -> StateSpan:
    """Write that a part of a service ends on a day, which may lie ahead, as a decision or a notice has it.

    A part ends once, and the earlier end stands: one that is over by that day changes nothing and is returned
    as it is; one that was to end later ends on this day instead.
    """
    there, span = _end_of(contract, part), _span(contract, ServiceState.ENDED, part, decision)
    if there is not None:
        if there.start <= decision.on:
            return there
        end_state(connection, there, there.start)
        before = f"it was to end on {there.start}: {there.reason} ({there.clause})"
        span = replace(span, reason=f"{span.reason}; {before}")
    for each in contract.states:
        if each.state is ServiceState.PARTIALLY_SUSPENDED and each.part == part and _lasts(each, decision.on):
            end_state(connection, each, decision.on)
    begin(connection, contract, span)
    tell(connection, contract, PART_ENDED, part, decision, clock=clock)
    return span


def record_force_majeure(
    connection: Connection,
    contract: Contract,
    days: Period,
    *,
    reported_on: date,
    why: str,
    by: str,
    clock: Clock,
) -> ForceMajeure:
    """Record days of force majeure, which move the time limits that they hit where the terms say so.

    The days are the one record of it: where a duty or an ending hangs on the event it stands among what
    happened, as done by whoever recorded it, for it was told.  Days that follow on others are the same event.
    Raises :class:`InvalidInput` where it was told before it began, and :class:`Conflict` where some of these
    days are recorded already.
    """
    if reported_on < days.start:
        raise InvalidInput(
            "nobody tells of force majeure before it begins",
            field="reported_on",
            value=reported_on,
            expected=f"{days.start} or later",
        )
    event = ForceMajeure(
        account_id=contract.account_id,
        subscription_id=contract.subscription_id,
        days=days,
        reported_on=reported_on,
        reason=why,
        recorded_at=clock.now(),
    )
    if not add_force_majeure(connection, event):
        raise Conflict(
            "some of these days are recorded as force majeure already",
            field="during",
            value=days,
            expected="days that are not recorded yet",
        )
    _report(connection, contract, event, by=by, clock=clock)
    return event


def _report(
    connection: Connection, contract: Contract, event: ForceMajeure, *, by: str, clock: Clock
) -> None:
    """Let the duty to tell of an event be done: as it was recorded before, or anew with its first day."""
    if FORCE_MAJEURE not in recordable_events(contract.terms):
        return
    zone, account_id = contract.entity.time_zone, contract.account_id
    waiting = [
        each
        for each in occurrences_of(connection, [account_id])
        if each.subscription_id == contract.subscription_id
        and each.event == FORCE_MAJEURE
        and local_day(each.occurred_at, zone) in event.days
    ]
    if not waiting and not _follows_on(connection, event):
        at = start_of_day(event.days.start, zone)
        waiting.append(
            record_occurrence(
                connection, contract, FORCE_MAJEURE, occurred_at=at, note=event.reason, clock=clock
            )
        )
    for each in waiting:
        finish_occurrence(connection, account_id, each.occurrence_id, by=by, clock=clock)


def _follows_on(connection: Connection, event: ForceMajeure) -> bool:
    """Tell whether days belong to an event that was recorded, and told, before."""
    own = [
        each
        for each in force_majeure_of(connection, [event.account_id])
        if each.subscription_id == event.subscription_id
    ]
    return begun_with(own, event.days.start) < event.days.start


def refuse_day(contract: Contract, decision: Decision, clock: Clock) -> None:
    """Refuse a day out of the contract, or one that lies ahead: what happens until then is not known."""
    if not contract.subscription.holds(decision.on):
        raise InvalidInput(
            "the subscription is not in force on this day",
            field="on",
            value=decision.on,
            expected=f"a day of {contract.subscription.code}",
        )
    today = local_day(clock.now(), contract.entity.time_zone)
    if decision.on > today:
        raise InvalidInput(
            "a state is recorded once its day has come",
            field="on",
            value=decision.on,
            expected=f"{today} or earlier",
        )


def _span(contract: Contract, state: ServiceState, part: str, decision: Decision) -> StateSpan:
    return StateSpan(
        account_id=contract.account_id,
        subscription_id=contract.subscription_id,
        part=part,
        state=state,
        start=decision.on,
        clause=decision.clause,
        reason=decision.why,
        decided_by=decision.by,
    )


def begin(connection: Connection, contract: Contract, span: StateSpan) -> None:
    """Begin a state, or raise :class:`Conflict` with those that stand against it."""
    if begin_state(connection, span):
        return
    there = [each for each in contract.states if each.part == span.part and _lasts(each, span.start)]
    raise Conflict(
        "the service is in another state in these days",
        field="on",
        value=span.start,
        expected=f"days that do not meet: {'; '.join(map(_days, there)) or 'what was recorded meanwhile'}",
    )


def _end_of(contract: Contract, part: str) -> StateSpan | None:
    """Return the end of a part, if it has one."""
    return next(
        (each for each in contract.states if each.state is ServiceState.ENDED and each.part == part), None
    )


def _lasts(span: StateSpan, day: date) -> bool:
    """Tell whether a state is not over before a day."""
    return span.end is None or span.end > day


def _days(span: StateSpan) -> str:
    return f"{span.state.value} from {span.start} to {span.end or 'open'}"


def tell(
    connection: Connection, contract: Contract, kind: str, part: str, decision: Decision, *, clock: Clock
) -> None:
    """Leave word in the outbox for whoever runs the service: what to do, from which day on, and why."""
    body = {
        "subscription": contract.subscription.code,
        "account": contract.account.code,
        "part": part,
        "on": decision.on.isoformat(),
        "clause": decision.clause,
        "reason": decision.why,
        "by": decision.by,
    }
    outbox.put(connection, contract.account_id, kind, body, clock.now())
