"""What a late payment costs: the fine, the interest and the monetary correction that a clause states.

Papers name a rate and leave the rest open: on what, in which order, by which days.  Each of these is a
parameter, whose default is the house's reading.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from contracts.clauses import Rule
from contracts.indices import YEAR_MONTHS
from kernel.money import Percent


class DayBasis(StrEnum):
    """How a monthly interest becomes a daily one."""

    THIRTY = "thirty"
    CALENDAR_MONTH = "calendar_month"
    YEAR_365 = "year_365"
    STARTED_MONTH = "started_month"


class Compounding(StrEnum):
    """Whether interest bears interest: never, or from month to month."""

    SIMPLE = "simple"
    MONTHLY = "monthly"


class ChargeBase(StrEnum):
    """Whether fine and interest are taken on the original principal or on the corrected one."""

    ORIGINAL = "original"
    CORRECTED = "corrected"


class FineBase(StrEnum):
    """What the fine is taken on: what the interest is, or one of the amounts that grow from the principal."""

    AS_INTEREST = "as_interest"
    ORIGINAL = "original"
    CORRECTED = "corrected"
    CORRECTED_WITH_INTEREST = "corrected_with_interest"


class ChargeOrder(StrEnum):
    """Whether the principal is corrected first, or the fine joins it first and is corrected with it."""

    CORRECTION_FIRST = "correction_first"
    FINE_FIRST = "fine_first"


class CorrectionProration(StrEnum):
    """Whether the first and the last month of a monetary correction count by their late days or in full."""

    DAYS = "days"
    WHOLE_MONTHS = "whole_months"


class CorrectionFloor(StrEnum):
    """What a fall of the index counts as zero for: the whole late time, or each month of it."""

    WHOLE = "whole"
    MONTH = "month"


class ClosedDueDate(StrEnum):
    """Whether a due date on a day on which banks are closed stands, or payment may wait for the next."""

    STANDS = "stands"
    NEXT_BUSINESS_DAY = "next_business_day"


class LateChargeRule(Rule, frozen=True, kw_only=True):
    """What a late payment costs: a fine once, interest by the month pro rata die, perhaps a correction.

    ``correction_index`` names a price index whose positive variation corrects the principal (Annex X 8);
    empty, there is no correction (Annex IX 6.2).  The interest is stated by the month or by the year.

    ``cap_percent`` is the most that fine and interest may come to, of the late principal (0: no cap).
    """

    fine_percent: Decimal
    interest_percent_per_month: Decimal = Decimal(0)
    interest_percent_per_year: Decimal = Decimal(0)
    day_basis: DayBasis = DayBasis.THIRTY
    compounding: Compounding = Compounding.SIMPLE
    correction_index: str = ""
    charge_base: ChargeBase = ChargeBase.CORRECTED
    fine_base: FineBase = FineBase.AS_INTEREST
    order: ChargeOrder = ChargeOrder.CORRECTION_FIRST
    correction_proration: CorrectionProration = CorrectionProration.DAYS
    correction_floor: CorrectionFloor = CorrectionFloor.WHOLE
    closed_due_date: ClosedDueDate = ClosedDueDate.STANDS
    cap_percent: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        """Refuse a charge that would reward a late payment, and one that could be read in two ways."""
        for name in (
            "fine_percent",
            "interest_percent_per_month",
            "interest_percent_per_year",
            "cap_percent",
        ):
            percent: Decimal = getattr(self, name)
            if not percent.is_finite() or percent < 0:
                message = f"{name}: must be a number and not negative, is {percent}"
                raise ValueError(message)
        if self.interest_percent_per_month and self.interest_percent_per_year:
            message = "interest_percent_per_year: interest is stated by the month or by the year, not by both"
            raise ValueError(message)
        if self.order is ChargeOrder.FINE_FIRST and self.fine_base not in _KNOWN_BEFORE_CORRECTION:
            message = f"fine_base: a fine that comes first is taken on the principal, not on {self.fine_base}"
            raise ValueError(message)

    @property
    def fine(self) -> Percent:
        """The fine, taken once."""
        return Percent(self.fine_percent)

    @property
    def interest_per_month(self) -> Fraction:
        """The interest of a month as a share of its base: 8 % a year are 1/150."""
        if self.interest_percent_per_year:
            return Percent(self.interest_percent_per_year).exact / YEAR_MONTHS
        return Percent(self.interest_percent_per_month).exact

    @property
    def cap(self) -> Percent | None:
        """The most that fine and interest may come to, if there is a most."""
        return Percent(self.cap_percent) if self.cap_percent else None


#: What a fine may be taken on before anything is corrected.
_KNOWN_BEFORE_CORRECTION = frozenset({FineBase.AS_INTEREST, FineBase.ORIGINAL})
