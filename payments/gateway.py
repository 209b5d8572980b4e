"""What a payment gateway does for us; Stripe is one, the tests' fake another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from kernel.money import Money


class PaymentStatus(StrEnum):
    """How a charge ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    REQUIRES_ACTION = "requires_action"


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """The gateway's answer: its reference, and why it failed where it did."""

    status: PaymentStatus
    reference: str
    failure_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """Whom to charge, in the gateway's words: the customer, and the means that it put on file."""

    customer: str
    payment_method: str


class PaymentGateway(Protocol):
    """Charges a customer who is not present."""

    def create_payment(
        self,
        *,
        idempotency_key: str,
        amount: Money,
        payer: Payer,
        description: str,
        metadata: Mapping[str, str],
    ) -> Payment:
        """Charge once per idempotency key, however often it is sent, and return how it ended.

        Raises :class:`kernel.errors.GatewayUnavailable` when nobody knows whether it was charged (send the
        same again), :class:`kernel.errors.GatewayRefused` when the gateway would not even look at it.
        """
        ...
