"""Money, unit prices and percents, and the one crossing from an exact amount to money.

Amounts stay exact (:class:`fractions.Fraction`) while they are computed, and become money once,
in :meth:`Money.rounded`, where the rounding is named.  0.4735 MXN x 1,237 = 585.71950 exactly;
the crossing makes it 585.72 MXN.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import (
    MAX_EMAX,
    MAX_PREC,
    MIN_EMIN,
    ROUND_DOWN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
    InvalidOperation,
)
from enum import StrEnum
from fractions import Fraction
from functools import cache
from types import MappingProxyType

from kernel.errors import CurrencyMismatch, InvalidInput, InvalidMoney, UnknownCurrency

#: Digits after the point (ISO 4217 minor unit) of each currency that the engine bills or reports in.
MINOR_UNIT_DIGITS: Mapping[str, int] = MappingProxyType(
    {
        **dict.fromkeys(("ARS", "BOB", "BRL", "CAD", "CHF", "COP", "CRC", "DOP", "EUR", "GBP"), 2),
        **dict.fromkeys(("GTQ", "HNL", "MXN", "NIO", "PAB", "PEN", "USD", "UYU", "VES"), 2),
        **dict.fromkeys(("CLP", "JPY", "PYG"), 0),
        **dict.fromkeys(("BHD", "KWD", "TND"), 3),
    }
)

#: A unit price may be a small part of a cent: 12 places hold every published telecom tariff.
UNIT_PRICE_PLACES = 12

#: Digits before the point that an amount, a price or a number read at the rim may have: 999 trillion. More is
#: a typing error, and sums of what is left never outgrow the 28 digits in which Decimal adds exactly.
LARGEST_WHOLE_DIGITS = 15

#: Decimals that a number read at the rim may have, so that no short text costs a million-digit division.
MOST_PLACES_READ = 24

#: A number that has lost nothing.
Exact = Fraction | Decimal | int


class Rounding(StrEnum):
    """How an exact amount becomes money; halves go away from zero unless a tax rule says otherwise."""

    HALF_UP = "half_up"
    DOWN = "down"
    UP = "up"


def minor_unit_digits(currency: str) -> int:
    """Return the number of decimals of a currency; refuse one that is not known rather than guess 2."""
    try:
        return MINOR_UNIT_DIGITS[currency]
    except KeyError:
        raise UnknownCurrency(
            "this currency is not known",
            field="currency",
            value=currency,
            expected="one of " + ", ".join(sorted(MINOR_UNIT_DIGITS)),
        ) from None


#: How decimals are rounded, at any length of theirs, where not half up.
_OTHER_ROUNDING: Mapping[Rounding, str] = MappingProxyType({Rounding.DOWN: ROUND_DOWN, Rounding.UP: ROUND_UP})
_UNBOUNDED = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN)


def decimal_of(text: object, *, field: str) -> Decimal:
    """Read an exact decimal from a string or an integer.

    Refused are a float, which has lost digits already, and what is larger or finer than any number of the
    trade: ``1e999999`` is short to write and long to compute with.
    """
    if isinstance(text, bool) or not isinstance(text, str | int | Decimal):
        raise InvalidInput(
            "a number must be exact", field=field, value=repr(text), expected='a string such as "10.50"'
        )
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise InvalidInput("not a number", field=field, value=text, expected='such as "10.50"') from None
    if not number.is_finite():
        raise InvalidInput("not a finite number", field=field, value=text, expected='such as "10.50"')
    if number.adjusted() >= LARGEST_WHOLE_DIGITS or _places_of(number) > MOST_PLACES_READ:
        raise InvalidInput(
            "a number beyond all measure",
            field=field,
            value=number,
            expected=f"at most {LARGEST_WHOLE_DIGITS} digits before the point, {MOST_PLACES_READ} after",
        )
    return number


def _places_of(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _rounded_units(numerator: int, divisor: int, rounding: Rounding) -> int:
    whole, rest = divmod(abs(numerator), divisor)
    match rounding:
        case Rounding.HALF_UP:
            whole += 2 * rest >= divisor
        case Rounding.UP:
            whole += rest > 0
        case Rounding.DOWN:
            pass
    return -whole if numerator < 0 else whole


@cache
def _unit(places: int) -> Decimal:
    return Decimal(f"1e-{places}")


def round_exact(exact: Exact, places: int, rounding: Rounding = Rounding.HALF_UP) -> Decimal:
    """Round an exact number to decimal places, halves away from zero: (Fraction(1, 8), 2) is 0.13."""
    if isinstance(exact, Decimal):
        mode = ROUND_HALF_UP if rounding is Rounding.HALF_UP else _OTHER_ROUNDING[rounding]
        return exact.quantize(_unit(places), mode, _UNBOUNDED)
    units = _rounded_units(exact.numerator * 10**places, exact.denominator, rounding)
    return _UNBOUNDED.scaleb(Decimal(units), -places)


def _is_finite_decimal(number: object) -> bool:
    return isinstance(number, Decimal) and number.is_finite()


def _refuse_vast(amount: Decimal, *, field: str) -> None:
    if amount.adjusted() >= LARGEST_WHOLE_DIGITS:
        raise InvalidMoney(
            "an amount beyond all measure",
            field=field,
            value=amount,
            expected=f"at most {LARGEST_WHOLE_DIGITS} digits before the point",
        )


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in a currency, never finer than the currency's minor unit; two currencies never add."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        """Refuse what is no money: a float, a NaN, a third of a cent, a number beyond all measure."""
        amount, digits = self.amount, minor_unit_digits(self.currency)
        unit = _unit(digits)
        if not _is_finite_decimal(amount):
            raise InvalidMoney("money needs a finite decimal", field="amount", value=repr(amount))
        if amount.adjusted() >= LARGEST_WHOLE_DIGITS:
            _refuse_vast(amount, field="amount")
        if not amount:
            object.__setattr__(self, "amount", Decimal(f"0e-{digits}"))  # there is no minus zero of money
        elif not amount.same_quantum(unit):
            quantized = amount.quantize(unit)
            if quantized != amount:
                raise InvalidMoney(
                    "more decimals than the currency has",
                    field="amount",
                    value=self.amount,
                    expected=f"at most {digits} decimals in {self.currency}",
                )
            object.__setattr__(self, "amount", quantized)

    @classmethod
    def zero(cls, currency: str) -> Money:
        """Return nothing, in a currency."""
        return cls(Decimal(0), currency)

    @classmethod
    def of(cls, amount: object, currency: str, *, field: str = "amount") -> Money:
        """Read money from a string, an int or a Decimal at the rim of the program."""
        return cls(decimal_of(amount, field=field), currency)

    @classmethod
    def rounded(cls, exact: Exact, currency: str, rounding: Rounding = Rounding.HALF_UP) -> Money:
        """Cross from an exact amount to money: the only place where an amount is rounded."""
        return cls(round_exact(exact, minor_unit_digits(currency), rounding), currency)

    @property
    def exact(self) -> Fraction:
        """The amount as an exact fraction, to compute with."""
        return Fraction(self.amount)

    @property
    def minor_units(self) -> int:
        """The amount as an integer of minor units (cents), the form that gateways take."""
        return int(self.amount.scaleb(minor_unit_digits(self.currency)))

    def _same(self, other: Money) -> Decimal:
        if self.currency != other.currency:
            raise CurrencyMismatch(
                "two currencies never add",
                field="currency",
                value=other.currency,
                expected=self.currency,
            )
        return other.amount

    def __add__(self, other: Money) -> Money:
        """Add money of one currency."""
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        """Subtract money of one currency."""
        return Money(self.amount - self._same(other), self.currency)

    def __neg__(self) -> Money:
        """Return the opposite amount."""
        return Money(-self.amount, self.currency)

    def __lt__(self, other: Money) -> bool:
        """Compare money of one currency."""
        return self.amount < self._same(other)

    def __le__(self, other: Money) -> bool:
        """Compare money of one currency."""
        return self.amount <= self._same(other)

    def __gt__(self, other: Money) -> bool:
        """Compare money of one currency."""
        return self.amount > self._same(other)

    def __ge__(self, other: Money) -> bool:
        """Compare money of one currency."""
        return self.amount >= self._same(other)

    def __bool__(self) -> bool:
        """Tell whether there is any amount."""
        return self.amount != 0

    def __str__(self) -> str:
        """Return the amount with thousands separators, and its currency: ``1,999.00 MXN``."""
        return f"{self.amount:,} {self.currency}"

    def split(self, weights: Sequence[Exact]) -> tuple[Money, ...]:
        """Divide by weights so that the parts add up exactly.

        Each part is rounded toward zero and the missing units go, one each, to the parts with the largest
        remainder (the larger weight, then the earlier, wins a tie): 10.00 by (1, 1, 1) is 3.34, 3.33, 3.33.
        """
        total = sum((Fraction(weight) for weight in weights), Fraction())
        if not weights or total <= 0 or any(weight < 0 for weight in weights):
            raise InvalidInput(
                "money is split by weights", field="weights", value=weights, expected="none negative, sum > 0"
            )
        sign = -1 if self.amount < 0 else 1
        units = abs(self.minor_units)
        shares = [Fraction(weight) * units / total for weight in weights]
        parts = [int(share) for share in shares]
        order = sorted(range(len(parts)), key=lambda i: (parts[i] - shares[i], -Fraction(weights[i]), i))
        for index in order[: units - sum(parts)]:
            parts[index] += 1
        digits = minor_unit_digits(self.currency)
        return tuple(Money(Decimal(sign * part).scaleb(-digits), self.currency) for part in parts)


def total_of(amounts: Iterable[Money], currency: str) -> Money:
    """Sum money of one currency; an empty sum is zero of that currency."""
    total = Money.zero(currency)
    for amount in amounts:
        total += amount
    return total


@dataclass(frozen=True, slots=True)
class UnitPrice:
    """A price for one unit, unrounded, with up to 12 places."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        """Refuse what is no price: a float, a NaN, a thirteenth place."""
        minor_unit_digits(self.currency)
        if not _is_finite_decimal(self.amount):
            raise InvalidMoney("a price needs a finite decimal", field="unit_price", value=repr(self.amount))
        _refuse_vast(self.amount, field="unit_price")
        if self.amount != self.amount.quantize(Decimal(1).scaleb(-UNIT_PRICE_PLACES)):
            raise InvalidMoney(
                "too many decimals",
                field="unit_price",
                value=self.amount,
                expected=f"at most {UNIT_PRICE_PLACES} decimals",
            )

    @property
    def exact(self) -> Fraction:
        """The price as an exact fraction, to compute with."""
        return Fraction(self.amount)

    def indexed(self, factor: Exact) -> UnitPrice:
        """Return the price times an index factor, at 12 places: 0.50 x 1.1465 is 0.57325."""
        return UnitPrice(round_exact(self.exact * Fraction(factor), UNIT_PRICE_PLACES), self.currency)

    def __str__(self) -> str:
        """Return the price without trailing zeros: ``0.4735 MXN``."""
        return f"{plain(self.amount)} {self.currency}"


@dataclass(frozen=True, slots=True, order=True)
class Percent:
    """A rate in percent: ``Percent(Decimal("10"))`` is ten percent, never 0.1."""

    value: Decimal

    def __post_init__(self) -> None:
        """Refuse a float or a NaN."""
        if not _is_finite_decimal(self.value):
            raise InvalidInput("a percent needs a finite decimal", field="percent", value=repr(self.value))

    @property
    def exact(self) -> Fraction:
        """The rate as a fraction of one: 10 % is 1/10."""
        return Fraction(self.value) / 100

    def __str__(self) -> str:
        """Return the rate as people write it: ``10 %``."""
        return f"{plain(self.value)} %"


def plain(number: Decimal) -> str:
    """Write a decimal without exponent and without trailing zeros: ``Decimal('1E+2')`` is ``100``."""
    text = str(number)
    if "E" in text:
        text = f"{number:f}"
    if text[-1] == "0" and "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
