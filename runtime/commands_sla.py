"""``clausula sla``: outages, the availability of a month, its credit, and the right to leave over it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from fractions import Fraction
from typing import Annotated
from uuid import UUID

import typer

from contracts import outage_store
from contracts.outages import Outage
from contracts.record_outage import Told, end_outage, record_outage
from contracts.service_level_rules import OutageCause
from db.unit_of_work import reading, unit_of_work
from invoicing.grant_credit import Claim, grant_credit
from invoicing.level_report import LevelMonth, level_months
from kernel.errors import InvalidInput, NotFound
from kernel.ids import OutageId
from kernel.money import plain, round_exact
from kernel.zones import aware, local_day
from rating.working import lines_of
from runtime.holders import contract_held, known_account
from runtime.options import LOOK_AFTER, AsJson
from runtime.printing import print_json, print_lines, print_table
from runtime.workplace import workplace

HEAD = ("began", "told", "restored", "part", "cause", "what", "id")

#: Decimals of the figures that scripts read.
PLACES = 6

group = typer.Typer(no_args_is_help=True)

Account = Annotated[str, typer.Argument(metavar="ACCOUNT", help="The account's code.")]
Code = Annotated[str, typer.Argument(metavar="SUBSCRIPTION", help="The subscription's code.")]
Month = Annotated[
    datetime, typer.Option("--month", metavar="MONTH", formats=["%Y-%m"], help="The month: 2026-03.")
]
Part = Annotated[str, typer.Option("--part", metavar="PART", help="One part alone: sms.")]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who says so.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(group, name="sla", rich_help_panel=LOOK_AFTER)


@group.callback()
def about() -> None:
    """Record outages, and see what a month's availability leads to.

    Figures by the contract's own formula, the credit of the order form's
    table, and the right to leave, each with its clause.

    Example: [bold]clausula sla report acme pro --month 2026-03[/]
    """


@group.command("record")
def record(
    account: Account,
    subscription: Code,
    *,
    began: Annotated[
        str, typer.Option("--began", metavar="INSTANT", help="When it began: 2026-03-20T02:00:00-03:00.")
    ],
    by: By,
    told: Annotated[str, typer.Option("--told", metavar="INSTANT", help="When the customer told it.")] = "",
    restored: Annotated[
        str, typer.Option("--restored", metavar="INSTANT", help="When it was over, where it is.")
    ] = "",
    cause: Annotated[OutageCause, typer.Option("--cause", help="Whose affair it is.")] = OutageCause.FAULT,
    part: Part = "",
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="What it is about.")] = "",
    json: AsJson = False,
) -> None:
    """Record an outage, or a maintenance that is planned.

    The same again changes nothing.

    Example: [bold]clausula sla record acme pro --began 2026-03-20T02:00:00-03:00 --by ana --part sms[/]
    """
    _refuse_nobody(by)
    with workplace() as place, unit_of_work(place.engine) as connection:
        said = Told(
            began_at=_instant(began, "began"),
            cause=cause,
            by=by,
            part=part,
            note=note,
            reported_at=_instant(told, "told") if told else None,
            restored_at=_instant(restored, "restored") if restored else None,
        )
        contract = contract_held(connection, account, subscription)
        outage = record_outage(connection, contract, said, clock=place.clock)
    if json:
        print_json(outage)
    else:
        print_lines([f"Recorded as {outage.outage_id}."])


@group.command("restored")
def restored(
    account: Account,
    outage: Annotated[UUID, typer.Argument(metavar="ID", help="Its id, as the list prints it.")],
    *,
    at: Annotated[
        str, typer.Option("--at", metavar="INSTANT", help="When it was over: 2026-03-20T06:00:00-03:00.")
    ],
    json: AsJson = False,
) -> None:
    """Keep when an outage was over.

    Example: [bold]clausula sla restored acme 0b6f7a52-9d0c-5a39-8f0e-1d2c3b4a5f60
    --at 2026-03-20T06:00:00Z[/]
    """
    with workplace() as place, unit_of_work(place.engine) as connection:
        known = known_account(connection, account)
        over = end_outage(connection, known, OutageId(outage), restored_at=_instant(at, "at"))
    if json:
        print_json(over)
    else:
        print_lines([f"It was over at {over.restored_at}."])


@group.command("outages")
def list_outages(account: Account, subscription: Code, *, json: AsJson = False) -> None:
    """List the outages of a subscription, oldest first.

    Example: [bold]clausula sla outages acme pro[/]
    """
    with workplace() as place, reading(place.engine) as connection:
        contract = contract_held(connection, account, subscription)
        found = outage_store.outages_of(connection, (contract.account_id, contract.subscription_id))
    if json:
        print_json(found)
    elif found:
        print_table("Outages", HEAD, [_row(each) for each in found])
    else:
        print_lines(["Nothing was down."])


@group.command("report")
def report(account: Account, subscription: Code, *, month: Month, json: AsJson = False) -> None:
    """Report the availability of a month.

    Hours, outage and what does not count; the credit that the month gives; and
    whether the customer may leave over it.

    Example: [bold]clausula sla report acme pro --month 2026-03[/]
    """
    with workplace() as place, reading(place.engine) as connection:
        contract = contract_held(connection, account, subscription)
        outages = outage_store.outages_of(connection, (contract.account_id, contract.subscription_id))
        found = level_months(contract, outages, month=month.date(), known_at=place.clock.now())
    if json:
        print_json([_document(each) for each in found])
    else:
        print_lines(
            [line for each in found for line in _lines(each)]
            or ["No availability is promised in this month."]
        )


@group.command("credit")
def credit(
    account: Account,
    subscription: Code,
    *,
    month: Month,
    by: By,
    part: Part = "",
    level: Annotated[
        str, typer.Option("--level", metavar="CODE", help="The level, where there are two.")
    ] = "",
    claimed_on: Annotated[
        datetime | None,
        typer.Option(
            "--claimed-on", metavar="DAY", formats=["%Y-%m-%d"], help="The day of the claim; today."
        ),
    ] = None,
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="What the customer wrote.")] = "",
    json: AsJson = False,
) -> None:
    """Confirm the credit of a month that missed its level.

    It lowers the next invoice.  The same again changes nothing.

    Example: [bold]clausula sla credit acme pro --month 2026-03 --by ana[/]
    """
    _refuse_nobody(by)
    with workplace() as place, unit_of_work(place.engine) as connection:
        contract = contract_held(connection, account, subscription, locked=True)
        outages = outage_store.outages_of(connection, (contract.account_id, contract.subscription_id))
        found = level_months(contract, outages, month=month.date(), known_at=place.clock.now())
        today = local_day(place.clock.now(), contract.entity.time_zone)
        claim = Claim(claimed_on=claimed_on.date() if claimed_on else today, confirmed_by=by, note=note)
        line = grant_credit(connection, contract, _chosen(found, level, part), claim, clock=place.clock)
    if json:
        print_json(line)
    else:
        print_lines([f"{line.name}: {line.amount} [{line.cites.clause}]", *lines_of(line.working)])


def _chosen(found: tuple[LevelMonth, ...], level: str, part: str) -> LevelMonth:
    chosen = [each for each in found if level in {"", each.code} and part == each.part]
    if len(chosen) != 1:
        raise NotFound(
            "no single service level of the month is meant",
            field="part",
            value=part,
            expected=", ".join(f"--level {each.code} --part {each.part!r}" for each in found)
            or "none there is",
        )
    return chosen[0]


def _lines(each: LevelMonth) -> Iterator[str]:
    subject = f"{each.code} {each.part}".strip()
    verdict = "missed" if each.figures.missed else "met"
    yield f"{subject}, {each.month}: {verdict} [{each.clause}, {each.document}]"
    yield from (f"  {line}" for line in lines_of(each.working))
    if each.credit.amount and each.credited_by is not None:
        until = f", to be claimed by {each.claimed_until}" if each.claimed_until else ""
        yield f"  credit: {each.credit.amount} [{each.credited_by.clause.id}]{until}"
    if each.leaving is not None:
        until = f" until {each.leaving.until}" if each.leaving.until else ""
        yield f"  the customer may leave{until}: {each.leaving.why} [{each.leaving.clause}]"
        yield f"  by --ending {each.leaving.ending} --happened-on {each.leaving.happened_on}"


def _document(each: LevelMonth) -> dict[str, object]:
    return {
        "level": each.code,
        "part": each.part,
        "month": f"{each.month.start:%Y-%m}",
        "hours": _number(each.figures.hours),
        "outage_hours": _number(each.figures.outage_hours),
        "excluded_hours": _number(each.figures.excluded_hours),
        "percent": _number(each.figures.percent),
        "target_percent": _number(each.figures.target_percent),
        "missed": each.figures.missed,
        "clause": each.clause,
        "document": each.document,
        "fees": str(each.fees),
        "credit": str(each.credit.amount),
        "claimed_until": each.claimed_until,
        "leaving": each.leaving,
        "working": lines_of(each.working),
    }


def _number(exact: Fraction) -> str:
    return plain(round_exact(exact, PLACES))


def _row(outage: Outage) -> tuple[object, ...]:
    return (
        f"{outage.began_at:%Y-%m-%d %H:%M}",
        f"{outage.reported_at:%Y-%m-%d %H:%M}" if outage.reported_at else "",
        f"{outage.restored_at:%Y-%m-%d %H:%M}" if outage.restored_at else "not yet",
        outage.part,
        outage.cause.value,
        outage.note,
        outage.outage_id,
    )


def _refuse_nobody(by: str) -> None:
    if not by:
        raise InvalidInput("somebody says so", field="by", expected="a name")


def _instant(text: str, field: str) -> datetime:
    try:
        return aware(datetime.fromisoformat(text))
    except ValueError:
        raise InvalidInput(
            "not an instant", field=field, value=text, expected="such as 2026-03-20T02:00:00-03:00"
        ) from None
