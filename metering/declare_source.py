"""Declare: what the events of a source are known by, before its first one comes."""

from __future__ import annotations

from sqlalchemy import Connection

from contracts.store import lock_subscriptions
from kernel.errors import Conflict, InvalidInput
from metering import store_sources
from metering.events import SOURCE_CHARACTERS
from metering.sources import UsageSource


def declare_source(connection: Connection, declared: UsageSource) -> None:
    """Settle what the events of a source are known by; the same again changes nothing.

    Raises :class:`kernel.errors.Conflict` where it is settled otherwise: by an earlier declaration, or by
    events that came without one, which are known by their ids.
    """
    if not 0 < len(declared.source) <= SOURCE_CHARACTERS or "\x00" in declared.source:
        raise InvalidInput(
            "not the name of a source",
            field="source",
            value=declared.source[:SOURCE_CHARACTERS],
            expected=f"1 to {SOURCE_CHARACTERS} characters",
        )
    lock_subscriptions(connection, [declared.account_id], exclusive=True)
    for settled in store_sources.settle(connection, [declared]):
        if settled != declared:
            raise Conflict(
                "what the events of this source are known by is settled",
                field="identity",
                value=declared.identity,
                expected=f"{settled.identity}, or a new source",
            )
