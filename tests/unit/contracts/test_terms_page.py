"""The page of a contract: what is in force on a day, where it comes from, and in whose words."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec
import pytest

from contracts.catalog import Moved
from contracts.clauses import Clause, Layer
from contracts.life_rules import TrialRule
from contracts.parties import Account
from contracts.plans import Plan
from contracts.rules import IndexationRule, PaymentRule
from contracts.subscriptions import Contract, OrderForm, PriceAdjustment
from contracts.terms import Rules
from contracts.terms_page import Language, Provenance, contracts_on, page_lines, page_of
from kernel.errors import InvalidPlan, NotFound
from tests.parts import ENTITY, SUBSCRIPTION, parts
from tests.unit.contracts.papers import GENERAL, PLAN, document, toml

DAY = date(2026, 3, 1)

ISSUER = msgspec.structs.replace(
    ENTITY, code="acme-mx", vendor="acme", name="Acme", time_zone="UTC", series="A"
)

ADJUSTMENT = PriceAdjustment(
    effective_on=date(2026, 2, 1),
    factor=Decimal("1.046500"),
    index="IPCA",
    first_month=date(2025, 2, 1),
    last_month=date(2026, 1, 1),
    variation_percent=Decimal("4.65"),
    clause="ACM-1",
    substitutes="IGPM",
)

ORDER_FORM = OrderForm(
    id="OF-7",
    clause=(Clause(id="OF-1", place="Order form, 1", says_en="Due in ten days."),),
    rules=Rules(payment=PaymentRule(clause="OF-1", due_days_after_sent=10)),
)


def contract(
    form: OrderForm | None = None,
    *,
    code: str = "crm",
    rules: Rules | None = None,
    ends_on: date | None = None,
) -> Contract:
    """Return a contract under the papers of the invented vendor."""
    terms = document(GENERAL)
    terms = terms if rules is None else msgspec.structs.replace(terms, rules=rules)
    plan = toml(PLAN).read(Plan, InvalidPlan)
    return parts(
        (terms,),
        charges=plan.charge,
        account=Account(code="flores", name="Flores", country="MX", email="ap@flores.example"),
        entity=ISSUER,
        plan=plan,
        subscription=msgspec.structs.replace(
            SUBSCRIPTION,
            code=code,
            signed_on=date(2026, 1, 15),
            starts_on=date(2026, 2, 1),
            ends_on=ends_on,
            order_form=form or OrderForm(),
        ),
    ).contract(Moved((ADJUSTMENT,)))


def test_a_rule_names_its_clause_its_document_and_its_layer() -> None:
    """The reader sees which paper says so, in which version, and why it reads so."""
    [payment, *_] = page_of(contract(), as_of=DAY).rules

    assert (
        Provenance(
            clause="ACM-1",
            place="Clause 1",
            says="An invoice is due in 30 days.",
            document="acme-general",
            version="2026",
            layer=Layer.GENERAL,
        )
        == payment.source
    )
    assert ("payment", 30, "From the day on which it is sent.") == (
        payment.name,
        payment.values["due_days_after_sent"],
        payment.reading,
    )


def test_the_order_form_prevails_and_says_so() -> None:
    """The rule in force is that of the highest layer, and the page lists the layers in their order."""
    page = page_of(contract(ORDER_FORM), as_of=DAY)
    payment = page.rules[0]

    assert (10, "OF-7", Layer.ORDER_FORM) == (
        payment.values["due_days_after_sent"],
        payment.source.document,
        payment.source.layer,
    )
    assert ["acme-general", "OF-7"] == [head.id for head in page.documents]


@pytest.mark.parametrize(
    ("language", "says"),
    [
        (Language.EN, "An invoice is due in 30 days."),
        (Language.ES, "Una factura vence en 30 días."),
        (Language.PT, "An invoice is due in 30 days."),
    ],
)
def test_clauses_are_told_in_a_language(language: Language, says: str) -> None:
    """In the language that was asked where the document speaks it, in English otherwise."""
    assert says == page_of(contract(), as_of=DAY, language=language).rules[0].source.says


def test_what_no_paper_states_is_named() -> None:
    """The reader sees what is not agreed; nothing is guessed."""
    page = page_of(contract(), as_of=DAY)

    assert ("payment", "dunning") == tuple(each.name for each in page.rules if ":" not in each.name)
    assert set(Rules.__struct_fields__) == {*page.unstated, "payment", "dunning"}


def test_a_rule_that_binds_others_only_says_so() -> None:
    """An index for Brazilian entities does not move the prices of a Mexican one."""
    rules = Rules(indexation=IndexationRule(clause="ACM-1", index="IGPM", entity_countries=("BR",)))
    [indexation] = page_of(contract(rules=rules), as_of=DAY).rules

    assert "Not here: only for entities of BR, and acme-mx is of MX." == indexation.note


def test_a_rule_of_trials_says_for_whom_it_is() -> None:
    """It stands in the paper of plans that are none, too."""
    rules = Rules(trial=TrialRule(clause="ACM-1", days=30))
    [trial] = page_of(contract(rules=rules), as_of=DAY).rules

    assert trial.note.startswith("Not here: the plan ")
    assert trial.note.endswith(" is no trial.")


@pytest.mark.parametrize(("day", "count"), [(date(2026, 1, 31), 0), (date(2026, 2, 1), 1)])
def test_adjustments_are_those_up_to_the_day(day: date, count: int) -> None:
    """An adjustment is in force from its own day on."""
    assert count == len(page_of(contract(), as_of=day).adjustments)


def test_the_page_reads_from_the_top() -> None:
    """Parties, papers, rules with the rungs of the ladder, meters, charges, adjustments."""
    lines = page_lines(page_of(contract(), as_of=DAY))

    assert [
        "Terms of flores, subscription crm, as of 2026-03-01",
        "Flores; plan pro 1 in MXN, issued by acme-mx, signed on 2026-01-15",
        "",
        "Documents: a later one prevails",
        "  general     acme-general 2026: Acme, general terms",
        "",
        "Rules",
        "  payment",
        "    due days after sent: 30",
        "    [ACM-1] Clause 1; acme-general 2026, general",
        "    An invoice is due in 30 days.",
        "    Read so: From the day on which it is sent.",
    ] == lines[:12]
    assert "  dunning: pause" in lines
    assert (
        "    action: suspend; anchor: notice_delivered; more than days: 5; mode: automatic; notice: notice"
        in lines
    )
    index = "IPCA in place of IGPM of 2025-02 to 2026-01, 4.65 % [ACM-1]"
    terms = "kind: graduated; indexed: yes; meter: messages; allowance: 0"
    assert [
        "  Messages (messages)",
        f"    {terms}; up to 250: 0.42 each; beyond: 0.3675 each and 5 once",
        "    [ACM-2] Clause 2; acme-general 2026, general",
        "    Messages are counted.",
        "",
        "Price adjustments",
        f"  from 2026-02-01: indexed prices times 1.0465; {index}",
    ] == lines[-7:]


def test_only_contracts_in_force_are_shown() -> None:
    """One that has ended is not, and a code picks one of several."""
    ended, current = contract(code="old", ends_on=date(2026, 2, 20)), contract(code="new")

    assert (current,) == contracts_on([ended, current], DAY)
    assert (ended,) == contracts_on([ended, current], date(2026, 2, 19), code="old")


def test_a_day_without_a_contract_is_refused_with_those_there_are() -> None:
    """The error says which subscriptions there are, and when."""
    with pytest.raises(NotFound, match="no such subscription in force") as refused:
        contracts_on([contract(ends_on=date(2026, 2, 20))], DAY)

    assert ("as_of", "2026-03-01", "one of crm (2026-02-01 to 2026-02-20)") == (
        refused.value.field,
        refused.value.value,
        refused.value.expected,
    )
