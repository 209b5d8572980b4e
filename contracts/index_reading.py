"""A published price index as text becomes figures by month: each month once, none left out, all exact.

Three shapes are read, told apart by how they begin:

- the house's own CSV, ``month,igpm_pct`` with ``2026-04,2.73``;
- the CSV that Banco Central do Brasil exports from SGS, ``data;valor`` with ``01/04/2026;2,73``;
- its JSON, ``[{"data":"01/04/2026","valor":"2.73"}]``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

import msgspec
from dateutil.relativedelta import relativedelta

from contracts.csv_reading import Columns, parse_csv
from contracts.indices import Figure, IndexSeries
from kernel.errors import InvalidBook
from kernel.problems import Problem

#: No month's variation of a real index lies beyond: Brazil's worst was 84 %.  More is a slipped point.
LARGEST_VARIATION_PERCENT = 100

#: Nor what twelve months did: Brazil's worst was 6,800 %.
LARGEST_TWELVE_MONTHS_PERCENT = 10_000

MONTH_COLUMN = "month"
_PERCENT_COLUMNS = {Figure.MONTHLY: "{}_pct", Figure.PUBLISHED_12M: "{}_12m_pct"}
#: Some offices publish the index's level too; the first level has no variation.
_LEVEL = "_index"

_SGS_MONTH, _SGS_PERCENT = "data", "valor"
_NUMBER = {point: re.compile(rf"-?\d+([{point}]\d+)?", re.ASCII) for point in ".,"}
_NOT_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of a file by month, and a problem with its place for each row that is no good."""

    percent_by_month: dict[date, Decimal]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class _Row:
    """One row as it was written, and where; ``level`` stands for a variation that no month precedes."""

    place: str
    month: str
    percent: str
    level: bool = False


@dataclass(frozen=True, slots=True)
class _Shape:
    """How a kind of file writes months and percents, and what its fields are called."""

    month_field: str
    percent_field: str
    month_format: str = "%d/%m/%Y"
    point: str = "."


def parse_index(text: str, name: str, code: str) -> IndexSeries:
    """Return the series that a file holds; raises :class:`InvalidBook` for its first bad row."""
    return IndexSeries(code, _sound(read_figures(text, name, code)))


def parse_published(text: str, name: str, code: str) -> dict[date, Decimal]:
    """Return the published figures of twelve months that a file holds; raises as :func:`parse_index`."""
    return _sound(read_figures(text, name, code, Figure.PUBLISHED_12M))


def read_figures(text: str, name: str, code: str, kind: Figure = Figure.MONTHLY) -> Figures:
    """Return the figures of a file, and a problem for each row that holds none.

    Monthly variations tile: a month that is left out, or stands twice, is a problem.  Published figures of
    twelve months may leave months out.
    """
    shape, rows, problems = _rows(text, name, code, kind)
    reading = _Reading(shape, kind, tiles=kind is Figure.MONTHLY and not problems)
    for row in rows:
        reading.take(row)
    found = (*problems, *reading.problems)
    if not found and not reading.figures:
        found = (Problem.of(_empty(name, shape)),)
    return Figures(reading.figures, found)


@dataclass(slots=True)
class _Reading:
    """Takes rows one after the other."""

    shape: _Shape
    kind: Figure
    tiles: bool
    figures: dict[date, Decimal] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    above: date | None = None

    def take(self, row: _Row) -> None:
        """Keep what a row says, or the reason why it says nothing."""
        try:
            month = _month(row, self.shape)
        except InvalidBook as error:
            self.problems.append(Problem.of(error))
            self.above = None  # so that one bad month does not make the next one a gap
            return
        above, self.above = self.above, month
        try:
            self._follow(row, month, above)
            if row.percent or not row.level or self.figures:
                self.figures[month] = _percent(row, self.shape, self.kind)
        except InvalidBook as error:
            self.problems.append(Problem.of(error))

    def _follow(self, row: _Row, month: date, above: date | None) -> None:
        if above is None:
            return
        following = above + relativedelta(months=1)
        if self.tiles and month != following:
            raise _refused(
                row, self.shape.month_field, row.month, f"{following:%Y-%m}, the month after the row above"
            )
        if month < following:
            raise _refused(
                row, self.shape.month_field, row.month, f"a month after the row above, {above:%Y-%m}"
            )


def _rows(
    text: str, name: str, code: str, kind: Figure
) -> tuple[_Shape, Sequence[_Row], tuple[Problem, ...]]:
    if text.lstrip()[:1] in {"[", "{"}:
        shape = _Shape(_SGS_MONTH, _SGS_PERCENT)
        return shape, *_json_rows(text, name)
    shape = _Shape(MONTH_COLUMN, _PERCENT_COLUMNS[kind].format(code.lower()), "%Y-%m")
    columns = Columns(
        known=(shape.month_field, shape.percent_field, code.lower() + _LEVEL),
        required=(shape.month_field, shape.percent_field),
    )
    if _is_export(text):
        shape = _Shape(_SGS_MONTH, _SGS_PERCENT, point=",")
        columns = Columns(known=(_SGS_MONTH, _SGS_PERCENT), required=(_SGS_MONTH, _SGS_PERCENT))
    rows, problems = parse_csv(text, name, columns)
    given = [
        _Row(
            row.place(),
            row.cells.get(shape.month_field, ""),
            row.cells.get(shape.percent_field, ""),
            level=code.lower() + _LEVEL in row.cells,
        )
        for row in rows
    ]
    return shape, given, problems


def _is_export(text: str) -> bool:
    head = next((line for line in text.splitlines() if line.strip() and not line.startswith("#")), "")
    return {_SGS_MONTH, _SGS_PERCENT} == {cell.strip().strip('"') for cell in head.split(";")}


class _Exported(msgspec.Struct, forbid_unknown_fields=True):
    """One item of the exported JSON."""

    data: str
    valor: str


def _json_rows(text: str, name: str) -> tuple[list[_Row], tuple[Problem, ...]]:
    data = text.encode()
    try:
        items = msgspec.json.decode(data, type=list[msgspec.Raw])
    except _NOT_JSON as error:
        right = '[{"data": "01/04/2026", "valor": "2.73"}, ...]'
        raise InvalidBook(
            "the file is not a list in JSON", value=error, expected=right, place=f"{name}:1"
        ) from None
    rows: list[_Row] = []
    problems: list[Problem] = []
    for place, item in _placed(data, items, name):
        try:
            exported = msgspec.json.decode(item, type=_Exported)
            rows.append(_Row(place, exported.data, exported.valor))
        except msgspec.ValidationError as error:
            refusal = InvalidBook(
                "not a month of a price index",
                field=_SGS_PERCENT,
                value=item.decode(),
                expected=f'{{"data": "01/04/2026", "valor": "2.73"}}: {error}',
                place=place,
            )
            problems.append(Problem.of(refusal))
    return rows, tuple(problems)


def _placed(data: bytes, items: Sequence[msgspec.Raw], name: str) -> Iterator[tuple[str, bytes]]:
    """Yield each item with its line; all may stand on one, so its number in the list is told besides."""
    position = line_from = 0
    line = 1
    for number, raw in enumerate(items, 1):
        item = bytes(raw)
        position = data.index(item, position)
        line += data.count(b"\n", line_from, position)
        line_from = position
        yield f"{name}:{line} item {number}", item
        position += len(item)


def _month(row: _Row, shape: _Shape) -> date:
    example = date(2026, 4, 1).strftime(shape.month_format)
    try:
        day = datetime.strptime(row.month, shape.month_format).date()  # noqa: DTZ007 a month has no zone
    except ValueError:
        day = None
    if day is None or day.day != 1 or day.strftime(shape.month_format) != row.month:
        raise _refused(
            row, shape.month_field, row.month, f"the first day of a month such as {example}"
        ) from None
    return day


def _percent(row: _Row, shape: _Shape, kind: Figure) -> Decimal:
    largest = LARGEST_VARIATION_PERCENT if kind is Figure.MONTHLY else LARGEST_TWELVE_MONTHS_PERCENT
    written = _NUMBER[shape.point].fullmatch(row.percent)
    percent = Decimal(written[0].replace(shape.point, ".")) if written else None
    if percent is None or abs(percent) > largest:
        right = f"a percentage such as -0{shape.point}34, up to {largest}"
        raise _refused(row, shape.percent_field, row.percent, right)
    return percent


def _refused(row: _Row, name: str, value: str, expected: str) -> InvalidBook:
    return InvalidBook(
        "not a row of a price index", field=name, value=value, expected=expected, place=row.place
    )


def _empty(name: str, shape: _Shape) -> InvalidBook:
    return InvalidBook(
        "the file holds no month",
        field=shape.month_field,
        expected="a row for each published month",
        place=f"{name}:1",
    )


def _sound(read: Figures) -> dict[date, Decimal]:
    for problem in read.problems:
        raise InvalidBook(
            problem.message,
            field=problem.field,
            value=problem.value,
            expected=problem.expected,
            place=problem.place,
        )
    return read.percent_by_month
