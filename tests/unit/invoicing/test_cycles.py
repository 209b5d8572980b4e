"""What a contract owes as of a date."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.subscriptions import Contract
from invoicing.cycles import Progress, check_horizon, due_parts, part_of, progress_after
from kernel.errors import InvalidInput
from kernel.periods import Period
from tests.unit.invoicing.agreements import ACTIVATION, CONVERSATIONS, PLATFORM, SUPPORT, contract_of

JAN, FEB, MAR, APR = (date(2026, month, 1) for month in (1, 2, 3, 4))


def billed(contract: Contract, as_of: date, progress: Progress | None = None) -> list[tuple[str, Period]]:
    """The codes and periods that are due."""
    start = progress or Progress.at_start(contract)
    return [(each.charge.code, each.part) for each in due_parts(contract, start, as_of)]


def test_a_fee_in_advance_is_due_on_the_first_day_of_its_period() -> None:
    """On the day on which the subscription starts, the fee of its first month is due, and no use is."""
    contract = contract_of(PLATFORM, CONVERSATIONS)

    assert [("platform", Period(JAN, FEB))] == billed(contract, JAN)


def test_use_is_due_on_the_day_after_its_period() -> None:
    """On 31 January nothing new is due; on 1 February January's use and February's fee are."""
    contract = contract_of(PLATFORM, CONVERSATIONS)
    progress = progress_after(contract, Progress.at_start(contract), JAN)

    assert [] == billed(contract, date(2026, 1, 31), progress)
    assert [
        ("platform", Period(FEB, MAR)),
        ("conversations", Period(JAN, FEB)),
    ] == billed(contract, FEB, progress)


def test_a_fee_in_arrears_waits_for_the_end_of_its_period() -> None:
    """A fee in arrears is due with the use of its period."""
    contract = contract_of(SUPPORT)

    assert [] == billed(contract, date(2026, 1, 31))
    assert [("support", Period(JAN, FEB))] == billed(contract, FEB)


def test_a_fee_once_is_due_in_the_first_period_only() -> None:
    """Activation is billed with the first month and never again."""
    contract = contract_of(ACTIVATION, PLATFORM)

    codes = [code for code, _ in billed(contract, MAR)]

    assert 1 == codes.count("activation")
    assert 3 == codes.count("platform")


def test_a_subscription_that_starts_inside_a_period_owes_a_stub() -> None:
    """Started on 15 January with periods from the 1st: the stub is 15 to 31 January of the whole month."""
    contract = contract_of(PLATFORM, starts_on=date(2026, 1, 15), billing_day=1)

    (first, *_) = due_parts(contract, Progress.at_start(contract), date(2026, 1, 15))

    assert Period(date(2026, 1, 15), FEB) == first.part
    assert Period(JAN, FEB) == first.whole


def test_the_last_stub_of_use_is_due_on_the_day_of_the_end() -> None:
    """A subscription that ends on 11 March owes the use of 1 to 10 March on the 11th, and nothing after."""
    contract = contract_of(CONVERSATIONS, starts_on=MAR, ends_on=date(2026, 3, 11))

    assert [] == billed(contract, date(2026, 3, 10))
    assert [("conversations", Period(MAR, date(2026, 3, 11)))] == billed(contract, date(2026, 3, 11))
    progress = progress_after(contract, Progress.at_start(contract), date(2026, 3, 11))
    assert [] == billed(contract, date(2027, 1, 1), progress)


def test_nothing_is_due_before_the_start() -> None:
    """A subscription that starts next month owes nothing today."""
    contract = contract_of(PLATFORM, starts_on=FEB)

    assert [] == billed(contract, date(2026, 1, 31))


@given(
    starts_on=st.dates(date(2024, 1, 1), date(2026, 12, 31)),
    billing_day=st.integers(0, 31),
    steps=st.lists(st.integers(0, 45), min_size=1, max_size=12),
)
def test_runs_on_any_days_bill_each_day_once(starts_on: date, billing_day: int, steps: list[int]) -> None:
    """However often a run is made, the parts of a charge follow each other without gap or overlap."""
    contract = contract_of(PLATFORM, CONVERSATIONS, starts_on=starts_on, billing_day=billing_day)
    progress, as_of = Progress.at_start(contract), starts_on
    parts: dict[str, list[Period]] = {"platform": [], "conversations": []}
    for step in steps:
        as_of += timedelta(days=step)
        for each in due_parts(contract, progress, as_of):
            parts[each.charge.code].append(each.part)
        progress = progress_after(contract, progress, as_of)

    for billed_parts in parts.values():
        borders = [starts_on, *(part.end for part in billed_parts)]
        assert borders[:-1] == [part.start for part in billed_parts]
    assert parts["platform"][-1].end > as_of
    assert all(part.end <= as_of for part in parts["conversations"])


def test_the_part_that_holds_a_day_is_found() -> None:
    """Late usage of a day belongs to the part of the period that was billed."""
    contract = contract_of(CONVERSATIONS, starts_on=date(2026, 1, 15), billing_day=1)

    assert (Period(date(2026, 1, 15), FEB), Period(JAN, FEB)) == part_of(contract, date(2026, 1, 31))
    with pytest.raises(InvalidInput):
        part_of(contract, date(2026, 1, 14))


def test_a_run_in_the_far_future_is_refused() -> None:
    """36 months ahead is the last day that a run may have; one more is a typing error."""
    check_horizon(date(2029, 1, 31), date(2026, 1, 1))
    with pytest.raises(InvalidInput):
        check_horizon(date(2029, 2, 1), date(2026, 1, 1))
