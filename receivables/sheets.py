"""What an aging export holds: a sheet by account and one by item, in typed cells for CSV and XLSX alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from contracts.parties import Account
from kernel.errors import UnknownAccount
from kernel.ids import AccountId
from kernel.money import Money
from receivables.aging import AgedAccount, AgedItem, AgingBasis, AgingReport, Bucket

Cell = str | int | date | Money


class CellKind(StrEnum):
    """What a column holds; it decides how a cell is written and whether the column is summed."""

    TEXT = "text"
    DAY = "day"
    COUNT = "count"
    AMOUNT = "amount"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, what it holds, and how many characters wide it reads well."""

    heading: str
    kind: CellKind
    width: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table and its name; the column at ``currency_at`` says in which currency a row's amounts are."""

    name: str
    columns: tuple[Column, ...]
    currency_at: int
    rows: tuple[tuple[Cell, ...], ...]


CURRENCY = Column("Currency", CellKind.TEXT, 9)
ACCOUNT = (Column("Account", CellKind.TEXT, 18), Column("Name", CellKind.TEXT, 32))

AGE_HEADINGS: Mapping[AgingBasis, str] = {
    AgingBasis.DUE_DATE: "Days late",
    AgingBasis.INVOICE_DATE: "Days since issue",
}


def _amount(heading: str) -> Column:
    return Column(heading, CellKind.AMOUNT, 20)


def title_of(report: AgingReport) -> str:
    """Return the line that says what an export shows: its day and its basis."""
    return f"As of {report.as_of.isoformat()}, aged by {report.basis.replace('_', ' ')}"


def sheet_by_account(report: AgingReport, accounts: Mapping[AccountId, Account]) -> Sheet:
    """Return a row for each currency and account: its buckets, its total, its unapplied money, its net."""
    columns = (
        *ACCOUNT,
        CURRENCY,
        *(_amount(bucket.capitalize()) for bucket in Bucket),
        *(_amount(heading) for heading in ("Total", "Of which credits", "Unapplied cash", "Net")),
    )
    named = [(_named(each.account_id, accounts), each) for each in report.accounts]
    named.sort(key=lambda pair: (pair[1].currency, pair[0].code))
    return Sheet(
        name="By account",
        columns=columns,
        currency_at=columns.index(CURRENCY),
        rows=tuple(_account_row(account, each) for account, each in named),
    )


def sheet_by_item(report: AgingReport, accounts: Mapping[AccountId, Account]) -> Sheet:
    """Return a row for each open item: its document, its dates, its age, what is open on it."""
    columns = (
        *ACCOUNT,
        Column("Number", CellKind.TEXT, 16),
        Column("Issued", CellKind.DAY, 11),
        Column("Due", CellKind.DAY, 11),
        Column(AGE_HEADINGS[report.basis], CellKind.COUNT, 16),
        Column("Bucket", CellKind.TEXT, 9),
        CURRENCY,
        _amount("Principal"),
        _amount("Late charges"),
        _amount("Total"),
    )
    named = [(_named(each.balance.item.account_id, accounts), each) for each in report.items]
    named.sort(key=lambda pair: (pair[0].code, pair[1].balance.item.due_on, pair[1].balance.item.number))
    return Sheet(
        name="By item",
        columns=columns,
        currency_at=columns.index(CURRENCY),
        rows=tuple(_item_row(account, each) for account, each in named),
    )


def _account_row(account: Account, each: AgedAccount) -> tuple[Cell, ...]:
    return (
        account.code,
        account.name,
        each.currency,
        *(each.sums.buckets[bucket] for bucket in Bucket),
        each.sums.total,
        each.sums.credits,
        each.unapplied,
        each.net,
    )


def _item_row(account: Account, each: AgedItem) -> tuple[Cell, ...]:
    item = each.balance.item
    return (
        account.code,
        account.name,
        item.number,
        item.issued_on,
        item.due_on,
        each.days,
        each.bucket.value,
        item.currency,
        each.balance.principal,
        each.balance.charges,
        each.balance.total,
    )


def _named(account_id: AccountId, accounts: Mapping[AccountId, Account]) -> Account:
    try:
        return accounts[account_id]
    except KeyError:
        raise UnknownAccount(
            "the export does not know this account", field="account_id", value=account_id
        ) from None
