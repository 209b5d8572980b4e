"""What is open in several currencies is told in one, at rates of a day, and is posted nowhere."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from kernel.errors import CurrencyMismatch, InvalidInput, UnknownCurrency
from kernel.exchange import ExchangeRate
from kernel.money import Money
from receivables.converted import converted
from runtime.aging_views import converted_document, converted_lines, rates_of

DAY = date(2026, 3, 31)
TOTALS = tuple(
    Money.of(amount, currency)
    for amount, currency in (("1000.00", "MXN"), ("50000", "CLP"), ("10.000", "KWD"), ("200.00", "USD"))
)
RATES = rates_of(["MXN=0.0587", "CLP=0.00105", "KWD=3.2568"], "USD", DAY)


def test_each_total_is_worth_its_rate() -> None:
    """58.70 of pesos, 52.50 of Chile's, 32.57 of dinars and 200.00 of its own are 343.77 USD."""
    found = converted(TOTALS, "USD", RATES)

    assert ["58.70", "52.50", "32.57", "200.00"] == [str(part.worth.amount) for part in found.parts]
    assert Money.of("343.77", "USD") == found.total
    assert (
        "1,000.00 MXN x 0.0587 of 2026-03-31 = 58.70 USD",
        "50,000 CLP x 0.00105 of 2026-03-31 = 52.50 USD",
        "10.000 KWD x 3.2568 of 2026-03-31 = 32.57 USD",
        "200.00 USD",
        "All in USD: 343.77 USD",
    ) == tuple(converted_lines(found))


def test_worth_has_the_decimals_of_its_currency() -> None:
    """A dollar is 952 pesos of Chile, and 0.307 dinars."""
    dollar = Money.of("1.00", "USD")

    assert "952" == str(ExchangeRate(Decimal("952.38"), DAY).worth(dollar, "CLP").amount)
    assert "0.307" == str(ExchangeRate(Decimal("0.30705"), DAY).worth(dollar, "KWD").amount)


def test_scripts_read_each_rate_and_its_day() -> None:
    """Of the report's own currency there is none."""
    assert {
        "currency": "USD",
        "total": Decimal("58.70"),
        "parts": [
            {
                "currency": "MXN",
                "total": Decimal("1000.00"),
                "rate": Decimal("0.0587"),
                "rate_date": DAY,
                "worth": Decimal("58.70"),
            }
        ],
    } == converted_document(converted(TOTALS[:1], "USD", RATES))
    (own,) = converted(TOTALS[3:], "USD", RATES).parts
    assert own.rate is None


def test_a_currency_without_a_rate_is_refused() -> None:
    """It is neither guessed nor left out of the sum."""
    with pytest.raises(CurrencyMismatch, match="no exchange rate") as refused:
        converted(TOTALS, "USD", {})

    assert "1,000.00 MXN" == refused.value.value


def test_without_a_currency_nothing_is_told() -> None:
    """The report is then as it always was."""
    assert () == converted_lines(None)


@pytest.mark.parametrize(
    ("given", "currency", "error"),
    [
        ("MXN", "USD", InvalidInput),
        ("MXN=0.05", "", InvalidInput),
        ("MXN=0", "USD", InvalidInput),
        ("XXX=1", "USD", UnknownCurrency),
    ],
)
def test_a_rate_that_says_nothing_is_refused(given: str, currency: str, error: type[Exception]) -> None:
    """One without its number, without a currency to tell, of nothing, or of no currency that is known."""
    with pytest.raises(error):
        rates_of([given], currency, DAY)
