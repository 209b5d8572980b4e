"""Notices: what one side tells the other about a contract, when it arrived, and what was answered.

A notice is a fact, and so are its delivery and its answer; what follows from them is computed as of a day, by
``changes``, ``endings`` and ``term``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from contracts.clauses import Record, VersionNumber
from contracts.life_rules import Party
from kernel.ids import AccountId, NoticeId, SubscriptionId


class NoticeKind(StrEnum):
    """What a notice is about."""

    CHANGE = "change"
    ENDING = "ending"
    RENEWAL_REFUSED = "renewal_refused"
    PLAN_CHANGE = "plan_change"


class Answer(StrEnum):
    """What the other side said."""

    NONE = ""
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    MENDED = "mended"


class Outcome(StrEnum):
    """What a notice led to."""

    NONE = ""
    CHANGED = "changed"
    REJECTED = "rejected"
    ENDED = "ended"
    MENDED = "mended"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"


class NewPrices(Record, frozen=True, kw_only=True, tag="prices", tag_field="kind"):
    """Prices that are multiplied by a factor; ``charges`` names those that change, empty means all."""

    factor: Decimal
    charges: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a factor that leaves no price."""
        if not self.factor.is_finite() or self.factor <= 0:
            message = f"factor: must be above zero, is {self.factor}"
            raise ValueError(message)


class NewVersions(Record, frozen=True, kw_only=True, tag="versions", tag_field="kind"):
    """Documents that a contract stands under from then on, each in a version."""

    documents: dict[str, str]


class NewPlan(Record, frozen=True, kw_only=True, tag="plan", tag_field="kind"):
    """The plan that is asked for."""

    plan: str
    version: VersionNumber


Content = NewPrices | NewVersions | NewPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One notice.  Days are those of the issuing entity's time zone.

    ``code`` names the change or the ending of the terms; ``cites`` the clause and document that allow it.
    ``about`` is the notice that this one follows from, as the end that a refused change brings does.
    ``happened_on`` is the day of the event that lets a side end the contract; ``planned_on`` the day that the
    sender wishes for; ``content`` is what would be new.  ``outcome`` is what it led to, recorded on
    ``settled_on``, and ``effective_on`` from when that holds.
    """

    account_id: AccountId
    subscription_id: SubscriptionId
    notice_id: NoticeId
    kind: NoticeKind
    code: str
    sender: Party
    recipient: str
    clause: str
    document: str
    sent_on: date
    recorded_at: datetime
    content: Content | None = None
    exception: str = ""
    part: str = ""
    about: NoticeId | None = None
    happened_on: date | None = None
    planned_on: date | None = None
    delivered_on: date | None = None
    answer: Answer = Answer.NONE
    answered_on: date | None = None
    answered_by: str = ""
    reason: str = ""
    outcome: Outcome = Outcome.NONE
    settled_on: date | None = None
    effective_on: date | None = None

    def answer_by(self, day: date) -> Answer:
        """Return what had been answered by a day."""
        return self.answer if self.answered_on is not None and self.answered_on <= day else Answer.NONE
