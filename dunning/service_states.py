"""The state of a service, day by day: active, suspended in part, suspended, terminated; and what restores it.

Active is the absence of anything else.  A suspension belongs to the items that caused it and ends with the
last of them; a termination ends with nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from contracts.rules import DunningAction
from kernel.calendars import first_day_after
from kernel.ids import AccountId, ItemId, SubscriptionId

#: The part that stands for the whole service.
WHOLE = ""


class ServiceState(StrEnum):
    """What a customer can use, from all to nothing."""

    ACTIVE = "active"
    PARTIALLY_SUSPENDED = "partially_suspended"
    SUSPENDED = "suspended"
    TERMINATED = "terminated"


STATE_OF_ACTION = {
    DunningAction.SUSPEND_PART: ServiceState.PARTIALLY_SUSPENDED,
    DunningAction.SUSPEND: ServiceState.SUSPENDED,
    DunningAction.TERMINATE: ServiceState.TERMINATED,
}

_GRAVITY = tuple(ServiceState)


@dataclass(frozen=True, slots=True, kw_only=True)
class StateSpan:
    """The days ``[start, end)`` on which a part of a service (``WHOLE``: all of it) is in a state.

    ``end`` is None as long as the state lasts.
    """

    account_id: AccountId
    subscription_id: SubscriptionId
    part: str
    state: ServiceState
    start: date
    end: date | None = None

    def holds(self, day: date) -> bool:
        """Tell whether the service is in this state on a day."""
        return self.start <= day and (self.end is None or day < self.end)


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """The state of a service on a day, and the parts that a partial suspension stops."""

    state: ServiceState
    stopped_parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cause:
    """An item that suspended something: whose, the action, the part, the day it was taken on, the clause."""

    subscription_id: SubscriptionId
    item_id: ItemId
    action: DunningAction
    part: str
    taken_on: date
    clause: str


def status_on(spans: Iterable[StateSpan], day: date) -> ServiceStatus:
    """Return the gravest of a subscription's states on a day; no span at all is an active service."""
    held = [span for span in spans if span.holds(day)]
    state = max((span.state for span in held), key=_GRAVITY.index, default=ServiceState.ACTIVE)
    return ServiceStatus(state, tuple(sorted(span.part for span in held if span.part != WHOLE)))


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
    lasting = [span for span in spans if span.end is None and span.state is not ServiceState.TERMINATED]
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
