"""Usage: what an event comes to, which is its subscription, business day, dimension and quantity."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Final, NamedTuple

import msgspec

from contracts.charges import UsageCharge
from contracts.duties import watched_meters
from contracts.entitlement_facts import limited_meters
from contracts.meters import LEVELS, ConversationMeter, CountMeter, Meter, SmsMeter, SumMeter, UniqueMeter
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
from kernel.zones import LocalDays, days_of
from metering.counting import quantity_of, value_of
from metering.events import UsageEvent, digest
from metering.usage_times import UsageTimes, times_of

#: Meters whose events add up, each by itself.
ADDING: Final = (SumMeter, CountMeter, SmsMeter)

NO_DIMENSIONS: Final = "{}"


class MeterKey(NamedTuple):
    """One meter of one subscription."""

    account_id: AccountId
    subscription_id: SubscriptionId
    meter: str


@dataclass(frozen=True, slots=True, eq=False)
class MeterInForce:
    """A meter of a contract: how it counts, for whom, where its days begin, and what of it has a price.

    ``priced`` are the dimensions that charges of the contract price; the empty one stands for all, and for a
    meter without a price that a limit counts by, or whose disuse starts a duty.  ``country`` is the
    account's: a telephone number without a code belongs to it.  ``limited`` tells that a limit counts by it.
    """

    key: MeterKey
    meter: Meter
    priced: frozenset[str]
    subscription: Subscription
    days: LocalDays
    zone: str
    country: str
    times: UsageTimes
    limited: bool

    #: Whether the quantities of its events add up, each by itself.
    adds: bool = field(init=False)
    #: Whether its events set a level that holds until the next.
    is_level: bool = field(init=False)

    def __post_init__(self) -> None:
        """Settle what is asked for each event."""
        object.__setattr__(self, "adds", isinstance(self.meter, ADDING))
        object.__setattr__(self, "is_level", isinstance(self.meter, LEVELS))

    @property
    def ordered(self) -> bool:
        """Whether what an event counts for depends on the events around it."""
        return self.is_level or isinstance(self.meter, ConversationMeter)


class Usage(msgspec.Struct, frozen=True, gc=False):
    """What an event comes to: the meter that it feeds, its day and its quantity; without its text.

    ``index`` is its place in the batch with which it came.  A message has no quantity of its own.  Where a
    meter counts values once, ``contact`` is the value.
    """

    index: int
    metered: MeterInForce
    source: str
    event_id: str
    occurred_at: datetime
    day: date
    dimension: str
    quantity: Decimal | None
    direction: str
    contact: str
    dimensions: str
    corrects: str
    digest: bytes


class StoredBody(NamedTuple):
    """What the database holds of an event that was counted."""

    digest: bytes
    occurred_at: datetime
    quantity: Decimal | None


def meters_of(contracts: Iterable[Contract], meter: str) -> tuple[MeterInForce, ...]:
    """Return a meter of each contract that has it: it is defined, and a charge, a limit or a duty uses it."""
    return tuple(
        MeterInForce(
            MeterKey(each.account_id, each.subscription_id, meter),
            each.terms.meters[meter].rule,
            priced,
            each.subscription,
            days_of(each.entity.time_zone),
            each.entity.time_zone,
            each.account.country,
            times_of(each.terms),
            meter in limited_meters(each.plan, each.terms),
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
    if len(metered) == 1:
        day = metered[0].days.of(event.occurred_at)
        if metered[0].subscription.holds(day):
            return metered[0], day
    days = ((each, each.days.of(event.occurred_at)) for each in metered)
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


def usage_of(index: int, event: UsageEvent, metered: MeterInForce, day: date) -> Usage:
    """Return what an event of a batch comes to."""
    dimension = _dimension_of(event, metered)
    is_level = metered.is_level
    return Usage(
        index,
        metered,
        event.source,
        event.id,
        event.occurred_at,
        day,
        dimension,
        quantity_of(event, metered.meter, dimension),
        "" if is_level else event.direction,
        "" if is_level else _contact_of(event, metered),
        msgspec.json.encode(event.dimensions).decode() if event.dimensions else NO_DIMENSIONS,
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
