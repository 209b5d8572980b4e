"""``clausula meter source``: what the events of a source are known by is declared and listed."""

from __future__ import annotations

from typing import Annotated

import typer

from db.unit_of_work import reading, unit_of_work
from metering import store_sources
from metering.declare_source import declare_source
from metering.sources import Identity, UsageSource
from runtime.holders import known_account
from runtime.options import AsJson
from runtime.printing import print_json, print_lines
from runtime.workplace import workplace

group = typer.Typer(no_args_is_help=True)

AccountCode = Annotated[str, typer.Argument(metavar="ACCOUNT", help="The code of an account.")]


@group.callback()
def sources() -> None:
    """Declare what a source's events are known by.

    Example: [bold]clausula meter source list flores-del-norte[/]
    """


@group.command("declare")
def declare(
    account: AccountCode,
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="What the events say in source.")],
    *,
    identity: Annotated[Identity, typer.Option(help="What tells one event of the source from another.")],
    json: AsJson = False,
) -> None:
    """Declare it before the first event comes; then it stays.

    [bold]text[/]: the id, whatever it is; what holds without a declaration.
    [bold]time[/]: the id and the instant. [bold]uuid7[/]: the id, a uuid with a time.
    [bold]sequence[/]: the id is a number; the source counts its events from 1 on.
    The last three are counted faster, and the last needs no memory of its events.

    Example: [bold]clausula meter source declare flores-del-norte gateway-7 --identity sequence[/]
    """
    with workplace() as place, unit_of_work(place.engine) as connection:
        account_id = known_account(connection, account)
        declare_source(connection, UsageSource(account_id, source, identity))
    if json:
        print_json({"account": account, "source": source, "identity": identity})
    else:
        print_lines([f"Events of {source} of {account} are known by: {identity}."])


@group.command("list")
def show(account: AccountCode, *, json: AsJson = False) -> None:
    """List an account's sources, and what their events are known by.

    Example: [bold]clausula meter source list flores-del-norte[/]
    """
    with workplace() as place, reading(place.engine) as connection:
        account_id = known_account(connection, account)
        found = store_sources.declared(connection, [account_id]).get(account_id, {})
    if json:
        print_json([{"source": source, "identity": identity} for source, identity in sorted(found.items())])
    else:
        print_lines([f"{source or '(none)'}: {identity}" for source, identity in sorted(found.items())])
