"""What was used, as a price looks at it: a quantity, single transactions, or combinations of dimensions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from rating.exact import plus, total


@dataclass(frozen=True, slots=True)
class Transactions:
    """The amounts of single transactions, in the order of their time; one of nothing is none."""

    amounts: tuple[Decimal, ...]

    @property
    def quantity(self) -> Decimal:
        """What they come to."""
        return total(self.amounts)

    def __add__(self, later: Transactions) -> Transactions:
        """Return these and later ones."""
        return Transactions((*self.amounts, *later.amounts))


@dataclass(frozen=True, slots=True)
class Combinations:
    """Quantities by the values of some dimensions of their events."""

    quantities: Mapping[tuple[str, ...], Decimal]

    @property
    def quantity(self) -> Decimal:
        """What they come to."""
        return total(tuple(self.quantities.values()))

    def __add__(self, other: Combinations) -> Combinations:
        """Return both together, by combination."""
        both = dict(self.quantities)
        for values, quantity in other.quantities.items():
            both[values] = plus(both.get(values, Decimal(0)), quantity)
        return Combinations(both)


Use = Decimal | Transactions | Combinations


def quantity_of(used: Use) -> Decimal:
    """Return how much was used in all."""
    return used if isinstance(used, Decimal) else used.quantity


def together(one: Use, other: Use) -> Use:
    """Return what was used on earlier days and on later ones, of one kind."""
    match one, other:
        case Decimal(), Decimal():
            return plus(one, other)
        case Transactions(), Transactions():
            return one + other
        case Combinations(), Combinations():
            return one + other
        case _:
            message = f"{type(one).__name__} and {type(other).__name__} are not counted together"
            raise TypeError(message)
