"""Stripe: the one door to it."""

from __future__ import annotations

from collections.abc import Mapping

import stripe

from kernel.errors import GatewayRefused, GatewayUnavailable
from kernel.money import Money
from payments.gateway import Payer, Payment, PaymentStatus

#: Retries of one call after a broken connection or a 5xx; Stripe's client waits longer before each.
NETWORK_RETRIES = 2

#: Stripe's code for a card that its holder must confirm in person.
AUTHENTICATION_REQUIRED = "authentication_required"

#: The words of a PaymentIntent for what we can tell apart; any other is not decided yet.
STATUSES = {
    "succeeded": PaymentStatus.SUCCEEDED,
    "requires_action": PaymentStatus.REQUIRES_ACTION,
    "requires_payment_method": PaymentStatus.FAILED,
    "canceled": PaymentStatus.FAILED,
}


class StripeGateway:
    """Charges a card on file of a Stripe customer who is not present; a :class:`PaymentGateway`.

    ``base_address`` is Stripe's own unless another is given.  The key is known to Stripe's client alone.
    """

    def __init__(
        self, api_key: str, *, base_address: str = "", network_retries: int = NETWORK_RETRIES
    ) -> None:
        """Make a client; nothing is sent yet."""
        self._intents = stripe.StripeClient(
            api_key,
            base_addresses={"api": base_address} if base_address else None,
            max_network_retries=network_retries,
        ).v1.payment_intents

    def create_payment(
        self,
        *,
        idempotency_key: str,
        amount: Money,
        payer: Payer,
        description: str,
        metadata: Mapping[str, str],
    ) -> Payment:
        """Charge once per key.  A card that its holder must confirm fails, it does not stay half open."""
        try:
            intent = self._intents.create(
                {
                    "amount": amount.minor_units,
                    "currency": amount.currency.lower(),
                    "customer": payer.customer,
                    "payment_method": payer.payment_method,
                    "allowed_payment_method_types": ["card"],
                    "confirm": True,
                    "off_session": True,
                    "error_on_requires_action": True,
                    "description": description,
                    "metadata": dict(metadata),
                },
                {"idempotency_key": idempotency_key},
            )
            if intent.status not in STATUSES:  # a replayed answer is as old as the first; ask how it stands
                intent = self._intents.retrieve(intent.id)
        except stripe.CardError as error:
            return _declined(error)
        except stripe.InvalidRequestError as error:
            return Payment(
                status=PaymentStatus.FAILED, reference="", failure_code=error.code or "invalid_request"
            )
        except (stripe.AuthenticationError, stripe.PermissionError, stripe.IdempotencyError) as error:
            raise GatewayRefused(
                "Stripe refuses the request",
                field="idempotency_key",
                value=idempotency_key,
                expected=_said(error),
            ) from error
        except stripe.StripeError as error:
            raise GatewayUnavailable(
                "Stripe gave no answer", field="idempotency_key", value=idempotency_key, expected=_said(error)
            ) from error
        return _payment(intent)


def _payment(intent: stripe.PaymentIntent) -> Payment:
    if intent.status not in STATUSES:
        raise GatewayUnavailable(
            "Stripe has not decided yet", field="status", value=intent.status, expected="ask again later"
        )
    failure = intent.last_payment_error
    return Payment(
        status=STATUSES[intent.status],
        reference=intent.id,
        failure_code="" if failure is None else failure.decline_code or failure.code or "",
    )


def _declined(error: stripe.CardError) -> Payment:
    body = error.error
    code = error.code or "card_error"
    intent = None if body is None else body.payment_intent
    return Payment(
        status=(PaymentStatus.REQUIRES_ACTION if code == AUTHENTICATION_REQUIRED else PaymentStatus.FAILED),
        reference="" if intent is None else intent.id,
        failure_code=(body.decline_code if body is not None else None) or code,
    )


def _said(error: stripe.StripeError) -> str:
    return error.user_message or type(error).__name__
