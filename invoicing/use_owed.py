"""What a contract owes for use: which quantities it needs, and what each charge makes of them.  Pure.

A period is rated as one and printed by segments of one price: what is included, tiers and the least and most
amounts of a period go on from segment to segment.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from typing import NamedTuple

from contracts.charge_checks import needs_events
from contracts.charges import Charge, Matrix, UsageCharge
from contracts.meters import LatestMeter, Meter, adds_up, averages
from contracts.subscriptions import Contract
from contracts.terms import Sourced
from invoicing.cycles import DuePart, price_cuts
from invoicing.stopped import Piece, Split, pieces, share_left, split, steps_of
from kernel.errors import UnknownMeter
from kernel.money import Exact, Money
from kernel.periods import Period
from rating.allowances import Included, pooled, rolled_over, unused
from rating.bounds import Bounds, bounds_of
from rating.charges import Rated, rate_usage
from rating.exact import total
from rating.prices import at_prices
from rating.proration import WHOLE
from rating.ramps import charge_on
from rating.use import Use, quantity_of, together
from rating.working import Working, step


class UsageKey(NamedTuple):
    """What was used: a meter, a dimension of it (empty: all), over a period.

    ``singly`` asks for single transactions, ``by`` for quantities by values of these dimensions.
    """

    meter: str
    dimension: str
    period: Period
    singly: bool = False
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Owed:
    """What one charge owes for one segment, whatever was billed of it already."""

    due: DuePart
    segment: Period
    rated: Rated
    share: Working


@dataclass(frozen=True, slots=True)
class _Segment:
    """Days of one price: the charge at their phase, what moved its prices, and which of them work."""

    days: Period
    charge: UsageCharge
    factor: Exact
    split: Split


def usage_needed(contract: Contract, due: Iterable[DuePart]) -> tuple[UsageKey, ...]:
    """Return the quantities that the due parts depend on.

    A part is cut where its price changes, and where the service stops or works again.  What is left of a pool
    depends on the charges before in the plan, what was rolled over on the period before.
    """
    needed = (
        key
        for part in due
        if isinstance(part.charge, UsageCharge)
        for charge, days in _looked_at(contract, part.charge, part)
        for key in _keys(contract, charge, days)
    )
    return tuple(dict.fromkeys(needed))


def drawn_from(contract: Contract, charge: Charge) -> tuple[Charge, ...]:
    """Return a charge after those that draw before it from its pool: if one of them changes, so does it."""
    if not isinstance(charge, UsageCharge) or not charge.pool:
        return (charge,)
    pool = _pool(contract, charge)
    return (*pool[: pool.index(charge)], charge)


def use_owed(
    contract: Contract,
    due: DuePart,
    charge: UsageCharge,
    used: Mapping[UsageKey, Use],
    *,
    after_end: bool = False,
) -> Iterator[Owed]:
    """Yield what a part owes by segments of one price; ``after_end`` counts the days after its end too."""
    meter = meter_of(contract, charge).rule
    held = not adds_up(meter)
    segments = _segments(contract, charge, due.part, after_end=after_end)
    working = [segment for segment in segments if segment.split.works]
    bounds = _bounds(contract, working)
    before, spent = None, Money.zero(contract.currency)
    for segment in segments:
        if not segment.split.works:
            yield Owed(
                due, segment.days, nothing_owed(contract), steps_of(contract, charge, segment.split.stopped)
            )
            continue
        counts = [used[_key(charge, days)] for days in segment.split.works]
        share = share_left(contract, charge, segment.days, segment.split.stopped) if held else WHOLE
        rated = rate_usage(
            segment.charge,
            _together(meter, segment.split.works, counts),
            currency=contract.currency,
            before=before,
            factor=segment.factor,
            share=share.exact,
            included=_included(contract, due, segment, used),
        )
        if bounds is not None:
            rated = bounds.hold(rated, spent=spent, is_last=segment is working[-1])
            spent += rated.amount
        # Seats are held, not used up: each segment counts them anew, and owes its share of the period.
        before = None if held else reduce(together, counts if before is None else [before, *counts])
        told = share.working if held else _uncounted(contract, charge, segment.split.stopped, used)
        mean = _mean_steps(segment.split.works, counts) if averages(meter) else ()
        yield Owed(due, segment.days, rated, (*told, *mean))


def meter_of(contract: Contract, charge: UsageCharge) -> Sourced[Meter]:
    """Return the meter that a charge counts by."""
    try:
        return contract.terms.meters[charge.meter]
    except KeyError:
        raise UnknownMeter(
            "a charge counts by a meter that the terms do not define",
            field=f"charge.{charge.code}.meter",
            value=charge.meter,
            expected="one of " + ", ".join(sorted(contract.terms.meters)),
        ) from None


def nothing_owed(contract: Contract) -> Rated:
    """Return what days owe on which nothing worked."""
    return Rated(Decimal(0), Money.zero(contract.currency), ())


def _segments(
    contract: Contract, charge: UsageCharge, part: Period, *, after_end: bool
) -> tuple[_Segment, ...]:
    starts_on = contract.subscription.starts_on
    return tuple(
        _Segment(
            days,
            charge_on(charge, days.start, starts_on=starts_on),
            contract.factor_of(charge, days.start),
            split(contract, charge, days, after_end=after_end),
        )
        for days in part.split_at(price_cuts(contract, charge))
    )


def _bounds(contract: Contract, working: Sequence[_Segment]) -> Bounds | None:
    """Return the least and the most that the days which work owe together, or None where there is neither."""
    if not any(segment.charge.bounded for segment in working):
        return None
    return bounds_of(
        (
            (
                at_prices(segment.charge, currency=contract.currency, factor=segment.factor),
                share_left(contract, segment.charge, segment.days, segment.split.stopped).exact,
            )
            for segment in working
        ),
        currency=contract.currency,
    )


def _included(
    contract: Contract, due: DuePart, segment: _Segment, used: Mapping[UsageKey, Use]
) -> Included | None:
    """Return what a segment's period includes where that is not the charge's own allowance alone."""
    charge, starts_on = segment.charge, contract.subscription.starts_on
    if charge.pool:
        pool = _pool(contract, charge)
        own = [charge_on(each, segment.days.start, starts_on=starts_on).allowance for each in pool]
        before = pool[: [each.code for each in pool].index(charge.code)]
        drawn = sum((_used(contract, each, due.part, used) for each in before), Decimal(0))
        return pooled(own, drawn)
    if charge.rollover_limit:
        carried = _carried(contract, charge, due, used)
        return rolled_over(charge.allowance, carried)
    return None


def _carried(contract: Contract, charge: UsageCharge, due: DuePart, used: Mapping[UsageKey, Use]) -> Decimal:
    part = _part_before(contract, due)
    if part is None:
        return Decimal(0)
    agreed = next(each for each in contract.charges if each.code == charge.code)
    earlier = charge_on(agreed, part.last_day, starts_on=contract.subscription.starts_on)
    allowance = earlier.allowance if isinstance(earlier, UsageCharge) else Decimal(0)
    return unused(allowance, _used(contract, charge, part, used), limit=charge.rollover_limit or Decimal(0))


def _part_before(contract: Contract, due: DuePart) -> Period | None:
    """Return the days of the period before in which the contract was in force, or None."""
    cycle = contract.usage_cycle
    return contract.subscription.within(cycle.period(cycle.number_of(due.whole.start) - 1))


def _pool(contract: Contract, charge: UsageCharge) -> tuple[UsageCharge, ...]:
    return tuple(
        each for each in contract.charges if isinstance(each, UsageCharge) and each.pool == charge.pool
    )


def _looked_at(contract: Contract, charge: UsageCharge, due: DuePart) -> Iterator[tuple[UsageCharge, Period]]:
    """Yield the charges, and the days of each, whose use a part depends on."""
    for each in drawn_from(contract, charge):
        if isinstance(each, UsageCharge):
            yield each, due.part
    if charge.rollover_limit and (before := _part_before(contract, due)) is not None:
        yield charge, before


def _keys(contract: Contract, charge: UsageCharge, part: Period) -> Iterator[UsageKey]:
    for days in part.split_at(price_cuts(contract, charge)):
        for piece in pieces(contract, charge, days):
            yield _key(charge, piece.days)


def _key(charge: UsageCharge, days: Period) -> UsageKey:
    by = charge.by if isinstance(charge, Matrix) else ()
    return UsageKey(charge.meter, charge.dimension, days, needs_events(charge) and not by, by)


def _used(contract: Contract, charge: UsageCharge, part: Period, used: Mapping[UsageKey, Use]) -> Decimal:
    """Return how much was used of a charge on the days of a part that worked."""
    works = (
        days for segment in _segments(contract, charge, part, after_end=False) for days in segment.split.works
    )
    return sum((quantity_of(used[_key(charge, days)]) for days in works), Decimal(0))


def _uncounted(
    contract: Contract, charge: UsageCharge, stopped: Sequence[Piece], used: Mapping[UsageKey, Use]
) -> Working:
    """Return the working of days that are not billed, and of what was used on them."""
    left = sum((quantity_of(used[_key(charge, each.days)]) for each in stopped), Decimal(0))
    return (*steps_of(contract, charge, stopped), *((step("uncounted", left),) if left else ()))


def _together(meter: Meter, works: Sequence[Period], counts: Sequence[Use]) -> Use | Fraction:
    """Return what the pieces of a segment that worked come to."""
    if adds_up(meter):
        return reduce(together, counts)
    levels = tuple(map(quantity_of, counts))
    if averages(meter):
        return _mean(works, levels)
    return levels[-1] if isinstance(meter, LatestMeter) else max(levels)


def _mean(works: Sequence[Period], levels: tuple[Decimal, ...]) -> Fraction:
    """Return the mean of a level: 342 seat-days over 31 days are 342/31 seats."""
    return Fraction(total(levels)) / sum(days.days for days in works)


def _mean_steps(works: Sequence[Period], counts: Sequence[Use]) -> Working:
    levels = tuple(map(quantity_of, counts))
    days = sum(each.days for each in works)
    return (step("mean_level", _mean(works, levels), held=total(levels), days=days),)
