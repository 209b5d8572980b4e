"""``clausula proposals``: what dunning proposes and a person decides."""

from __future__ import annotations

from typing import Annotated

import typer
from sqlalchemy import Connection

from contracts.store import accounts_of
from db.unit_of_work import reading
from dunning.actions import Action
from dunning.confirm import confirm, dismiss
from dunning.store import proposals
from kernel.errors import UnknownInvoice
from kernel.ids import AccountId, ItemId, account_id_of
from receivables.store import item_by_id, item_by_number
from runtime.options import COLLECT, AsJson
from runtime.printing import print_json, print_lines, print_table
from runtime.workplace import workplace

group = typer.Typer(no_args_is_help=True)

Account = Annotated[str, typer.Argument(metavar="ACCOUNT", help="The account's code.")]
Invoice = Annotated[str, typer.Argument(metavar="NUMBER", help="The number of the unpaid invoice.")]
Step = Annotated[str, typer.Argument(metavar="STEP", help="The step, as the list names it.")]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who decides.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(group, name="proposals", rich_help_panel=COLLECT)


@group.callback()
def about() -> None:
    """Decide on the steps that dunning proposes.

    A termination, and all else that cannot be undone, waits for a person.

    Example: [bold]clausula proposals list[/]
    """


@group.command("list")
def list_proposals(*, json: AsJson = False) -> None:
    """List the steps that wait for a person.

    Example: [bold]clausula proposals list[/]
    """
    with workplace() as place, reading(place.engine) as connection:
        rows = _rows(connection, proposals(connection))
    if json:
        print_json(rows)
    elif rows:
        print_table("Proposals", tuple(rows[0]), [list(row.values()) for row in rows])
    else:
        print_lines(["Nothing waits for a decision."])


@group.command("confirm")
def confirm_proposal(account: Account, number: Invoice, step: Step, *, by: By, json: AsJson = False) -> None:
    """Take a proposed step, from today on, and tell the customer.

    Example: [bold]clausula proposals confirm acme ZMX-000020 termination --by ana[/]
    """
    with workplace() as place:
        account_id = account_id_of(account)
        with reading(place.engine) as connection:
            item_id = _item(connection, account_id, number)
        done = confirm(place.engine, account_id, item_id, step, by=by, clock=place.clock)
    _print(done, account, number, json=json)


@group.command("dismiss")
def dismiss_proposal(
    account: Account,
    number: Invoice,
    step: Step,
    *,
    by: By,
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="Why it is not taken.")],
    json: AsJson = False,
) -> None:
    """Decline a proposed step for good, and keep why.

    Example: [bold]clausula proposals dismiss acme ZMX-000020 termination --by ana --why "pays on Friday"[/]
    """
    with workplace() as place:
        account_id = account_id_of(account)
        with reading(place.engine) as connection:
            item_id = _item(connection, account_id, number)
        done = dismiss(place.engine, account_id, item_id, step, by=by, why=why, clock=place.clock)
    _print(done, account, number, json=json)


def _item(connection: Connection, account_id: AccountId, number: str) -> ItemId:
    item = item_by_number(connection, account_id, number)
    if item is None:
        raise UnknownInvoice("the account has no invoice of this number", field="number", value=number)
    return item.item_id


def _rows(connection: Connection, waiting: tuple[Action, ...]) -> list[dict[str, str]]:
    accounts = accounts_of(connection, sorted({each.account_id for each in waiting}))
    rows = []
    for each in waiting:
        item = item_by_id(connection, each.account_id, each.item_id)
        rows.append(
            {
                "account": accounts[each.account_id].code,
                "invoice": "" if item is None else item.number,
                "step": each.step,
                "allowed on": each.allowed_on.isoformat(),
                "clause": each.clause,
                "reason": each.reason,
            }
        )
    return rows


def _print(done: Action, account: str, number: str, *, json: bool) -> None:
    if json:
        print_json(done)
    else:
        decided = f"{done.step} {done.status.value} by {done.decided_by} on {done.decided_on}"
        print_lines([f"{account}, {number}: {decided} [{done.clause}]"])
