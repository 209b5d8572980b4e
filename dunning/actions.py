"""Actions: what was taken or proposed against an item, and the case that a night decides about.

An action is recorded once per item and step, for ever.  A proposal waits for a person; the proposals of a
paid item are dismissed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from contracts.rules import DunningAction, DunningRule, DunningStep, StepMode
from contracts.service_states import WHOLE, ServiceState, StateSpan
from contracts.subscriptions import Contract
from dunning.ladder import AllowedStep, Facts, Rung, timeline
from dunning.suspensions import STATE_OF_ACTION, Cause, stops_beyond_dunning
from kernel.calendars import moved_by
from kernel.errors import NotFound
from kernel.ids import AccountId, ItemId, SubscriptionId
from kernel.periods import Period
from kernel.zones import local_day
from receivables.journal import ItemBalance

#: The step and the action under which a restoration is recorded; no rung of a ladder may bear this code.
RESTORED = "restored"


class ActionStatus(StrEnum):
    """How far an action got: taken by itself, or proposed and then decided by a person."""

    DONE = "done"
    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"


IN_EFFECT = frozenset({ActionStatus.DONE, ActionStatus.CONFIRMED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One recorded action.  ``action`` is a :class:`DunningAction`, or ``RESTORED``.

    ``allowed_on`` is the date that the ladder computed, ``decided_on`` the day on which it was taken,
    proposed, confirmed or dismissed; ``decided_by`` names the person, if one did.
    """

    account_id: AccountId
    item_id: ItemId
    step: str
    subscription_id: SubscriptionId
    action: str
    part: str
    mode: StepMode
    status: ActionStatus
    allowed_on: date
    decided_on: date
    decided_by: str = ""
    clause: str
    reason: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An unpaid item with all that is recorded about it: what the ladder decides on.

    ``actions`` and ``delivered`` are the item's (step code to the instant of the confirmation), ``spans`` the
    states of its subscription that are not over, ``held`` the days on which its time limits do not run.
    """

    contract: Contract
    rule: DunningRule
    balance: ItemBalance
    actions: Sequence[Action] = ()
    delivered: Mapping[str, datetime] = field(default_factory=dict)
    spans: Sequence[StateSpan] = ()
    held: Sequence[Period] = ()

    @property
    def account_id(self) -> AccountId:
        """The account that owes the item."""
        return self.contract.account_id

    @property
    def facts(self) -> Facts:
        """What the ladder needs to know; days are those of the issuing entity's time zone."""
        item, force_majeure = self.balance.item, self.contract.terms.force_majeure
        return Facts(
            due_on=moved_by(item.issued_on, item.due_on, self.held),
            open_amount=self.balance.total,
            delivered={
                step: local_day(at, self.contract.entity.time_zone) for step, at in self.delivered.items()
            },
            suspended_on=self._suspended_on,
            terminated=any(span.state is ServiceState.TERMINATED for span in self.spans),
            stopped={span.part: span.state for span in self.spans if stops_beyond_dunning(span)},
            held=tuple(self.held),
            held_by="" if force_majeure is None else force_majeure.clause.id,
            done=frozenset(action.step for action in self.actions),
        )

    @property
    def _suspended_on(self) -> date | None:
        stopping = {DunningAction.SUSPEND, DunningAction.TERMINATE}
        if not any(each.action in stopping and each.status in IN_EFFECT for each in self.actions):
            return None
        stopped = {STATE_OF_ACTION[each] for each in stopping}
        return next((span.start for span in self.spans if span.state in stopped and not span.code), None)

    def following(self, *, as_of: date) -> tuple[Rung, ...]:
        """Return the rungs whose dates lie ahead, earliest first."""
        ahead = [(rung.on, rung) for rung in timeline(self.rule, self.facts) if rung.on and rung.on > as_of]
        return tuple(rung for _, rung in sorted(ahead, key=lambda each: each[0]))


def recorded(case: Case, step: AllowedStep, *, as_of: date, at: datetime) -> Action:
    """Return the action that an allowed step becomes on a day: taken, or proposed where a person decides."""
    proposed = step.step.mode is StepMode.PROPOSAL
    return Action(
        account_id=case.contract.account_id,
        item_id=case.balance.item.item_id,
        step=step.step.code,
        subscription_id=case.contract.subscription_id,
        action=step.step.action,
        part=step.step.part if step.step.action is DunningAction.SUSPEND_PART else WHOLE,
        mode=step.step.mode,
        status=ActionStatus.PROPOSED if proposed else ActionStatus.DONE,
        allowed_on=step.on,
        decided_on=as_of,
        clause=step.step.clause,
        reason=step.reason,
        recorded_at=at,
    )


def worth_a_letter(taken: Sequence[Action]) -> frozenset[str]:
    """Return the codes of the steps of one night that the customer hears of.

    After missed nights several steps are taken at once: the last of them is told, and every formal notice,
    for other steps wait for its delivery.
    """
    last = {action.step for action in taken[-1:]}
    return frozenset(last | {action.step for action in taken if action.action == DunningAction.NOTIFY})


def causes(actions: Sequence[Action]) -> tuple[Cause, ...]:
    """Return what stopped a service, among recorded actions."""
    stopping = {DunningAction.SUSPEND_PART, DunningAction.SUSPEND}
    return tuple(
        Cause(
            subscription_id=each.subscription_id,
            item_id=each.item_id,
            action=DunningAction(each.action),
            part=each.part,
            taken_on=each.decided_on,
            clause=each.clause,
        )
        for each in actions
        if each.action in stopping and each.status in IN_EFFECT
    )


def step_of(rule: DunningRule, code: str) -> DunningStep:
    """Return a rung by its code, or say that the ladder in force has none."""
    for step in rule.steps:
        if step.code == code:
            return step
    raise NotFound(
        "the ladder in force has no such step",
        field="step",
        value=code,
        expected="one of " + ", ".join(step.code for step in rule.steps),
    )
