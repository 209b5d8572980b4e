"""A document is collected once, whatever breaks between us and the gateway."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import pytest
from sqlalchemy import Engine

from db.unit_of_work import unit_of_work
from kernel.clock import FixedClock
from kernel.errors import GatewayUnavailable, NotFound, PeriodClosed, UnknownInvoice
from kernel.ids import ItemId, new_id
from kernel.money import Money
from payments.attempts import Attempt, AttemptStatus
from payments.collect import Collected, collect
from payments.gateway import Payer, Payment, PaymentGateway, PaymentStatus
from payments.store import save_payer
from receivables.journal import OpenItem
from receivables.store import close_month
from tests.integration.payments_book import DUE, open_book, open_on, owe, pay, receipt_of, sign
from tests.unit.payments.fake_stripe import Fault, running_server
from tests.unit.receivables.books import mxn, noon

LATE = date(2026, 1, 31)  # ten days late: 3.33 of interest and 100.00 of fine on 1,000.00
CARD = Payer(customer="cus_1", payment_method="pm_good")


@dataclass(slots=True)
class FakeGateway:
    """Charges once per key; answers by script, then with success."""

    script: list[Payment | GatewayUnavailable] = field(default_factory=list)
    charged: dict[str, Money] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def create_payment(
        self,
        *,
        idempotency_key: str,
        amount: Money,
        payer: Payer,
        description: str,
        metadata: Mapping[str, str],
    ) -> Payment:
        """Charge unless the script says otherwise; an unknown outcome has charged."""
        self.asked.append(f"{idempotency_key} {payer.payment_method} {description} {metadata['invoice']}")
        answer = self.script.pop(0) if self.script else None
        if isinstance(answer, Payment):
            return answer
        self.charged.setdefault(idempotency_key, amount)
        if answer is not None:
            raise answer
        return Payment(status=PaymentStatus.SUCCEEDED, reference=f"pi_{idempotency_key}")


DECLINED = Payment(status=PaymentStatus.FAILED, reference="pi_0", failure_code="insufficient_funds")


@pytest.fixture(name="item")
def _item(engine: Engine) -> OpenItem:
    """An invoice over 1,000.00 of a customer with a card on file."""
    open_book(engine)
    account_id = sign(engine, "acme")
    item = owe(engine, account_id, "F-1")
    put_on_file(engine, CARD, item)
    return item


def put_on_file(engine: Engine, payer: Payer, item: OpenItem) -> None:
    """Keep a card of the item's account."""
    with unit_of_work(engine) as connection:
        save_payer(connection, item.account_id, payer, at=noon(DUE))


def collected(engine: Engine, gateway: PaymentGateway, item: OpenItem, *, on: date = DUE) -> Collected:
    """Collect an item on a day."""
    return collect(engine, gateway, (item.account_id, item.item_id), clock=FixedClock.on(on))


def attempt_of(item: OpenItem, amount: str, status: AttemptStatus, **more: str) -> Attempt:
    """Return the first attempt on an item, on its due date."""
    return Attempt(
        item_id=item.item_id, number=1, amount=mxn(amount), payer=CARD, asked_on=DUE, status=status, **more
    )


def test_a_card_pays_the_invoice(engine: Engine, item: OpenItem) -> None:
    """Charged once under the item's id, booked as a receipt of the gateway's reference, and closed."""
    gateway = FakeGateway()

    result = collected(engine, gateway, item)

    reference = f"pi_{item.item_id}"
    assert attempt_of(item, "1000", AttemptStatus.SUCCEEDED, reference=reference) == result.attempt
    assert {str(item.item_id): mxn("1000")} == gateway.charged
    assert [f"{item.item_id} pm_good Invoice F-1 F-1"] == gateway.asked
    assert () == open_on(engine, item.account_id, DUE)


def test_a_second_call_after_success_does_nothing(engine: Engine, item: OpenItem) -> None:
    """The gateway is not even asked."""
    gateway = FakeGateway()
    first = collected(engine, gateway, item)

    assert Collected(first.attempt) == collected(engine, gateway, item)
    assert 1 == len(gateway.asked)


@pytest.mark.clause("ZEN-IX-6.2")
def test_late_charges_are_collected_too(engine: Engine, item: OpenItem) -> None:
    """Ten days late the card is charged 1,103.33, and nothing stays open."""
    gateway = FakeGateway()

    collected(engine, gateway, item, on=LATE)

    assert {str(item.item_id): mxn("1103.33")} == gateway.charged
    assert () == open_on(engine, item.account_id, LATE)


def test_only_what_is_open_is_collected(engine: Engine, item: OpenItem) -> None:
    """After a bank transfer of 400.00 the card is charged 600.00."""
    pay(engine, receipt_of(item.account_id, "400.00", DUE))
    gateway = FakeGateway()

    collected(engine, gateway, item)

    assert {str(item.item_id): mxn("600")} == gateway.charged


def test_what_is_paid_is_not_collected(engine: Engine, item: OpenItem) -> None:
    """A closed invoice asks for nothing."""
    pay(engine, receipt_of(item.account_id, "1000.00", DUE))
    gateway = FakeGateway()

    assert Collected(None) == collected(engine, gateway, item)
    assert [] == gateway.asked


def test_a_decline_is_kept_with_its_code_and_tried_anew(engine: Engine, item: OpenItem) -> None:
    """The debt stays open; the next attempt has a key of its own and may bear a new card."""
    gateway = FakeGateway([DECLINED])

    first = collected(engine, gateway, item)
    put_on_file(engine, Payer(customer="cus_1", payment_method="pm_new"), item)
    second = collected(engine, gateway, item)

    declined = attempt_of(
        item, "1000", AttemptStatus.FAILED, reference="pi_0", failure_code="insufficient_funds"
    )
    assert Collected(declined) == first
    assert second.attempt is not None
    assert (2, AttemptStatus.SUCCEEDED) == (second.attempt.number, second.attempt.status)
    assert [
        f"{item.item_id} pm_good Invoice F-1 F-1",
        f"{item.item_id}:2 pm_new Invoice F-1 F-1",
    ] == gateway.asked


def test_an_unknown_outcome_is_asked_again_and_charged_once(engine: Engine, item: OpenItem) -> None:
    """Its answer was lost: a later call finds the charge, dated on the day on which it was asked."""
    gateway = FakeGateway([GatewayUnavailable("no answer")])
    with pytest.raises(GatewayUnavailable):
        collected(engine, gateway, item)
    put_on_file(engine, Payer(customer="cus_1", payment_method="pm_new"), item)

    result = collected(engine, gateway, item, on=LATE)

    assert {str(item.item_id): mxn("1000")} == gateway.charged
    assert [f"{item.item_id} pm_good Invoice F-1 F-1"] * 2 == gateway.asked
    assert result.attempt is not None
    assert DUE == result.attempt.asked_on


def test_an_unknown_outcome_is_left_when_the_invoice_was_paid_meanwhile(
    engine: Engine, item: OpenItem
) -> None:
    """Nobody is charged to find out; the attempt stays visible as started."""
    gateway = FakeGateway([GatewayUnavailable("no answer")])
    with pytest.raises(GatewayUnavailable):
        collected(engine, gateway, item)
    pay(engine, receipt_of(item.account_id, "1000.00", DUE))

    assert Collected(attempt_of(item, "1000", AttemptStatus.STARTED)) == collected(engine, gateway, item)
    assert 1 == len(gateway.asked)


def test_a_charge_that_cannot_be_booked_is_booked_later(engine: Engine, item: OpenItem) -> None:
    """The card was charged while its month was closed: the attempt stays open and nobody is charged again."""
    gateway = FakeGateway()
    close_while_charging = ClosingGateway(engine, gateway)

    with pytest.raises(PeriodClosed):
        collected(engine, close_while_charging, item)
    with pytest.raises(PeriodClosed):
        collected(engine, gateway, item)

    assert {str(item.item_id): mxn("1000")} == gateway.charged


@dataclass(slots=True)
class ClosingGateway:
    """A gateway during whose work the month is closed."""

    engine: Engine
    inner: FakeGateway

    def create_payment(
        self,
        *,
        idempotency_key: str,
        amount: Money,
        payer: Payer,
        description: str,
        metadata: Mapping[str, str],
    ) -> Payment:
        """Close the month, then charge."""
        with unit_of_work(self.engine) as connection:
            close_month(connection, DUE, closed_at=noon(DUE), closed_by="ana")
        return self.inner.create_payment(
            idempotency_key=idempotency_key,
            amount=amount,
            payer=payer,
            description=description,
            metadata=metadata,
        )


def test_without_a_card_on_file_nothing_is_collected(engine: Engine) -> None:
    """An account that put nothing on file is named."""
    open_book(engine)
    other = owe(engine, sign(engine, "beta"), "F-2")

    with pytest.raises(NotFound) as refused:
        collected(engine, FakeGateway(), other)

    assert str(other.account_id) == refused.value.value


def test_an_unknown_document_is_not_collected(engine: Engine, item: OpenItem) -> None:
    """An id of another account is unknown too."""
    unknown = ItemId(new_id())

    with pytest.raises(UnknownInvoice) as refused:
        collect(engine, FakeGateway(), (item.account_id, unknown), clock=FixedClock.on(DUE))

    assert str(unknown) == refused.value.value


def test_stripe_collects_once_though_its_answer_is_lost(engine: Engine, item: OpenItem) -> None:
    """The whole way: the first answer is lost on the wire, the second call books the one charge."""
    with running_server() as server:
        stripe = server.stripe
        stripe.faults = [Fault.LOST_AFTER]

        with pytest.raises(GatewayUnavailable):
            collected(engine, stripe.gateway(), item)
        result = collected(engine, stripe.gateway(), item)

    assert attempt_of(item, "1000", AttemptStatus.SUCCEEDED, reference="pi_1") == result.attempt
    assert ["100000"] == [charge["amount"] for charge in stripe.charged]
    assert () == open_on(engine, item.account_id, DUE)
