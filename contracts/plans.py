"""Plans: what is sold, frozen per version.  A subscription keeps the version it was signed with."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from contracts.charges import Charge
from contracts.clauses import DocumentHead, Layer, Record, VersionNumber
from contracts.promises import Promise
from contracts.reductions import Reduction
from kernel.money import minor_unit_digits
from kernel.periods import Cycle, CycleUnit


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


class Plan(Record, frozen=True, kw_only=True):
    """One version of a plan: its charges, its currency, its cycle and the documents that govern it.

    ``product`` is what a customer may hold once at a time; ``documents`` are ids of terms documents.  A plan
    that is a ``trial`` lasts as long as the terms' rule of trials says.  ``reductions`` and ``promises`` are
    those of the plan itself; they stand beside what its annexes state, and an order form prevails over them.
    """

    code: str
    version: VersionNumber
    product: str
    vendor: str
    name: str
    currency: str
    cycle: CycleLength = CycleLength.MONTHLY
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
        """Return the tiling of time in which a subscription that is anchored on a day is billed."""
        unit, length = _UNITS[self.cycle]
        return Cycle(anchor, length, unit, day if unit is CycleUnit.MONTH else 0)
