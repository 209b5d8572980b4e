"""A suspension belongs to the items that caused it and ends with the last of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.rules import DunningAction
from contracts.service_states import WHOLE, ServiceState, StateSpan
from dunning.suspensions import Cause, causes_of, released, restored_from
from kernel.ids import ItemId, SubscriptionId, new_id
from tests.unit.dunning.building import ACCOUNT, SUBSCRIPTION

SUSPENDED = StateSpan(
    account_id=ACCOUNT,
    subscription_id=SUBSCRIPTION,
    part=WHOLE,
    state=ServiceState.SUSPENDED,
    start=date(2026, 3, 19),
)
PARTIAL = replace(
    SUSPENDED, part="campaigns", state=ServiceState.PARTIALLY_SUSPENDED, start=date(2026, 3, 16)
)
TERMINATED = replace(SUSPENDED, state=ServiceState.TERMINATED)

FIRST, SECOND = ItemId(new_id()), ItemId(new_id())


def suspended_by(item_id: ItemId, taken_on: date) -> Cause:
    """Return a total suspension that an item caused."""
    return Cause(SUBSCRIPTION, item_id, DunningAction.SUSPEND, WHOLE, taken_on, "T-6")


def test_an_action_causes_only_its_own_suspension() -> None:
    """A suspension that ended in January has nothing to do with that of March."""
    january, march = suspended_by(FIRST, date(2026, 1, 19)), suspended_by(SECOND, date(2026, 3, 19))
    part = Cause(SUBSCRIPTION, FIRST, DunningAction.SUSPEND_PART, "campaigns", date(2026, 3, 19), "T-11")

    assert (march,) == causes_of(SUSPENDED, [january, march, part])


def test_another_customers_debt_holds_no_service_back() -> None:
    """Two services are suspended; the one whose item is paid is released though the other's is open."""
    neighbour = SubscriptionId(new_id())
    other = replace(suspended_by(SECOND, date(2026, 3, 19)), subscription_id=neighbour)
    own = suspended_by(FIRST, date(2026, 3, 19))
    spans = [SUSPENDED, replace(SUSPENDED, subscription_id=neighbour)]

    assert ((SUSPENDED, (own,)),) == released(spans, [own, other], {SECOND}, as_of=date(2026, 4, 30))


def test_an_end_bounds_what_caused_a_suspension() -> None:
    """What was taken on the day of restoration belongs to the next suspension."""
    ended = replace(SUSPENDED, end=date(2026, 3, 25))
    last, next_one = suspended_by(FIRST, date(2026, 3, 24)), suspended_by(SECOND, date(2026, 3, 25))

    assert (last,) == causes_of(ended, [last, next_one])


def test_all_that_caused_a_suspension_must_be_paid() -> None:
    """One of two invoices paid is not enough; with the second the service is released."""
    causes = [suspended_by(FIRST, date(2026, 3, 19)), suspended_by(SECOND, date(2026, 4, 19))]

    assert () == released([SUSPENDED], causes, {SECOND}, as_of=date(2026, 4, 30))
    assert ((SUSPENDED, tuple(causes)),) == released([SUSPENDED], causes, set(), as_of=date(2026, 4, 30))


def test_another_open_invoice_does_not_hold_a_service() -> None:
    """Only what caused the suspension keeps it: a debt that suspended nothing yet does not."""
    cause = suspended_by(FIRST, date(2026, 3, 19))

    assert ((SUSPENDED, (cause,)),) == released([SUSPENDED], [cause], {SECOND}, as_of=date(2026, 4, 30))


PAUSED = replace(SUSPENDED, state=ServiceState.PAUSED)
PART_ENDED = replace(PARTIAL, state=ServiceState.ENDED)


@pytest.mark.parametrize(
    "span",
    [TERMINATED, replace(SUSPENDED, end=date(2026, 3, 25)), PAUSED, PART_ENDED],
    ids=["terminated", "over", "paused", "part ended"],
)
def test_payment_does_not_undo(span: StateSpan) -> None:
    """A termination stays, what is over is over, a pause was agreed, an ended part does not return."""
    assert () == released([span], [suspended_by(FIRST, date(2026, 3, 19))], set(), as_of=date(2026, 4, 30))


def test_a_suspension_without_a_recorded_cause_stays() -> None:
    """What a person suspended for another reason is not the payment's to end."""
    assert () == released([SUSPENDED], [], set(), as_of=date(2026, 4, 30))


@pytest.mark.parametrize(
    ("paid_on", "expected"),
    [
        (date(2026, 3, 25), date(2026, 3, 25)),
        (date(2026, 3, 20), date(2026, 3, 20)),
        (date(2026, 3, 19), date(2026, 3, 20)),
        (date(2026, 3, 17), date(2026, 3, 20)),
    ],
)
def test_service_is_back_on_the_day_of_the_payment(paid_on: date, expected: date) -> None:
    """Never before the day after the suspension began, for that day passed without service."""
    assert expected == restored_from(date(2026, 3, 19), paid_on)


@given(days=st.integers(min_value=-60, max_value=60))
def test_a_suspension_that_ends_lasted_a_day(days: int) -> None:
    """Whenever the payment took effect, the days of a suspension are never none."""
    start = date(2026, 3, 19)

    assert restored_from(start, start + timedelta(days=days)) > start
