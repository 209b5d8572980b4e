"""The steps that say why a price is another than the plan's: one for each change that a notice brought."""

from __future__ import annotations

from collections.abc import Iterable

from contracts.subscriptions import PriceChange
from rating.working import Working, step


def changes_working(changes: Iterable[PriceChange]) -> Working:
    """Return a step for each change: its factor, its percentage, its first day and its clause."""
    return tuple(
        step(
            "price_change",
            each.factor,
            percent=(each.factor - 1) * 100,
            since=each.effective_on.isoformat(),
            clause=each.clause,
        )
        for each in changes
    )
