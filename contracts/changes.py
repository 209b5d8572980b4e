"""Changes: when a price or the terms change, and whether the customer took it, turned it down, or still may.

Announced 1 March with 30 days' notice from the delivery, delivered on the 3rd: in force from 2 April.  Not
delivered: not in force, however much time passes.  Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from contracts.life_rules import Change, ChangeException, NoticeAnchor
from contracts.notices import Answer, Notice
from contracts.shapes import one_of
from kernel.calendars import day_before, last_day_within
from kernel.errors import InvalidInput


class Standing(StrEnum):
    """How far a change is: waiting for its delivery, open to a no, accepted, in force, or turned down."""

    UNDELIVERED = "undelivered"
    OPEN = "open"
    ACCEPTED = "accepted"
    IN_FORCE = "in_force"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Course:
    """The days that a change runs through; None as long as its notice has not arrived.

    ``effective_on`` is the first day on which it holds, ``objections_until`` the last on which a no counts,
    ``accepted_on`` the day on which silence, or a word before it, became a yes.
    """

    standing: Standing
    effective_on: date | None = None
    objections_until: date | None = None
    accepted_on: date | None = None


def course(notice: Notice, rule: Change, *, as_of: date) -> Course:
    """Return where a change stands at the end of a day.

    An answer after the last day for a no changes nothing: the silence before it was a yes.
    """
    heard_on = notice.sent_on if rule.counts_from is NoticeAnchor.PUBLISHED else notice.delivered_on
    if heard_on is None or heard_on > as_of:
        return Course(Standing.UNDELIVERED)
    effective_on = _effective_on(notice, rule, heard_on)
    until = _objections_until(rule, heard_on, effective_on)
    answer = notice.answer_by(min(as_of, until))
    if answer is Answer.REJECTED and rule.ending:
        return Course(Standing.REJECTED, effective_on, until)
    accepted_on = (
        notice.answered_on if answer is Answer.ACCEPTED else _silence_accepts_on(rule, until, effective_on)
    )
    return Course(_standing(as_of, effective_on, accepted_on), effective_on, until, accepted_on)


def exception_of(rule: Change, code: str) -> ChangeException | None:
    """Return the exception of a code, None for none; a code that the terms do not state is refused."""
    if not code:
        return None
    for each in rule.exceptions:
        if each.code == code:
            return each
    raise InvalidInput(
        "the terms know no such reason for a shorter notice",
        field="exception",
        value=code,
        expected=one_of([each.code for each in rule.exceptions], code) if rule.exceptions else "none",
    )


def notice_days(notice: Notice, rule: Change) -> int:
    """Return how many days before it holds a change has to be told: those of its exception, if it has one."""
    exception = exception_of(rule, notice.exception)
    return max(rule.notice_days, rule.in_force_days) if exception is None else exception.notice_days


def _effective_on(notice: Notice, rule: Change, heard_on: date) -> date:
    """Return the first day: that planned, or the first that the notice allows, whichever is later."""
    earliest = last_day_within(heard_on, notice_days(notice, rule))
    return earliest if notice.planned_on is None else max(notice.planned_on, earliest)


def _objections_until(rule: Change, heard_on: date, effective_on: date) -> date:
    """Return the last day for a no: never one on which the change holds already."""
    before = day_before(effective_on)
    if rule.objection_days is None:
        return before
    return min(before, last_day_within(heard_on, rule.objection_days))


def _silence_accepts_on(rule: Change, until: date, effective_on: date) -> date:
    """Return when silence is a yes: on the last day for a no, or with use once the change holds."""
    return effective_on if rule.objection_days is None else until


def _standing(as_of: date, effective_on: date, accepted_on: date | None) -> Standing:
    if as_of >= effective_on:
        return Standing.IN_FORCE
    accepted = accepted_on is not None and as_of >= accepted_on
    return Standing.ACCEPTED if accepted else Standing.OPEN
