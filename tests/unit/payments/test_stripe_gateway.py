"""Stripe's answers become results or named errors, and a key charges once, whatever happens on the way."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from kernel.errors import GatewayRefused, GatewayUnavailable
from kernel.money import Money
from payments.gateway import Payer, Payment, PaymentGateway, PaymentStatus
from tests.unit.payments.fake_stripe import API_KEY, FakeStripe, Fault, StripeServer, running_server
from tests.unit.receivables.books import mxn


@pytest.fixture(scope="module")
def server() -> Iterator[StripeServer]:
    """One server for all these tests."""
    with running_server() as running:
        yield running


@pytest.fixture
def stripe(server: StripeServer) -> FakeStripe:
    """A Stripe that remembers nothing yet."""
    return server.fresh()


def charge(
    gateway: PaymentGateway, *, method: str = "pm_good", key: str = "item-1", amount: Money | None = None
) -> Payment:
    """Charge 116.00 pesos to a card."""
    return gateway.create_payment(
        idempotency_key=key,
        amount=amount or mxn("116.00"),
        payer=Payer(customer="cus_1", payment_method=method),
        description="Invoice F-1",
        metadata={"item_id": "item-1", "invoice": "F-1"},
    )


def test_a_charge_asks_for_minor_units_off_session(stripe: FakeStripe) -> None:
    """116.00 MXN is sent as 11600 mxn, confirmed at once, with the number of the invoice."""
    assert Payment(status=PaymentStatus.SUCCEEDED, reference="pi_1") == charge(stripe.gateway())

    assert [
        {
            "amount": "11600",
            "currency": "mxn",
            "customer": "cus_1",
            "payment_method": "pm_good",
            "allowed_payment_method_types[0]": "card",
            "confirm": "true",
            "off_session": "true",
            "error_on_requires_action": "true",
            "description": "Invoice F-1",
            "metadata[item_id]": "item-1",
            "metadata[invoice]": "F-1",
        }
    ] == stripe.charged


def test_a_currency_without_cents_is_sent_whole(stripe: FakeStripe) -> None:
    """70 CLP are 70 units, not 7,000."""
    charge(stripe.gateway(), amount=Money(Decimal(70), "CLP"))

    assert ["70"] == [charged["amount"] for charged in stripe.charged]


def test_the_same_key_charges_once(stripe: FakeStripe) -> None:
    """The second request gets the first one's answer."""
    gateway = stripe.gateway()

    assert charge(gateway) == charge(gateway)
    assert 1 == len(stripe.charged)


def test_an_answer_that_was_lost_is_found_again_by_its_key(stripe: FakeStripe) -> None:
    """The charge was made, the connection broke: asking again charges nothing and tells the outcome."""
    stripe.faults = [Fault.LOST_AFTER]
    gateway = stripe.gateway()

    with pytest.raises(GatewayUnavailable):
        charge(gateway)
    assert PaymentStatus.SUCCEEDED is charge(gateway).status
    assert 1 == len(stripe.charged)


@pytest.mark.parametrize("fault", [Fault.LOST_BEFORE, Fault.BROKEN, Fault.TOO_MANY])
def test_no_answer_is_an_error_that_may_be_tried_again(stripe: FakeStripe, fault: Fault) -> None:
    """A broken connection, a 500 and a rate limit say nothing about the charge."""
    stripe.faults = [fault]

    with pytest.raises(GatewayUnavailable) as unavailable:
        charge(stripe.gateway())
    assert "item-1" == unavailable.value.value


@pytest.mark.parametrize("fault", [Fault.LOST_BEFORE, Fault.LOST_AFTER, Fault.BROKEN])
def test_stripes_own_client_tries_again(stripe: FakeStripe, fault: Fault) -> None:
    """One bad moment is bridged by a retry under the same key: two requests, one charge."""
    stripe.faults = [fault]

    assert PaymentStatus.SUCCEEDED is charge(stripe.gateway(network_retries=1)).status
    assert (2, 1) == (stripe.requests, len(stripe.charged))


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        (
            "pm_declined",
            Payment(status=PaymentStatus.FAILED, reference="pi_1", failure_code="insufficient_funds"),
        ),
        ("pm_expired", Payment(status=PaymentStatus.FAILED, reference="", failure_code="expired_card")),
        (
            "pm_refused_later",
            Payment(status=PaymentStatus.FAILED, reference="pi_1", failure_code="do_not_honor"),
        ),
        ("pm_gone", Payment(status=PaymentStatus.FAILED, reference="", failure_code="resource_missing")),
        (
            "pm_authenticate",
            Payment(
                status=PaymentStatus.REQUIRES_ACTION,
                reference="pi_1",
                failure_code="authentication_required",
            ),
        ),
    ],
)
def test_a_refused_card_is_a_result(stripe: FakeStripe, method: str, expected: Payment) -> None:
    """A decline is no error of ours: it has a status and the most telling code that Stripe gives."""
    assert expected == charge(stripe.gateway(), method=method)
    assert [] == stripe.charged


def test_a_slow_charge_is_not_decided_yet(stripe: FakeStripe) -> None:
    """Until Stripe has decided, nobody may take it for a success or a failure."""
    gateway = stripe.gateway()

    with pytest.raises(GatewayUnavailable) as undecided:
        charge(gateway, method="pm_slow")
    assert "processing" == undecided.value.value

    stripe.settled = True
    assert PaymentStatus.SUCCEEDED is charge(gateway, method="pm_slow").status
    assert 1 == len(stripe.charged)


def test_a_wrong_api_key_is_refused(stripe: FakeStripe) -> None:
    """A request that Stripe does not look at is no decline, and the error does not tell the key."""
    with pytest.raises(GatewayRefused) as refused:
        charge(stripe.gateway(api_key="sk_test_wrong"))

    assert "sk_test_wrong" not in str(refused.value)


def test_one_key_for_two_requests_is_refused(stripe: FakeStripe) -> None:
    """What was asked under a key is never asked otherwise."""
    gateway = stripe.gateway()
    charge(gateway)

    with pytest.raises(GatewayRefused):
        charge(gateway, amount=mxn("117.00"))
    assert 1 == len(stripe.charged)


def test_the_gateway_does_not_show_its_key(stripe: FakeStripe) -> None:
    """Whoever logs the gateway logs no secret."""
    assert API_KEY not in repr(stripe.gateway())
