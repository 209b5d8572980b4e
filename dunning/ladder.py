"""The ladder: what the terms allow against an unpaid item, on which date, and why.

Every date is counted from a recorded fact, the anchor, and never from the night on which somebody looked.
Due on 10 March and "more than 5 days": the rung is allowed from 16 March, whenever it is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import assert_never

from contracts.rules import DunningAction, DunningAnchor, DunningRule, DunningStep
from contracts.service_states import WHOLE, ServiceState
from kernel.calendars import days_between, first_day_after
from kernel.errors import InvalidTerms
from kernel.money import Money
from kernel.periods import Period
from kernel.words import counted

#: What can no longer be done to a contract that has been terminated.
NEEDS_A_CONTRACT = frozenset({DunningAction.SUSPEND_PART, DunningAction.SUSPEND, DunningAction.TERMINATE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is recorded about one open item, and nothing that is guessed.

    ``delivered`` maps a notifying step's code to the local day of the delivery confirmation; a notice that
    was sent and never confirmed is not in it.  ``suspended_on`` is the first day of a total suspension that
    this item caused.  ``stopped`` holds what does not work for another reason than a debt, by part: there is
    nothing to suspend.  ``held`` are the days of force majeure on which no time limit runs, by the clause
    ``held_by``.  ``done`` holds the codes of the steps that were recorded, proposals included.
    """

    due_on: date
    open_amount: Money
    delivered: Mapping[str, date] = field(default_factory=dict)
    suspended_on: date | None = None
    terminated: bool = False
    stopped: Mapping[str, ServiceState] = field(default_factory=dict)
    held: tuple[Period, ...] = ()
    held_by: str = ""
    done: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Rung:
    """One step in the light of the facts: from which date it is allowed (None: it waits), and why."""

    step: DunningStep
    on: date | None
    reason: str
    done: bool = False


@dataclass(frozen=True, slots=True)
class AllowedStep:
    """A step that may be taken now, the date from which it was allowed, and why."""

    step: DunningStep
    on: date
    reason: str


def timeline(rule: DunningRule, facts: Facts) -> tuple[Rung, ...]:
    """Return all that may happen to an item, when and why, in the order of the rungs.

    A rung whose anchor's fact is missing has no date and says what it waits for.  A paid item has no rungs.
    Raises :class:`InvalidTerms` for a step that waits for a notice which no step of the ladder sends.
    """
    if facts.open_amount.amount <= 0:
        return ()
    return tuple(_rung(rule, step, facts) for step in rule.steps)


def allowed(rule: DunningRule, facts: Facts, *, as_of: date) -> tuple[AllowedStep, ...]:
    """Return the steps that the terms allow by a day and that were not taken, in the order of the rungs."""
    return tuple(
        AllowedStep(rung.step, rung.on, rung.reason)
        for rung in timeline(rule, facts)
        if rung.on is not None and rung.on <= as_of and not rung.done
    )


def _rung(rule: DunningRule, step: DunningStep, facts: Facts) -> Rung:
    done = step.code in facts.done
    if facts.terminated and step.action in NEEDS_A_CONTRACT:
        return Rung(step, None, f"the contract has been terminated ({step.clause})", done)
    if stopped := _stopped(step, facts):
        return Rung(step, None, f"waits, for {stopped} ({step.clause})", done)
    anchor, fact = _anchor(rule, step, facts)
    if anchor is None:
        return Rung(step, None, f"waits for {fact} ({step.clause})", done)
    on = first_day_after(anchor, step.more_than_days, facts.held)
    days = "day" if step.more_than_days == 1 else "days"
    reason = f"{fact} on {anchor}, and on {on} more than {step.more_than_days} {days} ago ({step.clause})"
    moved = days_between(first_day_after(anchor, step.more_than_days), on)
    if moved:
        reason = f"{reason}, not counting {counted(moved, 'day')} of force majeure ({facts.held_by})"
    return Rung(step, on, reason, done)


def _stopped(step: DunningStep, facts: Facts) -> str:
    """Return why there is nothing that a step could suspend, or nothing."""
    if step.action not in {DunningAction.SUSPEND_PART, DunningAction.SUSPEND}:
        return ""
    if WHOLE in facts.stopped:
        return f"the service is {facts.stopped[WHOLE].value}"
    state = facts.stopped.get(step.part) if step.action is DunningAction.SUSPEND_PART else None
    if state is None:
        return ""
    return f"the part {step.part} {'has ended' if state is ServiceState.ENDED else 'is suspended'}"


def _anchor(rule: DunningRule, step: DunningStep, facts: Facts) -> tuple[date | None, str]:
    """Return the day that a step is counted from, or None, and the words for the recorded fact."""
    match step.anchor:
        case DunningAnchor.DUE:
            return facts.due_on, "payment was due"
        case DunningAnchor.NOTICE_DELIVERED:
            _refuse_unsent(rule, step)
            delivered = facts.delivered.get(step.notice)
            return delivered, (
                f"the delivery of the notice {step.notice}"
                if delivered is None
                else f"the notice {step.notice} was delivered"
            )
        case DunningAnchor.SUSPENDED:
            suspended = facts.suspended_on
            return suspended, "the suspension" if suspended is None else "the service was suspended"
        case _:
            assert_never(step.anchor)


def _refuse_unsent(rule: DunningRule, step: DunningStep) -> None:
    if step.notice not in {each.code for each in rule.steps}:
        raise InvalidTerms(
            "a step waits for a notice that no step of its ladder sends",
            field=f"dunning.{step.code}.notice",
            value=step.notice,
            expected="the code of a step of the same ladder",
        )
