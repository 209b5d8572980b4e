"""A receipt settles the right debts in the right order, and not a cent is lost."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import CurrencyMismatch
from kernel.ids import ItemId
from kernel.money import Money, total_of
from payments.allocation import COMPONENT_ORDER, Allocated, AllocationPart, allocate, still_open
from receivables.journal import Component, ItemBalance
from tests.unit.receivables.books import id_of, item_of, mxn, owes

OLD = item_of("F-1", due_on=date(2026, 1, 21))
NEW = item_of("F-2", due_on=date(2026, 2, 21))


def part(item_id: ItemId, component: Component, amount: str) -> AllocationPart:
    """Return a part in pesos."""
    return AllocationPart(item_id, component, mxn(amount))


def test_the_exact_amount_closes_the_debt() -> None:
    """Nothing is left over, nothing stays open."""
    assert Allocated((part(OLD.item_id, Component.PRINCIPAL, "100"),), mxn("0")) == allocate(
        mxn("100"), [owes(OLD, "100")]
    )


def test_one_cent_less_leaves_one_cent_open() -> None:
    """A partial payment settles what it can."""
    assert Allocated((part(OLD.item_id, Component.PRINCIPAL, "99.99"),), mxn("0")) == allocate(
        mxn("99.99"), [owes(OLD, "100")]
    )


def test_one_cent_more_is_left_over() -> None:
    """An overpayment is not forced onto the debt."""
    assert Allocated((part(OLD.item_id, Component.PRINCIPAL, "100"),), mxn("0.01")) == allocate(
        mxn("100.01"), [owes(OLD, "100")]
    )


def test_within_a_document_charges_come_before_principal() -> None:
    """Interest, then fine, then correction, then principal: the ruling on partial receipts."""
    balance = owes(OLD, "1000", interest="3.33", fine="100", correction="5")

    assert Allocated(
        (
            part(OLD.item_id, Component.INTEREST, "3.33"),
            part(OLD.item_id, Component.FINE, "100"),
            part(OLD.item_id, Component.CORRECTION, "5"),
            part(OLD.item_id, Component.PRINCIPAL, "91.67"),
        ),
        mxn("0"),
    ) == allocate(mxn("200"), [balance])


def test_a_small_receipt_may_not_reach_the_principal() -> None:
    """50.00 on interest 3.33 and fine 100.00 settles 46.67 of the fine."""
    assert Allocated(
        (part(OLD.item_id, Component.INTEREST, "3.33"), part(OLD.item_id, Component.FINE, "46.67")), mxn("0")
    ) == allocate(mxn("50"), [owes(OLD, "1000", interest="3.33", fine="100")])


def test_the_oldest_document_comes_first() -> None:
    """Whatever order the documents come in, the earliest due date is paid first."""
    assert Allocated(
        (part(OLD.item_id, Component.PRINCIPAL, "100"), part(NEW.item_id, Component.PRINCIPAL, "20")),
        mxn("0"),
    ) == allocate(mxn("120"), [owes(NEW, "100"), owes(OLD, "100")])


def test_of_one_due_date_the_lower_number_comes_first() -> None:
    """The order never depends on chance."""
    second = item_of("F-2", due_on=OLD.due_on)

    assert (part(OLD.item_id, Component.PRINCIPAL, "50"),) == allocate(
        mxn("50"), [owes(second, "100"), owes(OLD, "100")]
    ).parts


def test_the_named_document_comes_before_older_ones() -> None:
    """Who says which invoice is paid is heard; the rest goes to the oldest."""
    assert Allocated(
        (part(NEW.item_id, Component.PRINCIPAL, "100"), part(OLD.item_id, Component.PRINCIPAL, "20")),
        mxn("0"),
    ) == allocate(mxn("120"), [owes(OLD, "100"), owes(NEW, "100")], preferred=NEW.item_id)


def test_without_debts_all_is_left_over() -> None:
    """A prepayment waits."""
    assert Allocated((), mxn("10")) == allocate(mxn("10"), [])


def test_a_credit_takes_nothing_and_gives_nothing() -> None:
    """A document below zero is not filled up, nor does it lengthen the receipt."""
    assert Allocated((), mxn("10")) == allocate(mxn("10"), [owes(OLD, "-30")])


def test_documents_in_another_currency_are_left_alone() -> None:
    """Pesos do not pay reais."""
    assert Allocated((), mxn("10")) == allocate(mxn("10"), [owes(item_of("F-1", currency="BRL"), "10")])


def test_naming_a_document_in_another_currency_is_refused() -> None:
    """Who pays a document in reais with pesos is told so."""
    foreign = item_of("F-1", currency="BRL")

    with pytest.raises(CurrencyMismatch) as refused:
        allocate(mxn("10"), [owes(foreign, "10")], preferred=foreign.item_id)

    assert ("MXN", "BRL") == (refused.value.value, refused.value.expected)


def test_applied_and_unapplied_are_the_receipt() -> None:
    """30.00 of 50.00 applied, 20.00 waiting."""
    allocated = allocate(mxn("50"), [owes(OLD, "30")])

    assert (mxn("30"), mxn("20")) == (allocated.applied, allocated.unapplied)


CENTS = st.decimals("0", "500", places=2).map(str)
DEBTS = st.lists(st.tuples(CENTS, CENTS, CENTS, CENTS, st.integers(1, 28)), max_size=6).map(
    lambda rows: [
        owes(
            item_of(f"F-{at}", due_on=date(2026, 2, day)),
            principal,
            interest=interest,
            fine=fine,
            correction=add,
        )
        for at, (principal, interest, fine, add, day) in enumerate(rows)
    ]
)


@given(amount=st.decimals("0.01", "5000", places=2), debts=DEBTS, named=st.integers(0, 5))
def test_parts_and_rest_are_always_the_receipt(amount: Decimal, debts: list[ItemBalance], named: int) -> None:
    """However the debts lie, no cent is lost or made, and no debt is paid twice."""
    preferred = debts[named].item.item_id if named < len(debts) else None

    allocated = allocate(Money(amount, "MXN"), debts, preferred=preferred)

    assert Money(amount, "MXN") == allocated.applied + allocated.unapplied
    open_by = {(each.item.item_id, name): open_ for each in debts for name, open_ in each.components.items()}
    taken = {(each.item_id, each.component): each.amount for each in allocated.parts}
    assert len(taken) == len(allocated.parts)
    assert [] == [key for key, each in taken.items() if not mxn("0") < each <= open_by[key]]
    owed = total_of((each.total for each in debts), "MXN")
    assert max(mxn("0"), Money(amount, "MXN") - owed) == allocated.unapplied


@given(amount=st.decimals("0.01", "5000", places=2), debts=DEBTS)
def test_nothing_is_settled_while_something_older_is_open(amount: Decimal, debts: list[ItemBalance]) -> None:
    """Only the last part may be partial: all before it are settled whole."""
    allocated = allocate(Money(amount, "MXN"), debts)

    turns = [
        (each.item.item_id, name, each.components[name])
        for each in sorted(debts, key=lambda each: (each.item.due_on, each.item.number))
        for name in COMPONENT_ORDER
        if each.components[name]
    ]
    settled = [(each.item_id, each.component, each.amount) for each in allocated.parts]
    assert turns[: len(settled)][:-1] == settled[:-1]


def test_what_is_open_still_is_the_smaller_of_then_and_now() -> None:
    """On its due date 100.00 were open; 40.00 are open now, and late charges that came since do not count."""
    then = [owes(OLD, "100")]
    now = [owes(OLD, "40", interest="5")]

    assert (owes(OLD, "40"),) == still_open(then, now, on=OLD.due_on)


def test_late_charges_of_a_late_day_count_though_first_assessed_later() -> None:
    """On the first late day the charges that were just assessed through it are owed, whatever their date."""
    then = [owes(OLD, "100")]
    now = [owes(OLD, "40", interest="1", fine="10")]

    assert (owes(OLD, "40", interest="1", fine="10"),) == still_open(then, now, on=date(2026, 1, 22))


def test_what_was_not_there_then_or_is_settled_now_cannot_be_paid() -> None:
    """A document issued later, and one that another receipt has closed since, are left out."""
    assert () == still_open([owes(OLD, "100")], [owes(NEW, "100")], on=OLD.due_on)


def test_an_unknown_preference_changes_nothing() -> None:
    """A named document that is settled already leaves the usual order."""
    assert (part(OLD.item_id, Component.PRINCIPAL, "10"),) == allocate(
        mxn("10"), [owes(NEW, "100"), owes(OLD, "100")], preferred=ItemId(id_of(9))
    ).parts
