"""Suspensions and their causes: a suspension belongs to the items that caused it, and ends with the last.

Dunning begins and ends only what it caused: no payment ends a pause, a part that is over for good, or a
termination.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from contracts.rules import DunningAction
from contracts.service_states import SUSPENSIONS, ServiceState, StateSpan
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


def causes_of(span: StateSpan, causes: Iterable[Cause]) -> tuple[Cause, ...]:
    """Return what caused a suspension: the actions on the same part that were taken while it lasted."""
    return tuple(
        cause
        for cause in causes
        if cause.subscription_id == span.subscription_id
        and STATE_OF_ACTION.get(cause.action) is span.state
        and cause.part == span.part
        and span.start <= cause.taken_on
        and (span.end is None or cause.taken_on < span.end)
    )


def released(
    spans: Iterable[StateSpan], causes: Sequence[Cause], open_items: Collection[ItemId]
) -> tuple[tuple[StateSpan, tuple[Cause, ...]], ...]:
    """Return the suspensions that last although every item that caused them is settled, with those causes.

    A suspension without a recorded cause was made by a person, and a person ends it.
    """
    lasting = [span for span in spans if span.end is None and span.state in SUSPENSIONS]
    caused = [(span, causes_of(span, causes)) for span in lasting]
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
