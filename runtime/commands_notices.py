"""``clausula notices``: what one side of a contract tells the other, and what follows from it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import typer
from sqlalchemy import Connection

from contracts import give_notice, notice_store, outage_store
from contracts.catalog import Catalog
from contracts.give_notice import Word
from contracts.life_rules import Party
from contracts.notices import Answer, Content, NewPlan, NewPrices, NewVersions, Notice
from contracts.store import account_chunks, load_catalog, lock_subscriptions
from contracts.subscriptions import Contract
from db.unit_of_work import reading, unit_of_work
from invoicing.level_report import refuse_unmissed
from invoicing.settle_notices import Done, settle
from invoicing.store import refunds_of
from kernel.errors import InvalidInput
from kernel.ids import NoticeId, account_id_of
from kernel.money import decimal_of
from kernel.problems import Problem
from runtime.notice_desk import follow, print_settled, row_of, say
from runtime.options import LOOK_AFTER, AsJson, AsOf
from runtime.printing import print_json, print_lines, print_table
from runtime.workplace import Workplace, workplace

group = typer.Typer(no_args_is_help=True)

#: Accounts that one transaction settles.
CHUNK_ACCOUNTS = 500

Account = Annotated[str, typer.Argument(metavar="ACCOUNT", help="The account's code.")]
Code = Annotated[str, typer.Argument(metavar="SUBSCRIPTION", help="The subscription's code.")]
NoticeArgument = Annotated[
    str, typer.Argument(metavar="NOTICE", help="The notice's id, as the list prints it.")
]
On = Annotated[
    datetime | None,
    typer.Option("--on", metavar="DAY", formats=["%Y-%m-%d"], help="The day on which it was said; today."),
]
Planned = Annotated[
    datetime | None,
    typer.Option("--from", metavar="DAY", formats=["%Y-%m-%d"], help="The first day that is wished for."),
]
Why = Annotated[str, typer.Option("--why", metavar="TEXT", help="The reason that is given.")]
Side = Annotated[Party, typer.Option("--by", help="The side that says so: customer or vendor.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(group, name="notices", rich_help_panel=LOOK_AFTER)


@group.callback()
def about() -> None:
    """Change, end or renew contracts by notice.

    A change holds once its notice has arrived and its days have passed, unless
    the customer turns it down; an end has the last day that its clause gives.

    Example: [bold]clausula notices list flores-del-norte[/]
    """


@group.command("list")
def list_notices(account: Account, *, json: AsJson = False) -> None:
    """List what was said about an account's contracts, oldest first.

    Example: [bold]clausula notices list flores-del-norte[/]
    """
    with workplace() as place, reading(place.engine) as connection:
        found = notice_store.notices_of(connection, [account_id_of(account)])
        refunds = refunds_of(connection, [account_id_of(account)])
        rows = [row_of(each, refunds.get(each.notice_id)) for each in found]
    if json:
        print_json({"notices": found, "refunds": refunds})
    elif rows:
        print_table("Notices", tuple(rows[0]), [list(row.values()) for row in rows])
    else:
        print_lines(["Nothing was said about this account's contracts."])


@group.command()
def announce(
    account: Account,
    subscription: Code,
    *,
    change: Annotated[str, typer.Option("--change", metavar="CODE", help="The change of the terms: price.")],
    percent: Annotated[
        str, typer.Option("--percent", metavar="NUMBER", help="By how much prices change: 8.5, or -3.")
    ] = "",
    charge: Annotated[
        list[str] | None, typer.Option("--charge", metavar="CODE", help="A charge that changes; all.")
    ] = None,
    document: Annotated[
        list[str] | None,
        typer.Option("--document", metavar="ID@VERSION", help="A document that holds in a new version."),
    ] = None,
    exception: Annotated[
        str,
        typer.Option("--exception", metavar="CODE", help="Why less notice will do, as the terms name it."),
    ] = "",
    planned: Planned = None,
    why: Why = "",
    on: On = None,
    json: AsJson = False,
) -> None:
    """Announce new prices, or new versions of documents.

    The letter waits in the outbox; the change waits for its delivery.

    Example: [bold]clausula notices announce solis team --change price --percent 10 --from 2026-05-01[/]
    """
    content = _content(percent, tuple(charge or ()), document or [])

    def said(
        connection: Connection, catalog: Catalog, contract: Contract, day: date, place: Workplace
    ) -> Notice:
        word = Word(said_on=day, planned_on=_day(planned), exception=exception, reason=why)
        return give_notice.announce(
            connection, catalog, contract, change, content, word=word, clock=place.clock
        )

    say(account, subscription, _day(on), said, json=json)


@group.command()
def end(
    account: Account,
    subscription: Code,
    *,
    ending: Annotated[str, typer.Option("--ending", metavar="CODE", help="The ending of the terms.")],
    by: Side,
    happened_on: Annotated[
        datetime | None,
        typer.Option("--happened-on", metavar="DAY", formats=["%Y-%m-%d"], help="The day of the event."),
    ] = None,
    part: Annotated[str, typer.Option("--part", metavar="NAME", help="The only part that ends.")] = "",
    planned: Planned = None,
    why: Why = "",
    on: On = None,
    json: AsJson = False,
) -> None:
    """End a contract, or a part of it, by a clause.

    Example: [bold]clausula notices end flores conversion --ending convenience --by customer[/]
    """

    def said(connection: Connection, _: Catalog, contract: Contract, day: date, place: Workplace) -> Notice:
        key = contract.account_id, contract.subscription_id
        outages, known_at = outage_store.outages_of(connection, key), place.clock.now()
        refuse_unmissed(contract, outages, ending, happened_on=_day(happened_on), known_at=known_at)
        word = Word(
            said_on=day,
            planned_on=_day(planned),
            happened_on=_day(happened_on),
            part=part,
            reason=why,
        )
        return give_notice.end(connection, contract, ending, by, word=word, clock=place.clock)

    say(account, subscription, _day(on), said, json=json)


@group.command("refuse-renewal")
def refuse_renewal(
    account: Account, subscription: Code, *, by: Side, why: Why = "", on: On = None, json: AsJson = False
) -> None:
    """Say that a contract shall not be renewed.

    Example: [bold]clausula notices refuse-renewal ipe docs --by customer --on 2026-10-05[/]
    """

    def said(connection: Connection, _: Catalog, contract: Contract, day: date, place: Workplace) -> Notice:
        word = Word(said_on=day, reason=why)
        return give_notice.refuse_renewal(connection, contract, by, word=word, clock=place.clock)

    say(account, subscription, _day(on), said, json=json)


@group.command("change-plan")
def change_plan(
    account: Account,
    subscription: Code,
    plan: Annotated[str, typer.Argument(metavar="PLAN", help="The code of the new plan.")],
    version: Annotated[int, typer.Argument(metavar="VERSION", min=1, help="Its version.")],
    *,
    why: Why = "",
    on: On = None,
    json: AsJson = False,
) -> None:
    """Ask for another plan, which begins with a cycle of its own.

    Example: [bold]clausula notices change-plan flores conversion conversion-pro 1 --on 2026-03-01[/]
    """

    def said(
        connection: Connection, catalog: Catalog, contract: Contract, day: date, place: Workplace
    ) -> Notice:
        word, content = Word(said_on=day, reason=why), NewPlan(plan=plan, version=version)
        return give_notice.ask_for_plan(connection, catalog, contract, content, word=word, clock=place.clock)

    say(account, subscription, _day(on), said, json=json)


@group.command()
def delivered(account: Account, notice: NoticeArgument, *, on: On = None, json: AsJson = False) -> None:
    """Record the day on which a notice arrived.

    Example: [bold]clausula notices delivered solis 0198... --on 2026-03-05[/]
    """

    def recorded(connection: Connection, told: Notice, day: date) -> None:
        notice_store.record_delivery(connection, told, max(day, told.sent_on))

    follow(account, _notice_id(notice), _day(on), recorded, json=json)


@group.command()
def answer(
    account: Account,
    notice: NoticeArgument,
    said: Annotated[Answer, typer.Argument(metavar="accepted|rejected|mended", help="What was answered.")],
    *,
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who answered.")],
    on: On = None,
    json: AsJson = False,
) -> None:
    """Record what the other side answered to a notice.

    Example: [bold]clausula notices answer solis 0198... rejected --by "Ana Solís" --on 2026-03-20[/]
    """

    def recorded(connection: Connection, told: Notice, day: date) -> None:
        give_notice.answer(connection, told.account_id, told.notice_id, said, on=day, by=by)

    follow(account, _notice_id(notice), _day(on), recorded, json=json)


@group.command()
def withdraw(
    account: Account,
    notice: NoticeArgument,
    *,
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who takes it back.")],
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="Why.")],
    on: On = None,
    json: AsJson = False,
) -> None:
    """Take back a notice that has led to nothing yet.

    Example: [bold]clausula notices withdraw solis 0198... --by ana --why "wrong customer"[/]
    """

    def recorded(connection: Connection, told: Notice, day: date) -> None:
        give_notice.withdraw(connection, told.account_id, told.notice_id, on=day, by=by, why=why)

    follow(account, _notice_id(notice), _day(on), recorded, json=json)


@group.command("settle")
def settle_all(*, as_of: AsOf = None, json: AsJson = False) -> None:
    """Put into force what is due: changes, ends, refunds.

    The invoice run does the same before it bills.

    Example: [bold]clausula notices settle --as-of 2026-04-01[/]
    """
    done: list[Done] = []
    problems: list[Problem] = []
    with workplace() as place:
        day = _day(as_of) or place.today
        with reading(place.engine) as connection:
            catalog = load_catalog(connection)
        for chunk in account_chunks(place.engine, CHUNK_ACCOUNTS):
            with unit_of_work(place.engine) as connection:
                lock_subscriptions(connection, chunk, exclusive=True)
                settled = settle(connection, catalog, chunk, as_of=day, clock=place.clock)
            done += settled.done
            problems += settled.problems.values()
    print_settled(done, problems, json=json)


def _content(percent: str, charges: tuple[str, ...], documents: list[str]) -> Content:
    if bool(percent) == bool(documents):
        raise InvalidInput(
            "a notice announces new prices or new documents",
            field="--percent",
            value=percent or ", ".join(documents),
            expected="either --percent, or --document once or more",
        )
    if percent:
        return NewPrices(factor=1 + decimal_of(percent, field="--percent") / Decimal(100), charges=charges)
    pairs = [each.partition("@") for each in documents]
    return NewVersions(documents={name: version for name, _, version in pairs})


def _notice_id(text: str) -> NoticeId:
    try:
        return NoticeId(UUID(text))
    except ValueError:
        raise InvalidInput(
            "not the id of a notice",
            field="notice",
            value=text,
            expected="an id that clausula notices list prints",
        ) from None


def _day(given: datetime | None) -> date | None:
    return None if given is None else given.date()
