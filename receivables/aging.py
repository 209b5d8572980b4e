"""Aging: how old the open debts are, by bucket; the number that a finance desk reads first.

A credit (an item below zero) stands in the bucket of its own date, so that each row adds up, and is named
besides.  Two currencies never share a row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from kernel.calendars import days_late
from kernel.errors import InvalidInput
from kernel.ids import AccountId
from kernel.money import Money, round_exact
from receivables.journal import ItemBalance


class AgingBasis(StrEnum):
    """The date from which days are counted."""

    DUE_DATE = "due_date"
    INVOICE_DATE = "invoice_date"


class Bucket(StrEnum):
    """How old a debt is, in days."""

    CURRENT = "current"
    DAYS_1_30 = "1-30"
    DAYS_31_60 = "31-60"
    DAYS_61_90 = "61-90"
    OVER_90 = "over 90"


#: The last day that each bucket holds; what is older is over 90.
LAST_DAYS: Mapping[Bucket, int] = MappingProxyType(
    {Bucket.CURRENT: 0, Bucket.DAYS_1_30: 30, Bucket.DAYS_31_60: 60, Bucket.DAYS_61_90: 90}
)

#: What one item adds: its bucket, and what is open on it.
_Aged = tuple[Bucket, Money]

#: Days sales outstanding are read to a hundredth of a day.
DSO_PLACES = 2


@dataclass(frozen=True, slots=True)
class AgedItem:
    """An open item with its age."""

    balance: ItemBalance
    days: int
    bucket: Bucket


@dataclass(frozen=True, slots=True, kw_only=True)
class AgedSums:
    """Open amounts by bucket; ``credits`` is what ``total`` holds of items below zero, never positive."""

    buckets: Mapping[Bucket, Money]
    credits: Money
    total: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class AgedAccount:
    """What one account owes in one currency, and its money that no item has taken."""

    account_id: AccountId
    currency: str
    sums: AgedSums
    unapplied: Money

    @property
    def net(self) -> Money:
        """What the account owes after its unapplied money."""
        return self.sums.total - self.unapplied


@dataclass(frozen=True, slots=True, kw_only=True)
class AgingReport:
    """The aging as of a day: by item, by account and currency, and by currency."""

    as_of: date
    basis: AgingBasis
    items: tuple[AgedItem, ...]
    accounts: tuple[AgedAccount, ...]
    totals: Mapping[str, AgedSums]

    def total_in(self, currency: str) -> Money:
        """Return all that is open in a currency."""
        sums = self.totals.get(currency)
        return Money.zero(currency) if sums is None else sums.total


def bucket_of(days: int) -> Bucket:
    """Return the bucket of an age: day 0 is current, days 1 and 30 are 1-30, day 91 is over 90."""
    return next((bucket for bucket, last in LAST_DAYS.items() if days <= last), Bucket.OVER_90)


def age(
    balances: Sequence[ItemBalance],
    *,
    as_of: date,
    basis: AgingBasis = AgingBasis.DUE_DATE,
    unapplied: Mapping[tuple[AccountId, str], Money] | None = None,
) -> AgingReport:
    """Sort open balances into buckets, by account and currency.

    Issued 1 January, due 31 January, as of 5 March: 33 days late by due date (31-60), 63 days old by invoice
    date (61-90).  ``unapplied`` is the money of accounts that no item has taken; it is shown, never netted.
    """
    items = tuple(_aged(balance, as_of, basis) for balance in balances)
    by_account: dict[tuple[AccountId, str], list[_Aged]] = defaultdict(list)
    by_currency: dict[str, list[_Aged]] = defaultdict(list)
    for each in items:
        item, amount = each.balance.item, (each.bucket, each.balance.total)
        by_account[item.account_id, item.currency].append(amount)
        by_currency[item.currency].append(amount)
    waiting = unapplied or {}
    keys = sorted({*by_account, *waiting}, key=lambda key: (key[1], key[0]))
    accounts = tuple(
        AgedAccount(
            account_id=account_id,
            currency=currency,
            sums=_sums(by_account[account_id, currency], currency),
            unapplied=waiting.get((account_id, currency), Money.zero(currency)),
        )
        for account_id, currency in keys
    )
    totals = {code: _sums(by_currency[code], code) for code in sorted({code for _, code in keys})}
    return AgingReport(as_of=as_of, basis=basis, items=items, accounts=accounts, totals=totals)


def days_sales_outstanding(ending: Money, credit_sales: Money, *, days: int) -> Decimal:
    """Return how many days of sales are still unpaid: 6,340 of 10,890 in 90 days are 52.40 days."""
    if (
        ending.currency != credit_sales.currency
        or credit_sales <= Money.zero(credit_sales.currency)
        or days < 1
    ):
        raise InvalidInput(
            "days sales outstanding need sales in the currency of the debts",
            field="credit_sales",
            value=f"{credit_sales} in {days} days",
            expected=f"more than 0 {ending.currency} in at least one day",
        )
    return round_exact(ending.exact / credit_sales.exact * days, DSO_PLACES)


def _aged(balance: ItemBalance, as_of: date, basis: AgingBasis) -> AgedItem:
    since = balance.item.due_on if basis is AgingBasis.DUE_DATE else balance.item.issued_on
    days = days_late(since, as_of)
    return AgedItem(balance, days, bucket_of(days))


def _sums(amounts: Sequence[_Aged], currency: str) -> AgedSums:
    nothing = total = credits_ = Money.zero(currency)
    buckets = dict.fromkeys(Bucket, nothing)
    for bucket, amount in amounts:
        buckets[bucket] += amount
        total += amount
        if amount < nothing:
            credits_ += amount
    return AgedSums(buckets=buckets, credits=credits_, total=total)
