"""Which taxes a customer bears on a day, and what a change of them does to a price that holds them.  Pure.

IVA is 16 % in Mexico and 8 % for who is taxed at the border; from a day on it may be another rate.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from fractions import Fraction

from contracts.parties import Account, LegalEntity, TaxBase, TaxRate
from contracts.rules import TaxMode, TaxRule, TaxShift
from kernel.calendars import day_before
from kernel.errors import InvalidInput


def taxes_on(entity: LegalEntity, account: Account, day: date) -> tuple[TaxRate, ...]:
    """Return the rates of an issuer that a customer bears on a day: one for each code, in the issuer's order.

    The customer's region goes before none, the later date before the earlier.  What is withheld is among them
    only where this customer withholds it.  A region that the issuer's rates do not know raises InvalidInput.
    """
    check_region(entity, account)
    return _rates_on(entity, account, day)


def check_region(entity: LegalEntity, account: Account) -> None:
    """Refuse a customer's tax region that an issuer who tells regions apart does not know."""
    known = {rate.region for rate in entity.taxes if rate.region}
    if account.tax_region and known and account.tax_region not in known:
        raise InvalidInput(
            "the issuer has no rates for this tax region",
            field="tax_region",
            value=account.tax_region,
            expected=f"none, or one of {', '.join(sorted(known))}",
        )


def gross_up(rates: Sequence[TaxRate]) -> Fraction:
    """Return what makes of a net the gross: (1 + the taxes on the net) / (1 - the taxes on the gross).

    >>> from decimal import Decimal
    >>> gross_up([TaxRate(code="IVA", percent=Decimal(16))])
    Fraction(29, 25)
    >>> gross_up([TaxRate(code="ISS", percent=Decimal(5), base=TaxBase.GROSS)])
    Fraction(20, 19)

    Raises InvalidInput where the taxes on the gross leave nothing of it.
    """
    on_net, on_gross = _sum(rates, TaxBase.NET), _sum(rates, TaxBase.GROSS)
    if on_gross >= 1:
        raise InvalidInput(
            "the taxes on the gross leave nothing of the price",
            field="taxes",
            value=", ".join(f"{rate.code} {rate.rate}" for rate in rates),
            expected="less than 100 % together",
        )
    return (1 + on_net) / (1 - on_gross)


def price_factor(before: Sequence[TaxRate], after: Sequence[TaxRate], shift: TaxShift) -> Fraction:
    """Return what a price that holds its taxes is multiplied by when they change, so that its net stays.

    From 5 % to 8 % inside the price it is 1.08 / 1.05: 1,050.00 becomes 1,080.00, and both are 1,000.00 net.
    What is withheld is no part of a price.
    """
    if shift is TaxShift.BORNE:
        return Fraction(1)
    factor = gross_up(_added(after)) / gross_up(_added(before))
    return factor if shift is TaxShift.CHANGE else max(Fraction(1), factor)


def days_of_change(entity: LegalEntity, account: Account) -> frozenset[date]:
    """Return the days from which a customer bears other taxes than on the day before: use is cut there."""
    dated = {rate.effective_from for rate in entity.taxes if rate.effective_from is not None}
    return frozenset(
        day for day in dated if _rates_on(entity, account, day) != _rates_on(entity, account, day_before(day))
    )


def shift_of(rule: TaxRule | None) -> TaxShift:
    """Return which tax changes move prices: none, where taxes come on top or no rule says anything."""
    return rule.shift if rule is not None and rule.mode is TaxMode.INCLUSIVE else TaxShift.BORNE


def _rates_on(entity: LegalEntity, account: Account, day: date) -> tuple[TaxRate, ...]:
    if len(entity.taxes) == 1 and entity.taxes[0] == _plain(entity.taxes[0]):
        return entity.taxes
    borne: dict[str, TaxRate] = {}
    for rate in _borne(entity, account, day):
        earlier = borne.get(rate.code)
        if earlier is None or _precedence(rate) >= _precedence(earlier):
            borne[rate.code] = rate
    return tuple(borne.values())


def _plain(rate: TaxRate) -> TaxRate:
    return TaxRate(code=rate.code, percent=rate.percent, base=rate.base)


def _borne(entity: LegalEntity, account: Account, day: date) -> Iterator[TaxRate]:
    withholds = account.withholds.split()
    for rate in entity.taxes:
        begun = rate.effective_from is None or rate.effective_from <= day
        if (
            begun
            and rate.region in {"", account.tax_region}
            and (not rate.withheld or rate.code in withholds)
        ):
            yield rate


def _precedence(rate: TaxRate) -> tuple[bool, date]:
    return bool(rate.region), rate.effective_from or date.min


def _added(rates: Sequence[TaxRate]) -> tuple[TaxRate, ...]:
    return tuple(rate for rate in rates if not rate.withheld)


def _sum(rates: Sequence[TaxRate], base: TaxBase) -> Fraction:
    return sum((rate.rate.exact for rate in rates if rate.base is base), Fraction())
