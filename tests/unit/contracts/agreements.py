"""Contracts under the library's papers, as the tests of entitlements and seats sign them."""

from __future__ import annotations

from datetime import date

from msgspec.structs import replace

from contracts.charges import Charge
from contracts.plans import CycleLength
from contracts.subscriptions import Contract, OrderForm
from tests.parts import PLAN, SUBSCRIPTION, library, parts

CONVERSION = ("zenvia-general", "zenvia-annex-i", "zenvia-annex-ii", "zenvia-annex-ix")
DOCS = ("zenvia-general", "zenvia-annex-x")
ATTRACTION = ("zenvia-general", "zenvia-annex-i", "zenvia-annex-ii")
KONECTUS = ("konectus-general",)
SALEXOPS = ("salexops-general",)
CONVERSSO = ("conversso-general",)
SINCH = ("sinch-contact-pro-general",)


def signed(
    documents: tuple[str, ...],
    *,
    plan: str = "pro",
    trial: bool = False,
    cycle: CycleLength = CycleLength.MONTHLY,
    charge: tuple[Charge, ...] | None = None,
    ends_on: date | None = None,
    order_form: OrderForm | None = None,
) -> Contract:
    """Return a contract of Acme that starts on 1 January 2026, over a fee unless told otherwise."""
    return parts(
        library(*documents),
        charges=charge,
        plan=replace(PLAN, code=plan, product=plan, name=plan, trial=trial, cycle=cycle),
        subscription=replace(SUBSCRIPTION, ends_on=ends_on, order_form=order_form or OrderForm()),
    ).contract()
