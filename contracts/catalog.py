"""The catalog: what every contract refers to, and the contracts that it makes of subscriptions.

One catalog is loaded for a command.  It resolves the terms of a plan, a legal entity and an order form once,
and hands the result to every subscription that shares them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from types import MappingProxyType

import msgspec

from contracts.charge_checks import refuse_unfit_meter
from contracts.charges import Charge, Flat, OneOff
from contracts.clauses import DocumentHead, Layer
from contracts.entitlement_facts import limited_meters
from contracts.entitlement_rules import SeatsEntitlement
from contracts.indices import IndexSeries
from contracts.parties import Account, LegalEntity, Vendor
from contracts.plans import Plan
from contracts.promise_checks import check_promises
from contracts.service_states import StateSpan
from contracts.shapes import one_of
from contracts.subscriptions import (
    Contract,
    OrderForm,
    PriceAdjustment,
    PriceChange,
    Subscription,
    charges_in_force,
)
from contracts.terms import Stated, Terms, TermsDocument, resolve
from contracts.typed_reading import Origin, refuse_unwritable
from kernel.errors import (
    CurrencyMismatch,
    InvalidInput,
    InvalidPlan,
    InvalidTerms,
    NotFound,
    UnknownClause,
    UnknownMeter,
)
from kernel.ids import AccountId, subscription_id_of

#: The id of an order form that bears none.
UNNAMED_ORDER_FORM = "order-form"

_EMPTY = OrderForm()
_AgreementKey = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Moved:
    """What moved since a contract was signed: prices, the versions, the states of its service."""

    adjustments: tuple[PriceAdjustment, ...] = ()
    price_changes: tuple[PriceChange, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    states: tuple[StateSpan, ...] = ()


_UNMOVED = Moved()


@dataclass(frozen=True, slots=True)
class _Agreement:
    """What all subscriptions of one plan, entity and order form share."""

    plan: Plan
    entity: LegalEntity
    charges: tuple[Charge, ...]
    terms: Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """What every contract refers to, loaded once per command."""

    vendors: Mapping[str, Vendor]
    entities: Mapping[str, LegalEntity]
    plans: Mapping[tuple[str, int], Plan]
    documents: Mapping[str, tuple[TermsDocument, ...]]
    indices: Mapping[str, IndexSeries]
    _agreements: dict[_AgreementKey, _Agreement] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def contract(
        self,
        account_id: AccountId,
        account: Account,
        subscription: Subscription,
        moved: Moved = _UNMOVED,
    ) -> Contract:
        """Return a subscription with all that it refers to, its terms resolved.

        Raises a :class:`kernel.errors.ClausulaError` for whatever does not fit together: an unknown plan,
        entity, document, clause or meter, or a legal entity that bills in another currency.
        """
        agreed = self._agreement(subscription, moved.versions)
        return Contract(
            account_id=account_id,
            subscription_id=subscription_id_of(account_id, subscription.code),
            account=account,
            entity=agreed.entity,
            subscription=subscription,
            plan=agreed.plan,
            charges=agreed.charges,
            terms=agreed.terms,
            adjustments=moved.adjustments,
            price_changes=moved.price_changes,
            states=moved.states,
        )

    def terms(self, subscription: Subscription) -> Terms:
        """Return the terms in force for a subscription; raises as :meth:`contract` does."""
        return self._agreement(subscription, {}).terms

    def plan(self, code: str, version: int) -> Plan:
        """Return a version of a plan, or say which ones there are."""
        found = self.plans.get((code, version))
        if found is None:
            wanted, known = f"{code} {version}", [f"{name} {number}" for name, number in self.plans]
            raise NotFound("no such plan", field="plan", value=wanted, expected=one_of(known, wanted))
        return found

    def entity(self, code: str) -> LegalEntity:
        """Return a legal entity, or say which ones there are."""
        found = self.entities.get(code)
        if found is None:
            raise NotFound(
                "no such legal entity", field="entity", value=code, expected=one_of(self.entities, code)
            )
        return found

    def index(self, code: str) -> IndexSeries:
        """Return a price index, or say which ones there are."""
        found = self.indices.get(code)
        if found is None:
            raise NotFound(
                "no such price index", field="index", value=code, expected=one_of(self.indices, code)
            )
        return found

    def documents_in_force(
        self, plan: Plan, signed_on: date, versions: Mapping[str, str] = MappingProxyType({})
    ) -> tuple[TermsDocument, ...]:
        """Return the documents that a plan names, each in the version in force when a contract is signed.

        A contract that is older than all versions is held to the earliest.  ``versions`` are those that an
        accepted change has put in their place since.
        """
        return tuple(
            self.document(document_id, versions[document_id])
            if document_id in versions
            else self._in_force(document_id, signed_on)
            for document_id in plan.documents
        )

    def document(self, document_id: str, version: str) -> TermsDocument:
        """Return a version of a document, or say which ones there are."""
        known = self.documents.get(document_id, ())
        for each in known:
            if each.document.version == version:
                return each
        names = [each.document.version for each in known] or list(self.documents)
        raise NotFound(
            "no such version of the document",
            field="version",
            value=f"{document_id} {version}",
            expected=one_of(names, version),
        )

    def _in_force(self, document_id: str, signed_on: date) -> TermsDocument:
        versions = self.documents.get(document_id, ())
        if not versions:
            raise NotFound(
                "no such terms document",
                field="documents",
                value=document_id,
                expected=one_of(self.documents, document_id),
            )
        begun = [each for each in versions if each.document.effective_from <= signed_on]
        return begun[-1] if begun else versions[0]

    def _agreement(self, subscription: Subscription, versions: Mapping[str, str]) -> _Agreement:
        plan = self.plan(subscription.plan, subscription.plan_version)
        documents = self.documents_in_force(plan, subscription.signed_on, versions)
        form = subscription.order_form
        key: _AgreementKey = (
            plan.code,
            plan.version,
            subscription.entity,
            *(each.document.version for each in documents),
            *(() if form == _EMPTY else (subscription.signed_on, msgspec.json.encode(form))),
        )
        found = self._agreements.get(key)
        if found is None:
            found = self._agreements[key] = self._agreed(plan, subscription, documents)
        return found

    def _agreed(
        self, plan: Plan, subscription: Subscription, documents: tuple[TermsDocument, ...]
    ) -> _Agreement:
        entity = self.entity(subscription.entity)
        form = subscription.order_form
        own = own_papers(plan)
        signed = () if form == _EMPTY else (_as_document(form, plan, subscription.signed_on),)
        charges = charges_in_force(plan, form)
        refuse_unwritable(charges, Origin(lambda _path: "", InvalidInput), at=("charges",))
        agreed = _Agreement(plan, entity, charges, resolve((*documents, *own, *signed)))
        _refuse_strange_entity(plan, entity)
        check_charges(charges, agreed.terms)
        check_entitlements(plan, agreed.terms)
        check_promises(plan, charges, agreed.terms)
        return agreed


def own_papers(plan: Plan) -> tuple[TermsDocument, ...]:
    """Return what a plan itself takes off prices and promises, as a paper beside its annexes, if anything."""
    if not plan.reductions and not plan.promises:
        return ()
    return (TermsDocument(document=plan.head, reductions=plan.reductions, promises=plan.promises),)


def versions_by_id(documents: Iterable[TermsDocument]) -> dict[str, tuple[TermsDocument, ...]]:
    """Return the versions of each document, oldest first."""
    ordered = sorted(documents, key=lambda each: (each.document.id, each.document.effective_from))
    return {key: tuple(versions) for key, versions in groupby(ordered, key=lambda each: each.document.id)}


def check_charges(charges: Sequence[Charge], terms: Terms) -> None:
    """Refuse a charge that cites no clause of these terms, or counts by a meter that they do not define."""
    for position, charge in enumerate(charges):
        if charge.clause not in terms.clauses:
            raise UnknownClause(
                "the charge cites a clause that no document in force holds",
                field=f"charge[{position}].clause",
                value=charge.clause,
                expected=one_of(terms.clauses, charge.clause),
            )
        if isinstance(charge, Flat | OneOff):
            continue
        meter = terms.meters.get(charge.meter)
        if meter is None:
            raise UnknownMeter(
                "the terms define no such meter",
                field=f"charge[{position}].meter",
                value=charge.meter,
                expected=one_of(terms.meters, charge.meter),
            )
        if charge.dimension and not meter.rule.by:
            raise InvalidPlan(
                "the meter has no dimensions",
                field=f"charge[{position}].dimension",
                value=charge.dimension,
                expected=f"none, or by = ... in the meter {charge.meter}",
            )
        refuse_unfit_meter(charge, meter.rule, field=f"charge[{position}]")


def check_entitlements(plan: Plan, terms: Terms) -> None:
    """Refuse a limit that counts by no meter of these terms, and two rules of seats for one plan."""
    for meter in sorted(limited_meters(plan, terms)):
        if meter not in terms.meters:
            raise UnknownMeter(
                "a limit counts by a meter that the terms do not define",
                field="entitlements.meter",
                value=meter,
                expected=one_of(terms.meters, meter),
            )
    seats = [
        code
        for code, each in terms.entitlements.items()
        if isinstance(each.rule, SeatsEntitlement) and each.rule.holds_for(plan.code)
    ]
    if len(seats) > 1:
        raise InvalidTerms(
            "two rules of named seats hold for one plan",
            field="entitlements",
            value=", ".join(seats),
            expected="one of them; a higher layer states it anew under the same code",
        )


def _refuse_strange_entity(plan: Plan, entity: LegalEntity) -> None:
    if entity.vendor != plan.vendor:
        raise InvalidInput(
            "another vendor's legal entity cannot issue this plan",
            field="entity",
            value=entity.code,
            expected=f"an entity of {plan.vendor}",
        )
    if entity.currency != plan.currency:
        raise CurrencyMismatch(
            "the legal entity does not bill in the plan's currency",
            field="currency",
            value=f"{entity.code} bills in {entity.currency}, {plan.code} is priced in {plan.currency}",
            expected="an entity and a plan of one currency",
        )


def _as_document(form: OrderForm, plan: Plan, signed_on: date) -> TermsDocument:
    head = DocumentHead(
        id=form.id or UNNAMED_ORDER_FORM,
        vendor=plan.vendor,
        layer=Layer.ORDER_FORM,
        title=form.id or UNNAMED_ORDER_FORM,
        version=signed_on.isoformat(),
        effective_from=signed_on,
    )
    stated = {name: getattr(form, name) for name in Stated.__struct_fields__}
    return TermsDocument(document=head, clause=form.clause, **stated)
