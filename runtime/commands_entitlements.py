"""``clausula entitlements`` and ``clausula seats``: what an account may use, and who sits where."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Annotated

import typer
from sqlalchemy import Connection

from contracts.assign_seats import assign, release, transfer
from contracts.entitlement_facts import Verdict
from contracts.seat_store import seats_of
from contracts.seats import Seat, contract_with_seats
from contracts.subscriptions import Contract
from db.unit_of_work import reading, unit_of_work
from kernel.money import plain
from runtime.entitled import entitled
from runtime.holders import contracts_held
from runtime.options import LOOK_AFTER, AsJson, AsOf
from runtime.printing import print_json, print_lines, print_table
from runtime.workplace import Workplace, workplace

group = typer.Typer(no_args_is_help=True)

HEAD = ("subscription", "feature", "may use", "used", "limit", "left", "ends on", "clause", "reason")

Account = Annotated[str, typer.Argument(metavar="ACCOUNT", help="The account's code.")]
Holder = Annotated[str, typer.Argument(metavar="PERSON", help="The person, such as by their e-mail address.")]
Subscription = Annotated[
    str, typer.Option("--subscription", metavar="CODE", help="Which one, where several have seats.")
]
Affiliate = Annotated[
    str, typer.Option("--affiliate", metavar="NAME", help="The company of the group that they work for.")
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("entitlements", rich_help_panel=LOOK_AFTER)(entitlements)
    app.add_typer(group, name="seats", rich_help_panel=LOOK_AFTER)


def entitlements(
    account: Account,
    *,
    as_of: AsOf = None,
    feature: Annotated[str, typer.Option("--feature", metavar="NAME", help="Only this feature.")] = "",
    country: Annotated[
        str, typer.Option("--from-country", metavar="CC", help="Where it is used from, such as MX.")
    ] = "",
    json: AsJson = False,
) -> None:
    """Tell what an account may use, and by which clause.

    A feature may be used if all its lines say yes.  Of what is limited, yes means
    that one more may be used.  The day is that of who issues, unless given.

    Example: [bold]clausula entitlements acme --as-of 2026-03-19 --from-country MX[/]
    """
    with workplace() as place, reading(place.engine) as connection:
        found = entitled(
            connection,
            account,
            clock=place.clock,
            as_of=as_of.date() if as_of else None,
            feature=feature,
            country=country,
        )
    if json:
        print_json(found)
    elif found:
        print_table(f"What {account} may use", HEAD, [_row(each) for each in found])
    else:
        print_lines([f"No contract of {account} has begun."])


@group.callback()
def about() -> None:
    """Assign named seats to persons.

    One person takes one seat; whether it may pass on, and serve an affiliate's
    people, is in the terms.

    Example: [bold]clausula seats list acme[/]
    """


@group.command("list")
def list_seats(
    account: Account, *, subscription: Subscription = "", as_of: AsOf = None, json: AsJson = False
) -> None:
    """List who holds a seat on a day.

    Example: [bold]clausula seats list acme --as-of 2026-03-19[/]
    """
    with workplace() as place, reading(place.engine) as connection:
        day = as_of.date() if as_of else place.today
        own = contract_with_seats(contracts_held(connection, account), day, code=subscription)
        held = [each for each in seats_of(connection, own.account_id, own.subscription_id) if each.holds(day)]
    _print(account, held, json=json)


@group.command("assign")
def assign_seat(
    account: Account,
    holder: Holder,
    *,
    affiliate: Affiliate = "",
    subscription: Subscription = "",
    as_of: AsOf = None,
    json: AsJson = False,
) -> None:
    """Give a person a seat, from the day on.

    Example: [bold]clausula seats assign acme ana@acme.example[/]
    """
    with workplace() as place, _seating(place, account, as_of, subscription) as (connection, own, day):
        seat = assign(connection, own, holder, affiliate=affiliate, on=day, clock=place.clock)
    _print(account, [seat], json=json)


@group.command("release")
def release_seat(
    account: Account,
    holder: Holder,
    *,
    subscription: Subscription = "",
    as_of: AsOf = None,
    json: AsJson = False,
) -> None:
    """Take a person's seat back; the day is the first without it.

    Example: [bold]clausula seats release acme ana@acme.example --as-of 2026-04-01[/]
    """
    with workplace() as place, _seating(place, account, as_of, subscription) as (connection, own, day):
        seat = release(connection, own, holder, on=day)
    _print(account, [seat], json=json)


@group.command("transfer")
def transfer_seat(
    account: Account,
    holder: Holder,
    to: Annotated[str, typer.Argument(metavar="OTHER", help="The person who takes it over.")],
    *,
    affiliate: Affiliate = "",
    subscription: Subscription = "",
    as_of: AsOf = None,
    json: AsJson = False,
) -> None:
    """Pass a seat on from a person who leaves it.

    Example: [bold]clausula seats transfer acme ana@acme.example beto@acme.example[/]
    """
    with workplace() as place, _seating(place, account, as_of, subscription) as (connection, own, day):
        seat = transfer(connection, own, holder, to, affiliate=affiliate, on=day, clock=place.clock)
    _print(account, [seat], json=json)


@contextmanager
def _seating(
    place: Workplace, account: str, as_of: AsOf, subscription: str
) -> Iterator[tuple[Connection, Contract, date]]:
    """Yield a transaction, the contract whose seats it may change, and the day."""
    day = as_of.date() if as_of else place.today
    with unit_of_work(place.engine) as connection:
        held = contracts_held(connection, account, locked=True)
        yield connection, contract_with_seats(held, day, code=subscription), day


def _row(verdict: Verdict) -> Sequence[object]:
    return (
        verdict.subscription,
        verdict.feature,
        "yes" if verdict.allowed else "no",
        *map(_told, (verdict.used, verdict.limit, verdict.left)),
        verdict.ends_on or "-",
        verdict.clause or "-",
        verdict.reason,
    )


def _told(number: Decimal | None) -> str:
    return "-" if number is None else plain(number)


def _print(account: str, held: Sequence[Seat], *, json: bool) -> None:
    rows = [{name: value for name, value in asdict(each).items() if name not in _INTERNAL} for each in held]
    if json:
        print_json(rows)
    elif rows:
        shown = [["-" if value in ("", None) else value for value in row.values()] for row in rows]
        print_table(f"Seats of {account}", tuple(rows[0]), shown)
    else:
        print_lines([f"Nobody holds a seat of {account}."])


#: Ids that mean nothing outside.
_INTERNAL = ("account_id", "subscription_id")
