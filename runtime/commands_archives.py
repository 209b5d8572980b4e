"""``clausula meter archive``, ``restore`` and ``months``: old months of events go into files, and back."""

from __future__ import annotations

from datetime import UTC, date, datetime
from getpass import getuser
from pathlib import Path
from typing import Annotated

import typer

from db.unit_of_work import reading
from metering import store_archives
from metering.archive_months import Archivist, archive_month, plan_archive
from metering.restore_months import restore_file
from metering.store_archives import ArchivedMonth
from runtime.options import AsJson
from runtime.printing import print_json, print_lines, print_table, progress
from runtime.workplace import Workplace, workplace

MONTH_HEAD = ("month", "lies in", "events", "bytes")

By = Annotated[
    str,
    typer.Option(
        "--by", metavar="NAME", help="Who archives, kept with each month; the login's name unless given."
    ),
]


def register(meter: typer.Typer) -> None:
    """Add the commands to those of usage."""
    for command in (archive, restore, months):
        meter.command()(command)


def archive(
    to: Annotated[
        Path, typer.Option("--to", metavar="DIR", file_okay=False, help="The folder of the files.")
    ],
    *,
    by: By = "",
    before: Annotated[
        datetime | None,
        typer.Option(
            "--before", metavar="YYYY-MM", formats=["%Y-%m"], help="Leave this month and later ones."
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", metavar="", help="Tell why each month stays or goes.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Put old months of events into files, out of the database.

    A month goes into a Parquet file once no contract needs it any longer (13
    months, unless [bold]usage_retention[/] in its terms says otherwise) and all
    of it is billed. Each file is read back and compared before its month is
    dropped; killed at any point, the same command goes on. Sums by day stay.

    Example: [bold]clausula meter archive --to /backup/usage --by ana --dry-run[/]
    """
    with workplace() as place:
        today = place.clock.now().astimezone(UTC).date()
        plans = plan_archive(place.engine, today=today, before=before.date() if before else None)
        goes = [plan.month for plan in plans if plan.goes]
        done = [] if dry_run else _archived(place, goes, Archivist(to, by or _login(), place.clock))
    if json:
        print_json({"months": plans, "archived": [_document(each) for each in done]})
    elif dry_run:
        print_lines([plan.line() for plan in plans] or ["No month is stored."])
    else:
        print_lines([_told(each) for each in done] or ["No month goes; --dry-run tells why."])


def _login() -> str:
    try:
        return getuser()
    except OSError:  # a process whose user has no name
        return ""


def _archived(place: Workplace, months: list[date], archivist: Archivist) -> list[ArchivedMonth]:
    done = []
    for month in months:
        with progress(f"archiving {month:%Y-%m}", "events") as bar:
            task = bar.add_task("archive", total=None)
            found = archive_month(
                place.engine,
                month,
                archivist,
                on_progress=lambda events, of, bar=bar, task=task: bar.update(  # type: ignore[misc]
                    task, completed=events, total=of
                ),
            )
        if found:
            done.append(found)
    return done


def restore(
    files: Annotated[
        list[Path],
        typer.Argument(
            exists=True, dir_okay=False, readable=True, metavar="FILE...", help="What archive wrote."
        ),
    ],
    *,
    json: AsJson = False,
) -> None:
    """Put archived months back, exactly as they were.

    A file is known by its rows: one that was altered is refused, and one that
    was put back already. The file itself is left where it is.

    Example: [bold]clausula meter restore usage/usage_events_2025_01.parquet[/]
    """
    with workplace() as place, progress("restoring", "files") as bar:
        done = [restore_file(place.engine, file) for file in bar.track(files)]
    if json:
        print_json([_document(each) for each in done])
    else:
        print_lines(
            [f"{each.file_name}: {each.events:,} events of {each.month:%Y-%m} are back." for each in done]
        )


def months(*, json: AsJson = False) -> None:
    """List the months of events: in the database, and in files.

    Each with its events and its bytes on disk.

    Example: [bold]clausula meter months[/]
    """
    with workplace() as place, reading(place.engine) as connection:
        stored = [
            (each.month, "database", store_archives.count_events(connection, each.month), each.disk_bytes)
            for each in store_archives.stored_months(connection)
        ]
        files = [
            (each.month, each.file_name, each.events, each.file_bytes)
            for each in store_archives.archived(connection)
        ]
    rows = [(f"{month:%Y-%m}", lies, events, size) for month, lies, events, size in sorted([*stored, *files])]
    if json:
        print_json([dict(zip(("month", "lies_in", "events", "bytes"), row, strict=True)) for row in rows])
    else:
        told = [(month, lies, f"{events:,}", f"{size:,}") for month, lies, events, size in rows]
        print_table("Months of events", MONTH_HEAD, told, numbers=2)


def _told(archived: ArchivedMonth) -> str:
    return f"{archived.file_name}: {archived.events:,} events, {archived.file_bytes:,} bytes"


def _document(archived: ArchivedMonth) -> dict[str, object]:
    return {**archived._asdict(), "digest": archived.digest.hex()}
