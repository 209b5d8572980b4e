"""Every model of a price list, from events to the lines of an invoice, each with its working and clause."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import Engine

from invoicing.documents import InvoiceLine
from metering.events import UsageEvent
from rating.working import lines_of
from tests.integration.invoicing_book import Office

pytestmark = [pytest.mark.scenario, pytest.mark.integration]

BOOK = Path(__file__).parents[1] / "books" / "models"
FEB, MAR, APR = (date(2026, month, 1) for month in (2, 3, 4))
NOON = datetime(2026, 1, 10, 12, tzinfo=UTC)

_NUMBERS = count(1)


@pytest.fixture
def office(engine: Engine) -> Office:
    """Alba signed the plan that has a charge of every model, from January on."""
    return Office.open(engine, BOOK)


def used(
    meter: str, *quantities: str, at: datetime = NOON, dimensions: Mapping[str, str] | None = None
) -> list[UsageEvent]:
    """Return an event of Alba's for each quantity, a minute apart."""
    return [
        UsageEvent(
            id=f"e-{next(_NUMBERS)}",
            account="alba",
            meter=meter,
            occurred_at=at + timedelta(minutes=minute),
            quantity=Decimal(quantity),
            dimensions=dict(dimensions or {}),
        )
        for minute, quantity in enumerate(quantities)
    ]


def sent(number: int, category: str, country: str) -> list[UsageEvent]:
    """Return so many messages of a category to a country."""
    return [
        UsageEvent(
            id=f"e-{next(_NUMBERS)}",
            account="alba",
            meter="sends",
            occurred_at=NOON,
            dimensions={"category": category, "country": country},
        )
        for _ in range(number)
    ]


def line(office: Office, charge: str, on: date = FEB) -> InvoiceLine:
    """Return the one line of a charge on the invoice of a day."""
    (found,) = (each for each in office.of("alba", on).lines if each.charge == charge)
    return found


def working(office: Office, charge: str, on: date = FEB) -> tuple[str, ...]:
    """Return the working of a line before its taxes, as people read it."""
    return tuple(text for text in lines_of(line(office, charge, on).working) if not text.startswith("IVA"))


def test_a_month_without_use_owes_a_package_and_a_minimum(office: Office) -> None:
    """By the plan no use owes one package of documents and 5.00 for calls, and no stair of contacts."""
    office.bills(FEB)

    assert {"fee": "10.00", "documents": "4.00", "calls": "5.00"} == {
        each.charge: str(each.net) for each in office.of("alba", FEB).lines
    }
    assert "the period owes at least 5.00 EUR: 5.00 EUR" == working(office, "calls")[-1]


def test_a_stair_is_one_amount(office: Office) -> None:
    """100.5 contacts reach the second stair: 50.00, cited by its clause."""
    office.gets(used("contacts", "100", "0.5"))
    office.bills(FEB)

    assert ("quantity: 100.5", "stair up to 1,000: 50.00 EUR", "amount: 50.00 EUR") == working(
        office, "contacts"
    )
    assert "PRI-2" == line(office, "contacts").cites.clause


def test_payments_are_priced_one_by_one(office: Office) -> None:
    """Three are free; of the others one is raised to 0.50, one lowered to 12.00, one owes 0.10 + 1.20."""
    office.gets(used("payments", "200", "100", "100", "20", "10000", "100"))
    office.bills(FEB)

    assert (
        "quantity: 10,520",
        "free: 400.00 EUR, 3 of 6 transactions wholly",
        "1.2 % of 10,120.00 EUR = 121.44 EUR",
        "fixed part of each transaction: 3 x 0.10 EUR = 0.30 EUR",
        "1 raised to the least of 0.50 EUR each: +0.16 EUR",
        "1 lowered to the most of 12.00 EUR each: -108.10 EUR",
        "amount: 13.80 EUR",
    ) == working(office, "payments")


def test_a_corrected_payment_is_the_payment_that_is_left(office: Office) -> None:
    """A payment of 10,000.00 that was taken back to nothing owes no fixed part either."""
    free, taken_back = used("payments", "1", "1", "1"), used("payments", "10000")[0]
    correction = used("payments", "-10000")[0]
    office.gets([*free, taken_back])
    office.gets(
        [
            UsageEvent(
                id="c-1",
                account="alba",
                meter="payments",
                occurred_at=taken_back.occurred_at,
                quantity=correction.quantity,
                corrects=taken_back.id,
            )
        ]
    )
    office.bills(FEB)

    assert Decimal("0.00") == line(office, "payments").net


def test_late_payments_find_what_the_others_left(office: Office) -> None:
    """After two free payments in January a third comes late, free too, and a fourth that owes 1.30."""
    office.gets(used("payments", "100", "100"))
    office.bills(FEB)
    office.gets(used("payments", "100", "100", at=NOON + timedelta(days=9)))
    office.bills(MAR)

    assert (Decimal(200), Decimal("1.30")) == (
        line(office, "payments", MAR).quantity,
        line(office, "payments", MAR).net,
    )


def test_each_part_of_an_amount_has_its_percent(office: Office) -> None:
    """3 % of 1,000.00, 2 % of the rest, and 1.00 for having come there."""
    office.gets(used("sales", "900", "350.50"))
    office.bills(FEB)

    assert (
        "quantity: 1,250.5",
        "tier above 0.00 EUR to 1,000.00 EUR: 3 % of 1,000.00 EUR = 30.00 EUR",
        "tier above 1,000.00 EUR: 2 % of 250.50 EUR = 5.01 EUR",
        "tier above 1,000.00 EUR: flat amount 1.00 EUR",
        "amount: 36.01 EUR",
    ) == working(office, "sales")


def test_a_matrix_prices_combinations(office: Office) -> None:
    """Category and country make the price."""
    office.gets([*sent(3, "marketing", "MX"), *sent(5, "utility", "MX")])
    office.bills(FEB)

    assert (
        "quantity: 8",
        "marketing, MX: 3 x 0.04 EUR = 0.12 EUR",
        "utility, MX: 5 x 0.01 EUR = 0.05 EUR",
        "amount: 0.17 EUR",
    ) == working(office, "sends")


def test_conversations_are_priced_by_the_dimension_of_their_meter(office: Office) -> None:
    """Two contacts in Mexico, one of whom writes again within 24 hours, and one in Peru."""
    office.gets(
        UsageEvent(
            id=f"t-{number}",
            account="alba",
            meter="talks",
            occurred_at=NOON + timedelta(hours=number),
            direction="inbound",
            contact=contact,
            dimensions={"country": country},
        )
        for number, (contact, country) in enumerate(
            [("ana", "MX"), ("beto", "MX"), ("ana", "MX"), ("carla", "PE")]
        )
    )
    office.bills(FEB)

    assert (
        "quantity: 3",
        "MX: 2 x 0.30 EUR = 0.60 EUR",
        "PE, by the default price: 1 x 0.50 EUR = 0.50 EUR",
        "amount: 1.10 EUR",
    ) == working(office, "talks")


def test_a_combination_that_nobody_priced_sets_the_contract_aside(office: Office) -> None:
    """The plan refuses what it does not list: a person hears of it, and nothing is billed by a guess."""
    office.gets(sent(1, "marketing", "PE"))
    office.bills(FEB)

    (problem,) = office.problems
    assert ("unknown_dimension", "charge.sends.prices") == (problem.code, problem.field)
    assert "marketing, PE" == problem.value


def test_a_pool_is_drawn_in_the_plans_order(office: Office) -> None:
    """800 are free together: 650 SMS draw first and leave 150 to 200 mails."""
    office.gets([*used("sms", "650"), *used("mails", "200")])
    office.bills(FEB)

    assert "sms" in {each.charge for each in office.of("alba", FEB).lines if not each.net}
    assert (
        "quantity: 200",
        "pool of 800: 650 drawn by others, 150 left",
        "allowance: 150 of 200 included",
        "50 x 0.02 EUR = 1.00 EUR",
        "amount: 1.00 EUR",
    ) == working(office, "mails")


def test_late_use_of_one_moves_what_is_left_to_the_other(office: Office) -> None:
    """100 SMS that come late take 100 mails out of the pool, which are billed with March's invoice."""
    office.gets([*used("sms", "650"), *used("mails", "200")])
    office.bills(FEB)
    office.gets(used("sms", "100"))
    office.bills(MAR)

    assert Decimal("2.00") == line(office, "mails", MAR).net


def test_unused_minutes_roll_over_up_to_the_limit(office: Office) -> None:
    """January leaves 70 of 100, of which 50 may be used in February; March begins with its own 100 again."""
    for month, minutes in ((1, "30"), (2, "180"), (3, "110")):
        office.gets(used("minutes", minutes, at=NOON.replace(month=month)))
    for day in (FEB, MAR, APR):
        office.bills(day)

    assert (
        "quantity: 180",
        "50 rolled over from the period before",
        "allowance: 150 of 180 included",
        "30 x 0.05 EUR = 1.50 EUR",
        "amount: 1.50 EUR",
    ) == working(office, "minutes", MAR)
    assert Decimal("0.50") == line(office, "minutes", APR).net


def test_late_minutes_take_back_what_they_would_have_rolled_over(office: Office) -> None:
    """40 more minutes of January leave 30 instead of 50 for February, whose 20 dearer ones are billed."""
    office.gets([*used("minutes", "30"), *used("minutes", "180", at=NOON.replace(month=2))])
    office.bills(FEB)
    office.bills(MAR)
    office.gets(used("minutes", "40"))
    office.bills(APR)

    (february,) = (
        each for each in office.of("alba", APR).lines if each.charge == "minutes" and each.period_start == FEB
    )
    assert Decimal("1.00") == february.net


def test_a_month_owes_at_most_its_maximum(office: Office) -> None:
    """100 calls at 0.50 are 50.00, of which 20.00 are owed; 100 more that come late owe nothing."""
    office.gets(used("calls", "100"))
    office.bills(FEB)
    office.gets(used("calls", "100"))
    office.bills(MAR)

    assert (
        "quantity: 100",
        "100 x 0.50 EUR = 50.00 EUR",
        "amount: 50.00 EUR",
        "the period owes at most 20.00 EUR: 20.00 EUR",
    ) == working(office, "calls")
    late = [
        each for each in office.of("alba", MAR).lines if each.charge == "calls" and each.period_start < FEB
    ]
    assert [Decimal("0.00")] == [each.net for each in late]


def test_a_ramp_is_dearer_from_its_month_on(office: Office) -> None:
    """10.00 in January and February, 15.00 from March on, and the line says since when."""
    for day in (date(2026, 1, 1), FEB, MAR):
        office.bills(day)

    assert [Decimal("10.00"), Decimal("10.00"), Decimal("15.00")] == [
        line(office, "fee", day).net for day in (date(2026, 1, 1), FEB, MAR)
    ]
    assert "prices agreed from 2026-03-01 on" == working(office, "fee", MAR)[0]
