"""A plan can price every quantity, or it is refused."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.charge_checks import needs_events, refuse_unfit_meter
from contracts.charges import (
    Charge,
    Flat,
    Graduated,
    GraduatedPercentage,
    Matrix,
    OneOff,
    Package,
    Percentage,
    PerUnit,
    Stairstep,
    Tier,
    UsageCharge,
    Volume,
    check_tiers,
)
from contracts.meters import (
    ConversationMeter,
    CountMeter,
    Meter,
    RoundEach,
    SeatMeter,
    SmsMeter,
    SumMeter,
    UnitRounding,
)
from kernel.errors import InvalidPlan

GOOD: dict[type[Charge], dict[str, object]] = {
    Flat: {"kind": "flat", "amount": "1"},
    OneOff: {"kind": "one_off", "amount": "1"},
    PerUnit: {"kind": "per_unit", "meter": "sms", "unit_price": "1"},
    Graduated: {"kind": "graduated", "meter": "sms", "tiers": [{}]},
    Volume: {"kind": "volume", "meter": "sms", "tiers": [{}]},
    Stairstep: {"kind": "stairstep", "meter": "sms", "stairs": [{"amount": "1"}]},
    Package: {"kind": "package", "meter": "sms", "size": "10", "amount": "1"},
    Percentage: {"kind": "percentage", "meter": "sales", "percent": "1"},
    GraduatedPercentage: {"kind": "graduated_percentage", "meter": "sales", "percent_tiers": [{}]},
    Matrix: {
        "kind": "matrix",
        "meter": "sms",
        "by": ["country"],
        "prices": [{"values": ["MX"], "unit_price": "1"}],
        "unlisted": "default_price",
        "default_price": "1",
    },
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
        (PerUnit, "rollover_limit"),
        (PerUnit, "minimum_amount"),
        (PerUnit, "maximum_amount"),
        (Percentage, "percent"),
        (Percentage, "fixed_amount"),
        (Percentage, "minimum_per_transaction"),
        (Percentage, "maximum_per_transaction"),
        (Matrix, "default_price"),
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


@pytest.mark.parametrize(
    ("kind", "field", "rows"),
    [
        (Stairstep, "stairs", [{"amount": "1", "up_to": "10"}]),
        (
            Stairstep,
            "stairs",
            [{"amount": "1", "up_to": "10"}, {"amount": "2", "up_to": "5"}, {"amount": "3"}],
        ),
        (Stairstep, "stairs", []),
        (GraduatedPercentage, "percent_tiers", [{"percent": "1", "up_to": "10"}]),
        (GraduatedPercentage, "percent_tiers", [{"percent": "1"}, {"percent": "2"}]),
    ],
)
def test_stairs_and_tiers_of_amounts_tile_too(
    kind: type[Charge], field: str, rows: list[dict[str, str]]
) -> None:
    """Each quantity has one stair, each amount one percent."""
    with pytest.raises(msgspec.ValidationError, match=field):
        charge_of(kind, **{field: rows})


@pytest.mark.parametrize(
    ("kind", "fields", "told"),
    [
        (PerUnit, {"minimum_amount": "2", "maximum_amount": "1"}, "minimum_amount"),
        (PerUnit, {"pool": "p", "rollover_limit": "1"}, "rollover_limit"),
        (
            Percentage,
            {"minimum_per_transaction": "2", "maximum_per_transaction": "1"},
            "minimum_per_transaction",
        ),
        (Percentage, {"fixed_amount": "1", "pool": "p"}, "pool"),
        (Percentage, {"free_transactions": 1, "rollover_limit": "1"}, "pool"),
        (Percentage, {"free_transactions": -1}, "free_transactions"),
        (Matrix, {"by": []}, "by"),
        (Matrix, {"by": ["country", "country"]}, "by"),
        (Matrix, {"by": ["country", "category"]}, "prices"),
        (Matrix, {"prices": []}, "prices"),
        (Matrix, {"prices": [{"values": [""], "unit_price": "1"}]}, "prices"),
        (Matrix, {"prices": [{"values": ["MX"], "unit_price": "1"}] * 2}, "prices"),
        (Matrix, {"prices": [{"values": ["MX"], "unit_price": "-1"}]}, "unit_price"),
        (Matrix, {"default_price": None}, "unlisted"),
        (Matrix, {"unlisted": "refused"}, "unlisted"),
        (Matrix, {"allowance": "1"}, "by"),
        (Matrix, {"dimension": "MX"}, "by"),
        (Matrix, {"pool": "p"}, "by"),
        (Matrix, {"rollover_limit": "1"}, "by"),
    ],
)
def test_what_would_have_two_meanings_is_refused(
    kind: type[Charge], fields: dict[str, object], told: str
) -> None:
    """A least above its most, a unit with two prices, free units of nobody: the error names the field."""
    with pytest.raises(msgspec.ValidationError, match=told):
        charge_of(kind, **fields)


def test_an_unlisted_combination_is_decided_in_words() -> None:
    """A matrix does not say by silence what the combinations owe that it leaves out."""
    without = {key: value for key, value in GOOD[Matrix].items() if key != "unlisted"}

    with pytest.raises(msgspec.ValidationError, match="unlisted"):
        msgspec.convert({"code": "c", "name": "C", "clause": "A-1", **without}, Matrix)


@pytest.mark.parametrize(
    ("kind", "phases", "told"),
    [
        (PerUnit, [{"unit_price": "1"}], "begins after_months or on from_day"),
        (PerUnit, [{"after_months": 1, "from_day": date(2026, 1, 1), "unit_price": "1"}], "one of them"),
        (PerUnit, [{"after_months": 1}], "not nothing"),
        (PerUnit, [{"after_months": 1, "amount": "1"}], "not amount"),
        (
            PerUnit,
            [{"after_months": 2, "unit_price": "1"}, {"after_months": 2, "unit_price": "2"}],
            "one after",
        ),
        (
            PerUnit,
            [{"after_months": 2, "unit_price": "1"}, {"from_day": date(2026, 1, 1), "unit_price": "2"}],
            "all by months or all by days",
        ),
        (PerUnit, [{"after_months": 1, "unit_price": "-1"}], "unit_price"),
        (PerUnit, [{"after_months": 1, "minimum_amount": "5"}], "minimum_amount"),
        (Graduated, [{"after_months": 1, "tiers": [{"up_to": "1"}]}], "tiers"),
        (OneOff, [{"after_months": 1, "amount": "1"}], "phases"),
    ],
)
def test_phases_that_leave_a_day_without_a_price_are_refused(
    kind: type[Charge], phases: list[dict[str, object]], told: str
) -> None:
    """A phase begins once, after the one before, and states prices that the charge could have."""
    bounded = {"maximum_amount": "4"} if kind is PerUnit else {}

    with pytest.raises(msgspec.ValidationError, match=told):
        charge_of(kind, phases=phases, **bounded)


def use_of(kind: type[UsageCharge], **fields: object) -> UsageCharge:
    """Read a charge for use."""
    found = charge_of(kind, **fields)
    assert isinstance(found, UsageCharge)
    return found


BY_TRANSACTION = use_of(Percentage, fixed_amount="1")
POOLED = use_of(PerUnit, pool="p")
ROLLING = use_of(PerUnit, rollover_limit="1")


@pytest.mark.parametrize(
    ("charge", "meter", "fits"),
    [
        (BY_TRANSACTION, SumMeter(clause="c", unit="EUR"), True),
        (BY_TRANSACTION, SumMeter(clause="c", unit="EUR", rounding=UnitRounding.UP), False),
        (
            BY_TRANSACTION,
            SumMeter(clause="c", unit="EUR", rounding=UnitRounding.UP, round_each=RoundEach.EVENT),
            True,
        ),
        (use_of(Matrix), CountMeter(clause="c", unit="message"), True),
        (use_of(Matrix), SmsMeter(clause="c"), True),
        (use_of(Matrix), ConversationMeter(clause="c"), False),
        (use_of(Matrix), ConversationMeter(clause="c", by="country"), True),
        (use_of(Matrix), ConversationMeter(clause="c", by="category"), False),
        (use_of(Matrix), SeatMeter(clause="c", by="country"), False),
        (use_of(Percentage), SeatMeter(clause="c"), True),
        (POOLED, ConversationMeter(clause="c"), True),
        (POOLED, SeatMeter(clause="c"), False),
        (ROLLING, SeatMeter(clause="c"), False),
    ],
)
def test_a_charge_asks_of_its_meter_what_that_keeps(charge: UsageCharge, meter: Meter, *, fits: bool) -> None:
    """Single events where their amounts or dimensions are priced, sums where use is shared or rolls over."""
    if fits:
        refuse_unfit_meter(charge, meter, field="charge[0]")
    else:
        with pytest.raises(InvalidPlan) as caught:
            refuse_unfit_meter(charge, meter, field="charge[0]")
        assert "charge[0].meter" == caught.value.field


def test_a_plain_percent_needs_no_single_events() -> None:
    """Its sum by days is enough."""
    assert (False, True) == (needs_events(use_of(Percentage)), needs_events(BY_TRANSACTION))
