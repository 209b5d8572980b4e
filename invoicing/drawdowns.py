"""What coupons and credits gave to the lines of invoices, and what is left of each.  Pure.

A mark keeps what a charge owes; a line is billed with what its drawdowns leave of that.  They are written
with their invoice, so that a run that is killed and repeated uses a coupon or a credit once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from contracts.credit_grants import CreditGrant
from contracts.promises import Credits
from contracts.reductions import AmountCoupon, Coupon, PercentCoupon
from contracts.subscriptions import Contract
from kernel.money import Money, total_of
from kernel.periods import Period
from rating.credits import Grant


class Source(StrEnum):
    """What gave: a coupon of the contract, or prepaid credits."""

    COUPON = "coupon"
    CREDITS = "credits"


class Purse(NamedTuple):
    """What is drawn from: a coupon or credits by their code, and the day on which they were given."""

    source: Source
    code: str
    given_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawdown:
    """What a purse gave to one line of an invoice; less than nothing where the line gave something back."""

    purse: Purse
    line_no: int
    charge: str
    period: Period
    amount: Money


@dataclass(frozen=True, slots=True)
class Given:
    """What a contract was given beyond its papers, and what was drawn on its invoices before."""

    grants: tuple[CreditGrant, ...] = ()
    drawn: tuple[Drawdown, ...] = ()

    def drawn_from(self, purse: Purse, currency: str) -> Money:
        """Return what was used of a purse before."""
        return total_of((each.amount for each in self.drawn if each.purse == purse), currency)

    def drawn_for(self, charge: str, period: Period, currency: str) -> Mapping[Purse, Money]:
        """Return what each purse gave to a charge for a period."""
        found: dict[Purse, Money] = {}
        for each in self.drawn:
            if (each.charge, each.period) == (charge, period):
                found[each.purse] = found.get(each.purse, Money.zero(currency)) + each.amount
        return found


#: A contract with nothing but its papers, on its first invoice.
NOTHING_GIVEN = Given()


def coupons_of(contract: Contract) -> tuple[tuple[str, Coupon], ...]:
    """Return the coupons of a contract by their codes, percents first."""
    found = [
        (code, sourced.rule)
        for code, sourced in contract.terms.reductions.items()
        if isinstance(sourced.rule, PercentCoupon | AmountCoupon)
        and sourced.rule.holds_for(contract.plan.code)
    ]
    return tuple(sorted(found, key=lambda each: (isinstance(each[1], AmountCoupon), each[0])))


def coupon_holds(contract: Contract, coupon: Coupon, day: date) -> bool:
    """Tell whether a coupon lowers lines whose period begins on a day."""
    return coupon.holds_on(day, contract.subscription.starts_on, contract.cycle)


def coupon_purse(contract: Contract, code: str, coupon: Coupon, day: date) -> Purse:
    """Return what a line of a day draws from: the coupon of its cycle, or the one that is given once."""
    given_on = coupon.first_day(contract.subscription.starts_on)
    if isinstance(coupon, AmountCoupon) and coupon.each_cycle:
        given_on = max(given_on, contract.cycle.period_of(day).start)
    return Purse(Source.COUPON, code, given_on)


def grants_of(contract: Contract, given: Given, days: Period) -> tuple[Grant, ...]:
    """Return the credits that live on one of these days, promised and granted, with what is left of each."""
    promised = (
        _promised(contract, given, code, sourced.rule, days)
        for code, sourced in contract.terms.promises.items()
        if isinstance(sourced.rule, Credits) and sourced.rule.holds_for(contract.plan.code)
    )
    granted = (_granted(contract, given, each) for each in given.grants)
    found = (*(grant for grants in promised for grant in grants), *granted)
    return tuple(each for each in found if each.holds_in(days))


def _promised(contract: Contract, given: Given, code: str, rule: Credits, days: Period) -> Iterator[Grant]:
    currency = contract.currency
    for given_on, expires_on in _lives(contract, rule, days):
        amount = Money.of(rule.amount, currency, field=f"promises.{code}.amount")
        purse = Purse(Source.CREDITS, code, given_on)
        yield Grant(
            code=code,
            name=rule.name,
            clause=rule.clause,
            amount=amount,
            left=amount - given.drawn_from(purse, currency),
            priority=rule.priority,
            given_on=given_on,
            expires_on=expires_on,
            charges=rule.charges,
        )


def _lives(contract: Contract, rule: Credits, days: Period) -> Sequence[tuple[date, date | None]]:
    """Return when promised credits are given and expire; of those of each cycle, the ones near some days."""
    starts_on, cycle = contract.subscription.starts_on, contract.cycle
    first = rule.from_on or starts_on
    if not rule.each_cycle:
        return [(first, rule.end(first, cycle))]
    numbers = range(cycle.number_of(days.start) - rule.cycles, cycle.number_of(days.last_day) + 1)
    cycles = [cycle.period(number) for number in numbers if number >= cycle.number_of(first)]
    begun = [max(each.start, first) for each in cycles]
    return [(day, rule.end(day, cycle)) for day in begun if contract.subscription.holds(day)]


def _granted(contract: Contract, given: Given, grant: CreditGrant) -> Grant:
    purse = Purse(Source.CREDITS, grant.code, grant.given_on)
    return Grant(
        code=grant.code,
        name=grant.name,
        clause=grant.clause,
        amount=grant.amount,
        left=grant.amount - given.drawn_from(purse, contract.currency),
        priority=grant.priority,
        given_on=grant.given_on,
        expires_on=grant.expires_on,
        charges=grant.charges,
    )
