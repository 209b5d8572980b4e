"""Service levels: the availability promised and how it is measured, what missing it gives, when it frees.

Three families, for three papers may state them: ``[service_levels.CODE]`` in an annex, its table of credits
``[service_credits.CODE]`` in an order form, and ``[service_exits.CODE]`` where somebody may leave over it.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated

import msgspec

from contracts.clauses import Days, Record, Rule
from contracts.indices import YEAR_MONTHS
from kernel.money import Percent

HUNDRED_PERCENT = 100


class MonthHours(StrEnum):
    """How many hours a month has: 720, or 744 where it has 31 days; or those that it really has."""

    STANDARD = "standard"
    CALENDAR = "calendar"


class OutageStart(StrEnum):
    """From when an outage counts: from its begin, or from the customer's report of it."""

    BEGAN = "began"
    REPORTED = "reported"


class OutageCause(StrEnum):
    """Whose affair an outage is."""

    FAULT = "fault"
    MAINTENANCE = "maintenance"
    REQUESTED_CHANGE = "requested_change"
    FORCE_MAJEURE = "force_majeure"
    THIRD_PARTY = "third_party"
    CUSTOMER = "customer"
    NETWORK = "network"


class ServiceLevel(Rule, frozen=True, kw_only=True):
    """The availability that is promised for a month, of a service or of each of some parts of it.

    ``excluded`` names causes, and ``excluded_parts`` parts, whose outages do not count; time in which one of
    them lasts is no outage of another cause either.  ``hours_clause``, ``start_clause`` and
    ``excluded_clause`` are the clauses of these rules, where they stand apart.
    """

    target_percent: Decimal
    parts: tuple[str, ...] = ()
    month_hours: MonthHours = MonthHours.CALENDAR
    hours_clause: str = ""
    counted_from: OutageStart = OutageStart.BEGAN
    start_clause: str = ""
    excluded: tuple[OutageCause, ...] = ()
    excluded_parts: tuple[str, ...] = ()
    excluded_clause: str = ""

    def __post_init__(self) -> None:
        """Refuse a target that nobody can miss or meet."""
        _within_hundred(self.target_percent, "target_percent")

    @property
    def measured_parts(self) -> tuple[str, ...]:
        """The parts that are measured each on its own; the service as a whole, where none is named."""
        return self.parts or ("",)

    def counts(self, cause: OutageCause, part: str) -> bool:
        """Tell whether outages of a cause, in a part, count."""
        return cause not in self.excluded and not (part and part in self.excluded_parts)


class CreditStep(Record, frozen=True, kw_only=True):
    """Below an availability so many percent of a month's fee are given back."""

    below_percent: Decimal = Decimal(0)
    credit_percent: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        """Refuse an availability that there is not, and a credit beyond the fee."""
        _within_hundred(self.below_percent, "below_percent")
        _within_hundred(self.credit_percent, "credit_percent")

    @property
    def credit(self) -> Percent:
        """The percentage of the fee."""
        return Percent(self.credit_percent)


class ServiceCredit(Rule, frozen=True, kw_only=True):
    """What a month that missed a level gives back: a percentage of the month's fees by a table.

    ``charges`` names these fees (none: those of the part, or all of them); a credit is claimed within
    ``claim_days`` after the month (0: at any time).
    """

    level: str
    name: str = "Service level credit"
    steps: tuple[CreditStep, ...] = ()
    charges: tuple[str, ...] = ()
    claim_days: Days = 0


class ServiceExit(Rule, frozen=True, kw_only=True):
    """When missing a level lets the customer leave by an ending, whose event is the last day of the month.

    It is so after so many months in a row, after ``months`` of any ``of_months``, or after one month below a
    percentage; what is 0 frees nobody.
    """

    level: str
    ending: str
    consecutive_months: Annotated[int, msgspec.Meta(ge=0, le=120)] = 0
    months: Annotated[int, msgspec.Meta(ge=0, le=120)] = 0
    of_months: Annotated[int, msgspec.Meta(ge=1, le=120)] = YEAR_MONTHS
    below_percent: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        """Refuse more months than there are."""
        _within_hundred(self.below_percent, "below_percent")
        if self.months > self.of_months:
            message = f"months: must not exceed of_months {self.of_months}, is {self.months}"
            raise ValueError(message)


def _within_hundred(percent: Decimal, name: str) -> None:
    if not 0 <= percent <= HUNDRED_PERCENT:
        message = f"{name}: must lie between 0 and 100, is {percent}"
        raise ValueError(message)
