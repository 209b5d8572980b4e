"""Contracts under papers of the library, with the days and the rules that a test gives them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from contracts.charges import Flat
from contracts.clauses import DocumentHead, Layer
from contracts.duties import Due, Event, Occurrence, due_of, dues_of, event_of
from contracts.library import library_documents
from contracts.life_rules import Duty
from contracts.parties import Account, LegalEntity
from contracts.plans import CycleLength, Plan
from contracts.subscriptions import Contract, OrderForm, Subscription
from contracts.terms import Rules, TermsDocument, resolve
from kernel.ids import account_id_of, occurrence_id_of, subscription_id_of

STARTS = date(2026, 3, 1)

ENTITIES = {
    "MX": ("MXN", "America/Mexico_City"),
    "BR": ("BRL", "America/Sao_Paulo"),
}


def agreed(
    *documents: str,
    starts_on: date = STARTS,
    ends_on: date | None = None,
    cycle: CycleLength = CycleLength.MONTHLY,
    country: str = "BR",
    rules: Rules | None = None,
) -> Contract:
    """Return a contract that is signed on the day on which it starts; ``rules`` are its order form's."""
    account_id = account_id_of("acme")
    currency, zone = ENTITIES[country]
    papers = [library_documents()[each][-1] for each in documents]
    vendor = papers[0].document.vendor
    fee = Flat(code="fee", name="Fee", clause=papers[0].clause[0].id, amount=Decimal(1000))
    return Contract(
        account_id=account_id,
        subscription_id=subscription_id_of(account_id, "acme-1"),
        account=Account(code="acme", name="Acme", country=country, email="acme@example.com"),
        entity=LegalEntity(
            code="issuer",
            vendor=vendor,
            name="Issuer",
            tax_id="",
            country=country,
            currency=currency,
            time_zone=zone,
            series="I",
        ),
        subscription=Subscription(
            code="acme-1",
            account="acme",
            plan="plan",
            plan_version=1,
            entity="issuer",
            signed_on=starts_on,
            starts_on=starts_on,
            ends_on=ends_on,
            order_form=OrderForm(rules=rules or Rules()),
        ),
        plan=Plan(
            code="plan",
            version=1,
            product="product",
            vendor=vendor,
            name="Plan",
            currency=currency,
            cycle=cycle,
            effective_from=STARTS,
            documents=documents,
            charge=(fee,),
        ),
        charges=(fee,),
        terms=resolve([*papers, *([] if rules is None else [_order_form(vendor, rules)])]),
    )


def _order_form(vendor: str, rules: Rules) -> TermsDocument:
    head = DocumentHead(
        id="order-form",
        vendor=vendor,
        layer=Layer.ORDER_FORM,
        title="Order form",
        version="1",
        effective_from=STARTS,
    )
    return TermsDocument(document=head, rules=rules)


def instant(contract: Contract, day: date, hour: int = 12, minute: int = 0) -> datetime:
    """Return an instant by the clock of the contract's legal entity."""
    zone = ZoneInfo(contract.entity.time_zone)
    return datetime.combine(day, time(hour, minute), tzinfo=zone).astimezone(UTC)


def happened(contract: Contract, event: str, at: datetime, *, minutes: int = 0, note: str = "") -> Occurrence:
    """Return a recorded occurrence."""
    return Occurrence(
        account_id=contract.account_id,
        subscription_id=contract.subscription_id,
        occurrence_id=occurrence_id_of(contract.subscription_id, event, at),
        event=event,
        occurred_at=at,
        minutes=minutes,
        note=note,
        recorded_at=at,
    )


def dues(
    contract: Contract, event: str, at: datetime, *, minutes: int = 0, settled: bool = True
) -> tuple[Due, ...]:
    """Return what an occurrence asks for under a contract."""
    occurrence = happened(contract, event, at, minutes=minutes)
    return dues_of(contract, event_of(occurrence, contract.entity), settled=settled)


def on_of(contract: Contract, duty: Duty, day: date) -> date:
    """Return the day on which a duty falls due that counts from a day of which no hour is known."""
    sourced = replace(contract.terms.duties["explain_ethics_breach"], rule=duty)
    return due_of("duty", sourced, Event(name="event", day=day), contract.entity).on
