"""``clausula terms``: check, show, compare, begin and describe the terms that contracts stand under."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from contracts.clauses import DocumentHead, Layer
from contracts.terms_checks import Checked
from contracts.terms_diff import diff, diff_lines
from contracts.terms_files import check_files, document_named
from contracts.terms_page import Language, contracts_on, page_lines, page_of
from contracts.terms_scaffold import scaffold
from contracts.terms_schema import SchemaKind, schema_text
from db.unit_of_work import reading
from kernel.clock import SystemClock
from kernel.errors import Conflict
from runtime.holders import contracts_held
from runtime.options import BEGIN, EXIT_WITH_PROBLEMS, AsJson, AsOf
from runtime.printing import out, print_json, print_lines, print_problems
from runtime.workplace import workplace

terms = typer.Typer(no_args_is_help=True)


class PaperLayer(StrEnum):
    """The layers whose documents stand in files of their own; an order form belongs to a book."""

    GENERAL = "general"
    ANNEX = "annex"


Document = Annotated[
    str,
    typer.Argument(metavar="DOCUMENT", help="A file, or a document of the library: ID or ID@VERSION."),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(terms, name="terms", rich_help_panel=BEGIN)


@terms.callback()
def papers() -> None:
    """Check, show and compare what was agreed.

    Example: [bold]clausula terms show flores-del-norte --as-of 2026-03-01[/]
    """


@terms.command()
def check(
    files: Annotated[
        list[Path],
        typer.Argument(exists=True, dir_okay=False, metavar="FILE...", help="Terms and plans, as TOML."),
    ],
    *,
    over: Annotated[
        list[str] | None,
        typer.Option("--over", metavar="DOCUMENT", help="A layer beneath: a file, ID or ID@VERSION."),
    ] = None,
    json: AsJson = False,
) -> None:
    """Check terms documents and plans before they are loaded.

    Every rule cites a clause of its own document or of a layer beneath it.  A
    plan finds its documents among the files and in the library.

    Example: [bold]clausula terms check acme-annex.toml --over acme-general.toml[/]
    """
    checked = check_files(files, over or ())
    problems = [problem for each in checked for problem in each.problems]
    if json:
        print_json({"files": checked})
    else:
        print_lines([_verdict(each) for each in checked])
        print_problems(problems, shown=len(problems))
    if problems:
        raise typer.Exit(EXIT_WITH_PROBLEMS)


def _verdict(checked: Checked) -> str:
    count = len(checked.problems)
    said = "good" if not count else f"{count} problem{'s' if count > 1 else ''}"
    return f"{checked.file}: " + (f"{checked.holds}: {said}" if checked.holds else said)


@terms.command()
def show(
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="The code of an account.")],
    *,
    subscription: Annotated[
        str, typer.Option("--subscription", metavar="CODE", help="One of its subscriptions; all in force.")
    ] = "",
    as_of: AsOf = None,
    language: Annotated[
        Language, typer.Option("--language", help="The language in which clauses are told.")
    ] = Language.EN,
    json: AsJson = False,
) -> None:
    """Print the rules in force for an account's contracts.

    Each rule, meter and charge with its clause, the document that holds it, its
    layer, and why it reads so; and the price adjustments up to the day.

    Example: [bold]clausula terms show flores-del-norte --as-of 2026-03-01 --language es[/]
    """
    with workplace() as place, reading(place.engine) as connection:
        day = as_of.date() if as_of else place.today
        held = contracts_held(connection, account)
    pages = [
        page_of(each, as_of=day, language=language) for each in contracts_on(held, day, code=subscription)
    ]
    if json:
        print_json(pages)
        return
    for number, page in enumerate(pages):
        print_lines([*([""] if number else []), *page_lines(page)])


@terms.command("diff")
def compare(before: Document, after: Document, *, json: AsJson = False) -> None:
    """Print what changed between two documents or versions.

    Clauses that came, went or are told otherwise; rules and meters by field.

    Example: [bold]clausula terms diff acme-general@2025 acme-general.toml[/]
    """
    found = diff(document_named(before), document_named(after))
    if json:
        print_json(found)
    else:
        print_lines(diff_lines(found))


@terms.command()
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The id of the document and its file's name.")],
    *,
    vendor: Annotated[str, typer.Option("--vendor", metavar="CODE", help="The code of the vendor.")],
    layer: Annotated[
        PaperLayer, typer.Option("--layer", help="General terms, or an annex that prevails over them.")
    ],
    effective_from: Annotated[
        datetime | None,
        typer.Option(
            "--effective-from", metavar="DAY", formats=["%Y-%m-%d"], help="Its first day; today unless given."
        ),
    ] = None,
    to: Annotated[Path, typer.Option("--to", metavar="FOLDER", help="The folder to write into.")] = Path(),
    json: AsJson = False,
) -> None:
    """Begin a terms document.

    It holds one example of every rule and of every kind of meter, with what
    each field may be.  Keep what your paper says and delete the rest.

    Example: [bold]clausula terms new acme-general --vendor acme --layer general --to book/terms[/]
    """
    begins = (effective_from or SystemClock().now()).date()
    head = DocumentHead(
        id=name,
        vendor=vendor,
        layer=Layer(layer),
        title=f"{vendor}, {layer.value} terms",
        version=begins.isoformat(),
        effective_from=begins,
    )
    to.mkdir(parents=True, exist_ok=True)
    path = to / f"{name}.toml"
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(scaffold(head))
    except FileExistsError:
        raise Conflict(
            "a file of this name is there already", field="name", value=path, expected="another NAME or --to"
        ) from None
    if json:
        print_json({"file": path})
    else:
        print_lines([str(path)])


@terms.command()
def schema(
    *,
    kind: Annotated[SchemaKind, typer.Option("--kind", help="Which kind of file.")] = SchemaKind.TERMS,
    json: AsJson = False,
) -> None:
    """Print the JSON Schema of a file, for an editor.

    It is JSON either way; --json is there for scripts that pass it to everything.

    Example: [bold]clausula terms schema --kind plan > plan.schema.json[/]
    """
    _ = json
    out.file.write(schema_text(kind))
