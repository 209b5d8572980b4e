"""Force majeure: days on which a service was hit by what nobody answers for, and what they move."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from contracts.life_rules import ForceMajeureRule
from contracts.terms import Terms
from kernel.calendars import last_day_within
from kernel.ids import AccountId, SubscriptionId
from kernel.periods import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class ForceMajeure:
    """Days of one event, and the day on which the side that was hit told the other."""

    account_id: AccountId
    subscription_id: SubscriptionId
    days: Period
    reported_on: date
    reason: str
    recorded_at: datetime

    def in_time(self, rule: ForceMajeureRule) -> bool:
        """Tell whether it was told within the days that the terms give: two from 10 March end on 12 March."""
        return self.reported_on <= last_day_within(self.days.start, rule.report_days)


def days_held(terms: Terms, events: Iterable[ForceMajeure]) -> tuple[Period, ...]:
    """Return the days on which no time limit runs under these terms; none where no rule says so."""
    sourced = terms.force_majeure
    if sourced is None or not sourced.rule.shifts_deadlines:
        return ()
    return tuple(sorted(event.days for event in events))
