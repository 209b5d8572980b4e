"""``clausula duties``: what happened under a contract, what it asks for, and that it was done."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import typer

from contracts.duties import Due, Occurrence, dues_of, event_of
from contracts.occur import finish_occurrence, record_occurrence
from db.unit_of_work import reading, unit_of_work
from kernel.errors import InvalidInput
from kernel.ids import OccurrenceId
from kernel.zones import aware
from runtime.duties_report import RecordedDuties, duties_report
from runtime.holders import contract_held, known_account
from runtime.options import EXIT_WITH_PROBLEMS, LOOK_AFTER, AsJson, AsOf
from runtime.printing import print_json, print_lines, print_problems, print_table
from runtime.workplace import workplace

#: The longest interruption that can be recorded: a month.
LARGEST_MINUTES = 44_640

HEAD = ("day", "state", "account", "contract", "who", "clause", "says", "id")

group = typer.Typer(no_args_is_help=True)

Account = Annotated[str, typer.Argument(metavar="ACCOUNT", help="The account's code.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(group, name="duties", rich_help_panel=LOOK_AFTER)


@group.callback()
def about() -> None:
    """Record what happened, and what the contract asks for then.

    An incident, a planned interruption, a request: each starts a time limit of
    the contract's terms.

    Example: [bold]clausula duties list[/]
    """


@group.command("record")
def record(
    account: Account,
    subscription: Annotated[str, typer.Argument(metavar="SUBSCRIPTION", help="The subscription's code.")],
    event: Annotated[str, typer.Argument(metavar="EVENT", help="The event, as the terms name it.")],
    *,
    at: Annotated[
        str,
        typer.Option("--at", metavar="INSTANT", help="When it happened or will: 2026-03-20T02:00:00-03:00."),
    ],
    minutes: Annotated[
        int,
        typer.Option(
            "--minutes", min=0, max=LARGEST_MINUTES, metavar="N", help="How long an interruption lasts."
        ),
    ] = 0,
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="What it is about.")] = "",
    json: AsJson = False,
) -> None:
    """Record what happened, or is planned, under a contract.

    Prints what is due then.  The same again changes nothing.

    Example: [bold]clausula duties record acme acme-1 security_incident --at 2026-03-06T15:00:00-03:00[/]
    """
    occurred_at = _instant(at)
    with workplace() as place:
        with unit_of_work(place.engine) as connection:
            contract = contract_held(connection, account, subscription)
            occurrence = record_occurrence(
                connection,
                contract,
                event,
                occurred_at=occurred_at,
                minutes=minutes,
                note=note,
                clock=place.clock,
            )
        dues = dues_of(contract, event_of(occurrence, contract.entity))
    if json:
        print_json({"occurrence": occurrence, "dues": dues})
    else:
        print_lines(
            [
                f"Recorded as {occurrence.occurrence_id}.",
                *(f"{due.on}: {due.says} [{due.clause}]" for due in dues),
            ]
        )


@group.command("done")
def done(
    account: Account,
    occurrence: Annotated[UUID, typer.Argument(metavar="ID", help="Its id, as the list prints it.")],
    *,
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who did it.")],
    json: AsJson = False,
) -> None:
    """Keep that what an occurrence asked for was done.

    Example: [bold]clausula duties done acme 0b6f7a52-9d0c-5a39-8f0e-1d2c3b4a5f60 --by ana[/]
    """
    if not by:
        raise InvalidInput("somebody did it", field="by", expected="a name")
    with workplace() as place, unit_of_work(place.engine) as connection:
        finished = finish_occurrence(
            connection,
            known_account(connection, account),
            OccurrenceId(occurrence),
            by=by,
            clock=place.clock,
        )
    if json:
        print_json(finished)
    else:
        print_lines([f"{finished.event} of {finished.occurred_at:%Y-%m-%d} was done by {finished.done_by}."])


@group.command("list")
def list_duties(
    *,
    as_of: AsOf = None,
    account: Annotated[str, typer.Option("--account", metavar="CODE", help="Of one account only.")] = "",
    every: Annotated[bool, typer.Option("--all", metavar="", help="What is done, too.")] = False,
    json: AsJson = False,
) -> None:
    """List what was recorded and is not done.

    Each with its last day, or the first on which it may be done.  A duty whose
    day has passed is late.

    Example: [bold]clausula duties list --account acme[/]
    """
    with workplace() as place:
        account_id = None
        if account:
            with reading(place.engine) as connection:
                account_id = known_account(connection, account)
        day = as_of.date() if as_of else place.today
        report = duties_report(place.engine, as_of=day, account_id=account_id, done=every)
    if json:
        print_json(report)
    elif report.recorded:
        print_table("Duties", HEAD, [row for each in report.recorded for row in _rows(each, day)])
    else:
        print_lines(["Nothing is to be done."])
    if report.problems:
        print_problems(report.problems)
        raise typer.Exit(EXIT_WITH_PROBLEMS)


def _rows(each: RecordedDuties, day: date) -> Iterator[tuple[object, ...]]:
    happened = each.occurrence
    where = each.account, each.subscription
    if not each.dues:
        yield "", _state(happened, None, day), *where, "", "", happened.event, happened.occurrence_id
    for due in each.dues:
        state = _state(happened, due, day)
        yield due.on, state, *where, due.by.value, due.clause, due.says, happened.occurrence_id


def _state(happened: Occurrence, due: Due | None, day: date) -> str:
    if happened.done_at is not None:
        return f"done by {happened.done_by}"
    return "late" if due is not None and not due.waits and not due.held and due.on < day else "open"


def _instant(text: str) -> datetime:
    try:
        return aware(datetime.fromisoformat(text))
    except ValueError:
        raise InvalidInput(
            "not an instant", field="at", value=text, expected="such as 2026-03-20T02:00:00-03:00"
        ) from None
