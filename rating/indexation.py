"""The yearly adjustment of prices by an index: what twelve months did, as a factor.

The window ends with the month before the anniversary's, the last one known on that day, unless the rule says
otherwise.  Monthly variations are compounded exactly and only the factor is rounded, to 6 places; anyone can
check the months.  A publisher's own figure for twelve months may differ by a few hundredths of a point, since
it divides index numbers: a rule may take that one instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import assert_never

from contracts.indices import IndexSeries, months_to
from contracts.rules import Accumulation, IndexationRule, IndexFloor
from contracts.subscriptions import PriceAdjustment
from kernel.calendars import day_before, first_day_after
from kernel.money import round_exact
from kernel.periods import months_before
from rating.working import Step, Working, step

#: No clause names them: a factor has 6 places, and a variation in percent therefore 4.
FACTOR_PLACES = 6
VARIATION_PLACES = 4

#: What no earlier fall lowers.
NOTHING_CARRIED = Decimal(1)


def adjustment(
    rule: IndexationRule,
    series: IndexSeries,
    *,
    anniversary: date,
    clause: str,
    carried: Decimal = NOTHING_CARRIED,
) -> PriceAdjustment:
    """Return the adjustment of prices at an anniversary; a figure that is not published raises an error.

    A negative window leaves prices as they are, lowers the next year's product (``carried``, from
    :func:`carried_over`), or lowers prices, as the rule's floor says.  ``series`` is the rule's index or its
    substitute.

    IGP-M of 2021-05 to 2022-04 compounds to +14.6548 %, factor 1.146548: 1,408.68 becomes 1,615.12.
    """
    months = _months(rule, anniversary)
    accumulated = _accumulated(rule, series, months)
    return PriceAdjustment(
        effective_on=anniversary,
        factor=round_exact(_floored(rule.floor, accumulated * Fraction(carried)), FACTOR_PLACES),
        index=series.code,
        first_month=months[0],
        last_month=months[-1],
        variation_percent=round_exact((accumulated - 1) * 100, VARIATION_PLACES),
        clause=clause,
        accumulation=rule.accumulation,
        substitutes="" if series.code == rule.index else rule.index,
        carried=carried,
    )


def carried_over(rule: IndexationRule, adjusted: PriceAdjustment) -> Decimal:
    """Return what an anniversary hands on to the next: under CARRY a product below 1, else 1.

    It follows from what is recorded of the anniversary, not from the index as it is known now: -2.98 % is
    0.970200 for good, and anyone can check it by what the invoice says.
    """
    if rule.floor is not IndexFloor.CARRY:
        return NOTHING_CARRIED
    product = (1 + Fraction(adjusted.variation_percent) / 100) * Fraction(adjusted.carried)
    return min(NOTHING_CARRIED, round_exact(product, FACTOR_PLACES))


def is_published(rule: IndexationRule, series: IndexSeries, anniversary: date) -> bool:
    """Tell whether all that the adjustment of an anniversary needs of an index is out."""
    months = _months(rule, anniversary)
    if rule.accumulation is Accumulation.PUBLISHED_12M:
        return months[-1] in series.published_12m
    return all(month in series.percent_by_month for month in months)


def is_discontinued(rule: IndexationRule, anniversary: date, as_of: date) -> bool:
    """Tell whether an index that is not out yet has had all its time: the substitute may stand in for it."""
    end_of_window = day_before(months_before(_months(rule, anniversary)[-1], -1))
    return as_of >= first_day_after(end_of_window, rule.substitute_after_days)


def working_of(adjustments: Iterable[PriceAdjustment]) -> Working:
    """Return the steps that say where an index factor comes from: which index, which months, what fell."""
    return tuple(each for adjusted in adjustments for each in _steps(adjusted))


def _steps(adjusted: PriceAdjustment) -> Iterator[Step]:
    if adjusted.substitutes:
        yield step("index_substitute", adjusted.index, substituted=adjusted.substitutes)
    if adjusted.carried != NOTHING_CARRIED:
        yield step("index_carried", adjusted.carried)
    published = adjusted.accumulation is Accumulation.PUBLISHED_12M
    yield step(
        "index_published" if published else "index",
        adjusted.factor,
        index=adjusted.index,
        first_month=f"{adjusted.first_month:%Y-%m}",
        last_month=f"{adjusted.last_month:%Y-%m}",
        percent=adjusted.variation_percent,
        clause=adjusted.clause,
    )


def _months(rule: IndexationRule, anniversary: date) -> tuple[date, ...]:
    return months_to(months_before(anniversary, -rule.window_end_offset_months), rule.months)


def _accumulated(rule: IndexationRule, series: IndexSeries, months: tuple[date, ...]) -> Fraction:
    match rule.accumulation:
        case Accumulation.COMPOUND_MONTHLY:
            return series.compounded(months[-1], len(months))
        case Accumulation.PUBLISHED_12M:
            return 1 + Fraction(series.twelve_months(months[-1])) / 100
        case _:
            assert_never(rule.accumulation)


def _floored(floor: IndexFloor, accumulated: Fraction) -> Fraction:
    match floor:
        case IndexFloor.POSITIVE_ONLY | IndexFloor.CARRY:
            return max(Fraction(1), accumulated)
        case IndexFloor.FULL:
            return accumulated
        case _:
            assert_never(floor)
