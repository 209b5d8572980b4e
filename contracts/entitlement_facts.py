"""What has to be known of a contract before its entitlements are judged, and what a verdict says.  Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from contracts.entitlement_rules import AtLimit, Entitlement, LimitEntitlement, LimitPeriod
from contracts.life_rules import TrialRule
from contracts.plans import Plan
from contracts.service_states import ServiceState
from contracts.subscriptions import Contract
from contracts.terms import Sourced, Terms


@dataclass(frozen=True, slots=True)
class Count:
    """What a limit has to know: how much of a meter was used from a day on, and when it reached the limit.

    Of a meter of levels (seats, contacts, megabytes) the level that stands now counts, whatever the day.
    """

    meter: str
    start: date
    limit: Decimal


@dataclass(frozen=True, slots=True)
class Used:
    """How much was used up to the day in question, and on which day the limit was reached."""

    quantity: Decimal = Decimal(0)
    reached_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """What is stopped since a day, how and by which clause: a part of the service, or all (no part)."""

    part: str
    since: date
    clause: str
    state: ServiceState


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is recorded about a contract as of a day, and nothing that is guessed.

    ``overdue_since`` is the due date of the oldest payment that is late; ``paid_until`` the first day that is
    not paid (None: nothing was ever paid); ``restored_on`` the day on which the last suspension of the whole
    ended.  ``products`` are those of the same vendor that the account holds, ``country`` where the use is
    asked from.
    """

    as_of: date
    overdue_since: date | None = None
    paid_until: date | None = None
    stops: tuple[Stop, ...] = ()
    restored_on: date | None = None
    used: Mapping[Count, Used] = field(default_factory=dict)
    seats_taken: int = 0
    products: frozenset[str] = frozenset()
    country: str = ""

    @property
    def stopped(self) -> Stop | None:
        """What stops the whole service, or None."""
        return next((each for each in self.stops if not each.part), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether a feature may be used on a day, and why: a clause, the paper that holds it, and a sentence.

    Of a feature with a limit, ``allowed`` tells whether one more unit may be used.  ``ends_on`` is the first
    day on which it may not be used any more, where that is known.
    """

    subscription: str
    as_of: date
    feature: str
    allowed: bool
    reason: str
    clause: str
    document: str
    limit: Decimal | None = None
    used: Decimal | None = None
    left: Decimal | None = None
    at_limit: AtLimit | None = None
    ends_on: date | None = None


def entitlements_of(contract: Contract) -> tuple[Sourced[Entitlement], ...]:
    """Return the entitlements that hold for a contract's plan."""
    plan = contract.plan.code
    return tuple(each for each in contract.terms.entitlements.values() if each.rule.holds_for(plan))


def trial_of(contract: Contract) -> Sourced[TrialRule] | None:
    """Return the rule that ends a contract's trial, if its plan is one."""
    return contract.terms.trial if contract.plan.trial else None


def limited_meters(plan: Plan, terms: Terms) -> frozenset[str]:
    """Return the meters that limits of a plan count by, whether or not a charge prices them."""
    rules = [each.rule for each in terms.entitlements.values()]
    limits = {
        rule.meter
        for rule in rules
        if isinstance(rule, LimitEntitlement)
        and rule.holds_for(plan.code)
        and rule.limit_of(plan.code) is not None
    }
    trial = terms.trial.rule.meter if plan.trial and terms.trial else ""
    return frozenset(limits | {trial} - {""})


def counts_of(contract: Contract, day: date) -> tuple[Count, ...]:
    """Return what has to be counted before a contract's limits can be judged on a day."""
    counts = (count_of(contract, each.rule, day) for each in entitlements_of(contract))
    trial = trial_of(contract)
    of_trial = trial_count(contract, trial.rule) if trial else None
    return tuple(dict.fromkeys(each for each in (*counts, of_trial) if each is not None))


def count_of(contract: Contract, rule: Entitlement, day: date) -> Count | None:
    """Return what a limit counts; None for another kind of rule, and where the plan has no limit."""
    limit = rule.limit_of(contract.plan.code) if isinstance(rule, LimitEntitlement) else None
    if limit is None or not isinstance(rule, LimitEntitlement):
        return None
    first = contract.subscription.starts_on
    starts = {
        LimitPeriod.DAY: day,
        LimitPeriod.PERIOD: max(contract.usage_cycle.period_of(day).start, first),
        LimitPeriod.EVER: first,
    }
    return Count(rule.meter, starts[rule.per], limit)


def trial_count(contract: Contract, rule: TrialRule) -> Count | None:
    """Return what a trial counts, if it ends with use too."""
    return Count(rule.meter, contract.subscription.starts_on, rule.limit) if rule.meter else None
