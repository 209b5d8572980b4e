"""What is open in several currencies, as one number of another: for reports, at the rates of a day.

Each currency's total is converted by itself and shown with its rate; nothing of it is ever posted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kernel.errors import CurrencyMismatch
from kernel.exchange import ExchangeRate
from kernel.money import Money, total_of


@dataclass(frozen=True, slots=True)
class ConvertedPart:
    """What a currency's total is worth, and at which rate; of the report's own currency at none."""

    total: Money
    rate: ExchangeRate | None
    worth: Money


@dataclass(frozen=True, slots=True)
class Converted:
    """Totals of several currencies in one."""

    currency: str
    parts: tuple[ConvertedPart, ...]

    @property
    def total(self) -> Money:
        """What all of them are worth together."""
        return total_of((part.worth for part in self.parts), self.currency)


def converted(totals: Iterable[Money], currency: str, rates: Mapping[str, ExchangeRate]) -> Converted:
    """Return totals in one currency; ``rates`` say what a unit of each other currency is worth in it.

    1,000.00 MXN at 0.0587 and 200.00 USD are 258.70 USD.  Raises :class:`CurrencyMismatch` for a currency
    without a rate: none is guessed, and none left out.
    """
    parts = []
    for total in totals:
        rate = None if total.currency == currency else rates.get(total.currency)
        if rate is None and total.currency != currency:
            raise CurrencyMismatch(
                "there is no exchange rate for what is open in a currency",
                field="rate",
                value=str(total),
                expected=f"--rate {total.currency}=... , what one {total.currency} is worth in {currency}",
            )
        parts.append(ConvertedPart(total, rate, total if rate is None else rate.worth(total, currency)))
    return Converted(currency, tuple(parts))
