"""Price indices: monthly variations as published, each month once; a missing month is never guessed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import prod

from dateutil.relativedelta import relativedelta

from kernel.errors import IndexNotPublished
from kernel.periods import month_of

#: What a publisher's own accumulated figure spans.
YEAR_MONTHS = 12


class Figure(StrEnum):
    """The figures that are published of a month, in percent: its own variation, and that of twelve months."""

    MONTHLY = "monthly"
    PUBLISHED_12M = "published_12m"


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexFigure:
    """A figure as it was recorded: its revision is 1, and one more each time the month is published anew."""

    kind: Figure
    month: date
    revision: int
    percent: Decimal
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class IndexSeries:
    """The published figures of one index, in percent, by the first day of the month.

    ``percent_by_month`` are the monthly variations; ``published_12m``, where known, what the publisher says
    the twelve months to a month did: he divides index numbers, so that it may differ from the months
    compounded by a few hundredths of a point.

    Source of the Brazilian series: Banco Central do Brasil, SGS 189 (IGP-M), 433 (IPCA), 188 (INPC).
    """

    code: str
    percent_by_month: Mapping[date, Decimal] = field(repr=False)
    published_12m: Mapping[date, Decimal] = field(default_factory=dict, repr=False)

    def figures(self, kind: Figure) -> Mapping[date, Decimal]:
        """Return the figures of one kind."""
        return self.percent_by_month if kind is Figure.MONTHLY else self.published_12m

    def variation(self, month: date) -> Decimal:
        """Return one month's variation in percent, or say that it is not published."""
        return self._figure(Figure.MONTHLY, month, "the index is not published for this month")

    def twelve_months(self, last_month: date) -> Decimal:
        """Return the published variation of the twelve months to one, or say that it is not known."""
        return self._figure(
            Figure.PUBLISHED_12M,
            last_month,
            "the index's figure for the twelve months to this one is missing",
        )

    def window(self, last_month: date, months: int) -> tuple[tuple[date, Decimal], ...]:
        """Return so many months' variations, the last named one included, oldest first."""
        return tuple((month, self.variation(month)) for month in months_to(last_month, months))

    def compounded(self, last_month: date, months: int) -> Fraction:
        """Return what so many months did together, exactly: 1 % and 1 % are 1.0201."""
        return prod(
            (1 + Fraction(percent) / 100 for _, percent in self.window(last_month, months)), start=Fraction(1)
        )

    def _figure(self, kind: Figure, month: date, missing: str) -> Decimal:
        try:
            return self.figures(kind)[month_of(month)]
        except KeyError:
            raise IndexNotPublished(
                missing,
                field=self.code,
                value=f"{month:%Y-%m}",
                expected="this month's figure: clausula index import, or run again when it is out",
            ) from None


def months_to(last_month: date, months: int) -> tuple[date, ...]:
    """Return the first days of so many months, the last named one included, oldest first."""
    first = month_of(last_month) - relativedelta(months=months - 1)
    return tuple(first + relativedelta(months=offset) for offset in range(months))


def joined(known: Mapping[str, IndexSeries], more: Iterable[IndexSeries]) -> dict[str, IndexSeries]:
    """Return series by their code with further figures laid over them; the further ones prevail."""
    found = dict(known)
    for each in more:
        before = found.get(each.code, IndexSeries(each.code, {}))
        found[each.code] = IndexSeries(
            each.code,
            {**before.percent_by_month, **each.percent_by_month},
            {**before.published_12m, **each.published_12m},
        )
    return found
