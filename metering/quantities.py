"""What an invoice run asks of metering, and what it tells it back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from contracts.meters import Meter
from kernel.ids import AccountId, SubscriptionId
from kernel.periods import Period


@dataclass(frozen=True, slots=True)
class Want:
    """The question how much of a meter a subscription used in a period; an empty dimension asks for all.

    ``rule`` says how the meter's days come together, ``zone`` where they begin.
    """

    account_id: AccountId
    subscription_id: SubscriptionId
    meter: str
    dimension: str
    period: Period
    rule: Meter = field(compare=False)
    zone: str = field(compare=False)


@dataclass(frozen=True, slots=True)
class LateUsage:
    """A day of a meter that changed after a run had billed it."""

    account_id: AccountId
    subscription_id: SubscriptionId
    meter: str
    day: date


@dataclass(frozen=True, slots=True)
class Counted:
    """What a run says: the days of this meter before ``through`` are billed."""

    account_id: AccountId
    subscription_id: SubscriptionId
    meter: str
    through: date
