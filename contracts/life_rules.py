"""Rules about the life of a contract: its term, its trial, how it changes, how it ends, what is due when.

Single rules stand in ``[rules.…]``.  Ways to change or to end, and duties, come in families: each has a code
of its own (``[endings.convenience]``), which a higher layer may state anew.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated

import msgspec

from contracts.clauses import THRESHOLDS, Days, Rule, Thresholds

#: Months that a term or a duty may last: ten years.
Months = Annotated[int, msgspec.Meta(ge=0, le=120)]

#: Hours within which something must be told: two weeks and no more, beyond that papers speak of days.
Hours = Annotated[int, msgspec.Meta(ge=0, le=336)]

#: Minutes that an interruption may last: a month.
Minutes = Annotated[int, msgspec.Meta(ge=0, le=44_640)]

#: An hour of the day; 24 is the midnight that ends it.
HourOfDay = Annotated[int, msgspec.Meta(ge=0, le=24)]


class Party(StrEnum):
    """A side of the contract."""

    CUSTOMER = "customer"
    VENDOR = "vendor"
    EITHER = "either"


class DayKind(StrEnum):
    """Which days a time limit counts."""

    CALENDAR = "calendar"
    BUSINESS = "business"


class Renewal(StrEnum):
    """What follows on the last day of a term."""

    NONE = "none"
    SAME_TERM = "same_term"


class RefusalTime(StrEnum):
    """When a renewal may be refused: inside the last days of the term, or no later than so many before."""

    WITHIN = "within"
    AT_LEAST = "at_least"


class TermRule(Rule, frozen=True, kw_only=True):
    """How long a contract lasts, and whether it goes on (Annex X 12).

    ``months`` of 0 is the plan's own cycle.  A renewal is refused in writing, ``refusal_days`` before the end
    of the term: ``within`` them, or ``at_least`` so many before.
    """

    months: Months = 0
    renewal: Renewal = Renewal.NONE
    refusal_days: Days = 0
    refusal: RefusalTime = RefusalTime.WITHIN


class TrialRule(Rule, frozen=True, kw_only=True):
    """How long a plan that is a trial may be tried: so many days or so many units, whichever ends first.

    Word is sent when use reaches one of the ``thresholds``, in percent of the units.
    """

    days: Days
    meter: str = ""
    limit: Decimal = Decimal(0)
    thresholds: Thresholds = THRESHOLDS


class PlanChangeRule(Rule, frozen=True, kw_only=True):
    """Another plan starts with the first cycle that lies the notice or more after it was asked for.

    ``smaller`` tells whether the new one may cost less within the term (Annex X 4(d): it may not).
    """

    notice_days: Days = 0
    smaller: bool = True


class ForceMajeureRule(Rule, frozen=True, kw_only=True):
    """What force majeure moves: it is told within days, and time limits that it hits grow by its length."""

    report_days: Days
    shifts_deadlines: bool = True


class CapAnchor(StrEnum):
    """The day that the months of a liability cap are counted back from."""

    BREACH = "breach"
    CLAIM = "claim"


class LiabilityRule(Rule, frozen=True, kw_only=True):
    """The cap of the vendor's liability: a percentage of what was paid in the months before a day.

    Where ``at_least`` is more, the cap is that.  ``uncapped`` names what no cap holds for.
    """

    months: Annotated[int, msgspec.Meta(ge=1, le=120)] = 12
    percent: Decimal = Decimal(100)
    at_least: Decimal = Decimal(0)
    at_least_currency: str = ""
    counted_to: CapAnchor = CapAnchor.BREACH
    uncapped: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a cap below nothing, and a least amount without a currency."""
        if self.percent < 0 or self.at_least < 0:
            message = "percent: neither percent nor at_least is negative"
            raise ValueError(message)
        if bool(self.at_least) != bool(self.at_least_currency):
            message = "at_least_currency: a least amount and its currency stand together"
            raise ValueError(message)


class Refund(StrEnum):
    """What of a prepaid fee an ending gives back."""

    NONE = "none"
    PRO_RATA = "pro_rata"


class EndsWith(StrEnum):
    """The last day of a contract that is ended: of the notice, of the cycle, or of the old price."""

    NOTICE = "notice"
    CYCLE = "cycle"
    OLD_PRICE = "old_price"


class Ending(Rule, frozen=True, kw_only=True):
    """A way in which a contract may end: who may end it, with what notice, and what follows.

    ``event`` names what must have happened first, ``lasting_over_days`` how long it must have gone on, and
    ``within_days`` how soon after it the word must be given.  Where it is ``curable`` the notice is the time
    to mend, and what is mended ends nothing.  ``last_day`` is that of the notice, or the later one of the
    cycle; one that ends over a change may last as long as what the change would replace (``old_price``).
    ``partial`` lets it end one part of the service alone; ``settled_first`` leaves no open debt behind.
    """

    by: Party
    event: str = ""
    lasting_over_days: Days = 0
    within_days: Days | None = None
    notice_days: Days = 0
    day_kind: DayKind = DayKind.CALENDAR
    last_day: EndsWith = EndsWith.NOTICE
    curable: bool = False
    partial: bool = False
    settled_first: bool = False
    refund: Refund = Refund.NONE


class Suspension(Rule, frozen=True, kw_only=True):
    """A cause, other than a debt, for which the vendor may stop a service until a person restores it.

    Where it is ``announced`` the customer is told ``notice_days`` before (``notice_clause``, if that is
    another).  Where a duty stands in ``after``, its time has to be over.  ``unless_harm`` lets both be
    left out where a warning might do harm.  ``partial`` lets it stop one part of the service alone.
    """

    announced: bool = False
    notice_days: Days = 0
    notice_clause: str = ""
    after: str = ""
    unless_harm: bool = False
    partial: bool = False

    def __post_init__(self) -> None:
        """Refuse a notice of a suspension that is not announced, and harm that excuses nothing."""
        if not self.announced and (self.notice_days or self.notice_clause):
            message = "announced: only a suspension that is announced has a notice"
            raise ValueError(message)
        if self.unless_harm and not (self.announced or self.after):
            message = "unless_harm: there is neither an announcement nor a duty that harm could excuse"
            raise ValueError(message)


class NoticeAnchor(StrEnum):
    """The day that a notice is counted from: when it was published, or when it arrived."""

    PUBLISHED = "published"
    DELIVERED = "delivered"


class ChangeException(Rule, frozen=True, kw_only=True):
    """A reason for which a change waits less than its notice, with the clause that allows it."""

    code: str
    notice_days: Days = 0


class Change(Rule, frozen=True, kw_only=True):
    """How the vendor changes a price or the terms: by a notice, which the customer may turn down.

    It takes effect ``notice_days`` after the notice and, where the paper says so too, ``in_force_days`` after
    it: the later counts.  The customer may turn it down for ``objection_days``, or until the day before it
    takes effect; ``ending`` names what that does to the contract, and without one nobody may turn it down.
    Silence accepts (``silence_clause``).  ``notice_clause`` is the clause of the notice, if it is another.
    """

    notice_days: Days
    in_force_days: Days = 0
    counts_from: NoticeAnchor = NoticeAnchor.DELIVERED
    objection_days: Days | None = None
    ending: str = ""
    silence_clause: str = ""
    notice_clause: str = ""
    exceptions: tuple[ChangeException, ...] = ()


class Duty(Rule, frozen=True, kw_only=True):
    """What a party has to do in a time that an event starts or, where ``before`` is set, ends.

    ``event`` is a fact of the contract (``signed``, ``started``, ``ended``, ``suspended``, ``term_end``,
    ``month_end``) or what was recorded as having happened.  ``unused_meter`` makes the event the last use of
    a meter.  Where the duty ``waits``, that time has to pass first: it falls due on the day after it.  A duty
    about an interruption holds for those of ``from_minutes`` to ``to_minutes`` (0: no limit), which should
    lie between two hours of the day in a time zone.
    """

    by: Party
    event: str = ""
    unused_meter: str = ""
    months: Months = 0
    days: Days = 0
    hours: Hours = 0
    day_kind: DayKind = DayKind.CALENDAR
    before: bool = False
    waits: bool = False
    from_minutes: Minutes = 0
    to_minutes: Minutes = 0
    window_from_hour: HourOfDay = 0
    window_to_hour: HourOfDay = 24
    window_zone: str = ""
    settled_first: bool = False

    def __post_init__(self) -> None:
        """Refuse a time limit that could be read in two ways."""
        if self.event and self.unused_meter:
            message = "unused_meter: the duty hangs on an event or on an unused meter, not on both"
            raise ValueError(message)
        if self.hours and (self.days or self.months):
            message = f"hours: a time limit counts in hours or in days, is {self.hours} hours and more"
            raise ValueError(message)
        if self.waits and (self.before or self.hours):
            message = "waits: only days or months after an event can pass first"
            raise ValueError(message)
        if self.to_minutes and self.to_minutes < self.from_minutes:
            message = f"to_minutes: must not lie below from_minutes {self.from_minutes}, is {self.to_minutes}"
            raise ValueError(message)
        if self.window_to_hour <= self.window_from_hour:
            message = f"window_to_hour: must lie after window_from_hour, is {self.window_to_hour}"
            raise ValueError(message)

    def concerns(self, minutes: int) -> bool:
        """Tell whether the duty holds for an event that lasts so many minutes."""
        return self.from_minutes <= minutes and (not self.to_minutes or minutes <= self.to_minutes)
