"""The roll-forward: how the receivables at the start of a month became those at its end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kernel.errors import OutOfBalance
from kernel.money import Money, total_of
from receivables.journal import EntryKind


@dataclass(frozen=True, slots=True)
class Movement:
    """What one kind of entry moved on receivables, in one currency."""

    kind: EntryKind
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class RollForward:
    """Opening + invoiced + late charges - receipts - applied = closing, in one currency.

    Raises :class:`OutOfBalance` if it is not so: 1,000.00 + 500.00 - 300.00 closes at 1,200.00.
    """

    currency: str
    opening: Money
    movements: Mapping[EntryKind, Money]
    closing: Money

    def __post_init__(self) -> None:
        """Refuse a roll-forward that does not roll."""
        reached = self.opening + total_of(self.movements.values(), self.currency)
        if reached != self.closing:
            raise OutOfBalance(
                "the roll-forward does not close at the balance of receivables",
                field="closing",
                value=self.closing,
                expected=str(reached),
            )


def roll(
    opening: Mapping[str, Money], movements: Sequence[Movement], closing: Mapping[str, Money]
) -> tuple[RollForward, ...]:
    """Lay openings, movements and closings side by side, currency by currency."""
    currencies = sorted({*opening, *closing, *(each.amount.currency for each in movements)})
    return tuple(
        RollForward(
            currency=currency,
            opening=opening.get(currency, Money.zero(currency)),
            movements=_by_kind(movements, currency),
            closing=closing.get(currency, Money.zero(currency)),
        )
        for currency in currencies
    )


def _by_kind(movements: Iterable[Movement], currency: str) -> Mapping[EntryKind, Money]:
    moved = {each.kind: each.amount for each in movements if each.amount.currency == currency}
    return {kind: moved.get(kind, Money.zero(currency)) for kind in EntryKind}
