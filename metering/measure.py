"""How much was used: what an invoice run asks before it bills, and tells after it has.

A run holds the exclusive lock of its accounts' subscriptions from the question to the end, and ingest shares
that lock: what comes meanwhile waits, sees what was billed, and is marked as late.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from sqlalchemy import Connection

from kernel.ids import AccountId
from metering import store_run
from metering.quantities import Counted, LateUsage, Want

__all__ = ["Counted", "LateUsage", "Want", "late_usage", "measure", "settle"]

#: Questions of one query.
WANTS_PER_QUERY: Final = 10_000


def measure(connection: Connection, wants: Sequence[Want]) -> dict[Want, Decimal]:
    """Return what was used in each wanted period: the sum of its days, or for seats its highest level."""
    asked = list(dict.fromkeys(wants))
    quantities: dict[Want, Decimal] = {}
    for first in range(0, len(asked), WANTS_PER_QUERY):
        quantities |= store_run.quantities(connection, asked[first : first + WANTS_PER_QUERY])
    return quantities


def late_usage(connection: Connection, account_ids: Sequence[AccountId]) -> tuple[LateUsage, ...]:
    """Return the days of these accounts that changed after a run had billed them."""
    return store_run.late_days(connection, account_ids)


def settle(connection: Connection, counted: Sequence[Counted], late: Sequence[LateUsage]) -> None:
    """Take note of what a run billed: days before ``through`` are counted, these late days are dealt with."""
    store_run.settle(connection, counted, late)
