"""What ordered events affect: whose conversations and whose seats are counted again, and from when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from contracts.meters import LEVELS, ConversationMeter
from metering.usage import MeterInForce, MeterKey, Usage

UsageByMeter = Mapping[MeterInForce, Sequence[Usage]]


class AffectedContact(NamedTuple):
    """One contact of a meter, the instant to count it from, and what makes a conversation."""

    key: MeterKey
    contact: str
    since: datetime
    meter: ConversationMeter


class AffectedLevels(NamedTuple):
    """A meter of levels, the day to count it from, and the zone in which its days begin."""

    key: MeterKey
    day: date
    zone: str


def affected_contacts(new: UsageByMeter) -> list[AffectedContact]:
    """Return each contact that has a new message, with the instant of its earliest."""
    return [
        AffectedContact(metered.key, contact, since, metered.meter)
        for metered, usages in new.items()
        if isinstance(metered.meter, ConversationMeter)
        for contact, since in _earliest(usages).items()
    ]


def affected_levels(new: UsageByMeter) -> list[AffectedLevels]:
    """Return each meter of levels that has a new one, with the earliest day of one."""
    return [
        AffectedLevels(metered.key, min(usage.day for usage in usages), metered.zone)
        for metered, usages in new.items()
        if isinstance(metered.meter, LEVELS)
    ]


def _earliest(messages: Iterable[Usage]) -> dict[str, datetime]:
    earliest: dict[str, datetime] = {}
    for message in messages:
        known = earliest.get(message.contact)
        if known is None or message.occurred_at < known:
            earliest[message.contact] = message.occurred_at
    return earliest
