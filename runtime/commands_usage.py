"""``clausula meter import`` and ``clausula meter check``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from contracts.store import load_catalog
from db.unit_of_work import unit_of_work
from metering.import_file import import_usage
from metering.rebuild import differences, rebuild
from runtime import commands_archives, commands_quarantine, commands_sources
from runtime.holders import known_account
from runtime.options import BILL, EXIT_WITH_PROBLEMS, AsJson, file_to_read
from runtime.printing import print_json, print_lines, print_problems, progress
from runtime.workplace import workplace

meter = typer.Typer(no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    commands_archives.register(meter)
    meter.add_typer(commands_quarantine.group, name="quarantine")
    meter.add_typer(commands_sources.group, name="source")
    app.add_typer(meter, name="meter", rich_help_panel=BILL)


@meter.callback()
def usage() -> None:
    """Import what was used; list what was refused; check; archive.

    Example: [bold]clausula meter import usage.ndjson[/]
    """


@meter.command("import")
def import_events(
    file: Annotated[
        Path,
        file_to_read("NDJSON (.ndjson, .jsonl), JSON (.json), CSV (.csv) or Parquet (.parquet)."),
    ],
    *,
    backfill: Annotated[
        bool, typer.Option("--backfill", metavar="", help="Take events however old they are.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Import usage events, each once for ever.

    What is good is counted; what is wrong goes to quarantine, with its line and
    what would be right.  A second import changes nothing; of a mended file it
    counts what was mended. JSON may hold CloudEvents.

    What lies further back than the terms allow (35 days unless they say
    otherwise) is refused, except with --backfill.

    Example: [bold]clausula meter import usage/2026-01.ndjson[/]
    """
    with workplace() as place, progress(f"importing {file.name}", "bytes") as bar:
        task = bar.add_task("import", total=file.stat().st_size)
        report = import_usage(
            place.engine,
            file,
            clock=place.clock,
            backfill=backfill,
            on_progress=lambda done, total, _counts: bar.update(task, completed=done, total=total),
        )
    if json:
        print_json(report)
    else:
        print_lines(report.lines())
        if report.known and not report.accepted and not report.file_known:
            print_lines(["Nothing new was counted; nothing changed."])
        print_problems(report.problems, of=report.quarantined, more="clausula meter quarantine list")
    if report.quarantined:
        raise typer.Exit(EXIT_WITH_PROBLEMS)


@meter.command("check")
def check(
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="The code of an account.")],
    *,
    mend: Annotated[bool, typer.Option("--rebuild", help="Make anew what is not as it must be.")] = False,
    json: AsJson = False,
) -> None:
    """Count an account's stored events again, and compare.

    Every day, conversation and value that is not what its events come to is
    listed, as it is and as it must be. Nothing is changed unless [bold]--rebuild[/]
    is given. The exit code is 1 where something was found.

    Example: [bold]clausula meter check flores-del-norte[/]
    """
    with workplace() as place, unit_of_work(place.engine) as connection:
        account_id = known_account(connection, account)
        catalog = load_catalog(connection)
        found = sorted(differences(connection, catalog, [account_id]), key=str)
        if found and mend:
            rebuild(connection, catalog, [account_id])
    if json:
        print_json([{"table": row.table, **dict(row.values)} for row in found])
    else:
        told = "made anew" if mend else "not as they must be"
        rows = [
            f"{row.table}: " + ", ".join(f"{name} {value}" for name, value in row.values) for row in found
        ]
        print_lines([*rows, f"{len(found)} rows: {told}."] if found else ["All is as its events say."])
    if found:
        raise typer.Exit(EXIT_WITH_PROBLEMS)
