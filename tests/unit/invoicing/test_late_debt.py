"""A late debt as the slices that it was repaid in."""

from __future__ import annotations

from datetime import date

from invoicing.late_debt import late_slices
from kernel.money import Money
from rating.late_fees import LateSlice

DUE = date(2026, 3, 10)


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
