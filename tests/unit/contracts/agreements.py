"""Contracts under the library's papers, as the tests of entitlements and seats sign them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from contracts.catalog import Catalog
from contracts.charges import Charge, Flat
from contracts.library import library_documents
from contracts.parties import Account, LegalEntity, Vendor
from contracts.plans import CycleLength, Plan
from contracts.subscriptions import Contract, OrderForm, Subscription
from kernel.ids import account_id_of

STARTS = date(2026, 1, 1)

CONVERSION = ("zenvia-general", "zenvia-annex-i", "zenvia-annex-ii", "zenvia-annex-ix")
DOCS = ("zenvia-general", "zenvia-annex-x")
ATTRACTION = ("zenvia-general", "zenvia-annex-i", "zenvia-annex-ii")
KONECTUS = ("konectus-general",)
SALEXOPS = ("salexops-general",)
CONVERSSO = ("conversso-general",)
SINCH = ("sinch-contact-pro-general",)


def agreed(
    documents: tuple[str, ...],
    *,
    plan: str = "pro",
    trial: bool = False,
    cycle: CycleLength = CycleLength.MONTHLY,
    charge: tuple[Charge, ...] | None = None,
    ends_on: date | None = None,
    order_form: OrderForm | None = None,
) -> Contract:
    """Return a contract of Acme that starts on 1 January 2026, over a fee of 100 unless told otherwise."""
    papers = library_documents()
    first = papers[documents[0]][-1]
    vendor = first.document.vendor
    fee = Flat(code="fee", name="Fee", clause=first.clause[0].id, amount=Decimal(100))
    own = Plan(
        code=plan,
        version=1,
        product=plan,
        vendor=vendor,
        name=plan,
        currency="MXN",
        cycle=cycle,
        effective_from=STARTS,
        documents=documents,
        trial=trial,
        charge=(fee,) if charge is None else charge,
    )
    entity = LegalEntity(
        code="issuer",
        vendor=vendor,
        name="Issuer",
        tax_id="",
        country="MX",
        currency="MXN",
        time_zone="America/Mexico_City",
        series="I",
    )
    catalog = Catalog(
        vendors={vendor: Vendor(code=vendor, name=vendor)},
        entities={"issuer": entity},
        plans={(plan, 1): own},
        documents=papers,
        indices={},
    )
    signed = Subscription(
        code="main",
        account="acme",
        plan=plan,
        plan_version=1,
        entity="issuer",
        signed_on=STARTS,
        starts_on=STARTS,
        ends_on=ends_on,
        order_form=order_form or OrderForm(),
    )
    account = Account(code="acme", name="Acme", country="MX", email="ap@acme.example")
    return catalog.contract(account_id_of("acme"), account, signed)
