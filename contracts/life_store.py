"""Every query about the life of a service: its states without overlap, and what hit it from outside."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    delete,
    func,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import Range, insert

from contracts.force_majeure import ForceMajeure, days_held
from contracts.service_states import SUSPENSIONS, ServiceState, StateSpan
from contracts.subscriptions import Contract
from contracts.tables import force_majeure, late_states, service_states
from db.among import among
from kernel.ids import AccountId, SubscriptionId, SubscriptionKey
from kernel.periods import Period


def states_of(
    connection: Connection, account_ids: Sequence[AccountId], *, since: date | None = None
) -> tuple[StateSpan, ...]:
    """Return the states of these accounts' services, oldest first; ``since``: those that hold on or after it.

    What lasts has no end and is always among them.
    """
    s = service_states.c
    query = select(service_states).where(among(service_states, account_ids))
    if since is not None:
        query = query.where(or_(func.upper_inf(s.during), func.upper(s.during) > since))
    return tuple(
        _span(row)
        for row in connection.execute(query.order_by(s.account_id, s.subscription_id, s.during, s.part))
    )


def accounts_suspended(
    connection: Connection, account_ids: Sequence[AccountId], *, as_of: date
) -> frozenset[AccountId]:
    """Return the accounts, of these, with a suspension for a debt that is not over by the end of a day."""
    s = service_states.c
    rows = connection.execute(
        select(s.account_id).where(
            among(service_states, account_ids),
            or_(func.upper_inf(s.during), func.upper(s.during) > as_of),
            s.code == "",
            s.state.in_([state.value for state in SUSPENSIONS]),
        )
    )
    return frozenset(rows.scalars())


def states_by_subscription(
    connection: Connection, account_ids: Sequence[AccountId]
) -> dict[SubscriptionKey, list[StateSpan]]:
    """Return the states of these accounts' services by subscription; one that was always active is absent."""
    found: dict[SubscriptionKey, list[StateSpan]] = defaultdict(list)
    for span in states_of(connection, account_ids):
        found[span.account_id, span.subscription_id].append(span)
    return found


def begin_state(connection: Connection, span: StateSpan) -> bool:
    """Begin a state; False where the part is in one already, for the database holds no overlap."""
    begun = connection.execute(
        insert(service_states)
        .values(
            account_id=span.account_id,
            subscription_id=span.subscription_id,
            part=span.part,
            during=Range(span.start, span.end),
            state=span.state.value,
            clause=span.clause,
            reason=span.reason,
            decided_by=span.decided_by,
            code=span.code,
        )
        .on_conflict_do_nothing()
        .returning(service_states.c.part)
    )
    if begun.one_or_none() is None:
        return False
    _mark_late(connection, span, span.start)
    return True


def end_state(connection: Connection, span: StateSpan, end: date, *, why: str = "") -> None:
    """End a state on a day, the first that it does not hold; an empty one is taken away.

    ``why`` is added to the reason that the state bears.
    """
    _mark_late(connection, span, min(end, span.end or end))
    if end <= span.start:
        connection.execute(delete(service_states).where(*_is(span)))
        return
    reason = "; ".join(each for each in (span.reason, why) if each)
    connection.execute(
        update(service_states).where(*_is(span)).values(during=Range(span.start, end), reason=reason)
    )


def late_states_of(
    connection: Connection, account_ids: Sequence[AccountId]
) -> dict[SubscriptionKey, dict[str, date]]:
    """Return, by subscription and part, the day from which on a state changed that no run has looked at."""
    found: dict[SubscriptionKey, dict[str, date]] = defaultdict(dict)
    for row in connection.execute(select(late_states).where(among(late_states, account_ids))):
        found[row.account_id, row.subscription_id][row.part] = row.since
    return found


def settle_states(connection: Connection, subscriptions: Collection[SubscriptionKey]) -> None:
    """Take note that a run has looked at all states of subscriptions."""
    if subscriptions:
        own = tuple_(late_states.c.account_id, late_states.c.subscription_id)
        connection.execute(delete(late_states).where(own.in_(list(subscriptions))))


def add_force_majeure(connection: Connection, event: ForceMajeure) -> bool:
    """Record days of force majeure; False where some of them are recorded already."""
    added = connection.execute(
        insert(force_majeure)
        .values(
            account_id=event.account_id,
            subscription_id=event.subscription_id,
            during=Range(event.days.start, event.days.end),
            reported_on=event.reported_on,
            reason=event.reason,
            recorded_at=event.recorded_at,
        )
        .on_conflict_do_nothing()
        .returning(force_majeure.c.account_id)
    )
    return added.one_or_none() is not None


def force_majeure_of(connection: Connection, account_ids: Sequence[AccountId]) -> tuple[ForceMajeure, ...]:
    """Return the force majeure that hit these accounts' services, oldest first."""
    f = force_majeure.c
    rows = connection.execute(
        select(force_majeure)
        .where(among(force_majeure, account_ids))
        .order_by(f.account_id, f.subscription_id, f.during)
    )
    return tuple(
        ForceMajeure(
            account_id=row.account_id,
            subscription_id=row.subscription_id,
            days=Period(row.during.lower, row.during.upper),
            reported_on=row.reported_on,
            reason=row.reason,
            recorded_at=row.recorded_at,
        )
        for row in rows
    )


def held_days_of(
    connection: Connection, contracts: Collection[Contract]
) -> Mapping[SubscriptionKey, tuple[Period, ...]]:
    """Return the days on which no time limit of these contracts runs, in one query."""
    concerned = {each.account_id for each in contracts if each.terms.force_majeure is not None}
    events: dict[SubscriptionKey, list[ForceMajeure]] = defaultdict(list)
    for event in force_majeure_of(connection, sorted(concerned)) if concerned else ():
        events[event.account_id, event.subscription_id].append(event)
    keys = {(each.account_id, each.subscription_id): each.terms for each in contracts}
    return {key: days_held(terms, events[key]) for key, terms in keys.items()}


def _mark_late(connection: Connection, span: StateSpan, since: date) -> None:
    """Note a change that the next invoice run must look at: it may have billed these days already."""
    statement = insert(late_states).values(
        account_id=span.account_id, subscription_id=span.subscription_id, part=span.part, since=since
    )
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[*late_states.primary_key],
            set_={"since": func.least(late_states.c.since, statement.excluded.since)},
        )
    )


def _is(span: StateSpan) -> tuple[ColumnElement[bool], ...]:
    s = service_states.c
    return (
        s.account_id == span.account_id,
        s.subscription_id == span.subscription_id,
        s.part == span.part,
        s.during == Range(span.start, span.end),
    )


def _span(row: Row[Any]) -> StateSpan:
    return StateSpan(
        account_id=row.account_id,
        subscription_id=SubscriptionId(row.subscription_id),
        part=row.part,
        state=ServiceState(row.state),
        start=row.during.lower,
        end=row.during.upper,
        clause=row.clause,
        reason=row.reason,
        decided_by=row.decided_by,
        code=row.code,
    )
