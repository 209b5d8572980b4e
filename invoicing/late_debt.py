"""A late debt as the slices that it was repaid in: how much stayed open, and until when.  Pure.

A debt of 1,000.00 due on the 10th, of which 400.00 came on the 15th, is 400.00 late until the 15th and 600.00
late until today; charges on the slices sum to the charges on the debt.

What is in dispute bears no charges from the day on which the dispute opened to the day on which it closed
(Annex X 10).  Receipts pay what is not disputed first: 300.00 of these 600.00 in dispute make two slices.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from kernel.money import Money
from kernel.periods import Period
from rating.lateness import LateSlice


@dataclass(frozen=True, slots=True)
class Disputed:
    """An amount of a document that the customer disputes in good faith, and the days of the dispute.

    A second dispute about the same document is about other amounts of it.
    """

    amount: Money
    days: Period


def late_slices(
    movements: Sequence[tuple[date, Money]],
    *,
    due_on: date,
    through: date,
    disputed: Sequence[Disputed] = (),
) -> tuple[LateSlice, ...]:
    """Return what of a principal was late, from its movements in the order of their days.

    Repayments up to the due date leave nothing late; what is still open is late through the given day.
    """
    if not movements or through <= due_on:
        return ()
    zero = Money.zero(movements[0][1].currency)
    open_amount = zero
    slices: list[LateSlice] = []
    for day, moved in movements:
        if day > through:
            break
        if moved < zero and day > due_on:
            slices += _cut(open_amount + moved, open_amount, due_on, day, disputed)
        open_amount += moved
    if open_amount > zero:
        slices += _cut(zero, open_amount, due_on, through, disputed)
    return tuple(slices)


def _cut(
    bottom: Money, top: Money, due_on: date, until: date, disputed: Sequence[Disputed]
) -> Iterator[LateSlice]:
    """Yield the slices between two levels of a debt, the highest first.

    What is disputed lies at its bottom, one dispute above the other, for it is paid last.
    """
    level, layers = Money.zero(top.currency), []
    for each in disputed:
        layers.append((level, level + each.amount, each.days))
        level += each.amount
    inside = {border for low, high, _ in layers for border in (low, high) if bottom < border < top}
    for high, low in pairwise(sorted({bottom, top, *inside}, reverse=True)):
        held = tuple(days for from_, to, days in layers if from_ <= low and high <= to)
        yield LateSlice(principal=high - low, due_on=due_on, until=until, held=held)
