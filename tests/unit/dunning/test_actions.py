"""What a night decides about: the facts of a case, what is recorded, and which letters are sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from contracts.rules import DunningAction
from contracts.service_states import WHOLE, ServiceState, StateSpan
from dunning.actions import Action, ActionStatus, Case, causes, recorded, step_of, worth_a_letter
from dunning.ladder import allowed
from dunning.suspensions import Cause
from kernel.errors import NotFound
from tests.unit.dunning.building import ACCOUNT, FROM_DUE, FROM_NOTICE, ITEM, SUBSCRIPTION, balance, contract

AT = datetime(2026, 3, 21, 12, tzinfo=UTC)
CASE = Case(contract=contract(FROM_DUE), rule=FROM_DUE, balance=balance())
NOTIFIED = Case(contract=contract(FROM_NOTICE), rule=FROM_NOTICE, balance=balance())


def all_actions(day: date) -> list[Action]:
    """Return what the first night on a day records."""
    steps = allowed(FROM_DUE, CASE.facts, as_of=day)
    return [recorded(CASE, step, as_of=day, at=AT) for step in steps]


def test_a_step_is_recorded_with_its_own_date_and_that_of_the_night() -> None:
    """A late night writes down both: from when it was allowed, and when it was taken."""
    action = all_actions(date(2026, 3, 18))[1]

    assert ("part", "campaigns") == (action.step, action.part)
    assert (date(2026, 3, 16), date(2026, 3, 18)) == (action.allowed_on, action.decided_on)
    assert ("T-11", ActionStatus.DONE, AT) == (action.clause, action.status, action.recorded_at)


def test_what_a_person_decides_is_only_proposed() -> None:
    """A termination is proposed, everything else is done."""
    statuses = {action.step: action.status for action in all_actions(date(2026, 3, 21))}
    done = dict.fromkeys(("reminder", "part", "suspension"), ActionStatus.DONE)

    assert done | {"termination": ActionStatus.PROPOSED} == statuses


def test_after_missed_nights_only_the_last_step_is_told() -> None:
    """A customer does not get a reminder and a suspension in one night."""
    taken = [action for action in all_actions(date(2026, 3, 19)) if action.status is ActionStatus.DONE]

    assert {"suspension"} == worth_a_letter(taken)
    assert frozenset() == worth_a_letter([])


def test_a_formal_notice_is_always_told() -> None:
    """Another step waits for its delivery."""
    reminder, *_, suspension = all_actions(date(2026, 3, 19))
    notice = replace(reminder, step="notice", action=DunningAction.NOTIFY)

    assert {"notice", "suspension"} == worth_a_letter([notice, suspension])


def test_delivery_counts_on_the_local_day_of_the_issuer() -> None:
    """05:59 UTC on the 13th is still the 12th in Mexico City, 06:00 is not."""
    late = replace(NOTIFIED, delivered={"notice": datetime(2026, 3, 13, 5, 59, tzinfo=UTC)})
    later = replace(NOTIFIED, delivered={"notice": datetime(2026, 3, 13, 6, 0, tzinfo=UTC)})

    assert {"notice": date(2026, 3, 12)} == late.facts.delivered
    assert {"notice": date(2026, 3, 13)} == later.facts.delivered


SPAN = StateSpan(
    account_id=ACCOUNT,
    subscription_id=SUBSCRIPTION,
    part=WHOLE,
    state=ServiceState.SUSPENDED,
    start=date(2026, 3, 13),
)


def test_only_an_item_that_suspended_counts_from_the_suspension() -> None:
    """The export window of one debt is not that of another."""
    suspension = replace(all_actions(date(2026, 3, 19))[2], subscription_id=SUBSCRIPTION)
    bystander = replace(NOTIFIED, spans=(SPAN,))
    cause = replace(bystander, actions=(suspension,))
    dismissed = replace(bystander, actions=(replace(suspension, status=ActionStatus.DISMISSED),))

    assert None is bystander.facts.suspended_on
    assert None is dismissed.facts.suspended_on
    assert date(2026, 3, 13) == cause.facts.suspended_on


def test_a_termination_shows_in_the_facts() -> None:
    """The ladder learns of it from the lasting state."""
    terminated = replace(CASE, spans=(replace(SPAN, state=ServiceState.TERMINATED),))

    assert (False, True) == (CASE.facts.terminated, terminated.facts.terminated)


def test_only_what_took_effect_stops_a_service() -> None:
    """Reminders and proposals stop nothing."""
    found = causes(all_actions(date(2026, 3, 21)))

    assert (
        Cause(SUBSCRIPTION, ITEM, DunningAction.SUSPEND_PART, "campaigns", date(2026, 3, 21), "T-11"),
        Cause(SUBSCRIPTION, ITEM, DunningAction.SUSPEND, WHOLE, date(2026, 3, 21), "T-6"),
    ) == found


def test_an_unknown_step_is_refused_with_those_there_are() -> None:
    """Whoever mistypes a step sees the ladder."""
    with pytest.raises(NotFound) as refused:
        step_of(FROM_DUE, "eviction")

    assert "one of reminder, part, suspension, termination" == refused.value.expected
