"""Allocation: which debts a receipt settles.

The document that the payer names comes first, then the oldest due; within a document interest, fine,
correction, principal, where no clause says otherwise.  What no document takes is left over: parts and rest
are always the receipt.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from kernel.calendars import days_late
from kernel.errors import CurrencyMismatch
from kernel.ids import ItemId
from kernel.money import Money, total_of
from receivables.journal import AllocationPart, Component, ItemBalance

__all__ = ["Allocated", "AllocationPart", "allocate", "still_open"]

#: The order in which a partial payment settles what is open on one document.
COMPONENT_ORDER = (Component.INTEREST, Component.FINE, Component.CORRECTION, Component.PRINCIPAL)


@dataclass(frozen=True, slots=True)
class Allocated:
    """How an amount was spread: its parts, and what no document took."""

    parts: tuple[AllocationPart, ...]
    unapplied: Money

    @property
    def applied(self) -> Money:
        """The sum of the parts."""
        return total_of((part.amount for part in self.parts), self.unapplied.currency)


def allocate(amount: Money, items: Sequence[ItemBalance], *, preferred: ItemId | None = None) -> Allocated:
    """Spread an amount over the open documents of its currency.

    50.00 on a document that owes interest 3.33, fine 100.00 and principal 1,000.00 settles the interest and
    46.67 of the fine.  Documents in other currencies are left alone; naming one raises
    :class:`CurrencyMismatch`.  Credits (components below zero) take nothing and give nothing.
    """
    _refuse_foreign(amount, items, preferred)
    parts: list[AllocationPart] = []
    rest = amount
    for balance in sorted(items, key=lambda each: _turn(each, preferred)):
        if balance.item.currency != amount.currency:
            continue
        for component in COMPONENT_ORDER:
            taken = min(rest, balance.components[component])
            if taken > Money.zero(amount.currency):
                parts.append(AllocationPart(balance.item.item_id, component, taken))
                rest -= taken
    return Allocated(tuple(parts), rest)


def still_open(
    then: Sequence[ItemBalance], now: Sequence[ItemBalance], *, on: date
) -> tuple[ItemBalance, ...]:
    """Return what a receipt of a day can settle: what was open then and is open still.

    A receipt of the 10th that is booked after one of the 12th must not settle again what the later one
    settled, and it cannot settle a document that was issued after its day.  The late charges of a document
    that was overdue on the day have just been assessed through it: what is open of them now is what the day
    owes, though they may have been assessed first on a later day.
    """
    by_item: Mapping[ItemId, ItemBalance] = {each.item.item_id: each for each in now}
    pairs = [(old, by_item[old.item.item_id]) for old in then if old.item.item_id in by_item]
    return tuple(_settleable(old, new, overdue=days_late(old.item.due_on, on) > 0) for old, new in pairs)


def _settleable(old: ItemBalance, new: ItemBalance, *, overdue: bool) -> ItemBalance:
    principal = min(old.principal, new.principal)
    if overdue:
        return replace(new, principal=principal)
    return ItemBalance(
        item=old.item,
        principal=principal,
        interest=min(old.interest, new.interest),
        fine=min(old.fine, new.fine),
        correction=min(old.correction, new.correction),
    )


def _turn(balance: ItemBalance, preferred: ItemId | None) -> tuple[object, ...]:
    item = balance.item
    return item.item_id != preferred, item.due_on, item.number


def _refuse_foreign(amount: Money, items: Sequence[ItemBalance], preferred: ItemId | None) -> None:
    for balance in items:
        if balance.item.item_id == preferred and balance.item.currency != amount.currency:
            raise CurrencyMismatch(
                "the document that the receipt names is in another currency",
                field="currency",
                value=amount.currency,
                expected=balance.item.currency,
            )
