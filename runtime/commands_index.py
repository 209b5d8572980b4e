"""``clausula index import`` and ``clausula index show``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from contracts.import_index import import_index
from contracts.index_store import figures_of
from contracts.indices import YEAR_MONTHS, Figure, IndexFigure, IndexSeries, months_to
from contracts.store import load_catalog
from db.unit_of_work import reading
from kernel.errors import InvalidInput
from kernel.money import plain, round_exact
from runtime.options import BEGIN, EXIT_REFUSED, AsJson, file_to_read
from runtime.printing import print_json, print_report, print_table
from runtime.workplace import workplace

#: Places of a compounded percentage as it is shown: a factor has 6, its percentage 4.
SHOWN_PLACES = 4

index = typer.Typer(no_args_is_help=True)

From = Annotated[
    datetime | None,
    typer.Option("--from", metavar="MONTH", formats=["%Y-%m"], help="The first month, such as 2025-05."),
]
To = Annotated[
    datetime | None,
    typer.Option("--to", metavar="MONTH", formats=["%Y-%m"], help="The last month; the last known."),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthShown:
    """A month of an index: its figure, what the twelve months to it come to, and how often it was revised."""

    month: str
    percent: Decimal | None
    compounded_12m: Decimal | None
    published_12m: Decimal | None
    revisions: Sequence[IndexFigure]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(index, name="index", rich_help_panel=BEGIN)


@index.callback()
def indices() -> None:
    """Import price indices as published; show what is known.

    Example: [bold]clausula index import igpm.csv --index IGPM[/]
    """


@index.command("import")
def import_months(
    file: Annotated[
        Path,
        file_to_read("The central bank's CSV or JSON (data, valor), or the house's CSV (month, igpm_pct)."),
    ],
    *,
    code: Annotated[str, typer.Option("--index", metavar="CODE", help="The index, such as IGPM.")],
    check: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            readable=True,
            metavar="FILE",
            help="What was published of twelve months (month, igpm_12m_pct); kept besides.",
        ),
    ] = None,
    begin: Annotated[bool, typer.Option("--begin", help="Begin an index that is not known yet.")] = False,
    json: AsJson = False,
) -> None:
    """Import an index: what is new, revised, and known.

    All of a file or nothing: a row that cannot be read, a month that is left
    out or stands twice, and a series whose twelve months differ from what was
    published by more than 0.03 points are refused.  Price adjustments that
    were made before a revision stay as they are.

    Example: [bold]clausula index import bcdata.sgs.189.csv --index IGPM[/]
    """
    with workplace() as place:
        report = import_index(place.engine, file, code, clock=place.clock, check=check, begin=begin)
    print_report(report, json=json, code=EXIT_REFUSED)


@index.command("show")
def show(
    code: Annotated[str, typer.Argument(metavar="CODE", help="The index, such as IGPM.")],
    *,
    first: From = None,
    last: To = None,
    json: AsJson = False,
) -> None:
    """Show an index month by month, the last year unless told.

    Each month with its variation, what the twelve months to it come to when
    compounded, what was published of them, and what was published anew.

    Example: [bold]clausula index show IGPM --from 2025-05 --to 2026-04[/]
    """
    with workplace() as place, reading(place.engine) as connection:
        series = load_catalog(connection).index(code)
        history = figures_of(connection, code)
    rows = _shown(series, history, first, last)
    if json:
        print_json({"index": code, "months": rows})
    else:
        head = ("month", "figure before", "variation %", "12 months %", "published %")
        print_table(code, head, [_cells(each) for each in rows], numbers=3)


def _shown(
    series: IndexSeries, history: Sequence[IndexFigure], first: datetime | None, last: datetime | None
) -> tuple[MonthShown, ...]:
    end = last.date() if last else max((*series.percent_by_month, *series.published_12m))
    start = first.date() if first else months_to(end, YEAR_MONTHS)[0]
    months = (end.year - start.year) * YEAR_MONTHS + end.month - start.month + 1
    if months < 1:
        raise InvalidInput(
            "the first month lies after the last",
            field="from",
            value=f"{start:%Y-%m}",
            expected=f"{end:%Y-%m}",
        )
    known = set(series.percent_by_month)
    return tuple(
        MonthShown(
            month=f"{month:%Y-%m}",
            percent=series.percent_by_month.get(month),
            compounded_12m=round_exact((series.compounded(month, YEAR_MONTHS) - 1) * 100, SHOWN_PLACES)
            if known.issuperset(months_to(month, YEAR_MONTHS))
            else None,
            published_12m=series.published_12m.get(month),
            revisions=[each for each in history if (each.kind, each.month) == (Figure.MONTHLY, month)],
        )
        for month in months_to(end, months)
    )


def _cells(shown: MonthShown) -> tuple[str, ...]:
    before = ", ".join(
        f"{plain(each.percent)} until {after.recorded_at:%Y-%m-%d}"
        for each, after in zip(shown.revisions, shown.revisions[1:], strict=False)
    )
    figures = (shown.percent, shown.compounded_12m, shown.published_12m)
    return shown.month, before, *("-" if figure is None else str(figure) for figure in figures)
