"""``clausula service announce``, ``suspend`` and ``restore``: for another cause than a debt."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from contracts.suspend import announce, restore, suspend
from contracts.suspending import Cause
from runtime.commands_states import DAY, By, OnDay, Service, Why, day_of, group, opened, print_span
from runtime.options import AsJson
from runtime.printing import print_json, print_lines

Code = Annotated[str, typer.Argument(metavar="CODE", help="The suspension, as the terms name it.")]
Part = Annotated[str, typer.Option("--part", metavar="PART", help="One part alone, as charges name it.")]


def register(app: typer.Typer) -> None:
    """Add nothing more: these commands stand in the group of those about the state of a service."""
    del app


@group.command("announce")
def announce_suspension(
    service: Service,
    code: Code,
    *,
    on: Annotated[datetime, typer.Option("--on", metavar="DAY", formats=DAY, help="The day it may begin.")],
    by: By,
    why: Why,
    part: Part = "",
    json: AsJson = False,
) -> None:
    """Warn a customer that a service may be suspended.

    For another cause than a debt, as its terms state it.

    Example: [bold]clausula service announce acme pro misuse --on 2026-03-20 --by ana --why spam[/]
    """
    with opened(service) as (connection, contract, clock):
        cause = Cause(code=code, on=on.date(), why=why, by=by, part=part)
        told = announce(connection, contract, cause, clock=clock)
    if json:
        print_json(told)
    else:
        print_lines([f"{'/'.join(service)}: {told.event.replace('_', ' ')}, from {on.date()}"])


@group.command("suspend")
def suspend_service(
    service: Service,
    code: Code,
    *,
    by: By,
    why: Why,
    part: Part = "",
    harm: Annotated[
        str, typer.Option("--harm", metavar="TEXT", help="The harm that a warning beforehand might do.")
    ] = "",
    on: OnDay = None,
    json: AsJson = False,
) -> None:
    """Suspend a service for another cause than a debt.

    No payment ends it; the cause is one that its terms state.

    Example: [bold]clausula service suspend acme pro misuse --by ana --why spam --harm "more spam"[/]
    """
    with opened(service) as (connection, contract, clock):
        day = day_of(contract, on, clock)
        cause = Cause(code=code, on=day, why=why, by=by, part=part, harm=harm)
        span = suspend(connection, contract, cause, clock=clock)
    print_span(contract, span, json=json)


@group.command("restore")
def restore_service(
    service: Service,
    code: Code,
    *,
    by: By,
    why: Why,
    part: Part = "",
    on: OnDay = None,
    json: AsJson = False,
) -> None:
    """Restore a service that a person suspended.

    What a debt had suspended before stays so until it is paid.

    Example: [bold]clausula service restore acme pro misuse --by ana --why "mended"[/]
    """
    with opened(service) as (connection, contract, clock):
        cause = Cause(code=code, on=day_of(contract, on, clock), why=why, by=by, part=part)
        span = restore(connection, contract, cause, clock=clock)
    print_span(contract, span, json=json)
