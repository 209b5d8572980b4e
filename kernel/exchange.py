"""Exchange rates, each of a day: for caps and reports alone.  No line is ever billed by one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from kernel.errors import InvalidInput
from kernel.money import Money


@dataclass(frozen=True, slots=True)
class ExchangeRate:
    """How many units of one currency one unit of another was worth on a day."""

    rate: Decimal
    on: date

    def __post_init__(self) -> None:
        """Refuse a rate that would turn money into nothing or into a debt."""
        if self.rate <= 0:
            raise InvalidInput(
                "an exchange rate is more than zero", field="rate", value=self.rate, expected="such as 17.05"
            )

    def worth(self, amount: Money, currency: str) -> Money:
        """Return what an amount was worth in another currency, rounded to its minor unit.

        >>> from datetime import date
        >>> str(ExchangeRate(Decimal("17.05"), date(2026, 5, 15)).worth(Money.of(500, "USD"), "MXN"))
        '8,525.00 MXN'
        """
        return Money.rounded(amount.exact * Fraction(self.rate), currency)
