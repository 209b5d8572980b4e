"""A late debt as the slices that it was repaid in."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoicing.late_debt import Disputed, late_slices
from kernel.calendars import first_day_after
from kernel.money import Money, total_of
from kernel.periods import Period
from rating.lateness import LateSlice

DUE = date(2026, 3, 10)
BILLED = date(2026, 2, 18)
IN_DISPUTE = Period(date(2026, 3, 16), date(2026, 3, 21))


def mxn(amount: int | str) -> Money:
    """Pesos."""
    return Money.of(amount, "MXN")


def test_an_unpaid_debt_is_one_slice_until_today() -> None:
    """1,000.00 due on the 10th is wholly late on the 15th."""
    slices = late_slices([(date(2026, 2, 18), mxn(1000))], due_on=DUE, through=date(2026, 3, 15))

    assert (LateSlice(principal=mxn(1000), due_on=DUE, until=date(2026, 3, 15)),) == slices


def test_nothing_is_late_on_the_due_date() -> None:
    """The due date itself is in time; the day after is the first late one."""
    movements = [(date(2026, 2, 18), mxn(1000))]

    assert () == late_slices(movements, due_on=DUE, through=DUE)
    assert 1 == len(late_slices(movements, due_on=DUE, through=date(2026, 3, 11)))


def test_a_partial_receipt_cuts_the_debt() -> None:
    """400.00 that came on the 15th were late until then, the other 600.00 until today."""
    slices = late_slices(
        [(date(2026, 2, 18), mxn(1000)), (date(2026, 3, 15), mxn(-400))],
        due_on=DUE,
        through=date(2026, 3, 20),
    )

    assert (
        LateSlice(principal=mxn(400), due_on=DUE, until=date(2026, 3, 15)),
        LateSlice(principal=mxn(600), due_on=DUE, until=date(2026, 3, 20)),
    ) == slices


def test_what_came_in_time_was_never_late() -> None:
    """A receipt on the due date leaves only the rest late."""
    slices = late_slices(
        [(date(2026, 2, 18), mxn(1000)), (DUE, mxn(-400))], due_on=DUE, through=date(2026, 3, 20)
    )

    assert (LateSlice(principal=mxn(600), due_on=DUE, until=date(2026, 3, 20)),) == slices


def test_a_settled_debt_stays_as_it_was() -> None:
    """Looking again a month after the last receipt finds the same slices."""
    movements = [(date(2026, 2, 18), mxn(1000)), (date(2026, 3, 15), mxn(-1000))]

    april = late_slices(movements, due_on=DUE, through=date(2026, 4, 15))

    assert late_slices(movements, due_on=DUE, through=date(2026, 3, 15)) == april


def test_a_receipt_after_the_day_is_not_seen() -> None:
    """As of the 12th, what comes on the 15th has not come."""
    movements = [(date(2026, 2, 18), mxn(1000)), (date(2026, 3, 15), mxn(-1000))]

    assert (LateSlice(principal=mxn(1000), due_on=DUE, until=date(2026, 3, 12)),) == late_slices(
        movements, due_on=DUE, through=date(2026, 3, 12)
    )


@pytest.mark.clause("ZEN-X-10")
def test_what_is_disputed_is_held_for_the_days_of_the_dispute() -> None:
    """300.00 of 1,000.00 in dispute: 700.00 bear all days, 300.00 those before and after the dispute."""
    slices = late_slices(
        [(BILLED, mxn(1000))],
        due_on=DUE,
        through=date(2026, 3, 25),
        disputed=[Disputed(mxn(300), IN_DISPUTE)],
    )

    assert [(mxn(700), 15), (mxn(300), 10)] == [(each.principal, each.days_charged) for each in slices]


@pytest.mark.clause("ZEN-X-10")
def test_a_receipt_pays_first_what_is_not_disputed() -> None:
    """800.00 pay the undisputed 700.00 and 100.00 of the disputed 300.00."""
    slices = late_slices(
        [(BILLED, mxn(1000)), (date(2026, 3, 18), mxn(-800))],
        due_on=DUE,
        through=date(2026, 3, 25),
        disputed=[Disputed(mxn(300), IN_DISPUTE)],
    )

    assert [(mxn(700), 8), (mxn(100), 5), (mxn(200), 10)] == [
        (each.principal, each.days_charged) for each in slices
    ]


def test_two_disputes_are_about_two_amounts() -> None:
    """Of 1,000.00, 300.00 are held for five days and 200.00 for one."""
    second = Period(date(2026, 3, 20), date(2026, 3, 21))
    slices = late_slices(
        [(BILLED, mxn(1000))],
        due_on=DUE,
        through=date(2026, 3, 25),
        disputed=[Disputed(mxn(300), IN_DISPUTE), Disputed(mxn(200), second)],
    )

    assert [(mxn(500), 15), (mxn(200), 14), (mxn(300), 10)] == [
        (each.principal, each.days_charged) for each in slices
    ]


@given(
    st.lists(st.tuples(st.integers(1, 40), st.integers(1, 500)), max_size=4),
    st.lists(st.tuples(st.integers(1, 400), st.integers(0, 30), st.integers(1, 20)), max_size=3),
)
def test_the_slices_of_a_debt_add_up_to_what_was_late(
    receipts: list[tuple[int, int]], disputes: list[tuple[int, int, int]]
) -> None:
    """Whatever was paid and disputed, no part of the principal is lost and none counts twice."""
    open_amount = 1000
    movements = [(BILLED, mxn(1000))]
    for days, amount in sorted(receipts):
        paid = min(open_amount, amount)
        if paid:
            movements.append((first_day_after(DUE, days - 1), mxn(-paid)))
        open_amount -= paid
    disputed = [
        Disputed(mxn(amount), Period(first_day_after(DUE, start), first_day_after(DUE, start + length)))
        for amount, start, length in disputes
    ]
    slices = late_slices(movements, due_on=DUE, through=date(2026, 6, 1), disputed=disputed)

    assert mxn(1000) == total_of((each.principal for each in slices), "MXN")
