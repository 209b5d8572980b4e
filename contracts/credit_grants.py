"""Credits that a person grants under a contract, beyond those that its papers promise: values.

A grant is recorded once under its code and never changed; what is used of it stands on invoices.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from kernel.errors import InvalidInput
from kernel.ids import AccountId, SubscriptionId
from kernel.money import Money

#: Lower numbers are used up first.
LARGEST_PRIORITY = 100

#: The priority of credits that state none.
USUAL_PRIORITY = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditGrant:
    """Credits given to a contract: how much, from when to when (exclusive), for which charges, by whom, why.

    ``charges`` empty, they pay for all use; ``clause`` is that of the contract by which they are given.
    """

    account_id: AccountId
    subscription_id: SubscriptionId
    code: str
    name: str
    clause: str
    amount: Money
    given_on: date
    expires_on: date | None = None
    priority: int = USUAL_PRIORITY
    charges: tuple[str, ...] = ()
    given_by: str
    reason: str
    recorded_at: datetime

    def __post_init__(self) -> None:
        """Refuse a grant of nothing, one that expires before it is given, or a priority out of its range."""
        if self.amount <= Money.zero(self.amount.currency):
            raise InvalidInput(
                "credits are more than nothing", field="amount", value=self.amount, expected="more than 0"
            )
        if self.expires_on is not None and self.expires_on <= self.given_on:
            raise InvalidInput(
                "credits expire after they are given",
                field="expires_on",
                value=self.expires_on,
                expected=f"a day after {self.given_on}",
            )
        if not 0 <= self.priority <= LARGEST_PRIORITY:
            raise InvalidInput(
                "no such priority",
                field="priority",
                value=self.priority,
                expected=f"0 (first) to {LARGEST_PRIORITY} (last)",
            )
