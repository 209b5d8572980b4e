"""Every open debt stands in one bucket, and the buckets add up."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import InvalidInput
from kernel.ids import account_id_of
from kernel.money import Money, total_of
from receivables.aging import AgingBasis, Bucket, age, bucket_of, days_sales_outstanding
from tests.unit.receivables.books import ACCOUNT_ID, item_of, mxn, owes

DUE = date(2026, 1, 21)


@pytest.mark.parametrize(
    ("days", "bucket"),
    [
        (0, Bucket.CURRENT),
        (1, Bucket.DAYS_1_30),
        (30, Bucket.DAYS_1_30),
        (31, Bucket.DAYS_31_60),
        (60, Bucket.DAYS_31_60),
        (61, Bucket.DAYS_61_90),
        (90, Bucket.DAYS_61_90),
        (91, Bucket.OVER_90),
    ],
)
def test_each_day_has_its_bucket(days: int, bucket: Bucket) -> None:
    """The last day of a bucket and the first of the next are told apart."""
    report = age([owes(item_of("F-1", due_on=DUE), "100")], as_of=DUE + timedelta(days=days))

    assert bucket == bucket_of(days)
    assert [(days, bucket)] == [(each.days, each.bucket) for each in report.items]


def test_before_the_due_date_a_debt_is_current() -> None:
    """A debt that is due next week is zero days late."""
    report = age([owes(item_of("F-1", due_on=DUE), "100")], as_of=date(2026, 1, 14))

    assert [(0, Bucket.CURRENT)] == [(each.days, each.bucket) for each in report.items]


def test_age_by_invoice_date_counts_from_the_issue() -> None:
    """Issued on 1 January, it is 20 days old when it falls due."""
    report = age([owes(item_of("F-1", due_on=DUE), "100")], as_of=DUE, basis=AgingBasis.INVOICE_DATE)

    assert [(20, Bucket.DAYS_1_30)] == [(each.days, each.bucket) for each in report.items]


def test_a_row_holds_principal_and_charges() -> None:
    """The finance desk sees what is owed in all, not only what was invoiced."""
    balance = owes(item_of("F-1"), "1000.00", interest="3.33", fine="100.00", correction="5.00")

    report = age([balance], as_of=date(2026, 2, 1))

    assert (mxn("108.33"), mxn("1108.33")) == (balance.charges, report.totals["MXN"].total)


def test_currencies_never_share_a_row() -> None:
    """One account with pesos and reais has two rows, and there are two totals."""
    report = age(
        [owes(item_of("F-1"), "100"), owes(item_of("F-2", currency="BRL"), "70")], as_of=date(2026, 1, 1)
    )

    assert [("BRL", Money.of("70", "BRL")), ("MXN", mxn("100"))] == [
        (each.currency, each.sums.total) for each in report.accounts
    ]
    assert {"BRL": Money.of("70", "BRL"), "MXN": mxn("100")} == {
        currency: sums.total for currency, sums in report.totals.items()
    }


def test_a_credit_is_shown_and_lowers_the_total() -> None:
    """100.00 owed and 30.00 of credit are 70.00, of which credits -30.00."""
    report = age([owes(item_of("F-1"), "100"), owes(item_of("F-2"), "-30")], as_of=date(2026, 1, 1))

    sums = report.accounts[0].sums
    assert (mxn("70"), mxn("-30")) == (sums.total, sums.credits)


def test_unapplied_money_is_shown_beside_the_debt() -> None:
    """It is never netted in silence: 100.00 owed, 40.00 waiting, 60.00 net."""
    report = age(
        [owes(item_of("F-1"), "100")],
        as_of=date(2026, 1, 1),
        unapplied={(ACCOUNT_ID, "MXN"): mxn("40")},
    )

    row = report.accounts[0]
    assert (mxn("100"), mxn("40"), mxn("60")) == (row.sums.total, row.unapplied, row.net)


def test_an_account_that_only_has_money_waiting_has_a_row() -> None:
    """A prepayment is not lost from the report."""
    report = age([], as_of=date(2026, 1, 1), unapplied={(ACCOUNT_ID, "MXN"): mxn("40")})

    assert [(ACCOUNT_ID, mxn("0"), mxn("-40"))] == [
        (each.account_id, each.sums.total, each.net) for each in report.accounts
    ]
    assert mxn("0") == report.total_in("MXN")


def test_nothing_owed_is_an_empty_report() -> None:
    """No debts: no rows, no totals, and zero in any currency."""
    report = age([], as_of=date(2026, 1, 1))

    assert ((), (), {}, mxn("0")) == (report.items, report.accounts, report.totals, report.total_in("MXN"))


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["acme", "beta"]),
            st.sampled_from(["MXN", "BRL"]),
            st.decimals("-9999", "9999", places=2),
            st.integers(0, 200),
        ),
        max_size=12,
    )
)
def test_buckets_accounts_and_items_add_up(debts: list[tuple[str, str, Decimal, int]]) -> None:
    """By item, by account and by bucket, the report says one total for each currency."""
    balances = [
        owes(
            item_of(
                f"F-{at}",
                due_on=DUE + timedelta(days=late),
                account_id=account_id_of(code),
                currency=currency,
            ),
            str(amount),
        )
        for at, (code, currency, amount, late) in enumerate(debts)
    ]

    report = age(balances, as_of=DUE + timedelta(days=100))

    for currency, sums in report.totals.items():
        items = [each.balance.total for each in report.items if each.balance.item.currency == currency]
        accounts = [each.sums.total for each in report.accounts if each.currency == currency]
        expected = total_of(items, currency)
        assert [expected] * 3 == [
            sums.total,
            total_of(sums.buckets.values(), currency),
            total_of(accounts, currency),
        ]


@pytest.mark.parametrize("sales", [mxn("0"), mxn("-1"), Money.of("1", "BRL")])
def test_days_sales_outstanding_need_sales(sales: Money) -> None:
    """Without sales in the currency of the debts there is no such number."""
    with pytest.raises(InvalidInput) as refused:
        days_sales_outstanding(mxn("100"), sales, days=30)

    assert "credit_sales" == refused.value.field
