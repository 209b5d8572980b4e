"""Matrix: each combination of dimensions has its price, a message to Mexico another than one to Brazil."""

from __future__ import annotations

from decimal import Decimal

from contracts.charges import Matrix
from kernel.errors import UnknownDimension
from rating.exact import plus, times
from rating.priced import Priced
from rating.use import Combinations
from rating.working import step

#: What stands for a dimension that an event does not say.
_UNSAID = "-"


def matrix(charge: Matrix, used: Combinations, *, currency: str) -> Priced:
    """Price each combination that was used; one that the matrix does not list at its default price.

    Each unit has a price of its own, whatever was used before.  Where the plan refuses what it does not
    list, such use is an :class:`kernel.errors.UnknownDimension`: nobody agreed on its price.

    >>> from contracts.charges import MatrixPrice, Unlisted
    >>> charge = Matrix(code="m", name="", clause="", meter="messages", by=("country",),
    ...                 prices=(MatrixPrice(values=("MX",), unit_price=Decimal("0.03")),),
    ...                 unlisted=Unlisted.DEFAULT_PRICE, default_price=Decimal("0.10"))
    >>> matrix(charge, Combinations({("MX",): Decimal(100), ("PE",): Decimal(5)}), currency="USD").amount
    Decimal('3.50')
    """
    listed = {each.values: each.unit_price for each in charge.prices}
    amount, steps = Decimal(0), []
    for values, quantity in sorted(used.quantities.items()):
        if not quantity:
            continue
        price = listed.get(values, charge.default_price)
        if price is None:
            raise _unpriced(charge, values)
        owed = times(quantity, price)
        amount = plus(amount, owed)
        steps.append(
            step(
                "combination" if values in listed else "combination_unlisted",
                owed,
                values=_told(values),
                quantity=quantity,
                unit_price=price,
                currency=currency,
            )
        )
    return Priced(amount, tuple(steps))


def _unpriced(charge: Matrix, values: tuple[str, ...]) -> UnknownDimension:
    return UnknownDimension(
        f"the plan has no price for this {', '.join(charge.by)}",
        field=f"charge.{charge.code}.prices",
        value=_told(values),
        expected="one of " + "; ".join(_told(each.values) for each in charge.prices),
    )


def _told(values: tuple[str, ...]) -> str:
    return ", ".join(value or _UNSAID for value in values)
