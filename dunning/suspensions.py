"""Suspensions and their causes: a suspension belongs to the items that caused it, and ends with the last.

Dunning begins and ends only what it caused: no payment ends a pause, a part that is over for good, a
termination, or what a person suspended for another cause.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from contracts.rules import DunningAction
from contracts.service_states import ServiceState, StateSpan
from kernel.calendars import first_day_after
from kernel.ids import ItemId, SubscriptionId

STATE_OF_ACTION = {
    DunningAction.SUSPEND_PART: ServiceState.PARTIALLY_SUSPENDED,
    DunningAction.SUSPEND: ServiceState.SUSPENDED,
    DunningAction.TERMINATE: ServiceState.TERMINATED,
}


@dataclass(frozen=True, slots=True)
class Cause:
    """An item that suspended something: whose, the action, the part, the day it was taken on, the clause."""

    subscription_id: SubscriptionId
    item_id: ItemId
    action: DunningAction
    part: str
    taken_on: date
    clause: str


def stops_beyond_dunning(span: StateSpan) -> bool:
    """Tell whether a state stops a service for another reason than a debt: a person's word, or an end."""
    return bool(span.code) or span.state in {ServiceState.PAUSED, ServiceState.ENDED}


def begun_on(span: StateSpan, spans: Iterable[StateSpan]) -> date:
    """Return the first day of a suspension for a debt, before what a person suspended between its days."""
    before = {each.end: each for each in spans if _same_part(each, span) and each.state is span.state}
    start, between = span.start, before.get(span.start)
    while between is not None and between.code:
        between = before.get(between.start)
        if between is not None and not between.code:
            start, between = between.start, before.get(between.start)
    return start


def causes_of(span: StateSpan, causes: Iterable[Cause], *, begun: date | None = None) -> tuple[Cause, ...]:
    """Return what caused a suspension: the actions on the same part that were taken while it lasted.

    ``begun`` is its first day, where a person's suspension lay between its days.
    """
    return tuple(
        cause
        for cause in causes
        if cause.subscription_id == span.subscription_id
        and STATE_OF_ACTION.get(cause.action) is span.state
        and cause.part == span.part
        and (begun or span.start) <= cause.taken_on
        and (span.end is None or cause.taken_on < span.end)
    )


def released(
    spans: Sequence[StateSpan], causes: Sequence[Cause], open_items: Collection[ItemId], *, as_of: date
) -> tuple[tuple[StateSpan, tuple[Cause, ...]], ...]:
    """Return the suspensions of a day although every item that caused them is settled, with those causes.

    One that has a last day, for its part ends then, is among them up to that day.  A suspension without a
    recorded cause was made by a person, and a person ends it.
    """
    lasting = [span for span in spans if span.by_debt and span.holds(as_of)]
    caused = [(span, causes_of(span, causes, begun=begun_on(span, spans))) for span in lasting]
    return tuple(
        (span, found)
        for span, found in caused
        if found and not any(cause.item_id in open_items for cause in found)
    )


def restored_from(start: date, paid_on: date) -> date:
    """Return the first day of service after a suspension: the day of the payment, or the day after the start.

    Suspended on 19 March and paid on 25 March: restored from the 25th.  A payment of the 17th that became
    known after the suspension leaves one day of it, the 19th, for that day did pass without service.
    """
    return max(paid_on, first_day_after(start, 0))


def _same_part(one: StateSpan, other: StateSpan) -> bool:
    return (one.subscription_id, one.part) == (other.subscription_id, other.part)
