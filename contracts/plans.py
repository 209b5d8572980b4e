"""Plans: what is sold, frozen per version.  A subscription keeps the version it was signed with."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from contracts.charges import Charge, Flat, Timing
from contracts.clauses import DocumentHead, Layer, Record, VersionNumber
from contracts.promises import Promise
from contracts.reductions import Reduction
from kernel.money import minor_unit_digits
from kernel.periods import Cycle, CycleUnit, week_of, year_of


class CycleLength(StrEnum):
    """How often a plan bills."""

    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    SEMI_ANNUAL = "semi_annual"
    ANNUAL = "annual"


_UNITS = {
    CycleLength.WEEKLY: (CycleUnit.DAY, 7),
    CycleLength.MONTHLY: (CycleUnit.MONTH, 1),
    CycleLength.QUARTERLY: (CycleUnit.MONTH, 3),
    CycleLength.SEMI_ANNUAL: (CycleUnit.MONTH, 6),
    CycleLength.ANNUAL: (CycleUnit.MONTH, 12),
}


class Alignment(StrEnum):
    """Where periods begin: on the day on which a subscription starts, or with the calendar's.

    Calendar weeks begin on Monday, months on the 1st, quarters and half-years with January's.
    """

    ANNIVERSARY = "anniversary"
    CALENDAR = "calendar"


class Plan(Record, frozen=True, kw_only=True):
    """One version of a plan: its charges, its currency, its cycle and the documents that govern it.

    ``product`` is what a customer may hold once at a time; ``documents`` are ids of terms documents.  A plan
    that is a ``trial`` lasts as long as the terms' rule of trials says.  ``usage_cycle`` bills use on another
    cycle than fees: a fee for a year, its overage each month.  ``reductions`` and ``promises`` are those of
    the plan itself; they stand beside what its annexes state, and an order form prevails over them.
    """

    code: str
    version: VersionNumber
    product: str
    vendor: str
    name: str
    currency: str
    cycle: CycleLength = CycleLength.MONTHLY
    usage_cycle: CycleLength | None = None
    aligned: Alignment = Alignment.ANNIVERSARY
    effective_from: date
    documents: tuple[str, ...]
    trial: bool = False
    charge: tuple[Charge, ...]
    reductions: dict[str, Reduction] = {}
    promises: dict[str, Promise] = {}

    def __post_init__(self) -> None:
        """Refuse a plan whose currency is unknown or which names two charges alike."""
        minor_unit_digits(self.currency)
        codes = [charge.code for charge in self.charge]
        if len(set(codes)) != len(codes):
            message = f"charge: two charges bear one code in {codes}"
            raise ValueError(message)
        in_arrears = [
            each.code for each in self.charge if isinstance(each, Flat) and each.timing is Timing.IN_ARREARS
        ]
        if self.usage_cycle is not None and in_arrears:
            message = f"usage_cycle: a fee in arrears needs one cycle for all, and {in_arrears[0]} is one"
            raise ValueError(message)

    @property
    def head(self) -> DocumentHead:
        """The plan as a paper, where it states reductions or promises itself."""
        return DocumentHead(
            id=self.code,
            vendor=self.vendor,
            layer=Layer.ANNEX,
            title=self.name,
            version=str(self.version),
            effective_from=self.effective_from,
        )

    def cycle_from(self, anchor: date, day: int = 0) -> Cycle:
        """Return the tiling of time by this plan's cycle that is anchored on a day."""
        return _tiling(self.cycle, anchor, day)

    def fee_cycle(self, starts_on: date, billing_day: int = 0) -> Cycle:
        """Return the tiling of time in which the fees of a subscription are billed."""
        return self._aligned(self.cycle, starts_on, billing_day)

    def use_cycle(self, starts_on: date, billing_day: int = 0) -> Cycle:
        """Return the tiling of time in which the use of a subscription is billed."""
        return self._aligned(self.usage_cycle or self.cycle, starts_on, billing_day)

    def _aligned(self, length: CycleLength, starts_on: date, billing_day: int) -> Cycle:
        if self.aligned is Alignment.ANNIVERSARY:
            return _tiling(length, starts_on, billing_day)
        if length is CycleLength.WEEKLY:
            return _tiling(length, week_of(starts_on), 0)
        return _tiling(length, year_of(starts_on), billing_day)


def _tiling(length: CycleLength, anchor: date, day: int) -> Cycle:
    unit, count = _UNITS[length]
    return Cycle(anchor, count, unit, day if unit is CycleUnit.MONTH else 0)
