"""A late debt as the slices that it was repaid in: how much stayed open, and until when.  Pure.

A debt of 1,000.00 due on the 10th, of which 400.00 came on the 15th, is 400.00 late until the 15th and 600.00
late until today; charges on the slices sum to the charges on the debt.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from kernel.money import Money
from rating.late_fees import LateSlice


def late_slices(
    movements: Sequence[tuple[date, Money]], *, due_on: date, through: date
) -> tuple[LateSlice, ...]:
    """Return what of a principal was late, from its movements in the order of their days.

    Repayments up to the due date leave nothing late; what is still open is late through the given day.
    """
    if not movements or through <= due_on:
        return ()
    open_amount = Money.zero(movements[0][1].currency)
    slices = []
    for day, moved in movements:
        if day > through:
            break
        open_amount += moved
        if moved < Money.zero(moved.currency) and day > due_on:
            slices.append(LateSlice(principal=-moved, due_on=due_on, until=day))
    if open_amount > Money.zero(open_amount.currency):
        slices.append(LateSlice(principal=open_amount, due_on=due_on, until=through))
    return tuple(slices)
