"""``clausula penalties``: what breaches and early ends cost, and the costs that a clause passes on."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from db.unit_of_work import reading, unit_of_work
from invoicing import pending_store
from invoicing.charge_penalties import Fact, penalize_event
from invoicing.documents import LineKind
from invoicing.pending import PendingLine
from kernel.errors import InvalidInput
from kernel.money import Money, decimal_of
from kernel.zones import local_day
from rating.working import lines_of
from runtime.holders import contract_held, known_account
from runtime.options import LOOK_AFTER, AsJson
from runtime.printing import print_json, print_lines, print_table
from runtime.workplace import workplace

HEAD = ("since", "penalty", "clause", "amount", "billed", "why")

group = typer.Typer(no_args_is_help=True)

Account = Annotated[str, typer.Argument(metavar="ACCOUNT", help="The account's code.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(group, name="penalties", rich_help_panel=LOOK_AFTER)


@group.callback()
def about() -> None:
    """Charge what a breach costs, and list the penalties.

    Those of an early end follow from its notice.  Each waits for the next
    invoice of its contract, with its working and its clause.

    Example: [bold]clausula penalties list flores-del-norte[/]
    """


@group.command("list")
def list_penalties(account: Account, *, json: AsJson = False) -> None:
    """List the penalties of an account, billed or not.

    Example: [bold]clausula penalties list flores-del-norte[/]
    """
    with workplace() as place, reading(place.engine) as connection:
        found = pending_store.lines_of(connection, [known_account(connection, account)])
    penalties = [each for each in found if each.kind is LineKind.PENALTY]
    if json:
        print_json(penalties)
    elif penalties:
        print_table("Penalties", HEAD, [_row(each) for each in penalties])
    else:
        print_lines(["This account owes no penalty."])


@group.command("record")
def record(
    account: Account,
    subscription: Annotated[str, typer.Argument(metavar="SUBSCRIPTION", help="The subscription's code.")],
    code: Annotated[str, typer.Argument(metavar="CODE", help="The penalty, as the terms name it.")],
    *,
    happened_on: Annotated[
        datetime,
        typer.Option("--happened-on", metavar="DAY", formats=["%Y-%m-%d"], help="The day of the event."),
    ],
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who says so.")],
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="What happened.")],
    amount: Annotated[
        str, typer.Option("--amount", metavar="NUMBER", help="What it cost, where the clause passes that on.")
    ] = "",
    reference: Annotated[
        str, typer.Option("--reference", metavar="TEXT", help="Tells two events of one day apart.")
    ] = "",
    json: AsJson = False,
) -> None:
    """Record what brings a penalty; the next invoice run bills it.

    A cost that is passed on is stated, others are computed.  The same again
    changes nothing.

    Example: [bold]clausula penalties record acme acme-1 assessment --happened-on 2026-03-06
    --amount 1500 --by ana --why "fine of the regulator"[/]
    """
    if not by or not why:
        raise InvalidInput(
            "somebody says what happened", field="why" if by else "by", expected="a name and a reason"
        )
    with workplace() as place, unit_of_work(place.engine) as connection:
        contract = contract_held(connection, account, subscription, locked=True)
        fact = Fact(
            happened_on=happened_on.date(),
            recorded_on=local_day(place.clock.now(), contract.entity.time_zone),
            by=by,
            reason=why,
            amount=Money(decimal_of(amount, field="amount"), contract.currency) if amount else None,
            reference=reference,
        )
        line = penalize_event(connection, contract, code, fact, clock=place.clock)
    if json:
        print_json(line)
    else:
        print_lines(
            [f"{line.name}: {line.amount} [{line.cites.clause}]", *lines_of(line.working), _when(line)]
        )


def _when(line: PendingLine) -> str:
    return f"It stands on the next invoice, from {line.due_on} on."


def _row(line: PendingLine) -> tuple[object, ...]:
    return (line.due_on, line.name, line.cites.clause, line.amount, line.billed_on or "not yet", line.reason)
