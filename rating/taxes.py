"""Taxes of a line: on top of its price, or inside it.  Net + tax is always the gross.

An exclusive tax is taken on the rounded net, so that what is printed multiplies out.  Of an inclusive price
the net is what, with all rates on top, gives the price; the rest is tax and is split by rate.  A tax on the
gross (Brazil's "por dentro") is a share of the price that holds it: 5 % of 100.00, the net is 95.00.

With one rate the two are inverse: a net that was grossed up comes back to the cent, because the rounding of
one tax moves the gross by half a minor unit at most, and the way back makes that smaller.  With several rates
each is rounded, and the way back may differ by less than half a minor unit for each, and a half for its own.

What is withheld lowers what is payable.  It is taken on the net, or on the gross, and is no part of either.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple, assert_never

from contracts.parties import TaxBase, TaxRate
from contracts.rules import TaxMode
from contracts.taxes import gross_up
from kernel.money import Exact, Money, Rounding, total_of
from rating.working import Step, Working, step


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
    withheld: tuple[TaxPart, ...] = ()

    @property
    def payable(self) -> Money:
        """What the customer pays: the gross without what it withholds."""
        return self.gross - _sum(self.withheld, self.gross.currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taxation:
    """How the lines of one day are taxed: where the taxes are, which, how they are rounded, why.

    ``exempt`` is the reason why none is owed, or empty; ``clause`` says so, and is printed
    where a tax is not simply the rate of the line's net.
    """

    mode: TaxMode
    rates: tuple[TaxRate, ...]
    rounding: Rounding = Rounding.HALF_UP
    exempt: str = ""
    clause: str = ""


def tax(amount: Money, *, mode: TaxMode, rates: Sequence[TaxRate]) -> Taxed:
    """Take the taxes of a line's price, which is before them or holds them.

    >>> iva = (TaxRate(code="IVA", percent=Decimal(16)),)
    >>> str(tax(Money.of("1999.00", "MXN"), mode=TaxMode.EXCLUSIVE, rates=iva).gross)
    '2,318.84 MXN'
    >>> str(tax(Money.of("2318.84", "MXN"), mode=TaxMode.INCLUSIVE, rates=iva).net)
    '1,999.00 MXN'
    """
    return taxed(amount, Taxation(mode=mode, rates=tuple(rates)))


def taxed(amount: Money, law: Taxation) -> Taxed:
    """Take the taxes of one price, rounded by itself.

    >>> iss = TaxRate(code="ISS", percent=Decimal(5), base=TaxBase.GROSS)
    >>> str(taxed(Money.of("95.00", "BRL"), Taxation(mode=TaxMode.EXCLUSIVE, rates=(iss,))).gross)
    '100.00 BRL'
    """
    found = _apart(amount, law)
    return _with_working(found, law)


def taxed_together(amounts: Iterable[Money], law: Taxation) -> tuple[Taxed, ...]:
    """Take the taxes of the lines of a document so that they are the taxes of its sum, rounded once.

    A line bears what the sum through it owes beyond the sum before it; so the lines add up, whatever their
    sign.  Three lines of 0.03 at 16 % owe 0.01 together and none alone: the second bears it, for with it the
    sum owes 0.0096.
    """
    lines: list[Taxed] = []
    through: Money | None = None
    before: Taxed | None = None
    for amount in amounts:
        through = amount if through is None else through + amount
        reached = _apart(through, law)
        line = reached if before is None else _beyond(reached, before)
        lines.append(_with_working(line, law, shared=True))
        before = reached
    return tuple(lines)


def _apart(amount: Money, law: Taxation) -> Taxed:
    added = [_none_of(rate) if law.exempt else rate for rate in law.rates if not rate.withheld]
    match law.mode:
        case TaxMode.EXCLUSIVE:
            parts = _on_top(amount, added, law.rounding)
            taxes = _sum(parts, amount.currency)
            net, gross = amount, amount + taxes
        case TaxMode.INCLUSIVE:
            parts = _inside(amount, added, law.rounding)
            taxes = _sum(parts, amount.currency)
            net, gross = amount - taxes, amount
        case _:
            assert_never(law.mode)
    return Taxed(net, taxes, gross, parts, (), _withheld(net, gross, law))


def _withheld(net: Money, gross: Money, law: Taxation) -> tuple[TaxPart, ...]:
    """Return what is kept back of a price, each rounded by itself, and never more than all of it.

    Three times a third of 0.02 is 0.01, 0.01 and nothing: 0.03 cannot be withheld from 0.02.
    """
    parts: list[TaxPart] = []
    left = gross
    for rate in law.rates:
        if rate.withheld:
            part = _part(rate, gross if rate.base is TaxBase.GROSS else net, law.rounding)
            amount = max(part.amount, left) if gross.amount < 0 else min(part.amount, left)
            parts.append(part._replace(amount=amount))
            left -= amount
    return tuple(parts)


def _sum(parts: Iterable[TaxPart], currency: str) -> Money:
    return total_of((part.amount for part in parts), currency)


def _none_of(rate: TaxRate) -> TaxRate:
    return TaxRate(code=rate.code, percent=Decimal(0))


def _part(rate: TaxRate, base: Money, rounding: Rounding) -> TaxPart:
    return _part_of(rate, base.exact, base.currency, rounding)


def _part_of(rate: TaxRate, base: Fraction, currency: str, rounding: Rounding) -> TaxPart:
    return TaxPart(rate.code, rate.percent, Money.rounded(base * rate.rate.exact, currency, rounding))


def _on_top(net: Money, rates: Sequence[TaxRate], rounding: Rounding) -> tuple[TaxPart, ...]:
    """Return each tax of a net, rounded by itself; those on the gross on the exact gross."""
    if all(rate.base is TaxBase.NET for rate in rates):
        return tuple(_part(rate, net, rounding) for rate in rates)
    bases = {TaxBase.NET: net.exact, TaxBase.GROSS: net.exact * gross_up(rates)}
    return tuple(_part_of(rate, bases[rate.base], net.currency, rounding) for rate in rates)


def _inside(gross: Money, rates: Sequence[TaxRate], rounding: Rounding) -> tuple[TaxPart, ...]:
    """Return each tax that a gross holds: those on it, and of the rest those on the net, split by rate."""
    on_net = [rate for rate in rates if rate.base is TaxBase.NET]
    on_gross = [_part(rate, gross, rounding) for rate in rates if rate.base is TaxBase.GROSS]
    rest = gross - _sum(on_gross, gross.currency)
    split = iter(_split(rest, on_net, rounding))
    shares = iter(on_gross)
    return tuple(
        next(shares) if rate.base is TaxBase.GROSS else TaxPart(rate.code, rate.percent, next(split))
        for rate in rates
    )


def _split(held: Money, rates: Sequence[TaxRate], rounding: Rounding) -> Sequence[Money]:
    percents = [rate.percent for rate in rates]
    if not any(percents):
        return [Money.zero(held.currency)] * len(rates)
    net = Money.rounded(held.exact / gross_up(rates), held.currency, rounding)
    return (held - net).split(percents)


def _beyond(reached: Taxed, before: Taxed) -> Taxed:
    """Return what a sum of lines owes beyond the sum without its last."""
    return Taxed(
        reached.net - before.net,
        reached.tax - before.tax,
        reached.gross - before.gross,
        _parts_beyond(reached.parts, before.parts),
        (),
        _parts_beyond(reached.withheld, before.withheld),
    )


def _parts_beyond(reached: Sequence[TaxPart], before: Sequence[TaxPart]) -> tuple[TaxPart, ...]:
    return tuple(
        TaxPart(now.code, now.percent, now.amount - then.amount)
        for now, then in zip(reached, before, strict=True)
    )


def _with_working(found: Taxed, law: Taxation, *, shared: bool = False) -> Taxed:
    steps = (*_tax_steps(found, law, shared=shared), *_withheld_steps(found, law))
    return Taxed(found.net, found.tax, found.gross, found.parts, steps, found.withheld)


def _tax_steps(found: Taxed, law: Taxation, *, shared: bool) -> Iterable[Step]:
    if law.exempt:
        return [
            step("tax_exempt", part.amount.amount, tax=part.code, reason=law.exempt, clause=law.clause)
            for part in found.parts
        ]
    if law.mode is TaxMode.INCLUSIVE and any(part.percent for part in found.parts):
        return (_net_step(found), *_included_steps(found))
    added = [rate for rate in law.rates if not rate.withheld]
    return [
        _added_step(found, part, rate, law, shared=shared)
        for part, rate in zip(found.parts, added, strict=True)
    ]


def _added_step(found: Taxed, part: TaxPart, rate: TaxRate, law: Taxation, *, shared: bool) -> Step:
    amount, currency = part.amount.amount, found.net.currency
    facts: dict[str, Exact | str] = {"tax": part.code, "percent": part.percent, "currency": currency}
    if shared:
        return step("tax_shared", amount, **facts, clause=law.clause)
    if rate.base is TaxBase.GROSS:
        gross = found.net.exact * gross_up([each for each in law.rates if not each.withheld])
        return step("tax_on_gross", amount, **facts, gross=gross, clause=law.clause)
    return step("tax", amount, **facts, net=found.net.amount)


def _net_step(found: Taxed) -> Step:
    percent = sum((Fraction(part.percent) for part in found.parts), Fraction())
    return step(
        "net_of_taxes",
        found.net.amount,
        gross=found.gross.amount,
        percent=percent,
        currency=found.gross.currency,
    )


def _included_steps(found: Taxed) -> Iterable[Step]:
    return [
        step(
            "tax_included",
            part.amount.amount,
            tax=part.code,
            percent=part.percent,
            currency=found.gross.currency,
        )
        for part in found.parts
    ]


def _withheld_steps(found: Taxed, law: Taxation) -> Iterable[Step]:
    held = [rate for rate in law.rates if rate.withheld]
    return [
        step(
            "tax_withheld",
            part.amount.amount,
            tax=part.code,
            percent=part.percent,
            base=(found.gross if rate.base is TaxBase.GROSS else found.net).amount,
            currency=found.gross.currency,
        )
        for part, rate in zip(found.withheld, held, strict=True)
    ]
