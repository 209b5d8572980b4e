"""An invented vendor that sells one plan to one customer, for the tests of catalog and reconciliation."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from contracts.charges import Flat
from contracts.parties import Account, LegalEntity
from contracts.plans import Plan
from contracts.subscriptions import Subscription

PLAN = Plan(
    code="pro",
    version=1,
    product="crm",
    vendor="own",
    name="Pro",
    currency="MXN",
    effective_from=date(2020, 1, 1),
    documents=("own-terms",),
    charge=(Flat(code="platform", name="Platform", clause="OWN-1", amount=Decimal(1999)),),
)
SUBSCRIPTION = Subscription(
    code="s-1",
    account="acme",
    plan="pro",
    plan_version=1,
    entity="own-mx",
    signed_on=date(2025, 6, 1),
    starts_on=date(2025, 6, 1),
)
ACCOUNT = Account(code="acme", name="Acme", country="MX", email="ap@acme.example")
ENTITY = LegalEntity(
    code="own-mx",
    vendor="own",
    name="Own",
    tax_id="",
    country="MX",
    currency="MXN",
    time_zone="UTC",
    series="O",
)
