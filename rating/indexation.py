"""The yearly adjustment of prices by an index: published monthly variations, compounded.

The window ends with the month before the anniversary's, the last one known on that day.  Monthly variations
are compounded exactly and only the factor is rounded, to 6 places.  A publisher's own figure for twelve
months may differ by a few hundredths of a point, since it divides index numbers; anyone can check the months.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import prod
from typing import assert_never

from contracts.indices import IndexSeries
from contracts.rules import IndexationRule, IndexFloor
from contracts.subscriptions import PriceAdjustment
from kernel.money import Exact, round_exact
from kernel.periods import months_before
from rating.working import Working, step

#: No clause names them: a factor has 6 places, and a variation in percent therefore 4.
FACTOR_PLACES = 6
VARIATION_PLACES = 4


def adjustment(
    rule: IndexationRule, series: IndexSeries, *, anniversary: date, clause: str, carried: Exact = 1
) -> PriceAdjustment:
    """Return the adjustment of prices at an anniversary; a month that is not published raises an error.

    A negative window leaves prices as they are, lowers the next year's product (``carried``, from
    :func:`carried_over`), or lowers prices, as the rule's floor says.  IGP-M of 2021-05 to 2022-04 compounds
    to +14.6548 %, factor 1.146548: 1,408.68 becomes 1,615.12.
    """
    window = _window(rule, series, anniversary)
    accumulated = _compounded(window)
    return PriceAdjustment(
        effective_on=anniversary,
        factor=round_exact(_floored(rule.floor, accumulated, Fraction(carried)), FACTOR_PLACES),
        index=series.code,
        first_month=window[0][0],
        last_month=window[-1][0],
        variation_percent=round_exact((accumulated - 1) * 100, VARIATION_PLACES),
        clause=clause,
    )


def carried_over(
    rule: IndexationRule, series: IndexSeries, *, anniversary: date, carried: Exact = 1
) -> Fraction:
    """Return what an anniversary hands on to the next: a product below 1 under CARRY, else 1."""
    if rule.floor is not IndexFloor.CARRY:
        return Fraction(1)
    return min(Fraction(1), _compounded(_window(rule, series, anniversary)) * Fraction(carried))


def working_of(adjustments: Iterable[PriceAdjustment]) -> Working:
    """Return the steps that say where an index factor comes from, one for each adjustment."""
    return tuple(
        step(
            "index",
            each.factor,
            index=each.index,
            first_month=f"{each.first_month:%Y-%m}",
            last_month=f"{each.last_month:%Y-%m}",
            percent=each.variation_percent,
            clause=each.clause,
        )
        for each in adjustments
    )


def _window(rule: IndexationRule, series: IndexSeries, anniversary: date) -> tuple[tuple[date, Decimal], ...]:
    return series.window(months_before(anniversary, -rule.window_end_offset_months), rule.months)


def _compounded(window: tuple[tuple[date, Decimal], ...]) -> Fraction:
    return prod((1 + Fraction(percent) / 100 for _, percent in window), start=Fraction(1))


def _floored(floor: IndexFloor, accumulated: Fraction, carried: Fraction) -> Fraction:
    match floor:
        case IndexFloor.POSITIVE_ONLY:
            return max(Fraction(1), accumulated)
        case IndexFloor.CARRY:
            return max(Fraction(1), accumulated * carried)
        case IndexFloor.FULL:
            return accumulated
        case _:
            assert_never(floor)
