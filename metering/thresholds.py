"""Thresholds: word of a limit that new use has reached leaves in the transaction that counts the use.

Of each limit, each time over which it counts and each threshold word is sent once, whoever counts at the same
time, and whatever a correction takes away and later use brings back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from sqlalchemy import Connection

from contracts.entitlement_rules import LimitPeriod
from contracts.subscriptions import Contract
from db.outbox import OutboxMessage, put_all
from kernel.ids import MessageId, new_id
from metering import store_limits
from metering.limited_spans import LimitedSpan, Told, limited_spans
from metering.rollups import TouchedDays

#: The kind of the messages.
LIMIT_REACHED: Final = "limit.reached"


def tell_thresholds(
    connection: Connection, contracts: Iterable[Contract], touched: Iterable[TouchedDays], *, at: datetime
) -> int:
    """Send word of the thresholds that the touched days of these contracts' meters reached; return how many.

    The days are written by then.  Writers of one limit meet on its row, after all other locks of a batch: who
    comes second sees what the first has committed, so that one of the two finds the threshold reached.
    Nothing is asked where no limit counts by a touched meter.
    """
    spans = limited_spans(contracts, touched, now=at)
    if not spans:
        return 0
    locked = dict(zip(spans, store_limits.lock_spans(connection, spans), strict=True))
    used = _count_values(connection, {span: told for span, told in locked.items() if span.of_values})
    awaiting = [span for span, told in locked.items() if span not in used and span.awaits(told)]
    if awaiting:
        wants = [span.want for span in awaiting]
        used |= zip(awaiting, store_limits.used(connection, wants), strict=True)
    reached = {span: span.reached(quantity, locked[span]) for span, quantity in used.items()}
    told = [(span, percents[-1]) for span, percents in reached.items() if percents]
    if told:
        store_limits.mark_told(connection, told, at=at)
        put_all(
            connection,
            [
                each
                for span, percents in reached.items()
                for each in _messages(span, used[span], percents, at=at)
            ],
        )
    return sum(map(len, reached.values()))


def _count_values(connection: Connection, spans: Mapping[LimitedSpan, Told]) -> dict[LimitedSpan, Decimal]:
    """Count the values that are new to limits of different values; return how many each has by now."""
    if not spans:
        return {}
    days = [each for span, told in spans.items() for each in span.uncounted(told)]
    new = store_limits.new_values(connection, days)
    counts = {span: (told.counted or Decimal(0)) + new.get(span.key, 0) for span, told in spans.items()}
    changed = {span: count for span, count in counts.items() if count != spans[span].counted}
    if changed:
        store_limits.keep_counts(connection, changed)
    return counts


def _messages(
    span: LimitedSpan, used: Decimal, percents: Sequence[int], *, at: datetime
) -> Iterator[OutboxMessage]:
    limit, contract = span.limit, span.limit.contract
    for percent in percents:
        yield OutboxMessage(
            account_id=contract.account_id,
            message_id=MessageId(new_id()),
            kind=LIMIT_REACHED,
            recorded_at=at,
            body={
                "account": contract.account.code,
                "subscription": contract.subscription.code,
                "feature": limit.feature,
                "meter": limit.meter,
                "unit": limit.rule.unit,
                "threshold_percent": percent,
                "used": used,
                "limit": limit.quantity,
                "per": limit.per,
                "starts_on": span.period.start,
                "ends_on": None if limit.per is LimitPeriod.EVER else span.period.end,
                "at_limit": limit.at_limit,
                "clause": limit.clause,
                "document": limit.document,
            },
        )
