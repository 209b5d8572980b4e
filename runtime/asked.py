"""Contracts that are asked about on a day: which of an account's they are, and what is wanted of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeVar

from contracts.shapes import one_of
from contracts.subscriptions import Contract
from kernel.clock import Clock
from kernel.errors import NotFound
from kernel.zones import local_day


class AboutFeature(Protocol):
    """An answer about one feature."""

    @property
    def feature(self) -> str:
        """The feature's name."""
        ...


F = TypeVar("F", bound=AboutFeature)


@dataclass(frozen=True, slots=True)
class Asked:
    """A contract and the day on which it is asked about, in the time zone of who issues."""

    contract: Contract
    day: date


def asked_on(held: Sequence[Contract], *, clock: Clock, as_of: date | None) -> tuple[Asked, ...]:
    """Return, of each product, the contract that began last, by subscription, and its day.

    Without ``as_of`` the day is that of the issuing entity's time zone.
    """
    now = clock.now()
    days = (Asked(each, as_of or local_day(now, each.entity.time_zone)) for each in held)
    latest: dict[str, Asked] = {}
    for each in sorted(days, key=lambda each: each.contract.subscription.starts_on):
        if each.contract.subscription.starts_on <= each.day:
            latest[each.contract.plan.product] = each
    return tuple(sorted(latest.values(), key=lambda each: each.contract.subscription.code))


def of_feature(found: Sequence[F], feature: str) -> tuple[F, ...]:
    """Return the answers about a feature, or all of them; :class:`NotFound` where none is about it."""
    wanted = tuple(each for each in found if feature in ("", each.feature))
    if feature and not wanted:
        known = sorted({each.feature for each in found})
        raise NotFound(
            "no contract of the account speaks about this feature",
            field="feature",
            value=feature,
            expected=one_of(known, feature),
        )
    return wanted
