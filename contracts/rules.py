"""Rules about money, suspensions, and usage: its times, how long it is kept; each names its clause."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec

from contracts.clauses import Days, Rule
from contracts.indices import YEAR_MONTHS
from kernel.money import Rounding


class PaymentRule(Rule, frozen=True, kw_only=True):
    """An invoice is due so many days after the day on which it is sent (Annex IX 5: 20 days)."""

    due_days_after_sent: Days


class TaxMode(StrEnum):
    """Whether a price is before taxes or holds them already."""

    EXCLUSIVE = "exclusive"
    INCLUSIVE = "inclusive"


class TaxRounding(StrEnum):
    """Whether the tax of each line is rounded by itself, or that of the document, which its lines share."""

    LINE = "line"
    DOCUMENT = "document"


class TaxShift(StrEnum):
    """Which changes of the taxes inside a price move the price: none, those that raise it, or all."""

    BORNE = "borne"
    INCREASE = "increase"
    CHANGE = "change"


class TaxRule(Rule, frozen=True, kw_only=True):
    """Whether prices hold their taxes (Annex X 9) or not (Annex IX 3.1), and how these become money.

    ``shift`` says what a later change of a rate does to a price that holds it: a paper that lets a proven
    rise raise the price states ``increase`` (Annex X 9); one that is silent leaves the vendor to bear it.
    """

    mode: TaxMode
    rounded_per: TaxRounding = TaxRounding.LINE
    rounding: Rounding = Rounding.HALF_UP
    shift: TaxShift = TaxShift.BORNE


class IndexFloor(StrEnum):
    """What a negative accumulated variation does to a price."""

    POSITIVE_ONLY = "positive_only"
    CARRY = "carry"
    FULL = "full"


class Accumulation(StrEnum):
    """Whether the monthly variations are compounded, or the publisher's own figure of twelve months holds."""

    COMPOUND_MONTHLY = "compound_monthly"
    PUBLISHED_12M = "published_12m"


class Unpublished(StrEnum):
    """What becomes of a contract whose index is not out: it waits, or is billed and caught up later."""

    WAIT = "wait"
    CATCH_UP = "catch_up"


class IndexationRule(Rule, frozen=True, kw_only=True):
    """A yearly adjustment of prices by the accumulated variation of an index.

    The window is ``months`` published variations ending ``window_end_offset_months`` from the anniversary's
    month (-1: the month before).  ``entity_countries``, where not empty, limits the rule to the contracts
    that a legal entity of these countries issues (Annex IX 12.3).

    ``substitute`` names another index (Annex X 4), used for the whole window when the first was discontinued:
    when that is not out more than ``substitute_after_days`` days after the end of the window, and this is.

    ``unpublished`` says what becomes of a contract whose anniversary is there and whose index is not.  With
    ``wait`` it is set aside until the month is published.  With ``catch_up`` it is billed at the old price;
    once the month is published, fees whose period begins on or after the anniversary owe the new price from
    there on, and what was billed too little comes as a difference on the next invoice.  Use that was billed
    keeps the price in force when it was billed, late use of those days too.
    """

    index: str
    months: Annotated[int, msgspec.Meta(ge=1, le=120)] = 12
    window_end_offset_months: Annotated[int, msgspec.Meta(ge=-12, le=0)] = -1
    floor: IndexFloor = IndexFloor.POSITIVE_ONLY
    entity_countries: tuple[str, ...] = ()
    accumulation: Accumulation = Accumulation.COMPOUND_MONTHLY
    substitute: str = ""
    substitute_after_days: Days = 30
    unpublished: Unpublished = Unpublished.WAIT

    def __post_init__(self) -> None:
        """Refuse a published figure of other months than twelve, and an index that replaces itself."""
        if self.accumulation is Accumulation.PUBLISHED_12M and self.months != YEAR_MONTHS:
            message = f"months: what is published spans {YEAR_MONTHS}, not {self.months}"
            raise ValueError(message)
        if self.substitute == self.index:
            message = f"substitute: another index than {self.index}"
            raise ValueError(message)

    def adjusts(self, country: str) -> bool:
        """Tell whether the rule adjusts what a legal entity of a country issues; an empty list means all."""
        return not self.entity_countries or country in self.entity_countries


class SuspensionBilling(StrEnum):
    """What is billed while a service does not work, or not all of it."""

    FULL = "full"
    AVAILABLE_PARTS = "available_parts"


class SuspensionBillingRule(Rule, frozen=True, kw_only=True):
    """Billing during a suspension: in full (13.3), or only the parts still working (Annex IX 6.1).

    While both sides have agreed to a pause no part works: by the same words nothing is charged, unless a rule
    bills it in ``full``.
    """

    partial: SuspensionBilling
    total: SuspensionBilling = SuspensionBilling.FULL
    paused: SuspensionBilling = SuspensionBilling.AVAILABLE_PARTS


class DunningAction(StrEnum):
    """What a step of the ladder allows."""

    REMIND = "remind"
    NOTIFY = "notify"
    SUSPEND_PART = "suspend_part"
    SUSPEND = "suspend"
    TERMINATE = "terminate"
    DELETE_DATA = "delete_data"


class DunningAnchor(StrEnum):
    """The recorded fact that a step's days are counted from."""

    DUE = "due"
    NOTICE_DELIVERED = "notice_delivered"
    SUSPENDED = "suspended"


class StepMode(StrEnum):
    """Whether a step acts by itself or proposes what a person confirms."""

    AUTOMATIC = "automatic"
    PROPOSAL = "proposal"


class DunningStep(Rule, frozen=True, kw_only=True):
    """One rung: an action that is allowed when more than so many days have passed since its anchor.

    ``part`` names what a partial suspension stops; ``notice`` the code of the step whose delivery anchors it.
    """

    code: str
    action: DunningAction
    anchor: DunningAnchor = DunningAnchor.DUE
    more_than_days: Days
    mode: StepMode = StepMode.AUTOMATIC
    part: str = ""
    notice: str = ""


class DunningRule(Rule, frozen=True, kw_only=True):
    """The ladder of a contract, in the order of its rungs; and what paying restores."""

    steps: tuple[DunningStep, ...]
    connectors_restored: bool = True


class UsageTimesRule(Rule, frozen=True, kw_only=True):
    """How far from the clock an event of usage may lie when it comes in.

    Ahead of it by at most ``future_minutes``, for clocks differ; behind it by at most ``past_days``, which an
    import with ``--backfill`` is not held to.  What lies further waits in quarantine.
    """

    future_minutes: Annotated[int, msgspec.Meta(ge=0, le=1_440)] = 5
    past_days: Days = 35


class UsageRetentionRule(Rule, frozen=True, kw_only=True):
    """How many whole months after a month of use its single events stay in the database.

    The sums by day stay for ever.  Older events are archived in files, and can be put back.
    """

    months: Annotated[int, msgspec.Meta(ge=1, le=1_200)] = 13
