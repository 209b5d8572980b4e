"""Taxes of a line: on top of its price, or inside it.  Net + tax is always the gross.

An exclusive tax is taken on the rounded net, so that what is printed multiplies out.  Of an inclusive price
the net is what, with all rates on top, gives the price; the rest is tax and is split by rate.

With one rate the two are inverse: a net that was grossed up comes back to the cent, because the rounding of
one tax moves the gross by half a minor unit at most, and the division makes that smaller.  With several rates
each is rounded, and the way back may differ by less than half a minor unit for each, and a half for its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple, assert_never

from contracts.parties import TaxRate
from contracts.rules import TaxMode
from kernel.money import Money, total_of
from rating.working import Working, step


class TaxPart(NamedTuple):
    """One tax of a line."""

    code: str
    percent: Decimal
    amount: Money


@dataclass(frozen=True, slots=True)
class Taxed:
    """A price taken apart: ``net + tax == gross``, and the parts add up to the tax."""

    net: Money
    tax: Money
    gross: Money
    parts: tuple[TaxPart, ...]
    working: Working


def tax(amount: Money, *, mode: TaxMode, rates: Sequence[TaxRate]) -> Taxed:
    """Take the taxes of a line's price, which is before them or holds them.

    >>> iva = (TaxRate(code="IVA", percent=Decimal(16)),)
    >>> str(tax(Money.of("1999.00", "MXN"), mode=TaxMode.EXCLUSIVE, rates=iva).gross)
    '2,318.84 MXN'
    >>> str(tax(Money.of("2318.84", "MXN"), mode=TaxMode.INCLUSIVE, rates=iva).net)
    '1,999.00 MXN'
    """
    match mode:
        case TaxMode.EXCLUSIVE:
            return _on_top(amount, rates)
        case TaxMode.INCLUSIVE:
            return _inside(amount, rates)
        case _:
            assert_never(mode)


def _on_top(net: Money, rates: Sequence[TaxRate]) -> Taxed:
    parts = tuple(
        TaxPart(rate.code, rate.percent, Money.rounded(net.exact * rate.rate.exact, net.currency))
        for rate in rates
    )
    taxes = total_of((part.amount for part in parts), net.currency)
    working = tuple(
        step(
            "tax",
            part.amount.amount,
            tax=part.code,
            percent=part.percent,
            net=net.amount,
            currency=net.currency,
        )
        for part in parts
    )
    return Taxed(net, taxes, net + taxes, parts, working)


def _inside(gross: Money, rates: Sequence[TaxRate]) -> Taxed:
    percent = sum((Fraction(rate.percent) for rate in rates), Fraction())
    if percent == 0:
        return _on_top(gross, rates)
    net = Money.rounded(gross.exact / (1 + percent / 100), gross.currency)
    taxes = gross - net
    amounts = taxes.split([rate.percent for rate in rates])
    parts = tuple(
        TaxPart(rate.code, rate.percent, amount) for rate, amount in zip(rates, amounts, strict=True)
    )
    working = (
        step("net_of_taxes", net.amount, gross=gross.amount, percent=percent, currency=gross.currency),
        *(
            step(
                "tax_included",
                part.amount.amount,
                tax=part.code,
                percent=part.percent,
                currency=gross.currency,
            )
            for part in parts
        ),
    )
    return Taxed(net, taxes, gross, parts, working)
