"""What is left of credits and coupons on a day.  Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from contracts.reductions import AmountCoupon
from contracts.subscriptions import Contract
from invoicing.drawdowns import Given, Source, coupon_purse, coupons_of, grants_of
from kernel.calendars import first_day_after
from kernel.money import Money
from kernel.periods import Period
from rating.credits import burn_order


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """Credits or a coupon: how much was given, used on invoices, and lost as it expired; and what is left."""

    source: Source
    code: str
    name: str
    clause: str
    given_on: date
    expires_on: date | None
    priority: int | None
    amount: Money
    used: Money
    expired: Money

    @property
    def left(self) -> Money:
        """What can still be used."""
        return self.amount - self.used - self.expired


def balances(contract: Contract, given: Given, *, as_of: date) -> tuple[Balance, ...]:
    """Return the credits of a contract given by a day in the order of their use, then its coupons of amounts.

    What was used is what the invoices issued so far say; a coupon of each cycle is that of the day's cycle.
    """
    return (*_credits(contract, given, as_of), *_coupons(contract, given, as_of))


def _credits(contract: Contract, given: Given, as_of: date) -> tuple[Balance, ...]:
    first = min([contract.subscription.starts_on, as_of, *(each.given_on for each in given.grants)])
    grants = grants_of(contract, given, Period(first, first_day_after(as_of, 0)))
    nothing = Money.zero(contract.currency)
    return tuple(
        Balance(
            source=Source.CREDITS,
            code=each.code,
            name=each.name,
            clause=each.clause,
            given_on=each.given_on,
            expires_on=each.expires_on,
            priority=each.priority,
            amount=each.amount,
            used=each.amount - each.left,
            expired=each.left if each.expires_on is not None and each.expires_on <= as_of else nothing,
        )
        for each in burn_order(grants)
    )


def _coupons(contract: Contract, given: Given, as_of: date) -> tuple[Balance, ...]:
    return tuple(
        _coupon(contract, given, code, coupon, as_of)
        for code, coupon in coupons_of(contract)
        if isinstance(coupon, AmountCoupon)
    )


def _coupon(contract: Contract, given: Given, code: str, coupon: AmountCoupon, as_of: date) -> Balance:
    starts_on, cycle = contract.subscription.starts_on, contract.cycle
    purse = coupon_purse(contract, code, coupon, as_of)
    amount = Money.of(coupon.amount, contract.currency)
    used = given.drawn_from(purse, contract.currency)
    end = coupon.end(starts_on, cycle)
    over = end is not None and end <= as_of
    return Balance(
        source=Source.COUPON,
        code=code,
        name=coupon.name,
        clause=coupon.clause,
        given_on=purse.given_on,
        expires_on=end,
        priority=None,
        amount=amount,
        used=used,
        expired=amount - used if over else Money.zero(contract.currency),
    )
