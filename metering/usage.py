"""What an event comes to: its subscription, its business day, its dimension and its quantity."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from contracts.charges import UsageCharge
from contracts.duties import watched_meters
from contracts.entitlement_facts import limited_meters
from contracts.meters import LEVELS, Meter, UniqueMeter
from contracts.subscriptions import Contract, Subscription
from kernel.errors import (
    AmbiguousSubscription,
    EventConflict,
    EventOutsideSubscription,
    InvalidEvent,
    UnknownDimension,
)
from kernel.ids import AccountId, SubscriptionId
from kernel.money import plain
from kernel.zones import zone_of
from metering.counting import quantity_of, value_of
from metering.events import UsageEvent, digest
from metering.usage_times import UsageTimes, times_of


class MeterKey(NamedTuple):
    """One meter of one subscription."""

    account_id: AccountId
    subscription_id: SubscriptionId
    meter: str


class EventKey(NamedTuple):
    """What an event is known by, once and for ever."""

    account_id: AccountId
    source: str
    event_id: str


class Usage(msgspec.Struct, frozen=True, gc=False):
    """An event as it is stored: counted, without its text.

    ``ordered`` tells that what it counts for depends on the events around it, as conversations and seats do;
    a message has no quantity of its own.  Where a meter counts values once, ``contact`` is the value.
    """

    account_id: AccountId
    source: str
    event_id: str
    subscription_id: SubscriptionId
    meter: str
    occurred_at: datetime
    day: date
    dimension: str
    quantity: Decimal | None
    ordered: bool
    direction: str
    contact: str
    dimensions: str
    corrects: str
    digest: bytes

    @property
    def key(self) -> EventKey:
        """What the event is known by."""
        return EventKey(self.account_id, self.source, self.event_id)


class StoredBody(NamedTuple):
    """What the database holds under an event's key."""

    digest: bytes
    occurred_at: datetime
    quantity: Decimal | None


@dataclass(frozen=True, slots=True, eq=False)
class MeterInForce:
    """A meter of a contract: how it counts, for whom, where its days begin, and what of it has a price.

    ``priced`` are the dimensions that charges of the contract price; the empty one stands for all, and for a
    meter without a price that a limit counts by, or whose disuse starts a duty.  ``country`` is the
    account's: a telephone number without a code belongs to it.
    """

    key: MeterKey
    meter: Meter
    priced: frozenset[str]
    subscription: Subscription
    zone: ZoneInfo
    country: str
    times: UsageTimes


def meters_of(contracts: Iterable[Contract], meter: str) -> tuple[MeterInForce, ...]:
    """Return a meter of each contract that has it: it is defined, and a charge, a limit or a duty uses it."""
    return tuple(
        MeterInForce(
            MeterKey(each.account_id, each.subscription_id, meter),
            each.terms.meters[meter].rule,
            priced,
            each.subscription,
            zone_of(each.entity.time_zone),
            each.account.country,
            times_of(each.terms),
        )
        for each in contracts
        if meter in each.terms.meters and (priced := _priced(each, meter))
    )


def counted_meters(contract: Contract) -> frozenset[str]:
    """Return the meters that charges of a contract price, limits count by, or duties watch."""
    priced = {charge.meter for charge in contract.charges if isinstance(charge, UsageCharge)}
    return _without_price(contract) | priced


def _without_price(contract: Contract) -> frozenset[str]:
    return limited_meters(contract.plan, contract.terms) | watched_meters(contract.terms)


def _priced(contract: Contract, meter: str) -> frozenset[str]:
    """Return the dimensions of a meter that have a price; all of them where it has none and still counts."""
    priced = frozenset(
        charge.dimension
        for charge in contract.charges
        if isinstance(charge, UsageCharge) and charge.meter == meter
    )
    if not priced and meter in _without_price(contract):
        return frozenset({""})
    return priced


def in_force(event: UsageEvent, metered: Sequence[MeterInForce]) -> tuple[MeterInForce, date]:
    """Return the meter that was in force at an event, and the event's day in the time zone of who issues.

    Where more than one subscription has the meter on that day, the event must name its own.
    """
    days = ((each, event.occurred_at.astimezone(each.zone).date()) for each in metered)
    found = [(each, day) for each, day in days if each.subscription.holds(day)]
    if not found:
        raise EventOutsideSubscription(
            "no subscription with this meter was in force",
            field="occurred_at",
            value=event.occurred_at.isoformat(),
            expected="; ".join(_told_days(each.subscription) for each in metered),
        )
    if len(found) > 1:
        raise AmbiguousSubscription(
            "more than one subscription has this meter on this day",
            field="subscription",
            value=event.subscription,
            expected="one of " + ", ".join(sorted(each.subscription.code for each, _ in found)),
        )
    return found[0]


def usage_of(event: UsageEvent, metered: MeterInForce, day: date) -> Usage:
    """Return an event as it is stored."""
    dimension = _dimension_of(event, metered)
    quantity = quantity_of(event, metered.meter, dimension)
    is_level = isinstance(metered.meter, LEVELS)
    return Usage(
        metered.key.account_id,
        event.source,
        event.id,
        metered.key.subscription_id,
        event.meter,
        event.occurred_at,
        day,
        dimension,
        quantity,
        is_level or quantity is None,
        "" if is_level else event.direction,
        "" if is_level else _contact_of(event, metered),
        msgspec.json.encode(event.dimensions).decode(),
        event.corrects,
        digest(event),
    )


def conflict_of(usage: Usage, stored: StoredBody) -> EventConflict:
    """Return the error that shows both bodies of one event id."""
    return EventConflict(
        "this event id was stored with another body",
        field="id",
        value=f"{usage.event_id}: {_told(usage.occurred_at, usage.quantity)}",
        expected=f"what is stored: {_told(stored.occurred_at, stored.quantity)}; or a new id",
    )


def _dimension_of(event: UsageEvent, metered: MeterInForce) -> str:
    """Return what of an event its price depends on; usage that no price would find is refused, not lost."""
    by = metered.meter.by
    if not by:
        return ""
    dimension = event.dimensions.get(by, "")
    if not dimension:
        raise InvalidEvent(
            "the meter is priced by a dimension that the event does not say",
            field=f"dimensions.{by}",
            expected=f"the event's {by}",
        )
    if not metered.priced & {"", dimension}:
        raise UnknownDimension(
            f"no charge of the plan prices this {by}",
            field=f"dimensions.{by}",
            value=dimension,
            expected="one of " + ", ".join(sorted(metered.priced)),
        )
    return dimension


def _contact_of(event: UsageEvent, metered: MeterInForce) -> str:
    """Return who the event was with; of a meter that counts values once, the value."""
    if isinstance(metered.meter, UniqueMeter):
        return value_of(event, metered.meter, country=metered.country)
    return event.contact


def _told_days(signed: Subscription) -> str:
    return f"{signed.code} from {signed.starts_on} to {signed.ends_on or 'open'}"


def _told(occurred_at: datetime, quantity: Decimal | None) -> str:
    return occurred_at.isoformat() + ("" if quantity is None else f", quantity {plain(quantity)}")
