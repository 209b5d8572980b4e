"""Price indices: monthly variations as published, each month once; a missing month is never guessed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from dateutil.relativedelta import relativedelta

from kernel.errors import IndexNotPublished
from kernel.periods import month_of


@dataclass(frozen=True, slots=True)
class IndexSeries:
    """The published monthly variations of one index, in percent, by the first day of the month.

    Source of the Brazilian series: Banco Central do Brasil, SGS 189 (IGP-M), 433 (IPCA), 188 (INPC).
    """

    code: str
    percent_by_month: Mapping[date, Decimal] = field(repr=False)

    def variation(self, month: date) -> Decimal:
        """Return one month's variation in percent, or say that it is not published."""
        try:
            return self.percent_by_month[month_of(month)]
        except KeyError:
            raise IndexNotPublished(
                "the index is not published for this month",
                field=self.code,
                value=f"{month:%Y-%m}",
                expected="a row for this month; import the index, or run again when it is out",
            ) from None

    def window(self, last_month: date, months: int) -> tuple[tuple[date, Decimal], ...]:
        """Return so many months' variations, the last named one included, oldest first."""
        first = month_of(last_month) - relativedelta(months=months - 1)
        wanted = [first + relativedelta(months=offset) for offset in range(months)]
        return tuple((month, self.variation(month)) for month in wanted)
