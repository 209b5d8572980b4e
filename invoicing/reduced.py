"""The lines of an invoice after coupons and credits, before their taxes.  Pure.

Coupons first (percents, then amounts), then credits.  A line that gives back what was billed brings back its
share of what it was given.  No line and no total falls below zero by them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from msgspec.structs import replace

from contracts.reductions import AmountCoupon, Coupon, PercentCoupon
from contracts.subscriptions import Contract
from invoicing.documents import InvoiceLine, LineKind
from invoicing.drawdowns import (
    Drawdown,
    Given,
    Purse,
    Source,
    coupon_holds,
    coupon_purse,
    coupons_of,
    grants_of,
)
from kernel.money import Money, total_of
from kernel.periods import Period
from rating.coupons import share_back, spread, spread_percent
from rating.credits import Use, burn, burn_order
from rating.working import Step, step

#: What was billed of a charge for a period before, by which a line that gives back is measured.
Billed = Mapping[tuple[str, Period], Money]

_USE = frozenset({LineKind.USAGE, LineKind.LATE_USAGE})


@dataclass(frozen=True, slots=True)
class Reduced:
    """Lines as they are taxed, and what was drawn for them."""

    lines: tuple[InvoiceLine, ...]
    drawdowns: tuple[Drawdown, ...]


def reduced(contract: Contract, lines: Sequence[InvoiceLine], given: Given, billed: Billed) -> Reduced:
    """Return lines less their coupons and credits; ``billed`` is what was billed of each before."""
    if not (given.drawn or given.grants or contract.terms.reductions or contract.terms.promises):
        return Reduced(tuple(lines), ())
    reducing = _Reducing(contract, given, lines, [Money(line.net, contract.currency) for line in lines])
    reducing.give_back(billed)
    for code, coupon in coupons_of(contract):
        reducing.take_coupon(code, coupon)
    reducing.burn_credits()
    return Reduced(reducing.lines_left, tuple(reducing.drawdowns))


@dataclass(slots=True)
class _Reducing:
    """Lines while they are reduced: what each still owes, and what was drawn and shown for it so far."""

    contract: Contract
    given: Given
    lines: Sequence[InvoiceLine]
    owed: list[Money]
    drawdowns: list[Drawdown] = field(default_factory=list)
    steps: list[tuple[int, Step]] = field(default_factory=list)

    @property
    def nothing(self) -> Money:
        return Money.zero(self.contract.currency)

    @property
    def total(self) -> Money:
        return total_of(self.owed, self.contract.currency)

    @property
    def lines_left(self) -> tuple[InvoiceLine, ...]:
        """The lines with what they owe by now, and the working that led there."""
        if not self.drawdowns:
            return tuple(self.lines)
        shown: dict[int, list[Step]] = {}
        for position, each in self.steps:
            shown.setdefault(position, []).append(each)
        return tuple(
            replace(
                line,
                net=self.owed[position].amount,
                gross=self.owed[position].amount,
                working=(*line.working, *shown.get(position, ())),
            )
            for position, line in enumerate(self.lines)
        )

    def give_back(self, billed: Billed) -> None:
        """Let lines below zero bring back their share of what coupons and credits gave before."""
        for position, line in enumerate(self.lines):
            before = billed.get((line.charge, line.period))
            if self.owed[position] >= self.nothing or before is None:
                continue
            part = -self.owed[position]
            drawn = self.given.drawn_for(line.charge, line.period, self.contract.currency)
            for purse, amount in sorted(drawn.items()):
                back = share_back(amount, part=part, whole=before)
                self._draw(position, purse, -back)
                self._show(position, "reduction_back", -back, given_by=purse.code)

    def take_coupon(self, code: str, coupon: Coupon) -> None:
        """Spread a coupon over the lines that it is meant for."""
        meant: dict[Purse, list[int]] = {}
        for position, line in enumerate(self.lines):
            if coupon.concerns(line.charge) and coupon_holds(self.contract, coupon, line.period_start):
                purse = coupon_purse(self.contract, code, coupon, line.period_start)
                meant.setdefault(purse, []).append(position)
        for purse, positions in meant.items():
            for position, off in zip(positions, self._off(coupon, purse, positions), strict=True):
                self._draw(position, purse, off)
                self._show(position, "coupon", off, name=coupon.name, clause=coupon.clause)

    def _off(self, coupon: Coupon, purse: Purse, positions: Sequence[int]) -> Sequence[Money]:
        owed = [self.owed[position] for position in positions]
        if isinstance(coupon, PercentCoupon):
            return spread_percent(coupon.off, owed, ceiling=self.total)
        return spread(self._left_of(coupon, purse), owed, ceiling=self.total)

    def _left_of(self, coupon: AmountCoupon, purse: Purse) -> Money:
        currency = self.contract.currency
        value = Money.of(coupon.amount, currency, field=f"reductions.{purse.code}.amount")
        now = (each.amount for each in self.drawdowns if each.purse == purse)
        return value - self.given.drawn_from(purse, currency) - total_of(now, currency)

    def burn_credits(self) -> None:
        """Pay for use with the credits that live on its days."""
        if not self.lines or not (self.given.grants or self.contract.terms.promises):
            return
        days = Period(
            min(line.period_start for line in self.lines), max(line.period_end for line in self.lines)
        )
        grants = burn_order(grants_of(self.contract, self.given, days))
        uses = [
            Use(line.charge, line.period, owed, is_usage=line.kind in _USE)
            for line, owed in zip(self.lines, self.owed, strict=True)
        ]
        for each in burn(grants, uses, ceiling=self.total):
            grant = grants[each.grant]
            self._draw(each.use, Purse(Source.CREDITS, grant.code, grant.given_on), each.amount)
            self._show(
                each.use, "credits", each.amount, name=grant.name, clause=grant.clause, rest=each.left.amount
            )

    def _draw(self, position: int, purse: Purse, amount: Money) -> None:
        if not amount:
            return
        line = self.lines[position]
        self.owed[position] -= amount
        self.drawdowns.append(
            Drawdown(purse=purse, line_no=line.number, charge=line.charge, period=line.period, amount=amount)
        )

    def _show(self, position: int, code: str, off: Money, **facts: str | Decimal) -> None:
        if off:
            left = self.owed[position].amount
            shown = step(code, left, off=off.amount, currency=off.currency, **facts)
            self.steps.append((position, shown))
