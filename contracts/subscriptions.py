"""Subscriptions: a plan version, signed by an account on a day; its order form may change the terms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import prod
from typing import Annotated

import msgspec

from contracts.charges import Charge, UsageTerms
from contracts.clauses import Clause, Record, VersionNumber
from contracts.parties import Account, LegalEntity, TaxRate
from contracts.plans import Plan
from contracts.reductions import AmountDiscount, Discount, PercentDiscount
from contracts.rules import Accumulation, TaxShift
from contracts.service_states import WHOLE, StateSpan
from contracts.taxes import days_of_change, price_factor, shift_of, taxes_on
from contracts.terms import Stated, Terms
from kernel.errors import InvalidInput
from kernel.ids import AccountId, NoticeId, SubscriptionId
from kernel.periods import Cycle, Period

#: A row of a price list, such as a tier, as an order form writes it.
_Row = dict[str, str | list[str]]

#: A charge's field as an order form replaces it: written as text, or a list of tiers, prices or phases.
FieldText = str | list[str | dict[str, str | list[str | _Row]]]


class OrderForm(Stated, frozen=True, kw_only=True):
    """What the signed order form states itself, and what it changes of single charges.

    ``charges`` maps a charge's code to the fields that replace the plan's
    (``{"platform": {"amount": "1500.00"}}``, ``{"messages": {"tiers": [{"unit_price": "0.10"}]}}``);
    ``waived`` names charges of the plan that are not billed at all.
    """

    id: str = ""
    clause: tuple[Clause, ...] = ()
    charges: dict[str, dict[str, FieldText]] = {}
    waived: tuple[str, ...] = ()


class Subscription(Record, frozen=True, kw_only=True):
    """One signed contract: whose, which plan version, issued by whom, from when to when (exclusive).

    ``billing_day`` is the day of the month on which its periods begin (0: the day it starts on).
    """

    code: str
    account: str
    plan: str
    plan_version: VersionNumber
    entity: str
    signed_on: date
    starts_on: date
    ends_on: date | None = None
    billing_day: Annotated[int, msgspec.Meta(ge=0, le=31)] = 0
    order_form: OrderForm = OrderForm()

    def __post_init__(self) -> None:
        """Refuse a subscription that ends before it starts."""
        if self.ends_on is not None and self.ends_on <= self.starts_on:
            message = f"ends_on: must lie after starts_on {self.starts_on}, is {self.ends_on}"
            raise ValueError(message)

    def holds(self, day: date) -> bool:
        """Tell whether the subscription is in force on a day."""
        return self.starts_on <= day and (self.ends_on is None or day < self.ends_on)

    def within(self, period: Period) -> Period | None:
        """Return the days of a period on which the subscription is in force, or None."""
        start = max(period.start, self.starts_on)
        end = period.end if self.ends_on is None else min(period.end, self.ends_on)
        return Period(start, end) if start < end else None


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceAdjustment:
    """A dated change of a subscription's indexed prices: never an edit of a price in use.

    ``factor`` multiplies prices from ``effective_on`` on (1.146548); ``variation`` says in percent what the
    index did, ``months`` which months, ``clause`` why, ``accumulation`` whether the months were compounded.
    ``substitutes`` is the index that ``index`` stands in for, or empty; ``carried`` the falls of earlier
    years, as a factor of at most 1, that this one made up for.  ``use_from`` is the first day whose use is at
    the new price, where use was billed before the index was out; else it is ``effective_on``.
    """

    effective_on: date
    factor: Decimal
    index: str
    first_month: date
    last_month: date
    variation_percent: Decimal
    clause: str
    accumulation: Accumulation = Accumulation.COMPOUND_MONTHLY
    substitutes: str = ""
    carried: Decimal = Decimal(1)
    use_from: date | None = None

    @property
    def moves_use_from(self) -> date:
        """The first day whose use is at the new price."""
        return self.use_from or self.effective_on


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceChange:
    """A dated change of prices that a notice brought: a channel's price, the vendor's own, a tax.

    From ``effective_on`` on ``factor`` multiplies the prices of ``charges`` (empty: all); ``clause`` is why.
    """

    effective_on: date
    factor: Decimal
    charges: tuple[str, ...]
    clause: str
    document: str
    notice_id: NoticeId

    def concerns(self, charge: Charge) -> bool:
        """Tell whether a charge's price changes."""
        return not self.charges or charge.code in self.charges


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """Everything agreed for one subscription, resolved: what rating, invoicing and dunning execute."""

    account_id: AccountId
    subscription_id: SubscriptionId
    account: Account
    entity: LegalEntity
    subscription: Subscription
    plan: Plan
    charges: tuple[Charge, ...]
    terms: Terms = field(repr=False)
    adjustments: tuple[PriceAdjustment, ...] = ()
    price_changes: tuple[PriceChange, ...] = ()
    states: tuple[StateSpan, ...] = ()

    @property
    def currency(self) -> str:
        """The currency of every amount of this contract."""
        return self.plan.currency

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts of the service that a charge pays for or a ladder may stop, by name."""
        ladder = () if self.terms.dunning is None else self.terms.dunning.rule.steps
        named = (*(charge.part for charge in self.charges), *(step.part for step in ladder))
        return tuple(sorted(set(named) - {WHOLE}))

    @property
    def cycle(self) -> Cycle:
        """The tiling of time in which this contract's fees are billed."""
        return self.plan.fee_cycle(self.subscription.starts_on, self.subscription.billing_day)

    @property
    def usage_cycle(self) -> Cycle:
        """The tiling of time in which this contract's use is billed."""
        return self.plan.use_cycle(self.subscription.starts_on, self.subscription.billing_day)

    def cycle_of(self, charge: Charge) -> Cycle:
        """Return the tiling of time in which a charge is billed."""
        return self.usage_cycle if isinstance(charge, UsageTerms) else self.cycle

    def factor_of(self, charge: Charge, day: date) -> Fraction:
        """Return what a charge's price is multiplied by on a day, exactly; 1 before the first change."""
        indexed = (each.factor for each in self.adjustments_of(charge, day))
        changed = (each.factor for each in self.changes_of(charge, day))
        return prod(map(Fraction, (*indexed, *changed)), start=self.tax_factor(day))

    def taxes_on(self, day: date) -> tuple[TaxRate, ...]:
        """Return the taxes that this customer bears on a day."""
        return taxes_on(self.entity, self.account, day)

    def tax_factor(self, day: date) -> Fraction:
        """Return what tax changes since the signature have done to prices that hold their taxes."""
        rule = self.terms.tax
        shift = shift_of(None if rule is None else rule.rule)
        if shift is TaxShift.BORNE:
            return Fraction(1)
        return price_factor(self.taxes_on(self.subscription.signed_on), self.taxes_on(day), shift)

    def adjustments_of(self, charge: Charge, day: date) -> Iterator[PriceAdjustment]:
        """Yield the index's adjustments of a charge's price in force on a day; none, if it is not indexed."""
        is_use = isinstance(charge, UsageTerms)
        return (
            each
            for each in self.adjustments
            if charge.indexed and (each.moves_use_from if is_use else each.effective_on) <= day
        )

    def changes_of(self, charge: Charge, day: date) -> Iterator[PriceChange]:
        """Yield the changes of a charge's price in force on a day, oldest first."""
        return (each for each in self.price_changes if each.effective_on <= day and each.concerns(charge))

    def discounts_of(self, charge: Charge, day: date) -> dict[str, Discount]:
        """Return the discounts of a charge that hold on a day, by their codes."""
        starts_on = self.subscription.starts_on
        return {
            code: rule
            for code, rule in self._discounts
            if rule.concerns(charge.code) and rule.holds_on(day, starts_on, self.cycle)
        }

    @property
    def price_days(self) -> frozenset[date]:
        """The days on which the price of use may change: a part of a period is cut there."""
        adjusted = (each.moves_use_from for each in self.adjustments)
        changed = (each.effective_on for each in self.price_changes)
        taxed = days_of_change(self.entity, self.account)
        return frozenset((*adjusted, *changed, *taxed, *self._discount_days))

    @property
    def _discounts(self) -> Iterator[tuple[str, Discount]]:
        for code, sourced in self.terms.reductions.items():
            rule = sourced.rule
            if isinstance(rule, PercentDiscount | AmountDiscount) and rule.holds_for(self.plan.code):
                yield code, rule

    @property
    def _discount_days(self) -> Iterator[date]:
        for _, rule in self._discounts:
            starts_on = self.subscription.starts_on
            end = rule.end(starts_on, self.cycle)
            yield from (day for day in (rule.first_day(starts_on), end) if day is not None)


def charges_in_force(plan: Plan, order_form: OrderForm) -> tuple[Charge, ...]:
    """Return the plan's charges with the order form's fields in their place, without those that it waives.

    An override of a charge or a field that the plan does not have is refused, it would bill nothing.
    """
    named = {*order_form.charges, *order_form.waived}
    unknown = sorted(named - {charge.code for charge in plan.charge})
    if unknown:
        raise InvalidInput(
            "the order form changes a charge that the plan does not have",
            field="charges",
            value=", ".join(unknown),
            expected="one of " + ", ".join(charge.code for charge in plan.charge),
        )
    return tuple(
        _overridden(charge, order_form.charges.get(charge.code, {}))
        for charge in plan.charge
        if charge.code not in order_form.waived
    )


def _overridden(charge: Charge, fields: dict[str, FieldText]) -> Charge:
    if not fields:
        return charge
    if "code" in fields:
        raise InvalidInput(
            "an order form does not rename a charge",
            field=f"charges.{charge.code}.code",
            value=fields["code"],
            expected="another field, such as name",
        )
    raw = {**msgspec.to_builtins(charge, builtin_types=(Decimal,)), **fields}
    try:
        return msgspec.convert(raw, type(charge), strict=False)
    except msgspec.ValidationError as error:
        raise InvalidInput(
            str(error), field=f"charges.{charge.code}", value=fields, expected=f"fields of {charge.code}"
        ) from None
