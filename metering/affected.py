"""What ordered events affect: whose conversations and whose seats are counted again, and from when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from contracts.meters import LEVELS, ConversationMeter
from metering.staged_rows import MeterNumbers
from metering.usage import MeterInForce, MeterKey, Usage

UsageByMeter = Mapping[MeterInForce, Sequence[Usage]]


class Contacted(NamedTuple):
    """A contact of a meter in the batch: the meter's number, and what names the contact."""

    meter_number: int
    contact: str


class ContactMessages(NamedTuple):
    """The new messages of a contact of a meter."""

    contacted: Contacted
    key: MeterKey
    meter: ConversationMeter
    messages: list[Usage]

    @property
    def affected(self) -> AffectedContact:
        """The contact, to be counted from the earliest of the messages."""
        since = min(message.occurred_at for message in self.messages)
        return AffectedContact(self.contacted, self.key, since, self.meter)


class AffectedContact(NamedTuple):
    """One contact of a meter, the instant to count it from, and what makes a conversation."""

    contacted: Contacted
    key: MeterKey
    since: datetime
    meter: ConversationMeter


class AffectedLevels(NamedTuple):
    """A meter of levels, the day to count it from, and the zone in which its days begin."""

    key: MeterKey
    day: date
    zone: str


def contacts_of(new: UsageByMeter, meters: MeterNumbers) -> Iterator[ContactMessages]:
    """Yield each contact that has new messages, with these."""
    for metered, usages in new.items():
        if isinstance(metered.meter, ConversationMeter):
            number = meters.number(metered)
            by_contact: defaultdict[str, list[Usage]] = defaultdict(list)
            for usage in usages:
                by_contact[usage.contact].append(usage)
            for contact, messages in by_contact.items():
                yield ContactMessages(Contacted(number, contact), metered.key, metered.meter, messages)


def affected_levels(new: UsageByMeter) -> list[AffectedLevels]:
    """Return each meter of levels that has a new one, with the earliest day of one."""
    return [
        AffectedLevels(metered.key, min(usage.day for usage in usages), metered.zone)
        for metered, usages in new.items()
        if isinstance(metered.meter, LEVELS)
    ]
