"""The parts of a contract, whole as they stand: a test replaces what it is about, and no more.

``parts`` makes them fit: the plan and the legal entity are those of the papers' vendor, the subscription
names them all.  ``contract`` then agrees as the engine does, with every check that a catalog makes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from msgspec.structs import replace

from contracts.catalog import Catalog, Moved, versions_by_id
from contracts.charges import Charge, Flat
from contracts.clauses import DocumentHead, Layer
from contracts.library import library_documents
from contracts.parties import Account, LegalEntity
from contracts.plans import Plan
from contracts.subscriptions import Contract, Subscription
from contracts.terms import TermsDocument
from kernel.ids import account_id_of

STARTS = date(2026, 1, 1)

ACCOUNT = Account(code="acme", name="Acme", country="MX", email="ap@acme.example")
ENTITY = LegalEntity(
    code="issuer",
    vendor="vendor",
    name="Issuer",
    tax_id="",
    country="MX",
    currency="MXN",
    time_zone="America/Mexico_City",
    series="I",
)
FEE = Flat(code="fee", name="Fee", clause="T-1", amount=Decimal(1000))
PLAN = Plan(
    code="plan",
    version=1,
    product="product",
    vendor="vendor",
    name="Plan",
    currency="MXN",
    effective_from=date(2020, 1, 1),
    documents=("general",),
    charge=(FEE,),
)
SUBSCRIPTION = Subscription(
    code="main",
    account="acme",
    plan="plan",
    plan_version=1,
    entity="issuer",
    signed_on=STARTS,
    starts_on=STARTS,
)
HEAD = DocumentHead(
    id="general",
    vendor="vendor",
    layer=Layer.GENERAL,
    title="General terms",
    version="1",
    effective_from=date(2020, 1, 1),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a contract is made of."""

    papers: tuple[TermsDocument, ...]
    account: Account
    entity: LegalEntity
    plan: Plan
    subscription: Subscription

    def contract(self, moved: Moved | None = None) -> Contract:
        """Return what was agreed, and what has moved it since."""
        catalog = Catalog(
            vendors={},
            entities={self.entity.code: self.entity},
            plans={(self.plan.code, self.plan.version): self.plan},
            documents=versions_by_id(self.papers),
            indices={},
        )
        account_id = account_id_of(self.account.code)
        return catalog.contract(account_id, self.account, self.subscription, moved or Moved())


def library(*documents: str) -> tuple[TermsDocument, ...]:
    """Return the newest version of each of these documents of the library."""
    known = library_documents()
    return tuple(known[each][-1] for each in documents)


def parts(
    papers: tuple[TermsDocument, ...],
    *,
    charges: tuple[Charge, ...] | None = None,
    account: Account = ACCOUNT,
    entity: LegalEntity = ENTITY,
    plan: Plan = PLAN,
    subscription: Subscription = SUBSCRIPTION,
) -> Parts:
    """Return parts that fit under these papers; without ``charges``, a fee under their first clause."""
    first = papers[0]
    vendor = first.document.vendor
    fee = replace(FEE, clause=first.clause[0].id)
    return Parts(
        papers=papers,
        account=account,
        entity=replace(entity, vendor=vendor),
        plan=replace(
            plan,
            vendor=vendor,
            currency=entity.currency,
            documents=tuple(dict.fromkeys(each.document.id for each in papers)),
            charge=(fee,) if charges is None else charges,
        ),
        subscription=replace(
            subscription,
            account=account.code,
            plan=plan.code,
            plan_version=plan.version,
            entity=entity.code,
        ),
    )
