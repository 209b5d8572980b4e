"""Force majeure: days on which a service was hit by what nobody answers for, and what they move."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from contracts.life_rules import ForceMajeureRule
from contracts.terms import Terms
from kernel.calendars import first_day_after, last_day_within
from kernel.ids import AccountId, SubscriptionId
from kernel.periods import Period

#: The event that recorded days of it stand for, where duties or endings of the terms hang on it.
FORCE_MAJEURE = "force_majeure"


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


def begun_with(events: Iterable[ForceMajeure], day: date) -> date:
    """Return the first day of the event that the days before a day belong to; the day itself, if none do.

    Days that follow on others are the same event: the 10th to the 14th, and then the 15th.
    """
    before = {event.days.end: event.days.start for event in events}
    while day in before:
        day = before[day]
    return day


def days_without_service(events: Sequence[ForceMajeure], on: date) -> int:
    """Return for how many days, up to and on a day, one contract's service has lasted interrupted.

    Hit from 10 March on, the 25th is the sixteenth day.  Zero on a day that no force majeure hits: what is
    over counts no longer.
    """
    hit = next((event for event in events if on in event.days), None)
    return 0 if hit is None else Period(begun_with(events, hit.days.start), first_day_after(on, 0)).days
