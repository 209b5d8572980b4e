"""An invented vendor that sells one plan to one customer, for the tests of catalog and reconciliation."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from msgspec.structs import replace

from contracts.charges import Flat
from tests import parts

PLAN = replace(
    parts.PLAN,
    code="pro",
    vendor="own",
    documents=("own-terms",),
    charge=(Flat(code="platform", name="Platform", clause="OWN-1", amount=Decimal(1999)),),
)
ENTITY = replace(parts.ENTITY, code="own-mx", vendor="own", time_zone="UTC")
SUBSCRIPTION = replace(
    parts.SUBSCRIPTION,
    code="s-1",
    plan="pro",
    entity="own-mx",
    signed_on=date(2025, 6, 1),
    starts_on=date(2025, 6, 1),
)
