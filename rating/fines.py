"""What a fine is taken on, and the cap that holds over fine and interest."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import assert_never

from contracts.late_rules import FineBase, LateChargeRule
from kernel.money import Money


@dataclass(frozen=True, slots=True)
class Grown:
    """What a principal has grown to by the time that the fine is taken, exactly."""

    principal: Fraction
    corrected: Fraction
    interest_base: Fraction
    interest: Fraction


def fine_base(rule: LateChargeRule, grown: Grown) -> Fraction:
    """Return what the fine is taken on.

    1,000.00 corrected to 1,020.00 with 10.20 of interest: 1,000.00 as original, 1,020.00 as corrected,
    1,030.20 with the interest; ``as_interest`` it is what the interest was taken on.
    """
    match rule.fine_base:
        case FineBase.AS_INTEREST:
            return grown.interest_base
        case FineBase.ORIGINAL:
            return grown.principal
        case FineBase.CORRECTED:
            return grown.corrected
        case FineBase.CORRECTED_WITH_INTEREST:
            return grown.corrected + grown.interest
        case _:
            assert_never(rule.fine_base)


def within_cap(cap: Money, fine: Money, interest: Money) -> tuple[Money, Money]:
    """Return fine and interest that together do not exceed a cap; the fine, owed first, is cut last.

    A cap of 120.00 over a fine of 100.00 and interest of 36.50 leaves 100.00 and 20.00.
    """
    kept = min(fine, cap)
    return kept, min(interest, cap - kept)
