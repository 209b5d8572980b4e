"""The state of a service, day by day: active, in part ended or suspended, paused, suspended, terminated.

Active is the absence of anything else.  What begins and ends a state is another's to say: dunning suspends
and restores, a person pauses and resumes (``service_changes``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kernel.ids import AccountId, SubscriptionId

#: The part that stands for the whole service.
WHOLE = ""


class ServiceState(StrEnum):
    """What a customer can use, from all to nothing.

    ``ENDED`` is a part that is over for good (a channel whose owner banned the customer), ``PAUSED`` the
    agreed rest of a whole service; no payment undoes either.
    """

    ACTIVE = "active"
    ENDED = "ended"
    PARTIALLY_SUSPENDED = "partially_suspended"
    PAUSED = "paused"
    SUSPENDED = "suspended"
    TERMINATED = "terminated"


#: The states of a part of a service; the others are those of the whole.
OF_A_PART = frozenset({ServiceState.ENDED, ServiceState.PARTIALLY_SUSPENDED})

#: The states that a debt or a person's word begins; a payment ends those of a debt.
SUSPENSIONS = frozenset({ServiceState.PARTIALLY_SUSPENDED, ServiceState.SUSPENDED})

_GRAVITY = tuple(ServiceState)


@dataclass(frozen=True, slots=True, kw_only=True)
class StateSpan:
    """The days ``[start, end)`` on which a part of a service (``WHOLE``: all of it) is in a state, and why.

    ``end`` is None as long as the state lasts.  ``decided_by`` names the person, if one decided; ``code`` the
    suspension of the terms under which it was for another cause than a debt.
    """

    account_id: AccountId
    subscription_id: SubscriptionId
    part: str
    state: ServiceState
    start: date
    end: date | None = None
    clause: str = ""
    reason: str = ""
    decided_by: str = ""
    code: str = ""

    @property
    def by_debt(self) -> bool:
        """Tell whether it is a suspension for a debt, which a payment ends."""
        return self.state in SUSPENSIONS and not self.code

    def holds(self, day: date) -> bool:
        """Tell whether the service is in this state on a day."""
        return self.start <= day and (self.end is None or day < self.end)


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """The state of a service on a day, and the parts of it that do not work."""

    state: ServiceState
    stopped_parts: tuple[str, ...] = ()


def status_on(spans: Iterable[StateSpan], day: date) -> ServiceStatus:
    """Return the gravest of a subscription's states on a day; no span at all is an active service."""
    held = [span for span in spans if span.holds(day)]
    state = max((span.state for span in held), key=_GRAVITY.index, default=ServiceState.ACTIVE)
    return ServiceStatus(state, tuple(sorted(span.part for span in held if span.part != WHOLE)))
