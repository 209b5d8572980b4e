"""Importing a price index: what is new and what was revised is recorded, all of a file or nothing of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from sqlalchemy import Engine

from contracts import book_store, library
from contracts.index_changes import (
    NOTHING,
    Change,
    change_of,
    checkable_months,
    disagreements,
    missing_months,
)
from contracts.index_reading import read_figures
from contracts.index_store import series_by_code
from contracts.indices import Figure, IndexSeries, joined
from contracts.shapes import one_of
from db.unit_of_work import unit_of_work
from kernel.clock import Clock
from kernel.errors import ClausulaError, InvalidInput, NotFound
from kernel.problems import Problem
from kernel.words import counted

#: An index's code names its column too: ``INPC_BR`` is ``inpc_br_pct``.
_CODE = re.compile(r"[A-Z][A-Z0-9_]{0,39}")

#: Months that the report lists of a kind; of more it tells the first and the last.
LISTED_MONTHS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexReport:
    """What an import did to an index; with ``problems`` it did nothing.

    ``agreed`` is how many published figures of twelve months the series was held against.
    """

    index: str
    months: Change = NOTHING
    twelve_months: Change = NOTHING
    agreed: int = 0
    problems: tuple[Problem, ...] = ()

    @property
    def changed_nothing(self) -> bool:
        """Tell whether all was known, or refused."""
        return not self.months.figures and not self.twelve_months.figures

    def lines(self) -> tuple[str, ...]:
        """Return the report as a person reads it."""
        if self.problems:
            return (f"{self.index}: refused; nothing changed.",)
        if self.changed_nothing:
            known = counted(self.months.known, "month")
            return (f"{self.index}: {known} known; nothing changed.", *self._checked())
        return (
            *_lines(self.index, self.months),
            *_lines(f"{self.index}, twelve months as published", self.twelve_months),
            *self._checked(),
        )

    def _checked(self) -> tuple[str, ...]:
        if not self.agreed:
            return ("No published figure of twelve months was there to check the months by.",)
        figures = counted(self.agreed, "published figure")
        return (f"The months agree with {figures} of twelve months.",)


def import_index(
    engine: Engine, path: Path, code: str, *, clock: Clock, check: Path | None = None, begin: bool = False
) -> IndexReport:
    """Record the months of a file under an index's code, and the published figures of another file beside.

    A month with another figure than the recorded one is revised: the old figure stays in the history, and
    price adjustments that were made by it stay as they are.  What cannot be read, a month that is left out
    or stands twice, and a series whose twelve months do not come to a published figure are problems; with
    any, nothing is recorded.  Raises :class:`NotFound` for a code that is not known, unless it shall begin.
    """
    months, months_problems = _read(path, code, Figure.MONTHLY)
    published, published_problems = _read(check, code, Figure.PUBLISHED_12M) if check else ({}, ())
    problems = (*months_problems, *published_problems)
    if problems:
        return IndexReport(index=code, problems=problems)
    with unit_of_work(engine) as connection:
        book_store.lock_loading(connection)
        stored = series_by_code(connection)
        _refuse_unknown(code, {*stored, *library.library_indices()}, begin=begin)
        before = stored.get(code, IndexSeries(code, {}))
        after = joined(stored, [IndexSeries(code, months, published)])[code]
        problems = (*missing_months(after), *disagreements(after))
        if problems:
            return IndexReport(index=code, problems=problems)
        report = IndexReport(
            index=code,
            months=change_of(before.percent_by_month, months),
            twelve_months=change_of(before.published_12m, published),
            agreed=len(checkable_months(after)),
        )
        for kind, change in {
            Figure.MONTHLY: report.months,
            Figure.PUBLISHED_12M: report.twelve_months,
        }.items():
            book_store.add_index_months(connection, code, change.figures, clock.now(), kind=kind)
    return report


def _read(path: Path, code: str, kind: Figure) -> tuple[dict[date, Decimal], tuple[Problem, ...]]:
    try:
        read = read_figures(library.read_text(path), str(path), code, kind)
    except ClausulaError as error:
        return {}, (Problem.of(error),)
    return read.percent_by_month, read.problems


def _refuse_unknown(code: str, known: set[str], *, begin: bool) -> None:
    if code in known:
        return
    if not begin:
        raise NotFound(
            "no such price index",
            field="index",
            value=code,
            expected=f"{one_of(known, code)}; or --begin, to begin another index",
        )
    if not _CODE.fullmatch(code):
        raise InvalidInput(
            "not the code of an index",
            field="index",
            value=code,
            expected="up to 40 capital letters, digits and underscores, such as INPC_BR",
        )


def _lines(what: str, change: Change) -> tuple[str, ...]:
    if not change.figures and not change.known:
        return ()
    new, revised = change.new, change.revised
    head = f"{what}: {len(new)} new, {len(revised)} revised, {change.known} known"
    if len(new) > LISTED_MONTHS:
        told = [f"  new      {min(new):%Y-%m} to {max(new):%Y-%m}"]
    else:
        told = [f"  new      {month:%Y-%m}  {percent} %" for month, percent in sorted(new.items())]
    told += [
        f"  revised  {month:%Y-%m}  {each.was} % -> {each.now} %" for month, each in sorted(revised.items())
    ]
    return (head, *told)
