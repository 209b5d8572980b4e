"""``clausula service``: the states of an account's services, and what a person decides about them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from functools import partial
from typing import Annotated, Protocol

import typer
from sqlalchemy import Connection

from contracts.duties import Due, Event, dues_of
from contracts.force_majeure import FORCE_MAJEURE, ForceMajeure
from contracts.life_store import force_majeure_of
from contracts.service_changes import Decision, end_part, pause, record_force_majeure, resume
from contracts.service_states import StateSpan, status_on
from contracts.subscriptions import Contract
from db.unit_of_work import reading, unit_of_work
from kernel.calendars import day_before, first_day_after
from kernel.clock import Clock
from kernel.ids import account_id_of
from kernel.periods import Period
from kernel.zones import local_day
from runtime.holders import contract_held, contracts_held
from runtime.options import COLLECT, AsJson
from runtime.printing import print_json, print_lines, print_table
from runtime.workplace import workplace

group = typer.Typer(no_args_is_help=True)

DAY = ("%Y-%m-%d",)

Account = Annotated[str, typer.Argument(metavar="ACCOUNT", help="The account's code.")]
Service = Annotated[
    tuple[str, str],
    typer.Argument(metavar="ACCOUNT SUBSCRIPTION", help="The codes of the account and its subscription."),
]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who decides.")]
Why = Annotated[str, typer.Option("--why", metavar="TEXT", help="Why, for whoever reads it later.")]
ByClause = Annotated[
    str, typer.Option("--clause", metavar="ID", help="The clause or the agreement that allows it.")
]
OnDay = Annotated[
    datetime | None,
    typer.Option("--on", metavar="DAY", formats=DAY, help="The first day of it; today unless given."),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(group, name="service", rich_help_panel=COLLECT)


@group.callback()
def about() -> None:
    """Show and change the state of a service.

    A pause, a suspension for a cause other than a debt, the end of a part, and
    force majeure; dunning suspends by itself.

    Example: [bold]clausula service show acme[/]
    """


@group.command("show")
def show(account: Account, *, json: AsJson = False) -> None:
    """Tell how an account's services stand, and list their states.

    A service without a state is active.  Force majeure is listed beneath.

    Example: [bold]clausula service show acme[/]
    """
    with workplace() as place, reading(place.engine) as connection:
        contracts = contracts_held(connection, account)
        events = force_majeure_of(connection, [account_id_of(account)])
        today = [_today_row(each, place.clock) for each in contracts]
    states = [_state_row(each, span) for each in contracts for span in each.states]
    hits = [
        _event_row(each, event)
        for each in contracts
        for event in events
        if event.subscription_id == each.subscription_id
    ]
    if json:
        print_json({"today": today, "states": states, "force_majeure": hits})
        return
    if not states:
        print_lines(["Every service is active and always was."])
    for title, rows in (("Today", today if states else []), ("States", states), ("Force majeure", hits)):
        if rows:
            print_table(title, tuple(rows[0]), [list(row.values()) for row in rows])


@group.command("pause")
def pause_service(
    service: Service, *, by: By, why: Why, clause: ByClause, on: OnDay = None, json: AsJson = False
) -> None:
    """Let a service rest, as both sides agreed.

    Nothing is charged for these days unless the terms say otherwise.

    Example: [bold]clausula service pause acme pro --by ana --clause OF-3 --why "closed in July"[/]
    """
    _decide(service, pause, on=on, clause=clause, why=why, by=by, json=json)


@group.command("resume")
def resume_service(
    service: Service, *, by: By, why: Why, clause: ByClause, on: OnDay = None, json: AsJson = False
) -> None:
    """Let a paused service work again.

    The day may lie ahead.

    Example: [bold]clausula service resume acme pro --by ana --clause OF-3 --why "open again"[/]
    """
    _decide(service, resume, on=on, clause=clause, why=why, by=by, json=json)


@group.command("end-part")
def end_part_of_service(
    service: Service,
    part: Annotated[str, typer.Argument(metavar="PART", help="The part, as the plan's charges name it.")],
    *,
    by: By,
    why: Why,
    clause: ByClause,
    on: OnDay = None,
    json: AsJson = False,
) -> None:
    """End a part of a service for good.

    Its charges owe nothing from that day on; what was billed stands.

    Example: [bold]clausula service end-part acme pro whatsapp --by ana --clause ZEN-III-6.4 --why banned[/]
    """
    _decide(service, partial(end_part, part=part), on=on, clause=clause, why=why, by=by, json=json)


@group.command("force-majeure")
def force_majeure(
    service: Service,
    *,
    first: Annotated[datetime, typer.Option("--from", metavar="DAY", formats=DAY, help="Its first day.")],
    last: Annotated[datetime, typer.Option("--to", metavar="DAY", formats=DAY, help="Its last day.")],
    reported: Annotated[
        datetime,
        typer.Option("--reported-on", metavar="DAY", formats=DAY, help="When the other side was told."),
    ],
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who records it.")],
    why: Why,
    json: AsJson = False,
) -> None:
    """Record force majeure, which moves the time limits it hits.

    Only where the terms say so; a report that came late is told as such, and
    the duty to report is done with it.

    Example: [bold]clausula service force-majeure acme pro --from 2026-03-12 --to 2026-03-14 --reported-on \
2026-03-13 --by ana --why flood[/]
    """
    days = Period(first.date(), first_day_after(last.date(), 0))
    with opened(service) as (connection, contract, clock):
        event = record_force_majeure(
            connection, contract, days, reported_on=reported.date(), why=why, by=by, clock=clock
        )
    row = _event_row(contract, event)
    if json:
        print_json(row)
    else:
        print_lines(
            [
                f"{'/'.join(service)}: force majeure {event.days}, time limits: {row['time limits']}",
                *(f"{due.on}: {due.says} [{due.clause}]" for due in _reports(contract, event)),
            ]
        )


class _Verb(Protocol):
    """What a decision does to a service."""

    def __call__(
        self, connection: Connection, contract: Contract, /, *, decision: Decision, clock: Clock
    ) -> StateSpan:
        """Return the state that begins or ends by it."""


def _decide(
    service: tuple[str, str],
    verb: _Verb,
    *,
    on: datetime | None,
    clause: str,
    why: str,
    by: str,
    json: bool,
) -> None:
    """Do what a person decided about a service, from a day on or today, and print its state."""
    with opened(service) as (connection, contract, clock):
        decision = Decision(on=day_of(contract, on, clock), clause=clause, why=why, by=by)
        span = verb(connection, contract, decision=decision, clock=clock)
    print_span(contract, span, json=json)


@contextmanager
def opened(service: tuple[str, str]) -> Iterator[tuple[Connection, Contract, Clock]]:
    """Open a transaction over a contract whose account is locked."""
    with workplace() as place, unit_of_work(place.engine) as connection:
        yield connection, contract_held(connection, *service, locked=True), place.clock


def day_of(contract: Contract, on: datetime | None, clock: Clock) -> date:
    """Return the day that was given, or the issuing entity's today."""
    return on.date() if on else local_day(clock.now(), contract.entity.time_zone)


def _today_row(contract: Contract, clock: Clock) -> dict[str, str]:
    day = day_of(contract, None, clock)
    status = status_on(contract.states, day)
    return {
        "subscription": contract.subscription.code,
        "day": day.isoformat(),
        "state": status.state.value,
        "parts that do not work": ", ".join(status.stopped_parts),
    }


def _state_row(contract: Contract, span: StateSpan) -> dict[str, str]:
    return {
        "subscription": contract.subscription.code,
        "part": span.part,
        "state": span.state.value,
        "from": span.start.isoformat(),
        "until": "" if span.end is None else day_before(span.end).isoformat(),
        "clause": span.clause,
        "by": span.decided_by,
        "reason": span.reason,
    }


def _reports(contract: Contract, event: ForceMajeure) -> tuple[Due, ...]:
    """Return the duties that the event asks for, the report of it among them."""
    return dues_of(contract, Event(name=FORCE_MAJEURE, day=event.days.start, note=event.reason))


def _event_row(contract: Contract, event: ForceMajeure) -> dict[str, str]:
    sourced = contract.terms.force_majeure
    if sourced is None or not sourced.rule.shifts_deadlines:
        moves = "not moved by these terms"
    else:
        told = "in time" if event.in_time(sourced.rule) else "late"
        moves = f"moved by {sourced.clause.id}, reported {told}"
    return {
        "subscription": contract.subscription.code,
        "from": event.days.start.isoformat(),
        "to": event.days.last_day.isoformat(),
        "reported on": event.reported_on.isoformat(),
        "time limits": moves,
        "reason": event.reason,
    }


def print_span(contract: Contract, span: StateSpan, *, json: bool) -> None:
    """Print a state as it was begun or ended."""
    if json:
        print_json(_state_row(contract, span))
        return
    part = f", {span.part}" if span.part else ""
    days = f"from {span.start}" if span.end is None else f"{span.start} until before {span.end}"
    service = f"{contract.account.code}/{contract.subscription.code}{part}"
    print_lines([f"{service}: {span.state.value} {days} [{span.clause}]"])
