"""Retention: how long the contracts want single events, and which stored months may go into an archive.

All by arithmetic of months: those of events are of UTC, and a month is named by its first day.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from dateutil.relativedelta import relativedelta

from contracts.charges import UsageCharge
from contracts.meters import ConversationMeter
from contracts.subscriptions import Contract
from kernel.ids import AccountId, SubscriptionId
from metering.usage import MeterKey

#: Whole months for which events stay where no paper says otherwise: a year, and one to object.
KEPT_MONTHS: Final = 13

#: Hours of the shortest month.
_MONTH_HOURS: Final = 28 * 24

#: Contracts by account and subscription, as far as they resolve.
ContractsById = Mapping[tuple[AccountId, SubscriptionId], Contract]


@dataclass(frozen=True, slots=True)
class Kept:
    """For how many whole months events stay after their month, and the clause that says so; empty: none."""

    months: int = KEPT_MONTHS
    cites: str = ""

    def until(self, month: date) -> date:
        """Return the first day on which a month may go: March 2025, kept for 13, goes on 1 May 2026."""
        return month + relativedelta(months=self.months + 1)


def kept_by(contract: Contract) -> Kept:
    """Return how long the events of a contract stay.

    Never shorter than its longest conversation: a message that comes in order must find where it began.
    """
    rule = contract.terms.usage_retention
    kept = Kept() if rule is None else Kept(rule.rule.months, rule.cites)
    hours = max(
        (
            each.rule.hours
            for each in contract.terms.meters.values()
            if isinstance(each.rule, ConversationMeter)
        ),
        default=0,
    )
    return Kept(max(kept.months, -(-hours // _MONTH_HOURS)), kept.cites)


@dataclass(frozen=True, slots=True)
class MeterUse:
    """What a month holds of a meter: its last day, the first that no run has billed, and if a bill is due.

    ``changed`` tells that a day of the month changed after it was billed, and the next run looks at it.
    """

    key: MeterKey
    events: int
    last_day: date
    through: date | None
    changed: bool


@dataclass(frozen=True, slots=True)
class MonthPlan:
    """Whether a stored month goes into an archive, and if not, why it stays."""

    month: date
    events: int
    stays: tuple[str, ...] = ()

    @property
    def goes(self) -> bool:
        """Whether nothing keeps it."""
        return not self.stays

    def line(self) -> str:
        """Return it as a sentence to read."""
        why = "; ".join(self.stays) if self.stays else "goes"
        return f"{self.month:%Y-%m}: {self.events:,} events: {why}"


def plan_month(month: date, uses: Sequence[MeterUse], contracts: ContractsById, *, today: date) -> MonthPlan:
    """Tell whether a month may go as of a day: no contract needs its events, and all are billed."""
    needed = tuple(_reasons(month, uses, contracts, today=today))
    return MonthPlan(month, sum(each.events for each in uses), needed)


def in_order(plans: Iterable[MonthPlan]) -> Iterator[MonthPlan]:
    """Yield plans of months, oldest first; after one that stays no later one goes, so none is skipped."""
    first: date | None = None
    for plan in plans:
        if first is not None and plan.goes:
            yield MonthPlan(plan.month, plan.events, (f"an earlier month stays: {first:%Y-%m}",))
            continue
        if first is None and not plan.goes:
            first = plan.month
        yield plan


def _reasons(
    month: date, uses: Sequence[MeterUse], contracts: ContractsById, *, today: date
) -> Iterator[str]:
    unknown = [each for each in uses if each.key[:2] not in contracts]
    if unknown:
        yield f"no contract tells how long: subscription {unknown[0].key.subscription_id}{_more(unknown)}"
    known = [each for each in uses if each.key[:2] in contracts]
    held = [contracts[key] for key in sorted({each.key[:2] for each in known})]
    kept = [(kept_by(contract), f" for {_named(contract)}") for contract in held]
    longest, named = max(kept, key=lambda each: each[0].months, default=(Kept(), ""))
    if today < longest.until(month):
        yield f"kept until {longest.until(month)}{named}" + (f", by {longest.cites}" if longest.cites else "")
    unbilled = [each for each in known if _is_unbilled(each, contracts[each.key[:2]])]
    if unbilled:
        first = unbilled[0].key
        yield f"not billed: {first.meter} of {_named(contracts[first[:2]])}{_more(unbilled)}"
    changed = [each for each in known if each.changed]
    if changed:
        first = changed[0].key
        yield f"late usage is not billed: {first.meter} of {_named(contracts[first[:2]])}{_more(changed)}"


def _is_unbilled(use: MeterUse, contract: Contract) -> bool:
    """Tell whether a run has yet to bill a day of the month; what nothing prices is never billed."""
    priced = {charge.meter for charge in contract.charges if isinstance(charge, UsageCharge)}
    return use.key.meter in priced and (use.through is None or use.through <= use.last_day)


def _named(contract: Contract) -> str:
    return f"{contract.subscription.account}/{contract.subscription.code}"


def _more(uses: Sequence[MeterUse]) -> str:
    return f" and {len(uses) - 1} more" if len(uses) > 1 else ""
