"""A charge at the prices of a day: every amount that it states, as the index and agreed changes moved it.

Quantities and percents stay.  A price moves once, at 12 places, before the quantity.
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import Final, TypeVar

import msgspec

from contracts.charges import Charge
from kernel.money import Exact, UnitPrice

#: All customers of a plan whose anniversary falls in one month share its prices.
MOVED_CHARGES_KEPT: Final = 10_000

#: Fields that state an amount of money, in a charge or in a part of one.
AMOUNTS: Final = frozenset(
    {
        "amount",
        "default_price",
        "fixed_amount",
        "flat_amount",
        "maximum_amount",
        "maximum_per_transaction",
        "minimum_amount",
        "minimum_per_transaction",
        "unit_price",
    }
)

C = TypeVar("C", bound=Charge)
S = TypeVar("S", bound=msgspec.Struct)


def at_prices(charge: C, *, currency: str, factor: Exact) -> C:
    """Return a charge whose amounts are multiplied: 0.50 by an index of 1.1465 is 0.57325."""
    return charge if factor == 1 else _at_prices(charge, currency, factor)


@lru_cache(maxsize=MOVED_CHARGES_KEPT)
def _at_prices(charge: C, currency: str, factor: Exact) -> C:
    return _moved(charge, currency, factor)


def _moved(record: S, currency: str, factor: Exact) -> S:
    changes: dict[str, object] = {}
    for name in record.__struct_fields__:
        value = getattr(record, name)
        if name in AMOUNTS and isinstance(value, Decimal):
            changes[name] = UnitPrice(value, currency).indexed(factor).amount
        elif isinstance(value, tuple) and name != "phases":
            changes[name] = tuple(
                _moved(each, currency, factor) if isinstance(each, msgspec.Struct) else each for each in value
            )
    return msgspec.structs.replace(record, **changes)
