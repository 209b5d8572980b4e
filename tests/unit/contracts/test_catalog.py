"""The catalog makes contracts: the right version of each paper, the order form on top, all of it fitting."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.catalog import Catalog, versions_by_id
from contracts.charges import Graduated, PerUnit, Tier
from contracts.clauses import Clause, DocumentHead, Layer
from contracts.meters import ConversationMeter, SumMeter
from contracts.parties import Vendor
from contracts.rules import PaymentRule
from contracts.subscriptions import Contract, FieldText, OrderForm, Subscription
from contracts.terms import Rules, TermsDocument
from kernel.errors import (
    ClausulaError,
    CurrencyMismatch,
    InvalidInput,
    InvalidPlan,
    NotFound,
    UnknownClause,
    UnknownMeter,
)
from kernel.ids import account_id_of, subscription_id_of
from tests.parts import ACCOUNT
from tests.unit.contracts.own_vendor import ENTITY, SUBSCRIPTION
from tests.unit.contracts.own_vendor import PLAN as FLAT_PLAN

PLAN = msgspec.structs.replace(
    FLAT_PLAN,
    charge=(
        *FLAT_PLAN.charge,
        PerUnit(
            code="talks", name="Talks", clause="OWN-1", meter="talks", dimension="MX", unit_price=Decimal(2)
        ),
        Graduated(code="sms", name="SMS", clause="OWN-1", meter="sms", tiers=(Tier(unit_price=Decimal(1)),)),
    ),
)


def terms(version: str, effective_from: date) -> TermsDocument:
    """Return a version of a vendor's terms that says in its due days which one it is."""
    return TermsDocument(
        document=DocumentHead(
            id="own-terms",
            vendor="own",
            layer=Layer.GENERAL,
            title="Own terms",
            version=version,
            effective_from=effective_from,
        ),
        clause=(Clause(id="OWN-1", place="1", says_en="All."),),
        rules=Rules(payment=PaymentRule(clause="OWN-1", due_days_after_sent=int(version))),
        meters={
            "talks": ConversationMeter(clause="OWN-1", by="country"),
            "sms": SumMeter(clause="OWN-1", unit="sms"),
        },
    )


CATALOG = Catalog(
    vendors={"own": Vendor(code="own", name="Own")},
    entities={"own-mx": ENTITY},
    plans={("pro", 1): PLAN},
    documents=versions_by_id(
        [terms("30", date(2025, 1, 1)), terms("20", date(2023, 11, 16)), terms("40", date(2026, 1, 1))]
    ),
    indices={},
)


def contract(subscription: Subscription = SUBSCRIPTION, catalog: Catalog = CATALOG) -> Contract:
    """Make a contract of a subscription."""
    return catalog.contract(account_id_of("acme"), ACCOUNT, subscription)


def due_days(subscription: Subscription) -> int:
    """Return the due days that a contract is held to."""
    payment = contract(subscription).terms.payment
    assert payment is not None
    return payment.rule.due_days_after_sent


def changed(charge: int, **fields: object) -> Catalog:
    """Return the catalog with one charge of its plan changed."""
    charges = list(PLAN.charge)
    charges[charge] = msgspec.structs.replace(charges[charge], **fields)
    plan = msgspec.structs.replace(PLAN, charge=tuple(charges))
    return replace(CATALOG, plans={("pro", 1): plan})


def test_a_contract_holds_all_that_was_agreed() -> None:
    """Ids, parties, charges and terms are there, and the ids are those that everybody computes."""
    made = contract()

    assert (account_id_of("acme"), subscription_id_of(account_id_of("acme"), "s-1")) == (
        made.account_id,
        made.subscription_id,
    )
    assert (ACCOUNT, ENTITY, PLAN, PLAN.charge) == (made.account, made.entity, made.plan, made.charges)


@pytest.mark.parametrize(
    ("signed_on", "days"),
    [
        (date(2019, 5, 2), 20),  # older than every version: held to the earliest
        (date(2023, 11, 16), 20),
        (date(2024, 12, 31), 20),
        (date(2025, 1, 1), 30),
        (date(2025, 12, 31), 30),
        (date(2026, 1, 1), 40),
        (date(2031, 1, 1), 40),
    ],
)
@pytest.mark.clause("ZEN-Heading")
def test_a_contract_stands_under_the_terms_of_its_day(signed_on: date, days: int) -> None:
    """The version in force on the day of signature holds, on its first day already."""
    assert days == due_days(msgspec.structs.replace(SUBSCRIPTION, signed_on=signed_on))


@given(signed_on=st.dates(min_value=date(2000, 1, 1), max_value=date(2040, 1, 1)))
def test_a_later_signature_never_brings_earlier_terms(signed_on: date) -> None:
    """Terms only move forward with the day of signature."""
    earlier = msgspec.structs.replace(SUBSCRIPTION, signed_on=signed_on)
    later = msgspec.structs.replace(SUBSCRIPTION, signed_on=signed_on.replace(year=signed_on.year + 1, day=1))

    assert due_days(earlier) <= due_days(later)


def test_an_order_form_prevails_and_is_cited() -> None:
    """What the order form states wins over every paper, and invoices cite it by its id and its day."""
    form = OrderForm(
        id="OF-7",
        clause=(Clause(id="OF-7-1", place="1", says_en="60 days."),),
        rules=Rules(payment=PaymentRule(clause="OF-7-1", due_days_after_sent=60)),
    )
    signed = contract(msgspec.structs.replace(SUBSCRIPTION, order_form=form))

    assert signed.terms.payment is not None
    assert (60, "OF-7-1 (OF-7 2025-06-01)") == (
        signed.terms.payment.rule.due_days_after_sent,
        signed.terms.payment.cites,
    )


def test_an_order_form_changes_fields_of_charges() -> None:
    """A negotiated price and negotiated tiers stand in the plan's place; all else stays."""
    form = OrderForm(
        charges={
            "platform": {"amount": "1500.00"},
            "sms": {
                "allowance": "100",
                "tiers": [{"up_to": "10", "unit_price": "0.9"}, {"unit_price": "0.8"}],
            },
        }
    )
    platform, talks, sms = contract(msgspec.structs.replace(SUBSCRIPTION, order_form=form)).charges

    assert Decimal("1500.00") == platform.amount  # type: ignore[union-attr]  # the plan's first charge is flat
    assert PLAN.charge[1] == talks
    assert (
        msgspec.structs.replace(
            PLAN.charge[2],
            allowance=Decimal(100),
            tiers=(Tier(up_to=Decimal(10), unit_price=Decimal("0.9")), Tier(unit_price=Decimal("0.8"))),
        )
        == sms
    )


def test_an_order_form_replaces_lists_of_prices_and_phases() -> None:
    """What was negotiated may be a ramp with tiers of its own, as its file writes it: in texts."""
    form = OrderForm(
        charges={
            "sms": {
                "phases": [
                    {
                        "after_months": "12",
                        "tiers": [{"up_to": "10", "unit_price": "0.7"}, {"unit_price": "0.6"}],
                    }
                ]
            }
        }
    )
    sms = contract(msgspec.structs.replace(SUBSCRIPTION, order_form=form)).charges[2]

    (phase,) = sms.phases
    assert (12, (Decimal("0.7"), Decimal("0.6"))) == (
        phase.after_months,
        tuple(tier.unit_price for tier in phase.tiers or ()),
    )


@pytest.mark.parametrize(
    ("charges", "field"),
    [
        ({"platfrom": {"amount": "1"}}, "charges"),
        ({"platform": {"price": "1"}}, "charges.platform"),
        ({"platform": {"amount": "-1"}}, "charges.platform"),
        ({"platform": {"amount": "cheap"}}, "charges.platform"),
        ({"platform": {"amount": "1e400"}}, "charges[0].amount"),
        ({"platform": {"code": "base"}}, "charges.platform.code"),
        ({"sms": {"tiers": [{"up_to": "10"}]}}, "charges.sms"),
    ],
)
def test_an_order_form_that_changes_nothing_there_is_refused(
    charges: dict[str, dict[str, FieldText]], field: str
) -> None:
    """A wrong code, a wrong field or a wrong number would otherwise bill the plan's price in silence."""
    with pytest.raises(InvalidInput) as caught:
        contract(msgspec.structs.replace(SUBSCRIPTION, order_form=OrderForm(charges=charges)))

    assert field == caught.value.field


@pytest.mark.parametrize(
    ("catalog", "error", "field"),
    [
        (replace(CATALOG, plans={}), NotFound, "plan"),
        (replace(CATALOG, entities={}), NotFound, "entity"),
        (replace(CATALOG, documents={}), NotFound, "documents"),
        (changed(0, clause="OWN-9"), UnknownClause, "charge[0].clause"),
        (changed(1, meter="tlaks"), UnknownMeter, "charge[1].meter"),
        (changed(2, dimension="MX"), InvalidPlan, "charge[2].dimension"),
        (
            replace(CATALOG, entities={"own-mx": msgspec.structs.replace(ENTITY, currency="BRL")}),
            CurrencyMismatch,
            "currency",
        ),
        (
            replace(CATALOG, entities={"own-mx": msgspec.structs.replace(ENTITY, vendor="other")}),
            InvalidInput,
            "entity",
        ),
    ],
)
def test_what_does_not_fit_together_is_refused(
    catalog: Catalog, error: type[ClausulaError], field: str
) -> None:
    """Nothing is billed that names a plan, an entity, a clause or a meter which is not there."""
    with pytest.raises(error) as caught:
        contract(catalog=catalog)

    assert (error, field) == (type(caught.value), caught.value.field)


def test_contracts_of_one_agreement_share_their_terms() -> None:
    """Ten thousand contracts of a plan resolve its papers once; another order form or day has its own."""
    catalog = replace(CATALOG)
    plain = contract(catalog=catalog)
    same = contract(msgspec.structs.replace(SUBSCRIPTION, code="s-2", signed_on=date(2025, 7, 9)), catalog)
    older = contract(msgspec.structs.replace(SUBSCRIPTION, signed_on=date(2024, 7, 9)), catalog)
    form = OrderForm(charges={"platform": {"amount": "1"}})
    other = contract(msgspec.structs.replace(SUBSCRIPTION, order_form=form), catalog)

    assert plain.terms is same.terms
    assert (False, False) == (older.terms is plain.terms, other.terms is plain.terms)
    assert (Decimal(1999), Decimal(1)) == (plain.charges[0].amount, other.charges[0].amount)  # type: ignore[union-attr]  # flat
