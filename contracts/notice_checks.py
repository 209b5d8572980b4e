"""What has to hold before a side's word is kept: its day, its subject, its event, and what waits."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection

from contracts import life_store, notice_store
from contracts.catalog import Catalog
from contracts.force_majeure import days_without_service
from contracts.life_rules import TermRule
from contracts.notices import Content, NewPlan, NewPrices, NewVersions
from contracts.service_states import ServiceState
from contracts.shapes import one_of
from contracts.subscriptions import Contract
from contracts.term import refusal_window, renews, term_of
from kernel.calendars import last_day_before
from kernel.errors import Conflict, InvalidInput


def refuse_untimely_refusal(rule: TermRule, contract: Contract, said_on: date) -> None:
    """Refuse a word against a renewal outside the days on which the terms let it be given."""
    term = term_of(rule, contract, said_on)
    window = None if term is None else refusal_window(rule, term)
    if term is None or window is None:
        raise Conflict(
            "no renewal follows that could be refused",
            field="said_on",
            value=said_on,
            expected="a day of a term that renews itself",
        )
    if renews(rule, term, said_on):
        raise Conflict(
            f"the renewal of {term.end} is not refused on this day",
            field="said_on",
            value=said_on,
            expected=f"{window.start} to {window.last_day}",
        )


def refuse_unsettled(connection: Connection, contract: Contract) -> None:
    """Refuse a plan change while a service rests or another notice waits: neither would follow it."""
    for span in contract.states:
        if span.end is None and span.state is not ServiceState.ENDED:
            raise Conflict(
                f"the service is {span.state.replace('_', ' ')} since {span.start}",
                field="subscription",
                value=contract.subscription.code,
                expected="a service that is active",
            )
    waiting = notice_store.notices_of(connection, [contract.account_id], unsettled=True)
    for notice in waiting:
        if notice.subscription_id == contract.subscription_id:
            raise Conflict(
                "another notice about this contract waits",
                field="subscription",
                value=f"{notice.kind} {notice.code} of {notice.sent_on}".replace("_", " "),
                expected="a contract whose notices have led to something, or were withdrawn",
            )


def begun_and_lasting(connection: Connection, contract: Contract, day: date) -> date:
    """Return the first day of the force majeure that hits a service on a day; what is over frees nobody."""
    recorded = life_store.force_majeure_of(connection, [contract.account_id])
    events = [each for each in recorded if each.subscription_id == contract.subscription_id]
    days = days_without_service(events, day)
    if days == 0:
        raise Conflict(
            "no force majeure that lasts on this day is recorded",
            field="said_on",
            value=day,
            expected="a day of force majeure, as clausula service show lists it",
        )
    return last_day_before(day, days - 1)


def begins_a_term(contract: Contract, day: date) -> bool:
    """Tell whether a term of the contract begins on a day."""
    sourced = contract.terms.term
    term = None if sourced is None else term_of(sourced.rule, contract, day)
    return term is not None and term.start == day


def check_content(catalog: Catalog, contract: Contract, content: Content) -> None:
    """Refuse a change of what the contract does not have: a charge, a document, a version."""
    match content:
        case NewPrices(charges=charges):
            known = [charge.code for charge in contract.charges]
            for code in charges:
                if code not in known:
                    raise InvalidInput(
                        "the contract has no such charge",
                        field="charges",
                        value=code,
                        expected=one_of(known, code),
                    )
        case NewVersions(documents=documents):
            for document_id, version in documents.items():
                if document_id not in contract.plan.documents:
                    raise InvalidInput(
                        "the contract does not stand under this document",
                        field="documents",
                        value=document_id,
                        expected=one_of(contract.plan.documents, document_id),
                    )
                catalog.document(document_id, version)
        case NewPlan():
            raise InvalidInput(
                "a plan changes at the customer's wish, not by the vendor's notice",
                field="content",
                value=content.plan,
                expected="new prices or new versions",
            )
