"""The aging as the command line shows it: a table for each currency, and one JSON document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from contracts.parties import Account
from kernel.errors import InvalidInput
from kernel.exchange import ExchangeRate
from kernel.ids import AccountId
from kernel.money import Money, decimal_of, minor_unit_digits, plain, total_of
from receivables.aging import AgedAccount, AgedItem, AgedSums, AgingReport, Bucket
from receivables.converted import Converted, ConvertedPart
from runtime.printing import print_lines, print_table

Accounts = Mapping[AccountId, Account]


def print_aging(report: AgingReport, accounts: Accounts) -> None:
    """Print a table for each currency: an account a row, a bucket a column, what is zero as a dash."""
    basis = report.basis.value.replace("_", " ")
    if not report.accounts:
        print_lines([f"Nothing is open as of {report.as_of}."])
    for currency, sums in report.totals.items():
        owing = [each for each in report.accounts if each.currency == currency]
        owing.sort(key=lambda each: accounts[each.account_id].code)
        spare = any(each.unapplied.amount for each in owing)
        print_table(
            f"Aging as of {report.as_of}, by {basis}, in {currency}",
            ("account", *(bucket.value for bucket in Bucket), "total", *(("unapplied",) if spare else ())),
            [_row(each, accounts, spare=spare) for each in owing],
            numbers=len(Bucket) + 1 + spare,
            foot=("total", *_amounts(sums), *((_told(_unapplied(owing, currency)),) if spare else ())),
        )
        print_lines([""])


def aging_document(report: AgingReport, accounts: Accounts) -> Mapping[str, object]:
    """Return the report for scripts, in the words of the API: codes, not ids; amounts as text."""
    return {
        "as_of": report.as_of,
        "basis": report.basis,
        "totals": [{"currency": currency, **_sums(sums)} for currency, sums in report.totals.items()],
        "accounts": [
            {
                "account": accounts[each.account_id].code,
                "name": accounts[each.account_id].name,
                "currency": each.currency,
                **_sums(each.sums),
                "unapplied": each.unapplied.amount,
                "net": each.net.amount,
            }
            for each in report.accounts
        ],
        "items": [_item(each, accounts) for each in report.items],
    }


def rates_of(given: Iterable[str], currency: str, on: date) -> Mapping[str, ExchangeRate]:
    """Read rates of a day as a person writes them: ``MXN=0.0587``; they need a currency to tell."""
    rates: dict[str, ExchangeRate] = {}
    for each in given:
        code, equals, rate = each.partition("=")
        if not equals or not currency:
            raise InvalidInput(
                "a rate says what a unit of a currency is worth in another",
                field="rate",
                value=each,
                expected="--in USD --rate MXN=0.0587",
            )
        minor_unit_digits(code)
        rates[code] = ExchangeRate(decimal_of(rate, field="rate"), on)
    return rates


def converted_lines(found: Converted | None) -> Sequence[str]:
    """Return the sum of all in one currency as text: each total with its rate and the day of that."""
    if found is None:
        return ()
    return [*(_converted(part) for part in found.parts), f"All in {found.currency}: {found.total}"]


def _converted(part: ConvertedPart) -> str:
    if part.rate is None:
        return str(part.total)
    return f"{part.total} x {plain(part.rate.rate)} of {part.rate.on} = {part.worth}"


def converted_document(found: Converted) -> Mapping[str, object]:
    """Return the sum of all in one currency for scripts."""
    return {
        "currency": found.currency,
        "total": found.total.amount,
        "parts": [
            {
                "currency": part.total.currency,
                "total": part.total.amount,
                "rate": part.rate and part.rate.rate,
                "rate_date": part.rate and part.rate.on,
                "worth": part.worth.amount,
            }
            for part in found.parts
        ],
    }


def _row(each: AgedAccount, accounts: Accounts, *, spare: bool) -> Sequence[str]:
    return (
        accounts[each.account_id].code,
        *_amounts(each.sums),
        *((_told(each.unapplied),) if spare else ()),
    )


def _amounts(sums: AgedSums) -> Iterator[str]:
    yield from (_told(sums.buckets[bucket]) for bucket in Bucket)
    yield _told(sums.total)


def _unapplied(accounts: Sequence[AgedAccount], currency: str) -> Money:
    return total_of((each.unapplied for each in accounts), currency)


def _told(money: Money) -> str:
    return f"{money.amount:,}" if money.amount else "-"


def _sums(sums: AgedSums) -> Mapping[str, object]:
    buckets = {bucket.value: amount.amount for bucket, amount in sums.buckets.items()}
    return {"buckets": buckets, "credits": sums.credits.amount, "total": sums.total.amount}


def _item(each: AgedItem, accounts: Accounts) -> Mapping[str, object]:
    balance = each.balance
    return {
        "account": accounts[balance.item.account_id].code,
        "number": balance.item.number,
        "issued_on": balance.item.issued_on,
        "due_on": balance.item.due_on,
        "days": each.days,
        "bucket": each.bucket,
        "currency": balance.item.currency,
        "principal": balance.principal.amount,
        "interest": balance.interest.amount,
        "fine": balance.fine.amount,
        "correction": balance.correction.amount,
        "total": balance.total.amount,
    }
