"""Usage that comes after its invoice: the next invoice bills the difference and names the month it is of."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine

from invoicing.documents import InvoiceLine, LineKind
from metering.tables import late_usage
from tests.integration.invoicing_book import Office, counted, talks

pytestmark = pytest.mark.integration

FEB, MAR, APR, MAY = (date(2026, month, 1) for month in (2, 3, 4, 5))
IN_JANUARY = date(2026, 1, 30)
JANUARY = "2026-01-01 to 2026-01-31"


@pytest.fixture
def office(engine: Engine) -> Office:
    """The book in a fresh database, where flores talked 260 times in January, and was billed for it."""
    office = Office.open(engine)
    office.gets(talks("flores", 260, date(2026, 1, 20)))
    office.bills(FEB)
    return office


def late_lines(office: Office, account: str, on: date) -> list[tuple[str, str, str, str]]:
    """Return charge, period, quantity and net of the late lines of an account's invoice of a day."""
    return [told(each) for each in office.of(account, on).lines if each.kind is LineKind.LATE_USAGE]


def told(line: InvoiceLine) -> tuple[str, str, str, str]:
    """Return charge, period, quantity and net of a line."""
    return line.charge, str(line.period), str(line.quantity), str(line.net)


def test_only_the_difference_is_billed(office: Office) -> None:
    """20 conversations more than 260: 29.00, on the invoice of March, citing January."""
    office.gets(talks("flores", 20, IN_JANUARY))
    office.bills(MAR)

    assert [("whatsapp_mx", JANUARY, "20", "29.00")] == late_lines(office, "flores", MAR)
    assert 0 == office.count(late_usage)


def test_a_second_late_batch_bills_its_own_difference(office: Office) -> None:
    """45 more reach into the next tier: 325 conversations are 318.09, of which 261.00 were billed."""
    office.gets(talks("flores", 20, IN_JANUARY))
    office.bills(MAR)
    office.gets(talks("flores", 45, date(2026, 1, 2)))
    office.bills(APR)
    office.bills(MAY)

    assert [("whatsapp_mx", JANUARY, "45", "57.09")] == late_lines(office, "flores", APR)
    assert [] == late_lines(office, "flores", MAY)


def test_two_late_days_of_a_month_make_one_line(office: Office) -> None:
    """A line is of a charge and a period, not of a day."""
    office.gets([*talks("flores", 3, IN_JANUARY), *talks("flores", 2, date(2026, 1, 2))])
    office.bills(MAR)

    assert [("whatsapp_mx", JANUARY, "5", "7.25")] == late_lines(office, "flores", MAR)


def test_late_usage_within_the_allowance_is_told_and_costs_nothing(office: Office) -> None:
    """No use was billed for January; 50 of 1,000 included transactions come late for 0.00."""
    office.gets(counted("ipe", "docs_transactions", 50, IN_JANUARY))
    office.bills(MAR)

    assert [("overage", JANUARY, "50", "0.00")] == late_lines(office, "ipe", MAR)


def test_a_late_level_of_seats_counts_in_each_month_that_it_holds(office: Office) -> None:
    """Eight users since 30 January, told in March: 745.00 for January, as much for February."""
    office.bills(MAR)
    office.gets(counted("flores", "users", 8, IN_JANUARY))
    office.bills(APR)

    assert [
        ("users", JANUARY, "8", "745.00"),
        ("users", "2026-02-01 to 2026-02-28", "8", "745.00"),
    ] == late_lines(office, "flores", APR)


def test_a_conversation_that_moves_into_the_month_before(office: Office) -> None:
    """A message of 31 January that comes late opens the window earlier: one more there, one less after."""
    talk, other = talks("jacaranda", 2, FEB, country="BR")
    morning = replace(talk, occurred_at=datetime(2026, 2, 1, 12, tzinfo=UTC))
    office.gets([morning, other])
    office.bills(MAR)
    office.gets(talks("jacaranda", 1, date(2026, 1, 31), country="BR", contact=talk.contact))
    office.bills(APR)

    # At 0.45574368 (0.42 x the index factor 1.085104) two are 0.91 and one is 0.46.
    assert [
        ("whatsapp", JANUARY, "1", "0.46"),
        ("whatsapp", "2026-02-01 to 2026-02-28", "-1", "-0.45"),
    ] == late_lines(office, "jacaranda", APR)


def test_a_contract_that_has_ended_is_billed_for_what_comes_late(office: Office) -> None:
    """Nothing else is due of it: the invoice holds the late line alone."""
    office.bills(APR)
    office.gets(talks("harbor", 10, date(2026, 3, 5), country="US"))
    office.bills(MAY)

    assert [("whatsapp_us", "2026-03-01 to 2026-03-10", "10", "6.13")] == [
        told(each) for each in office.of("harbor", MAY).lines
    ]


def test_an_end_that_was_moved_back_does_not_bill_a_month_twice(office: Office) -> None:
    """All of February is billed when the 20th becomes its last day: late use is a difference still."""
    office.gets(talks("flores", 150, date(2026, 2, 10)))
    office.bills(MAR)
    office.gets(talks("flores", 4, date(2026, 2, 10)))
    office.ends("flores", "conversion", date(2026, 2, 21))
    office.bills(APR)

    assert [("whatsapp_mx", "2026-02-01 to 2026-02-28", "4", "5.80")] == [
        told(each) for each in office.of("flores", APR).lines
    ]
