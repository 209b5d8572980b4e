"""Endings: the last day of a contract, or of a part of it, that a side has ended under a clause.

The day of termination is the last day of service and the last one billed.  Thirty days' notice that arrived
on 10 March ends on 9 April.  Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from contracts.life_rules import DayKind, Ending, EndsWith, Party
from contracts.notices import Answer, Notice
from kernel.calendars import BusinessCalendar, day_before, first_day_after, last_day_within
from kernel.errors import Conflict, InvalidInput
from kernel.periods import Cycle


@dataclass(frozen=True, slots=True)
class Ended:
    """How a contract ends: its last day, or, where nothing ends it yet, what it waits for.

    ``mend_until`` is the last day on which a breach may still be mended.
    """

    last_day: date | None = None
    mend_until: date | None = None
    waits_for: str = ""


def ended(
    notice: Notice,
    rule: Ending,
    *,
    calendar: BusinessCalendar,
    cycle: Cycle,
    as_of: date,
    changes_on: date | None = None,
) -> Ended:
    """Return when a contract ends by a notice, as known at the end of a day.

    ``changes_on`` is the first day of the change that the customer turns down.  A vendor's notice counts from
    its delivery, a customer's from the day on which it was given.
    """
    heard_on = notice.delivered_on if notice.sender is Party.VENDOR and not _at_once(rule) else notice.sent_on
    if heard_on is None or heard_on > as_of:
        return Ended(waits_for="the delivery of the notice")
    runs_out = _runs_out(rule, heard_on, calendar)
    if rule.curable:
        return _unmended(notice, runs_out, as_of)
    last_day = max(runs_out, notice.planned_on or runs_out)
    if rule.last_day is EndsWith.CYCLE:
        last_day = cycle.period_of(last_day).last_day
    if changes_on is not None:
        kept = day_before(changes_on)
        last_day = (
            max(kept, heard_on) if rule.last_day is EndsWith.OLD_PRICE else min(last_day, max(kept, heard_on))
        )
    return Ended(last_day=last_day)


def refuse_untimely(notice: Notice, rule: Ending) -> None:
    """Refuse a word that the clause does not let this side give, without its event, or at the wrong time."""
    if rule.by not in (Party.EITHER, notice.sender):
        raise Conflict(
            "the clause does not let this side end the contract",
            field="by",
            value=notice.sender,
            expected=rule.by,
        )
    if notice.part and not rule.partial:
        raise InvalidInput(
            "the clause ends the whole contract and not a part of it",
            field="part",
            value=notice.part,
            expected="no part",
        )
    if not rule.event:
        return
    if notice.happened_on is None:
        raise InvalidInput(
            "the clause lets the contract end over an event: say when it happened",
            field="happened_on",
            value=rule.event,
            expected="a day such as 2026-01-31",
        )
    happened_on, lasting = notice.happened_on, rule.lasting_over_days
    first = first_day_after(happened_on, lasting) if lasting else happened_on
    if notice.sent_on < first:
        raise _at_the_wrong_time(notice, f"{first} or later")
    last = None if rule.within_days is None else last_day_within(happened_on, rule.within_days)
    if last is not None and notice.sent_on > last:
        raise _at_the_wrong_time(notice, f"a day up to {last}")


def _at_the_wrong_time(notice: Notice, expected: str) -> Conflict:
    return Conflict(
        f"the clause does not allow it on this day, over an event of {notice.happened_on}",
        field="sent_on",
        value=notice.sent_on,
        expected=expected,
    )


def _at_once(rule: Ending) -> bool:
    """Tell whether an ending needs no notice at all, so that none has to arrive."""
    return rule.notice_days == 0 and not rule.curable


def _runs_out(rule: Ending, heard_on: date, calendar: BusinessCalendar) -> date:
    if rule.day_kind is DayKind.BUSINESS:
        return calendar.add_business_days(heard_on, rule.notice_days)
    return last_day_within(heard_on, rule.notice_days)


def _unmended(notice: Notice, mend_until: date, as_of: date) -> Ended:
    if notice.answer_by(mend_until) is Answer.MENDED:
        return Ended(mend_until=mend_until)
    if as_of <= mend_until:
        return Ended(mend_until=mend_until, waits_for=f"the mend, until {mend_until}")
    return Ended(last_day=first_day_after(mend_until, 0), mend_until=mend_until)
