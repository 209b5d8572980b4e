"""The outlook of a notice: whether it waits, leads to something by now, or lapses.  Pure.

A notice lapses when the contract is over before it could lead to anything, or when the terms that the
contract stands under by now no longer state what it goes by.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import assert_never

from contracts.changes import Course, Standing, course
from contracts.endings import Ended, ended
from contracts.notices import Notice, NoticeKind
from contracts.plan_change import begins_on
from contracts.service_states import ServiceState
from contracts.subscriptions import Contract
from contracts.term import term_of
from kernel.calendars import first_day_after


class Stage(StrEnum):
    """How far a notice is."""

    WAITS = "waits"
    SETTLES = "settles"
    LAPSES = "lapses"


@dataclass(frozen=True, slots=True)
class Outlook:
    """How far a notice is, what a person reads of it, and the days that it runs through.

    ``first_day`` is that of the new plan, or the first one without the contract.
    """

    stage: Stage
    says: str = ""
    course: Course | None = None
    ended: Ended | None = None
    first_day: date | None = None


def outlook(
    contract: Contract,
    notice: Notice,
    *,
    as_of: date,
    about: Course | None = None,
    billed_until: date | None = None,
) -> Outlook:
    """Return how far a notice is at the end of a day.

    ``about`` is the course of the change that an ending follows from; ``billed_until`` the first day that is
    not billed in advance, before which no other plan begins.
    """
    if notice.sent_on > as_of:
        return Outlook(Stage.WAITS)
    match notice.kind:
        case NoticeKind.CHANGE:
            return _change(contract, notice, as_of)
        case NoticeKind.ENDING:
            return _ending(contract, notice, as_of, about)
        case NoticeKind.RENEWAL_REFUSED:
            return _refusal(contract, notice)
        case NoticeKind.PLAN_CHANGE:
            return _plan_change(contract, notice, billed_until)
        case _:
            assert_never(notice.kind)


def _change(contract: Contract, notice: Notice, as_of: date) -> Outlook:
    sourced = contract.terms.changes.get(notice.code)
    if sourced is None:
        return Outlook(Stage.LAPSES, "the terms do not state such a change any more")
    found = course(notice, sourced.rule, as_of=as_of)
    if found.standing is Standing.REJECTED:
        return Outlook(Stage.SETTLES, course=found)
    if _is_over(contract, found.effective_on or as_of):
        return Outlook(Stage.LAPSES, "the contract ends before the change holds", course=found)
    if found.standing is Standing.IN_FORCE:
        return Outlook(Stage.SETTLES, course=found)
    if found.standing is Standing.UNDELIVERED:
        return Outlook(Stage.WAITS, "It waits for its delivery.", course=found)
    until = f"It may be turned down until {found.objections_until} and" if sourced.rule.ending else "It"
    return Outlook(Stage.WAITS, f"{until} holds from {found.effective_on}.", course=found)


def _ending(contract: Contract, notice: Notice, as_of: date, about: Course | None) -> Outlook:
    sourced = contract.terms.endings.get(notice.code)
    if sourced is None:
        return Outlook(Stage.LAPSES, "the terms do not state such an ending any more")
    found = ended(
        notice,
        sourced.rule,
        calendar=contract.entity.calendar,
        cycle=contract.cycle,
        as_of=as_of,
        changes_on=None if about is None else about.effective_on,
    )
    if found.last_day is None and found.waits_for:
        stage = Stage.LAPSES if _is_over(contract, as_of) else Stage.WAITS
        return Outlook(stage, f"It waits for {found.waits_for}.", ended=found)
    if found.last_day is None:
        return Outlook(Stage.SETTLES, ended=found)
    first_day = first_day_after(max(found.last_day, contract.subscription.starts_on), 0)
    if _is_over(contract, first_day) or _part_is_over(contract, notice.part, first_day):
        return Outlook(Stage.LAPSES, "it is over by then already", ended=found)
    return Outlook(Stage.SETTLES, ended=found, first_day=first_day)


def _refusal(contract: Contract, notice: Notice) -> Outlook:
    sourced = contract.terms.term
    term = None if sourced is None else term_of(sourced.rule, contract, notice.sent_on)
    if term is None or _is_over(contract, term.end):
        return Outlook(Stage.LAPSES, "the contract ends before its term does")
    return Outlook(Stage.SETTLES, first_day=term.end)


def _plan_change(contract: Contract, notice: Notice, billed_until: date | None) -> Outlook:
    sourced = contract.terms.plan_change
    if sourced is None:
        return Outlook(Stage.LAPSES, "the terms let no plan change any more")
    on = begins_on(sourced.rule, contract.cycle, notice.sent_on, billed_until=billed_until)
    if _is_over(contract, on):
        return Outlook(Stage.LAPSES, "the contract ends before another plan could begin")
    return Outlook(Stage.SETTLES, first_day=on)


def _is_over(contract: Contract, first_day: date) -> bool:
    """Tell whether the contract is over on a day."""
    ends_on = contract.subscription.ends_on
    return ends_on is not None and ends_on <= first_day


def _part_is_over(contract: Contract, part: str, first_day: date) -> bool:
    ended_parts = (each for each in contract.states if each.state is ServiceState.ENDED)
    return bool(part) and any(each.part == part and each.start <= first_day for each in ended_parts)
