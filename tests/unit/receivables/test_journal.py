"""Entries balance, or they are none."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import CurrencyMismatch, InvalidInput, UnbalancedEntry
from kernel.ids import EntryId
from kernel.money import Money, total_of
from receivables.journal import (
    AllocationPart,
    Component,
    Entry,
    EntryKind,
    Ledger,
    Posting,
    application_entry,
    invoice_entry,
    late_charge_entry,
    receipt_entry,
)
from tests.unit.receivables.books import ACCOUNT_ID, id_of, item_of, mxn, noon, stamp_of

DAY = date(2026, 1, 1)
ITEM = item_of("F-1")


def entry_of(*postings: Posting) -> Entry:
    """Return an entry over postings."""
    return Entry(
        account_id=ACCOUNT_ID,
        entry_id=EntryId(id_of(1)),
        kind=EntryKind.INVOICE,
        effective_on=DAY,
        recorded_at=noon(DAY),
        source="F-1",
        postings=postings,
    )


def test_an_invoice_debits_the_customer_and_credits_revenue_and_tax() -> None:
    """Net 100.00 and tax 16.00: the customer owes 116.00 of principal."""
    entry = invoice_entry(ITEM, stamp_of(DAY), net=mxn("100.00"), tax=mxn("16.00"))

    assert (
        Posting(Ledger.RECEIVABLE, mxn("116.00"), ITEM.item_id, Component.PRINCIPAL),
        Posting(Ledger.REVENUE, mxn("-100.00")),
        Posting(Ledger.TAX_PAYABLE, mxn("-16.00")),
    ) == entry.postings


def test_what_a_customer_withholds_is_not_receivable_of_it() -> None:
    """Of 116.00 it keeps 10.67 back: 105.33 are open, and 10.67 stand where the vendor sets them off."""
    entry = invoice_entry(ITEM, stamp_of(DAY), net=mxn("100.00"), tax=mxn("16.00"), withheld=mxn("10.67"))

    assert (
        Posting(Ledger.RECEIVABLE, mxn("105.33"), ITEM.item_id, Component.PRINCIPAL),
        Posting(Ledger.TAX_WITHHELD, mxn("10.67")),
        Posting(Ledger.REVENUE, mxn("-100.00")),
        Posting(Ledger.TAX_PAYABLE, mxn("-16.00")),
    ) == entry.postings


def test_an_invoice_without_tax_posts_no_tax() -> None:
    """A posting over nothing is not made."""
    entry = invoice_entry(ITEM, stamp_of(DAY), net=mxn("100.00"), tax=mxn("0"))

    assert [Ledger.RECEIVABLE, Ledger.REVENUE] == [posting.ledger for posting in entry.postings]


def test_an_invoice_over_nothing_moves_nothing() -> None:
    """A free month is an entry without postings, not an error."""
    assert () == invoice_entry(ITEM, stamp_of(DAY), net=mxn("0"), tax=mxn("0")).postings


def test_late_charges_stand_by_component() -> None:
    """Interest and fine are separate debts of the customer and one income."""
    entry = late_charge_entry(
        ITEM, stamp_of(DAY), {Component.INTEREST: mxn("3.33"), Component.FINE: mxn("100.00")}
    )

    assert (
        Posting(Ledger.RECEIVABLE, mxn("3.33"), ITEM.item_id, Component.INTEREST),
        Posting(Ledger.RECEIVABLE, mxn("100.00"), ITEM.item_id, Component.FINE),
        Posting(Ledger.LATE_CHARGE_INCOME, mxn("-103.33")),
    ) == entry.postings


def test_a_late_charge_can_be_taken_back() -> None:
    """What was assessed too high is credited to the customer and debited to income."""
    entry = late_charge_entry(ITEM, stamp_of(DAY), {Component.INTEREST: mxn("-3.33")})

    assert [mxn("-3.33"), mxn("3.33")] == [posting.amount for posting in entry.postings]


def test_a_receipt_leaves_its_rest_unapplied() -> None:
    """500.00 on a debt of 116.00: the debt is credited, 384.00 wait."""
    part = AllocationPart(ITEM.item_id, Component.PRINCIPAL, mxn("116.00"))

    entry = receipt_entry(ACCOUNT_ID, stamp_of(DAY), amount=mxn("500.00"), parts=[part])

    assert (
        Posting(Ledger.CASH, mxn("500.00")),
        Posting(Ledger.RECEIVABLE, mxn("-116.00"), ITEM.item_id, Component.PRINCIPAL),
        Posting(Ledger.UNAPPLIED_CASH, mxn("-384.00")),
    ) == entry.postings


def test_money_that_waited_is_applied() -> None:
    """Applying moves no cash: unapplied cash goes down, and so does the debt."""
    part = AllocationPart(ITEM.item_id, Component.PRINCIPAL, mxn("116.00"))

    entry = application_entry(ACCOUNT_ID, stamp_of(DAY), currency="MXN", parts=[part])

    assert (
        Posting(Ledger.UNAPPLIED_CASH, mxn("116.00")),
        Posting(Ledger.RECEIVABLE, mxn("-116.00"), ITEM.item_id, Component.PRINCIPAL),
    ) == entry.postings


@given(
    amount=st.decimals("0.01", "999999", places=2),
    parts=st.lists(st.decimals("0.01", "9999", places=2), max_size=5),
)
def test_every_receipt_balances(amount: Decimal, parts: list[Decimal]) -> None:
    """Whatever is settled, cash, debts and rest sum to zero."""
    settled = [AllocationPart(ITEM.item_id, Component.PRINCIPAL, Money(part, "MXN")) for part in parts]

    entry = receipt_entry(ACCOUNT_ID, stamp_of(DAY), amount=Money(amount, "MXN"), parts=settled)

    assert mxn("0") == total_of((posting.amount for posting in entry.postings), "MXN")


def test_an_entry_that_does_not_sum_to_zero_is_refused() -> None:
    """One cent too much is named."""
    with pytest.raises(UnbalancedEntry) as refused:
        entry_of(Posting(Ledger.CASH, mxn("10.00")), Posting(Ledger.REVENUE, mxn("-9.99")))

    assert "0.01 MXN" == refused.value.value


def test_an_entry_has_one_currency() -> None:
    """Ten pesos are not balanced by ten reais."""
    with pytest.raises(UnbalancedEntry) as refused:
        entry_of(Posting(Ledger.CASH, mxn("10.00")), Posting(Ledger.REVENUE, Money.of("-10", "BRL")))

    assert "BRL, MXN" == refused.value.value


def test_an_item_is_debited_in_its_own_currency() -> None:
    """Neither an invoice nor a late charge in reais stands on an item in pesos."""
    reais = Money.of("1", "BRL")

    with pytest.raises(CurrencyMismatch):
        invoice_entry(ITEM, stamp_of(DAY), net=reais, tax=Money.zero("BRL"))
    with pytest.raises(CurrencyMismatch):
        late_charge_entry(ITEM, stamp_of(DAY), {Component.FINE: reais})


def test_an_entry_says_when_it_was_recorded() -> None:
    """An instant without a zone does not say when."""
    with pytest.raises(InvalidInput) as refused:
        receipt_entry(
            ACCOUNT_ID,
            stamp_of(DAY, recorded_at=datetime(2026, 1, 1)),  # noqa: DTZ001 that is what is refused
            amount=mxn("1.00"),
            parts=[],
        )

    assert "recorded_at" == refused.value.field


@pytest.mark.parametrize(
    ("ledger", "with_item", "component"),
    [
        (Ledger.RECEIVABLE, False, Component.NONE),
        (Ledger.RECEIVABLE, True, Component.NONE),
        (Ledger.RECEIVABLE, False, Component.PRINCIPAL),
        (Ledger.CASH, True, Component.PRINCIPAL),
        (Ledger.CASH, True, Component.NONE),
        (Ledger.CASH, False, Component.FINE),
    ],
)
def test_only_receivables_stand_on_items(ledger: Ledger, with_item: bool, component: Component) -> None:  # noqa: FBT001 a table of cases
    """A debt names its document and component; cash and income name neither."""
    with pytest.raises(InvalidInput) as refused:
        Posting(ledger, mxn("1.00"), ITEM.item_id if with_item else None, component)

    assert "component" == refused.value.field


def test_an_item_is_due_on_its_issue_at_the_earliest() -> None:
    """Due on the day of issue is allowed, the day before is not."""
    assert DAY == item_of("F-2", issued_on=DAY, due_on=DAY).due_on
    with pytest.raises(InvalidInput) as refused:
        item_of("F-3", issued_on=DAY, due_on=date(2025, 12, 31))

    assert "due_on" == refused.value.field
