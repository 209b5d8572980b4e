"""Limits of meters: how much of one may be used over which time, what is left, and the clause that says so.

A limit is what a rule of the terms states (5,000 contacts, 200 messages a day) or what a trial allows (50
messages).  :mod:`contracts.entitlements` says whether one more unit may be used.  Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import assert_never

from contracts.clauses import Thresholds
from contracts.entitlement_facts import Count, Verdict, trial_of
from contracts.entitlement_rules import AtLimit, Entitlement, LimitEntitlement, LimitPeriod
from contracts.life_rules import TrialRule
from contracts.meters import LEVELS, Meter
from contracts.subscriptions import Contract
from contracts.terms import Sourced
from kernel.calendars import first_day_after
from kernel.money import plain
from kernel.periods import Period

#: The feature that the rule of trials gives, and where the terms state that rule.
TRIAL = "trial"
TRIAL_RULE = "rules.trial"

_PERCENT = 100
_HUNDREDTHS = 100

_WHEN = {
    LimitPeriod.DAY: "today",
    LimitPeriod.PERIOD: "in this period",
    LimitPeriod.EVER: "since the contract began",
}
_BEYOND = {
    AtLimit.BLOCK: "what goes beyond is blocked",
    AtLimit.PURGE: "what goes beyond may be purged",
    AtLimit.BILL: "what goes beyond is billed",
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MeterLimit:
    """So much of a meter of a contract over a time.

    ``code`` is that of the rule, ``document`` the paper that states it.  Word is sent when use reaches one of
    the ``thresholds``, in percent of the limit.
    """

    contract: Contract = field(repr=False)
    code: str
    feature: str
    meter: str
    quantity: Decimal
    per: LimitPeriod
    at_limit: AtLimit
    clause: str
    document: str
    thresholds: Thresholds

    @property
    def rule(self) -> Meter:
        """How the meter counts."""
        return self.contract.terms.meters[self.meter].rule

    @property
    def of_level(self) -> bool:
        """Tell whether the meter has a level, which stands until the next one, whatever the day."""
        return isinstance(self.rule, LEVELS)

    def span(self, day: date) -> Period:
        """Return the days over which the limit counts what is used on a day; for good ends with all days.

        A contract of 10 January that is billed by months from the 1st counts 10 to 31 January first.
        """
        first = self.contract.subscription.starts_on
        match self.per:
            case LimitPeriod.DAY:
                return Period(day, first_day_after(day, 0))
            case LimitPeriod.PERIOD:
                period = self.contract.usage_cycle.period_of(max(day, first))
                return Period(max(period.start, first), period.end)
            case LimitPeriod.EVER:
                return Period(first, date.max)
            case _:
                assert_never(self.per)

    def count(self, day: date) -> Count:
        """Return what has to be counted before the limit can be judged on a day."""
        return Count(self.meter, self.span(day).start, self.quantity)

    def full(self, used: Decimal) -> bool:
        """Tell whether the limit is reached: the fiftieth message of 50 is the last."""
        return used >= self.quantity

    def told(self, used: Decimal) -> str:
        """Return in words how much is used, and what comes of more: ``3 of 200 messages used today``."""
        when = "now" if self.of_level else _WHEN[self.per]
        told = f"{plain(used)} of {plain(self.quantity)} {self.rule.unit}s used {when}"
        return f"{told}: {_BEYOND[self.at_limit]}" if self.full(used) else told

    def share_percent(self, used: Decimal) -> Decimal:
        """Return the used share, rounded down so that 100 is reached and not approached: 2 of 3 is 66.66."""
        if not self.quantity:
            return Decimal(_PERCENT)
        share = Fraction(used) * _PERCENT * _HUNDREDTHS / Fraction(self.quantity)
        return Decimal(floor(share)) / _HUNDREDTHS

    def reached(self, used: Decimal, *, told_percent: int) -> tuple[int, ...]:
        """Return the thresholds that use has reached above the last one of which word was sent.

        40 of 50 have reached 80 percent, 39 have not.
        """
        return tuple(
            percent
            for percent in sorted(set(self.thresholds))
            if used > 0 and percent > told_percent and used * _PERCENT >= percent * self.quantity
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitUse:
    """What is used of a limit as of a day, and whether one more unit may be; with the clause and its words.

    ``ends_on`` is the first day that counts anew; None: the limit holds for good.
    """

    subscription: str
    as_of: date
    feature: str
    meter: str
    unit: str
    per: LimitPeriod
    starts_on: date
    ends_on: date | None
    limit: Decimal
    used: Decimal
    left: Decimal
    share_percent: Decimal
    at_limit: AtLimit
    allowed: bool
    reason: str
    clause: str
    document: str
    says: str


def limits_of(contract: Contract) -> tuple[MeterLimit, ...]:
    """Return the limits that a contract's plan has, in the order of the terms; the trial's is the last."""
    return tuple(_limits(contract))


def counts_of(contract: Contract, day: date) -> tuple[Count, ...]:
    """Return what has to be counted before a contract's limits can be judged on a day."""
    return tuple(dict.fromkeys(each.count(day) for each in limits_of(contract)))


def stated_limit(contract: Contract, sourced: Sourced[Entitlement], *, code: str = "") -> MeterLimit | None:
    """Return the limit that a rule gives a contract; None where it names none, or is of another kind."""
    rule = sourced.rule
    if not isinstance(rule, LimitEntitlement):
        return None
    quantity = rule.limit_of(contract.plan.code)
    if quantity is None:
        return None
    return MeterLimit(
        contract=contract,
        code=code,
        feature=rule.feature,
        meter=rule.meter,
        quantity=quantity,
        per=rule.per,
        at_limit=rule.at_limit,
        clause=rule.clause,
        document=f"{sourced.document.id} {sourced.document.version}",
        thresholds=rule.thresholds,
    )


def trial_limit(contract: Contract, sourced: Sourced[TrialRule]) -> MeterLimit | None:
    """Return the limit of a trial, if it ends with use too."""
    rule = sourced.rule
    if not rule.meter:
        return None
    return MeterLimit(
        contract=contract,
        code=TRIAL_RULE,
        feature=TRIAL,
        meter=rule.meter,
        quantity=rule.limit,
        per=LimitPeriod.EVER,
        at_limit=AtLimit.BLOCK,
        clause=rule.clause,
        document=f"{sourced.document.id} {sourced.document.version}",
        thresholds=rule.thresholds,
    )


def limit_use(limit: MeterLimit, verdict: Verdict) -> LimitUse:
    """Return what a verdict on one more unit of a limit says, beside the limit itself."""
    used = verdict.used or Decimal(0)
    span = limit.span(verdict.as_of)
    clause = limit.contract.terms.clauses.get(verdict.clause)
    return LimitUse(
        subscription=verdict.subscription,
        as_of=verdict.as_of,
        feature=limit.feature,
        meter=limit.meter,
        unit=limit.rule.unit,
        per=limit.per,
        starts_on=span.start,
        ends_on=None if limit.per is LimitPeriod.EVER else span.end,
        limit=limit.quantity,
        used=used,
        left=max(limit.quantity - used, Decimal(0)),
        share_percent=limit.share_percent(used),
        at_limit=limit.at_limit,
        allowed=verdict.allowed,
        reason=verdict.reason,
        clause=verdict.clause,
        document=verdict.document,
        says=clause.says_en if clause else "",
    )


def _limits(contract: Contract) -> Iterator[MeterLimit]:
    for code, sourced in contract.terms.entitlements.items():
        limit = stated_limit(contract, sourced, code=code)
        if limit is not None and sourced.rule.holds_for(contract.plan.code):
            yield limit
    trial = trial_of(contract)
    limit = trial_limit(contract, trial) if trial else None
    if limit is not None:
        yield limit
