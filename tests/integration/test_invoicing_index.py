"""The yearly index in the run: recorded once, with the months that it came from, and never below one."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from contracts.store import contracts_of, load_catalog
from contracts.subscriptions import PriceAdjustment
from contracts.tables import price_adjustments
from db.unit_of_work import reading
from kernel.ids import account_id_of
from tests.integration.invoicing_book import Office, talks

pytestmark = pytest.mark.integration

JAN, FEB, MAY, JUNE = (date(2026, month, 1) for month in (1, 2, 5, 6))


@pytest.fixture
def office(engine: Engine) -> Office:
    """The book in a fresh database."""
    return Office.open(engine)


def adjustments_of(office: Office, account: str) -> tuple[PriceAdjustment, ...]:
    """Return the price adjustments of an account's only contract."""
    with reading(office.engine) as connection:
        (contract,) = contracts_of(connection, load_catalog(connection), [account_id_of(account)])
    return contract.adjustments


@pytest.mark.clause("ZEN-IX-12.3")
def test_an_anniversary_inside_a_month(office: Office) -> None:
    """Signed on 17 May 2024: use of May is cut at the 17th, and June's fee is the first at the new price."""
    office.bills(MAY)
    office.gets(
        [
            *talks("jacaranda", 100, date(2026, 5, 16), country="BR"),
            *talks("jacaranda", 200, date(2026, 5, 17), country="BR"),
        ]
    )
    office.bills(JUNE)

    # The first 100 at 0.42 x 1.085104; at x 1.091827, 300 at 0.3675 less the first 100 at 0.42.
    assert [
        ("platform", "2026-06-01 to 2026-06-30", "1538.04"),
        ("whatsapp", "2026-05-01 to 2026-05-16", "45.57"),
        ("whatsapp", "2026-05-17 to 2026-05-31", "74.52"),
    ] == [(each.charge, str(each.period), str(each.net)) for each in office.of("jacaranda", JUNE).lines]
    assert [
        (date(2025, 5, 17), Decimal("1.085104"), date(2024, 5, 1), date(2025, 4, 1)),
        (date(2026, 5, 17), Decimal("1.006196"), date(2025, 5, 1), date(2026, 4, 1)),
    ] == [
        (each.effective_on, each.factor, each.first_month, each.last_month)
        for each in adjustments_of(office, "jacaranda")
    ]


@pytest.mark.clause("ZEN-X-4-adjustment")
def test_a_year_in_which_the_index_fell_leaves_the_price(office: Office) -> None:
    """The IGP-M of 2025 fell by 1.0422 %: the factor is 1, and February costs what January did."""
    office.bills(JAN)
    office.bills(FEB)
    (adjustment,) = adjustments_of(office, "aroeira")

    assert (Decimal(1), Decimal("-1.0422")) == (adjustment.factor, adjustment.variation_percent)
    assert office.of("aroeira", JAN).total == office.of("aroeira", FEB).total


@pytest.mark.clause("ZEN-IX-12.3")
def test_no_index_outside_of_brazil(office: Office) -> None:
    """Annex IX indexes what a Brazilian entity issues: a Mexican contract has no adjustment in any year."""
    office.bills(date(2027, 1, 1))

    assert () == adjustments_of(office, "flores")


def test_an_adjustment_is_recorded_once(office: Office) -> None:
    """Later runs find the adjustments of earlier ones, and add none."""
    office.bills(MAY)
    before = office.rows(price_adjustments)
    office.bills(date(2026, 5, 16))
    office.bills(MAY)

    assert 2 == len(before)
    assert before == office.rows(price_adjustments)
