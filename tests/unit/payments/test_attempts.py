"""No unclear outcome is ever charged twice."""

from __future__ import annotations

from datetime import date

import pytest

from kernel.ids import ItemId
from payments.attempts import Attempt, AttemptStatus, next_attempt
from payments.gateway import Payer, Payment, PaymentStatus
from tests.unit.receivables.books import id_of, mxn

ITEM_ID = ItemId(id_of(7))
DAY, LATER = date(2026, 3, 1), date(2026, 3, 2)
CARD = Payer(customer="cus_1", payment_method="pm_1")
NEW_CARD = Payer(customer="cus_1", payment_method="pm_2")
FIRST = Attempt(item_id=ITEM_ID, number=1, amount=mxn("100"), payer=CARD, asked_on=DAY)


def test_the_first_attempt_is_keyed_by_the_item() -> None:
    """The item's id is the key under which the gateway charges once."""
    attempt = next_attempt(None, ITEM_ID, due=mxn("100"), payer=CARD, on=DAY)

    assert FIRST == attempt
    assert str(ITEM_ID) == FIRST.idempotency_key


def test_an_unknown_outcome_is_asked_again_as_it_was() -> None:
    """Same key, same amount, same card, though all of them have changed since."""
    assert FIRST is next_attempt(FIRST, ITEM_ID, due=mxn("120"), payer=NEW_CARD, on=LATER)


@pytest.mark.parametrize("status", [PaymentStatus.FAILED, PaymentStatus.REQUIRES_ACTION])
def test_after_a_clear_failure_a_new_key_asks_for_what_is_due_now(status: PaymentStatus) -> None:
    """The old key would only repeat the old answer."""
    failed = FIRST.ended(Payment(status=status, reference="pi_1", failure_code="insufficient_funds"))

    again = next_attempt(failed, ITEM_ID, due=mxn("120"), payer=NEW_CARD, on=LATER)

    second = Attempt(item_id=ITEM_ID, number=2, amount=mxn("120"), payer=NEW_CARD, asked_on=LATER)
    assert second == again
    assert f"{ITEM_ID}:2" == second.idempotency_key


def test_after_a_success_nothing_is_asked() -> None:
    """A document is collected once."""
    paid = FIRST.ended(Payment(status=PaymentStatus.SUCCEEDED, reference="pi_1"))

    assert next_attempt(paid, ITEM_ID, due=mxn("5"), payer=CARD, on=LATER) is None


@pytest.mark.parametrize("due", ["0", "-0.01"])
@pytest.mark.parametrize("last", [None, FIRST])
def test_when_nothing_is_due_nothing_is_asked(last: Attempt | None, due: str) -> None:
    """A customer who has paid meanwhile is not charged to find out how an old attempt ended."""
    assert next_attempt(last, ITEM_ID, due=mxn(due), payer=CARD, on=LATER) is None


def test_an_ended_attempt_keeps_what_the_gateway_said() -> None:
    """Reference and failure code are kept; what was asked stays as it was."""
    ended = FIRST.ended(
        Payment(status=PaymentStatus.FAILED, reference="pi_1", failure_code="insufficient_funds")
    )

    assert (AttemptStatus.FAILED, "pi_1", "insufficient_funds", mxn("100"), DAY) == (
        ended.status,
        ended.reference,
        ended.failure_code,
        ended.amount,
        ended.asked_on,
    )
