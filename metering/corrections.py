"""Corrections: an event that adds to an earlier one or takes from it; what was stored is never changed.

A correction repeats what it corrects in all that decides where it counts (meter, subscription, instant,
dimension) and brings its own id and a signed quantity.  So it counts on the same day as the mistake did, and
what is left of an event never falls below zero: neither does a day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from kernel.errors import ClausulaError, InvalidCorrection, UnknownEvent
from kernel.ids import SubscriptionId
from kernel.money import plain
from metering.usage import Usage


class Corrected(NamedTuple):
    """A stored event as far as a correction has to repeat it, and what is left of it."""

    subscription_id: SubscriptionId
    meter: str
    occurred_at: datetime
    dimension: str
    corrects: str
    left: Decimal


class Correction(NamedTuple):
    """An event that corrects another: its key, the key of the other, and what it comes to."""

    key: bytes
    corrected: bytes
    usage: Usage


def refused_corrections(
    corrections: Iterable[Correction], stored: Mapping[bytes, Corrected]
) -> dict[bytes, ClausulaError]:
    """Return the corrections that cannot be, with why; of several of one event each sees those before it."""
    left = {key: each.left for key, each in stored.items()}
    refused: dict[bytes, ClausulaError] = {}
    for key, corrected, usage in corrections:
        quantity = usage.quantity or Decimal(0)
        error = _refusal(usage, stored.get(corrected), left.get(corrected, Decimal(0)) + quantity)
        if error is None:
            left[corrected] += quantity
        else:
            refused[key] = error
    return refused


def _refusal(usage: Usage, stored: Corrected | None, left: Decimal) -> ClausulaError | None:
    if stored is None:
        return UnknownEvent(
            "no such event of this account and source was counted",
            field="corrects",
            value=usage.corrects,
            expected="the id of a counted event; the correction can be tried again once that has come",
        )
    if stored.corrects:
        return InvalidCorrection(
            "a correction is not corrected",
            field="corrects",
            value=usage.corrects,
            expected=f"the event that it corrects: {stored.corrects}",
        )
    for field, given, right in (
        ("meter", usage.metered.key.meter, stored.meter),
        ("subscription", usage.metered.key.subscription_id, stored.subscription_id),
        ("occurred_at", usage.occurred_at, stored.occurred_at),
        ("dimensions", usage.dimension, stored.dimension),
    ):
        if given != right:
            return InvalidCorrection(
                "a correction repeats what it corrects", field=field, value=given, expected=str(right)
            )
    if left < 0:
        return InvalidCorrection(
            "takes more than was there",
            field="quantity",
            value=plain(usage.quantity or Decimal(0)),
            expected=f"at least {plain((usage.quantity or Decimal(0)) - left)}",
        )
    return None
