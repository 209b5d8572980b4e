"""Worked cases of others about aging, computed by us to the cent and the day."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

from kernel.money import Money
from receivables.aging import AgingBasis, age, days_sales_outstanding
from receivables.journal import OpenItem
from tests.unit.receivables.books import item_of, owes

CASES = {
    case["id"]: case
    for case in json.loads(
        Path(__file__).with_name("cases").joinpath("tiers-aging-fees-api.json").read_text()
    )
}


def test_one_invoice_has_two_ages() -> None:
    """The same invoice stands in different buckets by due date and by invoice date."""
    given, expected = CASES["aging-basis-differs"]["input"], CASES["aging-basis-differs"]["expected"]
    item: OpenItem = item_of(
        "F-1",
        issued_on=date.fromisoformat(given["invoice_date"]),
        due_on=date.fromisoformat(given["due_date"]),
    )
    as_of = date.fromisoformat(given["as_of"])

    by_invoice_date, by_due_date = (
        age([owes(item, "100")], as_of=as_of, basis=basis).items[0]
        for basis in (AgingBasis.INVOICE_DATE, AgingBasis.DUE_DATE)
    )
    assert expected == {
        "days_by_invoice_date": by_invoice_date.days,
        "bucket_by_invoice_date": by_invoice_date.bucket.value,
        "days_by_due_date": by_due_date.days,
        "bucket_by_due_date": by_due_date.bucket.value,
    }


def test_days_sales_outstanding_of_a_quarter() -> None:
    """6,340 open of 10,890 sold on credit in 90 days are 52.40 days."""
    given, expected = CASES["dso-quarter"]["input"], CASES["dso-quarter"]["expected"]

    days = days_sales_outstanding(
        Money.of(given["ending_total"], "USD"),
        Money.of(given["credit_sales_of_period"], "USD"),
        days=given["days"],
    )

    assert Decimal(expected["dso_days"]) == days
