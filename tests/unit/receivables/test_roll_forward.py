"""A roll-forward closes at the balance, or it is refused."""

from __future__ import annotations

import pytest

from kernel.errors import OutOfBalance
from kernel.money import Money
from receivables.journal import EntryKind
from receivables.roll_forward import Movement, RollForward, roll
from tests.unit.receivables.books import mxn


def test_a_month_rolls_from_opening_to_closing() -> None:
    """1,000.00 + 500.00 invoiced + 5.00 charged - 300.00 received closes at 1,205.00."""
    rolled = roll(
        {"MXN": mxn("1000")},
        [
            Movement(EntryKind.INVOICE, mxn("500")),
            Movement(EntryKind.LATE_CHARGE, mxn("5")),
            Movement(EntryKind.RECEIPT, mxn("-300")),
        ],
        {"MXN": mxn("1205")},
    )

    expected = RollForward(
        currency="MXN",
        opening=mxn("1000"),
        movements={
            EntryKind.INVOICE: mxn("500"),
            EntryKind.LATE_CHARGE: mxn("5"),
            EntryKind.RECEIPT: mxn("-300"),
            EntryKind.APPLICATION: mxn("0"),
        },
        closing=mxn("1205"),
    )
    assert (expected,) == rolled


def test_a_currency_that_only_moved_has_its_own_roll_forward() -> None:
    """Reais that came and went within the month open and close at zero."""
    rolled = roll(
        {"MXN": mxn("10")},
        [
            Movement(EntryKind.INVOICE, Money.of("7", "BRL")),
            Movement(EntryKind.RECEIPT, Money.of("-7", "BRL")),
        ],
        {"MXN": mxn("10")},
    )

    assert [("BRL", Money.zero("BRL")), ("MXN", mxn("10"))] == [
        (each.currency, each.closing) for each in rolled
    ]


def test_a_cent_that_appears_from_nowhere_is_refused() -> None:
    """Opening and movements reach 1,000.00; a closing of 1,000.01 is an error, not a rounding."""
    with pytest.raises(OutOfBalance) as refused:
        roll({"MXN": mxn("1000")}, [], {"MXN": mxn("1000.01")})

    assert ("1,000.01 MXN", "1,000.00 MXN") == (refused.value.value, refused.value.expected)
