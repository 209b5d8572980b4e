"""A plan can price every quantity, or it is refused."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.charges import Charge, Flat, Graduated, OneOff, Package, PerUnit, Tier, Volume, check_tiers

GOOD: dict[type[Charge], dict[str, object]] = {
    Flat: {"kind": "flat", "amount": "1"},
    OneOff: {"kind": "one_off", "amount": "1"},
    PerUnit: {"kind": "per_unit", "meter": "sms", "unit_price": "1"},
    Graduated: {"kind": "graduated", "meter": "sms", "tiers": [{}]},
    Volume: {"kind": "volume", "meter": "sms", "tiers": [{}]},
    Package: {"kind": "package", "meter": "sms", "size": "10", "amount": "1"},
}


def charge_of(kind: type[Charge], **fields: object) -> Charge:
    """Read a charge as a plan's file gives it, with some fields of its own."""
    return msgspec.convert({"code": "c", "name": "C", "clause": "A-1", **GOOD[kind], **fields}, kind)


def tiers(*ends: str) -> tuple[Tier, ...]:
    """Return tiers that end at these quantities; an empty end is open."""
    return tuple(Tier(up_to=Decimal(end) if end else None, unit_price=Decimal(1)) for end in ends)


@pytest.mark.parametrize(
    "ends",
    [
        (),
        ("10",),
        ("10", "20"),
        ("20", "10", ""),
        ("10", "10", ""),
        ("0", ""),
        ("", ""),
        ("-5", ""),
        ("NaN", ""),
    ],
)
def test_tiers_that_leave_a_gap_are_refused(ends: tuple[str, ...]) -> None:
    """No tier, a closed last one, a border that does not rise or is no number: a quantity has no price."""
    with pytest.raises(ValueError, match=r"tiers|up_to"):
        check_tiers(tiers(*ends))


@given(borders=st.sets(st.integers(min_value=1, max_value=10**9), max_size=8))
def test_rising_tiers_with_an_open_end_are_taken(borders: set[int]) -> None:
    """Any borders that rise tile all quantities, if the last tier is open."""
    check_tiers(tiers(*(str(border) for border in sorted(borders)), ""))


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        (Flat, "amount"),
        (Flat, "quantity"),
        (OneOff, "amount"),
        (PerUnit, "unit_price"),
        (PerUnit, "allowance"),
        (Graduated, "allowance"),
        (Volume, "allowance"),
        (Package, "size"),
        (Package, "amount"),
        (Package, "allowance"),
    ],
)
@pytest.mark.parametrize("number", ["-0.01", "NaN", "Infinity"])
def test_a_price_is_a_number_and_not_negative(kind: type[Charge], field: str, number: str) -> None:
    """A reduction is a credit, not a charge; and what is no number prices nothing."""
    with pytest.raises(msgspec.ValidationError, match=f"{field}: must be a number and not negative"):
        charge_of(kind, **{field: Decimal(number)})


@pytest.mark.parametrize("field", ["up_to", "unit_price", "flat_amount"])
@pytest.mark.parametrize("number", ["-0.01", "NaN"])
def test_so_is_that_of_a_tier(field: str, number: str) -> None:
    """A tier pays nothing back."""
    with pytest.raises(msgspec.ValidationError, match=f"{field}: must be a number and not negative"):
        charge_of(Volume, tiers=[{"up_to": "10", field: Decimal(number)}, {}])


def test_an_empty_package_is_refused() -> None:
    """A package of nothing would be bought without end."""
    with pytest.raises(msgspec.ValidationError, match="size"):
        charge_of(Package, size=Decimal(0))
