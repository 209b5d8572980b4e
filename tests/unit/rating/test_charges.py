"""Charges become money once, at the end, and show how."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.charges import (
    Flat,
    Graduated,
    GraduatedPercentage,
    Matrix,
    MatrixPrice,
    OneOff,
    Package,
    Percentage,
    PercentTier,
    PerUnit,
    Proration,
    Stair,
    Stairstep,
    Tier,
    Unlisted,
    UsageCharge,
    Volume,
)
from kernel.errors import InvalidInput, InvalidMoney, UnknownCurrency
from kernel.money import Money, total_of
from rating.charges import Rated, rate_fixed, rate_usage
from rating.use import Transactions, Use
from rating.working import ENGLISH, lines_of

TIERS = (
    Tier(up_to=Decimal(1000), unit_price=Decimal("0.90"), flat_amount=Decimal(25)),
    Tier(unit_price=Decimal("0.75"), flat_amount=Decimal(10)),
)
PLATFORM = Flat(code="platform", name="Platform", clause="ZEN-IX-4.2", amount=Decimal("1999.00"))
ACTIVATION = OneOff(code="activation", name="Activation", clause="ZEN-IX-4.2", amount=Decimal(500))
SMS = PerUnit(
    code="sms",
    name="SMS",
    clause="ZEN-IX-4.2",
    meter="sms",
    unit_price=Decimal("0.4735"),
    allowance=Decimal(100),
)
CONVERSATIONS = Graduated(
    code="conversations",
    name="Conversations",
    clause="ZEN-IX-4.2",
    meter="conversations",
    tiers=TIERS,
    allowance=Decimal(100),
)
BOTS = Volume(
    code="bots", name="Bots", clause="ZEN-IX-4.2", meter="bots", tiers=TIERS, allowance=Decimal(100)
)
DOCUMENTS = Package(
    code="documents",
    name="Documents",
    clause="ZEN-IX-4.2",
    meter="documents",
    size=Decimal(10),
    amount=Decimal(3),
    allowance=Decimal(100),
)
CONTACTS = Stairstep(
    code="contacts",
    name="Contacts",
    clause="ZEN-IX-4.2",
    meter="contacts",
    stairs=(Stair(up_to=Decimal(500), amount=Decimal(20)), Stair(amount=Decimal(90))),
    allowance=Decimal(100),
)
SALES = Percentage(
    code="sales",
    name="Sales",
    clause="ZEN-IX-4.2",
    meter="sales",
    percent=Decimal("2.9"),
    allowance=Decimal(100),
)
TURNOVER = GraduatedPercentage(
    code="turnover",
    name="Turnover",
    clause="ZEN-IX-4.2",
    meter="turnover",
    percent_tiers=(
        PercentTier(up_to=Decimal(1000), percent=Decimal(3), flat_amount=Decimal(25)),
        PercentTier(percent=Decimal(1)),
    ),
    allowance=Decimal(100),
)
USAGE_CHARGES: tuple[UsageCharge, ...] = (SMS, CONVERSATIONS, BOTS, DOCUMENTS, CONTACTS, SALES, TURNOVER)
SMS_IN_CENTS = msgspec.structs.replace(SMS, unit_price=Decimal("0.47"))

IGPM_2022 = Decimal("1.146548")


def printed(rated: Rated) -> tuple[str, ...]:
    """Return a working as an invoice prints it."""
    return lines_of(rated.working)


def test_a_fee_for_a_whole_period() -> None:
    """A fee is its amount, and no share, index or rounding is mentioned."""
    rated = rate_fixed(PLATFORM, currency="MXN")

    assert ("1 x 1,999.00 MXN = 1,999.00 MXN", "amount: 1,999.00 MXN") == printed(rated)
    assert (Decimal(1), Money.of("1999.00", "MXN")) == (rated.quantity, rated.amount)


def test_a_fee_for_a_part_of_a_period() -> None:
    """17 of 31 days owe 17/31, exact until it becomes money."""
    rated = rate_fixed(PLATFORM, currency="MXN", share=Fraction(17, 31))

    assert (
        "1 x 1,999.00 MXN = 1,999.00 MXN",
        "17/31 of the period: 1,096.225806... MXN",
        "rounded half up: 1,096.225806... -> 1,096.23 MXN",
    ) == printed(rated)


def test_a_fee_for_several_units() -> None:
    """Five seats at 12.345 are 61.725, rounded once for all five."""
    seats = Flat(code="seats", name="Seats", clause="c", amount=Decimal("12.345"), quantity=Decimal(5))
    rated = rate_fixed(seats, currency="MXN")

    assert (Decimal(5), Money.of("61.73", "MXN")) == (rated.quantity, rated.amount)


@pytest.mark.parametrize(
    "charge",
    [
        ACTIVATION,
        Flat(code="f", name="f", clause="c", amount=Decimal(500), proration=Proration.NONE),
    ],
)
def test_what_is_not_prorated_is_owed_whole(charge: Flat | OneOff) -> None:
    """A fee once and a fee without proration ignore the share."""
    assert Money.of("500", "MXN") == rate_fixed(charge, currency="MXN", share=Fraction(1, 31)).amount


def test_an_index_moves_the_price_before_the_share() -> None:
    """1,408.68 adjusted by IGP-M of May 2021 to April 2022 is 1,615.12 for a whole month."""
    fee = Flat(code="f", name="f", clause="c", amount=Decimal("1408.68"))

    assert Money.of("1615.12", "BRL") == rate_fixed(fee, currency="BRL", factor=IGPM_2022).amount
    assert (
        "prices x 1.146548",
        "1 x 1,615.11923664 BRL = 1,615.11923664 BRL",
        "1/2 of the period: 807.55961832 BRL",
        "rounded half up: 807.55961832 -> 807.56 BRL",
    ) == printed(rate_fixed(fee, currency="BRL", factor=IGPM_2022, share=Fraction(1, 2)))


def test_an_indexed_price_has_twelve_places() -> None:
    """A price of a millionth is multiplied to a millionth of a millionth, half up, before the quantity."""
    charge = PerUnit(code="c", name="c", clause="c", meter="m", unit_price=Decimal("0.000001"))
    rated = rate_usage(charge, Decimal(10**12), currency="MXN", factor=Decimal("1.0000005"))

    assert Money.of("1000001.00", "MXN") == rated.amount


def test_the_index_moves_every_price_of_a_tier() -> None:
    """Unit prices and flat amounts alike."""
    rated = rate_usage(CONVERSATIONS, Decimal(1200), currency="BRL", factor=Decimal("1.1"))

    assert (
        "quantity: 1,200",
        "allowance: 100 of 1,200 included",
        "prices x 1.1",
        "tier 1 to 1,000: 1,000 x 0.99 BRL = 990.00 BRL",
        "tier 1 to 1,000: flat amount 27.50 BRL",
        "tier from 1,001: 100 x 0.825 BRL = 82.50 BRL",
        "tier from 1,001: flat amount 11.00 BRL",
        "amount: 1,111.00 BRL",
    ) == printed(rated)


def test_a_price_of_thirteen_places_is_refused_by_the_index() -> None:
    """What is finer than any tariff is no price."""
    charge = PerUnit(code="c", name="c", clause="c", meter="m", unit_price=Decimal("0.0000000000001"))

    with pytest.raises(InvalidMoney):
        rate_usage(charge, Decimal(1), currency="MXN", factor=IGPM_2022)


def test_an_unknown_currency_is_refused() -> None:
    """How many decimals it has is not guessed."""
    with pytest.raises(UnknownCurrency):
        rate_fixed(PLATFORM, currency="XXX")


@pytest.mark.parametrize(
    ("quantity", "amount"),
    [("0", "0"), ("99", "0"), ("100", "0"), ("101", "0.47"), ("1337", "585.72"), ("100.5", "0.24")],
)
def test_the_allowance_comes_first(quantity: str, amount: str) -> None:
    """The last unit of the allowance is free, the first beyond it is charged."""
    assert Money.of(amount, "MXN") == rate_usage(SMS, Decimal(quantity), currency="MXN").amount


def test_the_working_of_use() -> None:
    """Quantity, allowance, price and rounding, in the order in which they were taken."""
    rated = rate_usage(SMS, Decimal(1337), currency="MXN")

    assert (
        "quantity: 1,337",
        "allowance: 100 of 1,337 included",
        "1,237 x 0.4735 MXN = 585.7195 MXN",
        "rounded half up: 585.7195 -> 585.72 MXN",
    ) == printed(rated)
    assert Decimal(1337) == rated.quantity


@pytest.mark.parametrize(
    ("before", "amount"), [(None, "0"), ("0", "0"), ("50", "0"), ("60", "4.74"), ("100", "23.68")]
)
def test_a_later_run_finds_what_is_left_of_the_allowance(before: str | None, amount: str) -> None:
    """Fifty units after 60 find 40 free."""
    earlier = None if before is None else Decimal(before)

    assert Money.of(amount, "MXN") == rate_usage(SMS, Decimal(50), currency="MXN", before=earlier).amount


def test_the_working_of_a_later_run() -> None:
    """It says what was rated before, so that the free units can be checked."""
    rated = rate_usage(SMS, Decimal(50), currency="MXN", before=Decimal(60))

    assert (
        "quantity: 50",
        "60 rated before",
        "allowance: 40 of 50 included",
        "10 x 0.4735 MXN = 4.735 MXN",
        "rounded half up: 4.735 -> 4.74 MXN",
    ) == printed(rated)


@pytest.mark.parametrize(
    ("charge", "amount"),
    [
        (SMS, "0"),
        (CONVERSATIONS, "25"),
        (BOTS, "25"),
        (DOCUMENTS, "0"),
        (CONTACTS, "20"),
        (SALES, "0"),
        (TURNOVER, "25"),
    ],
)
def test_no_use_owes_at_most_the_first_tiers_flat_amount(charge: UsageCharge, amount: str) -> None:
    """It is owed for being subscribed, once in a period, also where the allowance covers all use."""
    assert Money.of(amount, "MXN") == rate_usage(charge, Decimal(0), currency="MXN").amount
    assert Money.of(amount, "MXN") == rate_usage(charge, Decimal(100), currency="MXN").amount
    assert Money.zero("MXN") == rate_usage(charge, Decimal(0), currency="MXN", before=Decimal(0)).amount


def test_seats_held_for_a_part_of_the_period() -> None:
    """What is held is owed by days: 3 seats at 310.00 for 10 of 31 days are 300.00."""
    seats = PerUnit(code="s", name="s", clause="c", meter="seats", unit_price=Decimal(310))
    rated = rate_usage(seats, Decimal(3), currency="MXN", share=Fraction(10, 31))

    assert (
        "quantity: 3",
        "3 x 310.00 MXN = 930.00 MXN",
        "10/31 of the period: 300.00 MXN",
        "amount: 300.00 MXN",
    ) == printed(rated)


@pytest.mark.parametrize(("quantity", "before"), [("-1", None), ("1", "-1")])
def test_negative_use_is_refused(quantity: str, before: str | None) -> None:
    """A correction of use is a smaller sum, never a negative one."""
    earlier = None if before is None else Decimal(before)

    with pytest.raises(InvalidInput) as caught:
        rate_usage(SMS, Decimal(quantity), currency="MXN", before=earlier)

    assert "charge.sms.quantity" == caught.value.field


@given(
    st.sampled_from((SMS_IN_CENTS, CONVERSATIONS, BOTS, DOCUMENTS, CONTACTS, TURNOVER)),
    st.lists(st.integers(min_value=0, max_value=3000), min_size=1, max_size=6),
)
def test_runs_add_up_as_money(charge: UsageCharge, runs: list[int]) -> None:
    """Where no run has to round, the lines of a period's runs sum to the line of the period."""
    before: Decimal | None = None
    amounts = []
    for quantity in runs:
        amounts.append(rate_usage(charge, Decimal(quantity), currency="MXN", before=before).amount)
        before = (before or Decimal(0)) + quantity

    assert rate_usage(charge, Decimal(sum(runs)), currency="MXN").amount == total_of(amounts, "MXN")


@given(
    st.sampled_from(USAGE_CHARGES),
    st.decimals(min_value=0, max_value=10**6, places=3),
    st.none() | st.decimals(min_value=0, max_value=10**6, places=3),
    st.decimals(min_value="0.5", max_value=3, places=6),
    st.fractions(min_value=0, max_value=1, max_denominator=366),
)
def test_every_working_ends_with_the_amount_in_known_words(
    charge: UsageCharge, quantity: Decimal, before: Decimal | None, factor: Decimal, share: Fraction
) -> None:
    """The last step's result is the amount, every code has a template, and every line can be printed."""
    rated = rate_usage(charge, quantity, currency="MXN", before=before, factor=factor, share=share)

    assert rated.amount.amount == Decimal(rated.working[-1].result)
    assert set() == {each.code for each in rated.working} - set(ENGLISH.templates)
    assert len(rated.working) == len(printed(rated))


@given(
    st.sampled_from(USAGE_CHARGES),
    st.decimals(min_value=0, max_value=10**6, places=3),
    st.fractions(min_value=0, max_value=1, max_denominator=366),
)
def test_a_line_is_rounded_once(charge: UsageCharge, quantity: Decimal, share: Fraction) -> None:
    """The amount is within half a cent of the exact price."""
    whole = rate_usage(charge, quantity, currency="MXN")
    shared = rate_usage(charge, quantity, currency="MXN", share=share)
    exact = Fraction(whole.working[-1].facts.get("exact", whole.working[-1].result)) * share

    assert abs(shared.amount.exact - exact) <= Fraction(1, 200)


@given(
    st.sampled_from(USAGE_CHARGES),
    st.decimals(min_value=0, max_value=10**6, places=3),
    st.none() | st.decimals(min_value=0, max_value=10**6, places=3),
)
def test_what_is_included_and_what_is_beyond_are_the_use(
    charge: UsageCharge, quantity: Decimal, before: Decimal | None
) -> None:
    """No unit is lost between the allowance and the price, and the period includes no more than it says."""
    rated = rate_usage(charge, quantity, currency="MXN", before=before)
    (allowed,) = (each for each in rated.working if each.code == "allowance")
    included, billable = Decimal(allowed.facts["included"]), Decimal(allowed.result)

    assert quantity == included + billable
    assert included == min(quantity, max(Decimal(0), charge.allowance - (before or 0)))


@pytest.mark.parametrize(
    ("charge", "used"),
    [
        (msgspec.structs.replace(SALES, fixed_amount=Decimal(1)), Decimal(100)),
        (SMS, Transactions((Decimal(1),))),
        (
            Matrix(
                code="m",
                name="m",
                clause="c",
                meter="m",
                by=("country",),
                prices=(MatrixPrice(values=("MX",), unit_price=Decimal(1)),),
                unlisted=Unlisted.REFUSED,
            ),
            Decimal(100),
        ),
    ],
)
def test_a_price_meets_only_what_it_looks_at(charge: UsageCharge, used: Use) -> None:
    """A price of single transactions finds none in their sum, and a price of a sum is not one of each."""
    with pytest.raises(InvalidInput) as caught:
        rate_usage(charge, used, currency="MXN")

    assert f"charge.{charge.code}.used" == caught.value.field
