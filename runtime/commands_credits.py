"""``clausula credits``: credits that a person grants, and what is left of all."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from contracts.credit_grants import LARGEST_PRIORITY, USUAL_PRIORITY, CreditGrant
from contracts.grant_credits import grant_credits
from db.unit_of_work import reading
from kernel.calendars import day_before
from kernel.money import Money
from runtime.commands_states import DAY, Account, By, Service, Why, day_of, opened
from runtime.credits_held import HeldCredit, credits_held
from runtime.options import BILL, AsJson, AsOf
from runtime.printing import print_json, print_lines, print_table
from runtime.workplace import workplace

group = typer.Typer(no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(group, name="credits", rich_help_panel=BILL)


@group.callback()
def about() -> None:
    """Grant credits, and list what is left of credits and coupons.

    The next invoices use them up: the lower priority first, then what expires
    first, then the older.

    Example: [bold]clausula credits list acme[/]
    """


Code = Annotated[str, typer.Argument(metavar="CODE", help="A code of their own, such as outage-march.")]
Amount = Annotated[str, typer.Argument(metavar="AMOUNT", help="How much, such as 250.00.")]
GivenBy = Annotated[str, typer.Option("--clause", metavar="ID", help="The clause by which they are given.")]
Name = Annotated[str, typer.Option("--name", metavar="TEXT", help="Their name on invoices.")]
FirstDay = Annotated[
    datetime | None,
    typer.Option("--on", metavar="DAY", formats=DAY, help="The first day of use; today unless given."),
]
Expires = Annotated[
    datetime | None,
    typer.Option("--expires", metavar="DAY", formats=DAY, help="The first day on which they are lost."),
]
Priority = Annotated[
    int, typer.Option("--priority", metavar="N", help=f"0 is used first, {LARGEST_PRIORITY} last.")
]
Charges = Annotated[
    list[str] | None,
    typer.Option("--charge", metavar="CODE", help="A charge that they pay for; all use unless given."),
]


@group.command("grant")
def grant(
    service: Service,
    code: Code,
    amount: Amount,
    *,
    clause: GivenBy,
    by: By,
    why: Why,
    name: Name = "",
    on: FirstDay = None,
    expires: Expires = None,
    priority: Priority = USUAL_PRIORITY,
    charge: Charges = None,
    json: AsJson = False,
) -> None:
    """Give credits to a contract, in its currency.

    The same again changes nothing: a code stands for what it gave first.

    Example: [bold]clausula credits grant acme pro march 250.00 --clause OF-3 --by ana --why outage[/]
    """
    with opened(service) as (connection, contract, clock):
        granted = grant_credits(
            connection,
            contract,
            CreditGrant(
                account_id=contract.account_id,
                subscription_id=contract.subscription_id,
                code=code,
                name=name or code,
                clause=clause,
                amount=Money.of(amount, contract.currency),
                given_on=day_of(contract, on, clock),
                expires_on=expires.date() if expires else None,
                priority=priority,
                charges=tuple(charge or ()),
                given_by=by,
                reason=why,
                recorded_at=clock.now(),
            ),
        )
    if json:
        print_json(granted)
        return
    until = f" until before {granted.expires_on}" if granted.expires_on else ""
    what = f"{granted.code}, {granted.amount} from {granted.given_on}{until}"
    print_lines([f"{'/'.join(service)}: {what} [{granted.clause}]"])


@group.command("list")
def list_credits(account: Account, *, as_of: AsOf = None, json: AsJson = False) -> None:
    """List what is left of an account's credits and coupons.

    Given, used on invoices, expired and left; of what a person granted
    also by whom and why.

    Example: [bold]clausula credits list acme --as-of 2026-03-01[/]
    """
    with workplace() as place, reading(place.engine) as connection:
        day = as_of.date() if as_of else None
        rows = [_row(each) for each in credits_held(connection, account, as_of=day, clock=place.clock)]
    if json:
        print_json(rows)
    elif rows:
        print_table("Credits and coupons", tuple(rows[0]), [list(row.values()) for row in rows])
    else:
        print_lines(["No contract of this account has credits or coupons."])


def _row(held: HeldCredit) -> dict[str, str]:
    balance, grant = held.balance, held.grant
    return {
        "subscription": held.subscription,
        "kind": balance.source.value,
        "code": balance.code,
        "from": balance.given_on.isoformat(),
        "last day": "" if balance.expires_on is None else day_before(balance.expires_on).isoformat(),
        "priority": "" if balance.priority is None else str(balance.priority),
        "given": str(balance.amount),
        "used": str(balance.used),
        "expired": str(balance.expired),
        "left": str(balance.left),
        "clause": balance.clause,
        "by": "" if grant is None else grant.given_by,
        "why": "" if grant is None else grant.reason,
    }
