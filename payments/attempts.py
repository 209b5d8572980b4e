"""Attempts to collect: which one is next, so that no unclear outcome is ever charged twice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from kernel.ids import ItemId
from kernel.money import Money
from payments.gateway import Payer, Payment, PaymentStatus


class AttemptStatus(StrEnum):
    """Where an attempt stands; ``started`` means that nobody knows yet what the gateway did."""

    STARTED = "started"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    REQUIRES_ACTION = "requires_action"


STATUS_OF_PAYMENT = {
    PaymentStatus.SUCCEEDED: AttemptStatus.SUCCEEDED,
    PaymentStatus.FAILED: AttemptStatus.FAILED,
    PaymentStatus.REQUIRES_ACTION: AttemptStatus.REQUIRES_ACTION,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt to collect an item: the number that makes its key, what was asked of whom, how it ended."""

    item_id: ItemId
    number: int
    amount: Money
    payer: Payer
    asked_on: date
    status: AttemptStatus = AttemptStatus.STARTED
    reference: str = ""
    failure_code: str = ""

    @property
    def idempotency_key(self) -> str:
        """The key under which the gateway executes this attempt once: the item's id, then ``:2``, ``:3``."""
        return str(self.item_id) if self.number == 1 else f"{self.item_id}:{self.number}"

    def ended(self, payment: Payment) -> Attempt:
        """Return the attempt with what the gateway said of it."""
        return replace(
            self,
            status=STATUS_OF_PAYMENT[payment.status],
            reference=payment.reference,
            failure_code=payment.failure_code,
        )


def next_attempt(
    last: Attempt | None, item_id: ItemId, *, due: Money, payer: Payer, on: date
) -> Attempt | None:
    """Return the attempt to make now, or None when there is nothing to collect.

    An attempt whose outcome is not known is made again as it was, under its own key: the gateway answers what
    it did.  After a clear failure a new number asks for what is due by now.  When nothing is due, nothing is
    sent, not even to clear an unknown outcome: it would charge a customer who has paid.
    """
    if due <= Money.zero(due.currency):
        return None
    if last is None:
        return Attempt(item_id=item_id, number=1, amount=due, payer=payer, asked_on=on)
    match last.status:
        case AttemptStatus.STARTED:
            return last
        case AttemptStatus.SUCCEEDED:
            return None
        case AttemptStatus.FAILED | AttemptStatus.REQUIRES_ACTION:
            return Attempt(item_id=item_id, number=last.number + 1, amount=due, payer=payer, asked_on=on)
