"""``clausula liability``: the cap of the vendor's liability toward a customer, and what it is made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Annotated

import typer

from contracts.liability import Cap, Payment, liability_cap
from contracts.subscriptions import Contract
from db.unit_of_work import reading
from kernel.errors import InvalidInput, NotFound
from kernel.exchange import ExchangeRate
from kernel.ids import SubscriptionId, account_id_of
from kernel.money import decimal_of, plain
from payments.store import payments_of
from runtime.holders import contracts_held
from runtime.options import LOOK_AFTER, AsJson
from runtime.printing import print_json, print_lines
from runtime.workplace import workplace

Account = Annotated[str, typer.Argument(metavar="ACCOUNT", help="The account's code.")]
On = Annotated[
    datetime,
    typer.Option(
        "--on",
        metavar="DAY",
        formats=["%Y-%m-%d"],
        help="The day of the breach, or of the claim where the paper says so.",
    ),
]
Rate = Annotated[
    str,
    typer.Option(
        "--rate",
        metavar="RATE",
        help="What a unit of the least amount's currency is worth in the contract's.",
    ),
]
RateDate = Annotated[
    datetime | None,
    typer.Option("--rate-date", metavar="DAY", formats=["%Y-%m-%d"], help="The day of that rate."),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("liability", rich_help_panel=LOOK_AFTER)(liability)


def liability(
    account: Account,
    *,
    on: On,
    subscription: Annotated[
        str, typer.Option("--subscription", metavar="CODE", help="One of its subscriptions.")
    ] = "",
    rate: Rate = "",
    rate_date: RateDate = None,
    json: AsJson = False,
) -> None:
    """Compute the cap of the vendor's liability.

    From what was paid under each contract in the months before the day, with
    the payments, the exchange rate, and what no cap holds for.

    Example: [bold]clausula liability acme --on 2026-05-15 --rate 17.05 --rate-date 2026-05-15[/]
    """
    exchange = _exchange(rate, rate_date)
    with workplace() as place, reading(place.engine) as connection:
        held = contracts_held(connection, account, subscription=subscription)
        paid = payments_of(connection, account_id_of(account))
    caps = _caps(held, paid, on=on.date(), rate=exchange)
    if not caps:
        raise NotFound(
            "no contract of the account states a cap of liability",
            field="account",
            value=account,
            expected="terms with [rules.liability]",
        )
    if json:
        print_json({"account": account, "caps": caps})
    else:
        print_lines([line for code, cap in caps.items() for line in _lines(account, code, cap)])


def _caps(
    held: Sequence[Contract],
    paid: Mapping[SubscriptionId, Sequence[Payment]],
    *,
    on: date,
    rate: ExchangeRate | None,
) -> dict[str, Cap]:
    return {
        each.subscription.code: liability_cap(
            each.terms.liability, paid.get(each.subscription_id, ()), on=on, currency=each.currency, rate=rate
        )
        for each in held
        if each.terms.liability is not None
    }


def _exchange(rate: str, rate_date: datetime | None) -> ExchangeRate | None:
    if bool(rate) != (rate_date is not None):
        raise InvalidInput(
            "an exchange rate and its day stand together",
            field="rate" if rate_date else "rate_date",
            expected="--rate 17.05 --rate-date 2026-05-15",
        )
    return ExchangeRate(decimal_of(rate, field="rate"), rate_date.date()) if rate_date else None


def _lines(account: str, subscription: str, cap: Cap) -> Iterator[str]:
    yield f"{account}, {subscription}: liability ends at {cap.cap} [{cap.clause}, {cap.document}]"
    yield f"  {cap.counted_to.value} on {cap.on}; what was paid from {cap.window} counts"
    for each in cap.payments:
        yield f"  {each.on}  {each.amount}  {each.reference}"
    yield f"  paid {cap.paid}, {cap.percent} of it {cap.share}"
    if cap.at_least is not None:
        at = f" at {plain(cap.rate.rate)} of {cap.rate.on}: {cap.least}" if cap.rate else ""
        yield f"  at least {cap.at_least}{at}"
    if cap.uncapped:
        yield f"  no cap for: {', '.join(cap.uncapped)}"
