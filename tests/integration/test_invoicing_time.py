"""A fee for a year, its use each month, and seats that come and go, from TOML to the invoice."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from shutil import copytree

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine

from tests.integration.invoicing_book import BOOK, Office, billed, counted

pytestmark = pytest.mark.integration

PLAN = """
code = "yearly"
version = 1
product = "yearly"
vendor = "konectus"
name = "Yearly"
currency = "MXN"
cycle = "annual"
usage_cycle = "monthly"
aligned = "calendar"
effective_from = 2023-11-16
documents = ["konectus-general"]

[[charge]]
kind = "flat"
code = "plan"
name = "Yearly"
clause = "KON-2a"
amount = 3650.00
proration = "second"

[[charge]]
kind = "per_unit"
code = "seats"
name = "Users beyond three"
clause = "KON-5.2"
meter = "seats"
allowance = 3
unit_price = 31.00
"""

METER = """
[meters.seats]
clause = "OF-1"
kind = "time_weighted"
unit = "seat"
per = "period"
"""

#: The day on which the contract starts: 11 days into the year.
START = date(2026, 1, 12)


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    """A contract over the plan, with ten seats from its start and twelve from the 16th of March."""
    book = tmp_path / "book"
    copytree(BOOK, book)
    (book / "plans" / "yearly.toml").write_text(PLAN, encoding="utf-8")
    form = (book / "order_forms" / "konectus-10-days.toml").read_text(encoding="utf-8")
    (book / "order_forms" / "yearly.toml").write_text(form + METER, encoding="utf-8")
    office = Office.open(engine, book)
    office.signs("harbor", "yearly", "konectus-mx", order_form="yearly", signed_on=START, starts_on=START)
    midnights = {START: 10, date(2026, 3, 16): 12}
    for day, seats in midnights.items():
        (event,) = counted("harbor", "seats", seats, day)
        midnight = datetime(day.year, day.month, day.day, 6, tzinfo=UTC)  # 00:00 in Mexico City
        office.gets([replace(event, occurred_at=midnight)])
    return office


def lines_of(office: Office, on: date) -> list[tuple[str, str, str, str]]:
    """Return charge, period, quantity and net of the lines of the contract's invoice of a day."""
    found = office.of("harbor", on, subscription="yearly").lines
    return [
        (line.charge, str(line.period), f"{line.quantity.normalize():f}", str(line.net)) for line in found
    ]


def test_the_year_is_billed_once_and_use_by_the_month(office: Office) -> None:
    """354 of 365 days of the year at once; then seats alone, January's for the days that it had."""
    for on in (START, *(date(2026, month, 1) for month in (2, 3, 4))):
        office.bills(on)

    assert () == office.problems
    assert [("plan", "2026-01-12 to 2026-12-31", "1", "3540.00")] == lines_of(office, START)
    assert [("seats", "2026-01-12 to 2026-01-31", "10", "140.00")] == lines_of(office, date(2026, 2, 1))
    assert [("seats", "2026-02-01 to 2026-02-28", "10", "217.00")] == lines_of(office, date(2026, 3, 1))
    assert [("seats", "2026-03-01 to 2026-03-31", "11.032258064516", "249.00")] == (
        lines_of(office, date(2026, 4, 1))
    )
    assert "342 over 31 days, on average 11.032258..." in office.told("harbor", date(2026, 4, 1))


def test_a_second_run_bills_nothing_and_a_late_run_the_same(office: Office) -> None:
    """Marks of both cycles hold: what was billed in steps is what one run in April bills."""
    for on in (START, START, date(2026, 2, 1), date(2026, 2, 1), date(2026, 4, 1), date(2026, 4, 1)):
        office.bills(on)
    seats = {key: count for key, count in billed(office).items() if key[:2] == ("harbor/yearly", "seats")}

    assert {1} == set(seats.values())
    assert ["140.00", "217.00", "249.00"] == [key[3] for key in sorted(seats, key=lambda key: key[2])]


def test_a_seat_that_is_told_late_bills_its_difference(office: Office) -> None:
    """Two more from 16 March at 6:00, told in April: 31.5 seat-days more are 31.50."""
    for on in (START, date(2026, 4, 1)):
        office.bills(on)
    (event,) = counted("harbor", "seats", 14, date(2026, 3, 16))
    office.gets([replace(event, occurred_at=datetime(2026, 3, 16, 12, tzinfo=UTC))])
    office.bills(date(2026, 5, 1))
    late = [line for line in office.of("harbor", date(2026, 5, 1)).lines if line.kind == "late_usage"]

    assert [Decimal("31.50")] == [line.net for line in late]
