"""Another plan: the first day that its notice allows, the contract that follows, what may not get smaller."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from msgspec.structs import replace

from contracts.charges import Charge, Flat
from contracts.life_rules import PlanChangeRule
from contracts.plan_change import begins_on, fees_a_month, refuse_smaller, successor
from contracts.plans import CycleLength, Plan
from kernel.errors import Conflict
from kernel.periods import Cycle, CycleUnit
from tests.parts import PLAN
from tests.unit.contracts.library_rules import document
from tests.unit.invoicing.agreements import ACTIVATION, CONVERSATIONS, PLATFORM, contract_of

MONTHS = Cycle(date(2026, 1, 1), 1)


def rule_of(name: str) -> PlanChangeRule:
    """Return how a document lets a plan change."""
    rule = document(name).rules.plan_change
    assert rule is not None
    return rule


def plan_of(*charges: Charge, cycle: CycleLength = CycleLength.MONTHLY) -> Plan:
    """Return another plan."""
    return replace(
        PLAN,
        code="other",
        version=2,
        name="Other",
        vendor="test",
        cycle=cycle,
        documents=("test-terms",),
        charge=charges,
    )


@pytest.mark.clause("ZEN-IX-4.1")
@pytest.mark.parametrize(
    ("said_on", "first"),
    [
        (date(2026, 3, 1), date(2026, 4, 1)),
        (date(2026, 3, 2), date(2026, 4, 1)),  # thirty days before
        (date(2026, 3, 3), date(2026, 5, 1)),  # twenty-nine: the cycle after next
        (date(2026, 3, 22), date(2026, 5, 1)),  # ten days before the cycle
    ],
)
def test_a_plan_asked_for_late_waits_for_the_cycle_after_next(said_on: date, first: date) -> None:
    """Thirty days before 1 April is 2 March."""
    assert first == begins_on(rule_of("zenvia-annex-ix"), MONTHS, said_on)


def test_without_a_notice_the_next_cycle_is_the_first() -> None:
    """On a border itself the cycle begins that day."""
    rule = rule_of("zenvia-annex-x")

    assert date(2026, 3, 1) == begins_on(rule, MONTHS, date(2026, 3, 1))
    assert date(2026, 4, 1) == begins_on(rule, MONTHS, date(2026, 3, 2))


@pytest.mark.clause("ZEN-X-4-d")
def test_a_term_does_not_get_smaller() -> None:
    """A plan of 1,998.99 a month does not follow one of 1,999.00 within the term; at its renewal it may."""
    contract = contract_of(PLATFORM, CONVERSATIONS)
    smaller = plan_of(Flat(code="f", name="f", clause="T-1", amount=Decimal("1998.99")))
    equal = plan_of(Flat(code="f", name="f", clause="T-1", amount=Decimal("1999.00")))
    rule = rule_of("zenvia-annex-x")

    with pytest.raises(Conflict, match="get smaller") as refused:
        refuse_smaller(rule, contract, smaller, within_term=True)
    assert "other 2: 1998.99 MXN a month" == refused.value.value
    refuse_smaller(rule, contract, equal, within_term=True)
    refuse_smaller(rule, contract, smaller, within_term=False)
    refuse_smaller(rule_of("zenvia-annex-ix"), contract, smaller, within_term=True)


def test_fees_of_weeks_years_and_months_compare() -> None:
    """2,400 a year are 200 a month; 7 a week are 7 x 365 / 84."""
    fee = Flat(code="f", name="f", clause="T-1", amount=Decimal(2400))
    week = Flat(code="f", name="f", clause="T-1", amount=Decimal(7))

    assert Fraction(200) == fees_a_month([fee, CONVERSATIONS], Cycle(date(2026, 1, 1), 12))
    assert Fraction(7 * 365, 84) == fees_a_month([week], Cycle(date(2026, 1, 1), 7, CycleUnit.DAY))


@pytest.mark.parametrize(
    ("taken", "code"), [((), "main-2"), (("main", "main-2"), "main-3"), (("main-4",), "main-2")]
)
def test_what_follows_is_a_contract_of_its_own(taken: tuple[str, ...], code: str) -> None:
    """The next free code, the new plan from its first day on, no end; what was paid once is waived."""
    old, new = contract_of(PLATFORM, ACTIVATION), plan_of(PLATFORM, ACTIVATION)
    follows = successor(old, new, on=date(2026, 5, 1), taken=taken)

    assert (code, "other", 2, date(2026, 5, 1), None) == (
        follows.code,
        follows.plan,
        follows.plan_version,
        follows.starts_on,
        follows.ends_on,
    )
    assert ("activation",) == follows.order_form.waived
