"""Entitlements: what a customer may use on a day, and the clause that says so.

The rules of the terms meet the facts of a day.  What stops the whole contract (its end, a suspension, the end
of a trial) refuses every feature; what is left is decided rule by rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import assert_never

from contracts.charges import Charge, Flat, OneOff, Timing
from contracts.entitlement_facts import (
    Facts,
    Stop,
    Used,
    Verdict,
    entitlements_of,
    trial_of,
)
from contracts.entitlement_rules import (
    AtLimit,
    Entitlement,
    InForceEntitlement,
    LimitEntitlement,
    NeedsEntitlement,
    PaidUpEntitlement,
    PlacesEntitlement,
    PrepaidEntitlement,
    SeatsEntitlement,
)
from contracts.life_rules import TrialRule
from contracts.limits import (
    TRIAL,
    TRIAL_RULE,
    LimitUse,
    MeterLimit,
    limit_use,
    limits_of,
    stated_limit,
    trial_limit,
)
from contracts.service_states import ServiceState
from contracts.subscriptions import Contract
from contracts.terms import Sourced
from kernel.calendars import day_before, days_late, first_day_after, last_day_within
from kernel.money import plain
from kernel.words import counted

#: The feature that a suspension unplugs for good, where the ladder's ``connectors_restored`` is false.
CONNECTORS = "connectors"


def verdicts(contract: Contract, facts: Facts) -> tuple[Verdict, ...]:
    """Return what a contract allows on a day: its entitlements, its trial and what its plan is made of.

    A feature that several rules speak about may be used if all of them allow it.
    """
    bench = _Bench(contract, facts)
    return (*bench.judged().values(), *bench.parts())


def limit_uses(contract: Contract, facts: Facts) -> tuple[LimitUse, ...]:
    """Return what is used of a contract's limits as of a day, each with its verdict.

    Of the facts only the day, what is stopped and what was used are asked.
    """
    judged = _Bench(contract, facts).judged()
    return tuple(limit_use(each, judged[each.code]) for each in limits_of(contract))


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Why nothing of a contract may be used, and the clause, where one is recorded."""

    reason: str
    clause: str = ""


@dataclass(frozen=True, slots=True)
class _Bench:
    """Judges the rules of one contract by the facts of one day."""

    contract: Contract
    facts: Facts

    def judged(self) -> dict[str, Verdict]:
        """Return the verdict of each entitlement by its code, and that of the trial, if the plan is one."""
        refusal = self._refusal()
        found: dict[str, Verdict] = {}
        for code, sourced in self.contract.terms.entitlements.items():
            if sourced.rule.holds_for(self.contract.plan.code):
                paper = sourced.document
                verdict = replace(self._judge(sourced), document=f"{paper.id} {paper.version}")
                ending = isinstance(sourced.rule, InForceEntitlement)
                found[code] = verdict if ending else _unless(refusal, verdict, self)
        trial = trial_of(self.contract)
        if trial is not None:
            found[TRIAL_RULE] = _unless(self._stopped(), self._trial(trial), self)
        return found

    def parts(self) -> Iterator[Verdict]:
        """Yield the verdict on each part of the service that no rule speaks about."""
        refusal = self._refusal()
        for verdict in self._parts():
            yield _unless(refusal, verdict, self)

    def say(self, feature: str, clause: str, reason: str, *, allowed: bool = True) -> Verdict:
        """Return a verdict that cites a clause of the terms; one that they do not hold stands alone."""
        head = self.contract.terms.sources.get(clause)
        return Verdict(
            subscription=self.contract.subscription.code,
            as_of=self.facts.as_of,
            feature=feature,
            allowed=allowed,
            reason=reason,
            clause=clause,
            document=f"{head.id} {head.version}" if head else "",
        )

    def _stopped(self) -> _Refusal | None:
        """Return what stops the whole contract, but for the end of a trial."""
        signed, day, stop = self.contract.subscription, self.facts.as_of, self.facts.stopped
        if day < signed.starts_on:
            return _Refusal(f"the contract begins on {signed.starts_on}")
        if stop is not None:
            return _Refusal(f"{_told(stop)} since {stop.since}", stop.clause)
        if not signed.holds(day):
            return _Refusal(f"the contract ended; its first day without service was {signed.ends_on}")
        return None

    def _refusal(self) -> _Refusal | None:
        """Return what refuses every feature, or None."""
        stopped, trial = self._stopped(), trial_of(self.contract)
        if stopped is not None or trial is None:
            return stopped
        verdict = self._trial(trial)
        return None if verdict.allowed else _Refusal(verdict.reason, verdict.clause)

    def _judge(self, sourced: Sourced[Entitlement]) -> Verdict:
        rule = sourced.rule
        match rule:
            case LimitEntitlement():
                verdict = self._limit(sourced)
            case PaidUpEntitlement():
                verdict = self._paid_up(rule)
            case PrepaidEntitlement():
                verdict = self._prepaid(rule)
            case NeedsEntitlement():
                verdict = self._needs(rule)
            case PlacesEntitlement():
                verdict = self._places(rule)
            case InForceEntitlement():
                verdict = self._in_force(rule)
            case SeatsEntitlement():
                verdict = self._seats(rule)
            case _:
                assert_never(rule)
        return verdict

    def _limit(self, sourced: Sourced[Entitlement]) -> Verdict:
        rule, limit = sourced.rule, stated_limit(self.contract, sourced)
        if limit is None:
            return self.say(rule.feature, rule.clause, "the contract names no limit")
        used = self._used(limit).quantity
        may = not limit.full(used) or limit.at_limit is not AtLimit.BLOCK
        verdict = self.say(rule.feature, rule.clause, limit.told(used), allowed=may)
        return replace(_measured(verdict, limit.quantity, used), at_limit=limit.at_limit)

    def _paid_up(self, rule: PaidUpEntitlement) -> Verdict:
        since = self.facts.overdue_since
        late = 0 if since is None else days_late(since, self.facts.as_of)
        if not late:
            return self.say(rule.feature, rule.clause, "nothing is overdue")
        grace = f"{counted(rule.grace_days, 'day')} of grace"
        return self.say(
            rule.feature,
            rule.clause,
            f"a payment is {counted(late, 'day')} late, with {grace}",
            allowed=late <= rule.grace_days,
        )

    def _prepaid(self, rule: PrepaidEntitlement) -> Verdict:
        if not any(map(_is_prepaid, self.contract.charges)):
            return self.say(rule.feature, rule.clause, "the plan has no fee that is paid in advance")
        until = self.facts.paid_until or self.contract.subscription.starts_on
        ends_on = last_day_within(until, rule.grace_days)
        told = f"paid through {day_before(until)}" if self.facts.paid_until else "nothing is paid yet"
        grace = f", and {counted(rule.grace_days, 'day')} of grace" if rule.grace_days else ""
        verdict = self.say(rule.feature, rule.clause, told + grace, allowed=self.facts.as_of < ends_on)
        return replace(verdict, ends_on=ends_on)

    def _needs(self, rule: NeedsEntitlement) -> Verdict:
        held = [each for each in rule.any_of if each in self.facts.products]
        wanted = ", ".join(rule.any_of)
        reason = f"the account holds {', '.join(held)}" if held else f"the account holds none of {wanted}"
        return self.say(rule.feature, rule.clause, reason, allowed=bool(held))

    def _places(self, rule: PlacesEntitlement) -> Verdict:
        country, closed = self.facts.country, ", ".join(rule.refused) or "none"
        refused = country in rule.refused
        if country:
            reason = f"{country} is {'' if refused else 'not '}on the list of closed countries"
        else:
            reason = f"closed countries: {closed}"
        return self.say(rule.feature, rule.clause, reason, allowed=not refused)

    def _in_force(self, rule: InForceEntitlement) -> Verdict:
        signed, day, stop = self.contract.subscription, self.facts.as_of, self.facts.stopped
        clause, grace = rule.clause, rule.days_after_end
        if day < signed.starts_on:
            return self.say(rule.feature, clause, f"the contract begins on {signed.starts_on}", allowed=False)
        if stop is not None:
            ends_on = first_day_after(stop.since, grace) if grace else stop.since
            reason = f"{_told(stop)} since {stop.since}"
            if not (stop.state is ServiceState.TERMINATED or grace):
                clause = stop.clause or clause  # a pause is no end: what paused it is the reason
        elif signed.ends_on is not None:
            ends_on = last_day_within(signed.ends_on, grace)
            verb = "is" if signed.holds(day) else "was"
            reason = f"the contract's last day {verb} {day_before(signed.ends_on)}"
        else:
            return self.say(rule.feature, clause, f"the contract is in force{self._unplugged(rule)}")
        after = f", and {counted(grace, 'day')} after it" if grace else self._unplugged(rule)
        verdict = self.say(rule.feature, clause, reason + after, allowed=day < ends_on)
        return replace(verdict, ends_on=ends_on)

    def _unplugged(self, rule: InForceEntitlement) -> str:
        """Return what became of connectors in a suspension that has ended, where it unplugs them for good."""
        dunning, since = self.contract.terms.dunning, self.facts.restored_on
        lost = dunning is not None and not dunning.rule.connectors_restored
        if rule.feature != CONNECTORS or since is None or not lost:
            return ""
        return f"; connectors of before {since} have to be set up anew"

    def _seats(self, rule: SeatsEntitlement) -> Verdict:
        taken, seats = self.facts.seats_taken, rule.seats_of(self.contract.plan.code)
        if seats is None:
            reason = f"{counted(taken, 'seat')} taken, the contract names no limit"
            return replace(self.say(rule.feature, rule.clause, reason), used=Decimal(taken))
        verdict = self.say(
            rule.feature,
            rule.clause,
            f"{taken} of {counted(seats, 'seat')} taken",
            allowed=taken < seats,
        )
        return replace(_measured(verdict, Decimal(seats), Decimal(taken)), at_limit=AtLimit.BLOCK)

    def _trial(self, sourced: Sourced[TrialRule]) -> Verdict:
        rule = sourced.rule
        ends_on = first_day_after(self.contract.subscription.starts_on, rule.days - 1)
        limit = trial_limit(self.contract, sourced)
        used = self._used(limit) if limit else Used()
        if used.reached_on is not None:
            ends_on = min(ends_on, first_day_after(used.reached_on, 0))
        spent = limit is not None and limit.full(used.quantity)
        over = spent or self.facts.as_of >= ends_on
        state = "is over" if over else "runs"
        reason = f"the trial {state}: {counted(rule.days, 'day')}"
        if limit is not None:
            reason += f" or {plain(limit.quantity)} {limit.rule.unit}s, {plain(used.quantity)} used"
        verdict = replace(self.say(TRIAL, rule.clause, reason, allowed=not over), ends_on=ends_on)
        return _measured(verdict, limit.quantity, used.quantity) if limit else verdict

    def _used(self, limit: MeterLimit) -> Used:
        return self.facts.used.get(limit.count(self.facts.as_of), Used())

    def _parts(self) -> Iterator[Verdict]:
        """Yield what the plan is made of, where no rule speaks about it, and whatever part is stopped."""
        ruled = {each.rule.feature for each in entitlements_of(self.contract)}
        stops = {each.part: each for each in self.facts.stops if each.part}
        clauses: dict[str, str] = {}
        for charge in self.contract.charges:
            if not isinstance(charge, OneOff):
                clauses.setdefault(charge.part or charge.code, charge.clause)
        for part in dict.fromkeys((*clauses, *stops)):
            stop = stops.get(part)
            if stop is not None:
                yield self.say(part, stop.clause, f"{_told(stop)} since {stop.since}", allowed=False)
            elif part not in ruled:
                yield self.say(part, clauses[part], "part of the plan")


def _unless(refusal: _Refusal | None, verdict: Verdict, bench: _Bench) -> Verdict:
    """Return the verdict, or the same refused for what stops the whole contract."""
    if refusal is None:
        return verdict
    said = bench.say(verdict.feature, refusal.clause or verdict.clause, refusal.reason, allowed=False)
    return replace(verdict, allowed=False, reason=said.reason, clause=said.clause, document=said.document)


def _measured(verdict: Verdict, limit: Decimal, used: Decimal) -> Verdict:
    return replace(verdict, limit=limit, used=used, left=max(limit - used, Decimal(0)))


def _is_prepaid(charge: Charge) -> bool:
    return isinstance(charge, Flat) and charge.timing is Timing.IN_ADVANCE and charge.amount > 0


def _told(stop: Stop) -> str:
    """Return the word for what stopped something: paused, ended, suspended or terminated."""
    partial = stop.state is ServiceState.PARTIALLY_SUSPENDED
    return (ServiceState.SUSPENDED if partial else stop.state).value
