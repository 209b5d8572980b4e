"""``clausula demo``."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Engine

from contracts.load import load_book
from contracts.meters import OpenedBy
from contracts.store import count_accounts
from db.engine import home_folder
from db.migrate import upgrade
from db.unit_of_work import reading
from kernel.clock import FixedClock
from runtime.demo.leave import leave_messages, leave_year
from runtime.demo.messages import bill_messages
from runtime.demo.places import MESSAGES_FOLDERS, SHIPPED_BOOK, Places, Progress
from runtime.demo.replay import Replay
from runtime.demo.story import read_story
from runtime.demo.tell import told
from runtime.options import EXIT_WITH_PROBLEMS, SHOW, AsJson
from runtime.printing import err, print_json, print_lines, print_problems, progress
from runtime.workplace import workplace

YEAR_DATABASE = "clausula_demo"
MESSAGES_DATABASE = "clausula_demo_messages"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo", rich_help_panel=SHOW)(demo)


def demo(
    *,
    book: Annotated[
        Path,
        typer.Option(
            exists=True,
            file_okay=False,
            metavar="FOLDER",
            show_default=False,
            help="A copy of the shipped book, edited; the shipped one unless given.",
        ),
    ] = SHIPPED_BOOK,
    messages: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, metavar="FILE", help="Bill a file of messages instead."),
    ] = None,
    opened_by: Annotated[
        OpenedBy,
        typer.Option(
            metavar="WHO", help="With --messages: who opens a conversation: either, inbound or outbound."
        ),
    ] = OpenedBy.EITHER,
    to: Annotated[
        Path, typer.Option("--to", metavar="FOLDER", help="The folder for PDFs, XLSX and all else.")
    ] = Path("out"),
    json: AsJson = False,
) -> None:
    """Replay a year of billing, or bill a file of messages.

    It has a database of its own and touches no other.  Killed, it goes on where
    it stopped and ends with the same numbers.

    --messages bills a CSV of messages instead: id, business, contact, direction,
    occurred_at, text.  Each business becomes an account.

    Example: [bold]clausula demo[/]
    Example: [bold]clausula demo --messages messages.csv --opened-by inbound[/]
    """
    if messages is not None:
        _messages(messages, opened_by, to, json=json)
    else:
        _year(book.resolve(), to, json=json)


def _year(book: Path, to: Path, *, json: bool) -> None:
    places = Places(to, home_folder() / "demo.json")
    story = read_story(book)
    digest, earlier = places.digest_of(book), places.progress()
    resumed = earlier is not None and not earlier.finished and earlier.book == digest
    if not resumed:
        places.clear()
    with workplace(name=YEAR_DATABASE, fresh=not resumed, schema=False) as place:
        upgrade(place.engine)
        if resumed and _is_empty(place.engine):
            # The note of the replay outlived its database: there is nothing to go on with.
            resumed = False
            places.clear()
        report = load_book(place.engine, book, clock=FixedClock.on(story.first_day))
        if not json:
            start = "An unfinished demo was found; it goes on." if resumed else f"Loaded the book {book}:"
            print_lines([start, *report.lines()])
            print_problems(report.problems)
        if not resumed:
            places.keep(Progress(book=digest))
        with progress("replaying", "days") as bar:
            task = bar.add_task("replay", total=story.days)
            problems = Replay(place.engine, story, places, digest).run(
                lambda _day, done: bar.update(task, completed=done)
            )
        account = told(place.engine, story)
        left = leave_year(place.engine, story, places, account)
    if json:
        print_json({"account": account, "left": left, "problems": (*report.problems, *problems)})
    else:
        print_lines(account)
        print_problems(problems)
        print_lines(["", *left])
    if report.problems or problems:
        raise typer.Exit(EXIT_WITH_PROBLEMS)


def _is_empty(engine: Engine) -> bool:
    with reading(engine) as connection:
        return count_accounts(connection) == 0


def _messages(file: Path, opened_by: OpenedBy, to: Path, *, json: bool) -> None:
    places = Places(to, home_folder() / "demo-messages.json")
    places.clear(MESSAGES_FOLDERS)
    with workplace(name=MESSAGES_DATABASE, fresh=True, schema=False) as place:
        upgrade(place.engine)
        with err.status("billing the messages") if not json else nullcontext():
            report = bill_messages(
                place.engine, file, opened_by=opened_by, book=places.folder("messages/book")
            )
        left = leave_messages(report, places)
    if json:
        print_json({"report": report, "left": left})
    else:
        print_lines([*report.lines(), "", *left])
