"""The library says what the contracts say: each rule, its clause, its document, and why it reads so."""

from __future__ import annotations

from decimal import Decimal

import pytest

from contracts.clauses import Rule
from contracts.late_rules import ChargeBase, DayBasis, LateChargeRule
from contracts.library import library_documents
from contracts.meters import ConversationMeter, OpenedBy, SeatMeter, SegmentEncoding, SmsMeter, SumMeter
from contracts.rules import (
    DunningAction,
    DunningAnchor,
    DunningRule,
    IndexationRule,
    IndexFloor,
    StepMode,
    SuspensionBilling,
    TaxMode,
)
from contracts.terms import Sourced, Terms, resolve

CONVERSION = ("zenvia-general", "zenvia-annex-i", "zenvia-annex-ix")
DOCS = ("zenvia-general", "zenvia-annex-x")
KONECTUS = ("konectus-general",)

Step = tuple[str, str, DunningAction, DunningAnchor, int, StepMode]


def terms_of(documents: tuple[str, ...]) -> Terms:
    """Resolve the documents of a plan."""
    return resolve([library_documents()[each][0] for each in documents])


def rule(sourced: Sourced[Rule] | None) -> Rule:
    """Return a rule that must be there."""
    assert sourced is not None
    return sourced.rule


def ladder(terms: Terms) -> list[Step]:
    """Return the rungs of a ladder."""
    assert terms.dunning is not None
    return [
        (step.code, step.clause, step.action, step.anchor, step.more_than_days, step.mode)
        for step in terms.dunning.rule.steps
    ]


@pytest.mark.parametrize(
    ("documents", "name", "cites"),
    [
        (CONVERSION, "payment", "ZEN-IX-5-transfer-i (zenvia-annex-ix 2023-11-16)"),
        (CONVERSION, "tax", "ZEN-IX-3.1 (zenvia-annex-ix 2023-11-16)"),
        (CONVERSION, "late_charges", "ZEN-IX-6.2 (zenvia-annex-ix 2023-11-16)"),
        (CONVERSION, "indexation", "ZEN-IX-12.3 (zenvia-annex-ix 2023-11-16)"),
        (CONVERSION, "suspension_billing", "ZEN-IX-6.1 (zenvia-annex-ix 2023-11-16)"),
        (CONVERSION, "force_majeure", "ZEN-11.2 (zenvia-general 2023-11-16)"),
        (CONVERSION, "dunning", "ZEN-IX-11 (zenvia-annex-ix 2023-11-16)"),
        (DOCS, "tax", "ZEN-X-9 (zenvia-annex-x 2023-11-16)"),
        (DOCS, "late_charges", "ZEN-X-8 (zenvia-annex-x 2023-11-16)"),
        (DOCS, "indexation", "ZEN-X-4-adjustment (zenvia-annex-x 2023-11-16)"),
        (DOCS, "suspension_billing", "ZEN-13.3 (zenvia-general 2023-11-16)"),
        (DOCS, "dunning", "ZEN-13.1-iii (zenvia-general 2023-11-16)"),
        (("zenvia-general",), "indexation", "ZEN-16.6 (zenvia-general 2023-11-16)"),
        (KONECTUS, "dunning", "KON-15.1a (konectus-general undated)"),
    ],
)
@pytest.mark.clause("ZEN-1.4")
@pytest.mark.clause("ZEN-X-heading")
def test_each_rule_comes_from_the_highest_paper(documents: tuple[str, ...], name: str, cites: str) -> None:
    """An annex prevails over the general terms, and a rule it does not state falls back on them."""
    sourced: Sourced[Rule] = getattr(terms_of(documents), name)

    assert cites == sourced.cites


@pytest.mark.parametrize(
    ("documents", "name"),
    [(DOCS, "payment"), (KONECTUS, "payment"), (KONECTUS, "tax"), (KONECTUS, "late_charges")],
)
@pytest.mark.clause("KON-9")
@pytest.mark.clause("ZEN-X-7")
def test_what_no_paper_says_is_left_to_the_order_form(documents: tuple[str, ...], name: str) -> None:
    """An empty section is no rule: it is not guessed."""
    assert getattr(terms_of(documents), name) is None


@pytest.mark.clause("ZEN-IX-5-transfer-i")
@pytest.mark.clause("ZEN-IX-3.1")
@pytest.mark.clause("ZEN-X-9")
def test_taxes_and_due_date() -> None:
    """Conversion is due after 20 days, before taxes; Docs prices hold their taxes."""
    conversion, docs = terms_of(CONVERSION), terms_of(DOCS)

    assert conversion.payment is not None
    assert conversion.tax is not None
    assert docs.tax is not None
    assert (20, TaxMode.EXCLUSIVE, TaxMode.INCLUSIVE) == (
        conversion.payment.rule.due_days_after_sent,
        conversion.tax.rule.mode,
        docs.tax.rule.mode,
    )


@pytest.mark.parametrize(
    ("documents", "fine", "index"), [(CONVERSION, "10", ""), (DOCS, "2", "IGPM")], ids=["IX", "X"]
)
@pytest.mark.clause("ZEN-IX-6.2")
@pytest.mark.clause("ZEN-X-8")
def test_late_charges(documents: tuple[str, ...], fine: str, index: str) -> None:
    """10 % and 1 % a month under Annex IX; 2 %, 1 % and a risen IGP-M under Annex X; a month has 30 days."""
    found = rule(terms_of(documents).late_charges)

    assert isinstance(found, LateChargeRule)
    assert (Decimal(fine), Decimal(1), DayBasis.THIRTY, index, ChargeBase.CORRECTED) == (
        found.fine_percent,
        found.interest_percent_per_month,
        found.day_basis,
        found.correction_index,
        found.charge_base,
    )


@pytest.mark.parametrize(("documents", "countries"), [(CONVERSION, ("BR",)), (DOCS, ())], ids=["IX", "X"])
@pytest.mark.clause("ZEN-16.6")
@pytest.mark.clause("ZEN-IX-12.3")
@pytest.mark.clause("ZEN-X-4-adjustment")
def test_indexation(documents: tuple[str, ...], countries: tuple[str, ...]) -> None:
    """Twelve months of IGP-M that end with the month before the anniversary's; Annex IX only from Brazil."""
    found = rule(terms_of(documents).indexation)

    assert isinstance(found, IndexationRule)
    assert ("IGPM", 12, -1, IndexFloor.POSITIVE_ONLY, countries) == (
        found.index,
        found.months,
        found.window_end_offset_months,
        found.floor,
        found.entity_countries,
    )


@pytest.mark.parametrize(
    ("documents", "partial"),
    [(CONVERSION, SuspensionBilling.AVAILABLE_PARTS), (DOCS, SuspensionBilling.FULL)],
    ids=["IX", "general"],
)
@pytest.mark.clause("ZEN-IX-6.1")
@pytest.mark.clause("ZEN-13.3")
def test_billing_while_suspended(documents: tuple[str, ...], partial: SuspensionBilling) -> None:
    """A pause that the customer caused is billed in full; under Annex IX a stopped part is not."""
    found = terms_of(documents).suspension_billing

    assert found is not None
    assert (partial, SuspensionBilling.FULL) == (found.rule.partial, found.rule.total)


@pytest.mark.clause("ZEN-IX-11")
@pytest.mark.clause("ZEN-IX-6")
@pytest.mark.clause("ZEN-IX-10.2")
def test_the_ladder_of_annex_ix() -> None:
    """Remind at once, stop WhatsApp after 5 days, everything after 8, propose the end after 10."""
    automatic, proposal, due = StepMode.AUTOMATIC, StepMode.PROPOSAL, DunningAnchor.DUE

    assert [
        ("reminder", "ZEN-IX-9.1", DunningAction.REMIND, due, 0, automatic),
        ("partial_suspension", "ZEN-IX-11", DunningAction.SUSPEND_PART, due, 5, automatic),
        ("suspension", "ZEN-IX-6", DunningAction.SUSPEND, due, 8, automatic),
        ("termination", "ZEN-IX-10.2", DunningAction.TERMINATE, due, 10, proposal),
    ] == ladder(terms_of(CONVERSION))


@pytest.mark.clause("ZEN-IX-11")
def test_the_part_that_stops_first() -> None:
    """A partial suspension names the part of the charges that it stops."""
    terms = terms_of(CONVERSION)
    assert terms.dunning is not None

    assert ["", "whatsapp", "", ""] == [step.part for step in terms.dunning.rule.steps]


@pytest.mark.clause("ZEN-13.1-iii")
@pytest.mark.clause("ZEN-12.1-iv")
def test_the_ladder_of_the_general_terms() -> None:
    """Docs falls back on the general terms: stop after 10 days, propose the end after 90."""
    automatic, proposal, due = StepMode.AUTOMATIC, StepMode.PROPOSAL, DunningAnchor.DUE

    assert [
        ("reminder", "ZEN-5.1", DunningAction.REMIND, due, 0, automatic),
        ("suspension", "ZEN-13.1-iii", DunningAction.SUSPEND, due, 10, automatic),
        ("termination", "ZEN-12.1-iv", DunningAction.TERMINATE, due, 90, proposal),
    ] == ladder(terms_of(DOCS))


@pytest.mark.clause("KON-15.1a")
@pytest.mark.clause("KON-15.3b")
def test_the_ladder_of_konectus() -> None:
    """The notice goes first; two days from its delivery the service stops; 30 days later data may go."""
    notified, suspended = DunningAnchor.NOTICE_DELIVERED, DunningAnchor.SUSPENDED

    assert [
        ("payment_notice", "KON-15.1a", DunningAction.NOTIFY, DunningAnchor.DUE, 0, StepMode.AUTOMATIC),
        ("suspension", "KON-15.1a", DunningAction.SUSPEND, notified, 2, StepMode.AUTOMATIC),
        ("data_deletion", "KON-15.3b", DunningAction.DELETE_DATA, suspended, 30, StepMode.PROPOSAL),
    ] == ladder(terms_of(KONECTUS))


@pytest.mark.clause("KON-2b")
def test_konectus_connectors_stay_unplugged() -> None:
    """Paying restores the service and not its connectors; Zenvia knows no such rule."""
    konectus, zenvia = terms_of(KONECTUS).dunning, terms_of(CONVERSION).dunning

    assert konectus is not None
    assert zenvia is not None
    assert (False, True) == (konectus.rule.connectors_restored, zenvia.rule.connectors_restored)
    assert ["", "payment_notice", ""] == [step.notice for step in konectus.rule.steps]


@pytest.mark.parametrize(
    ("documents", "code", "kind", "clause", "facts"),
    [
        (CONVERSION, "sms", SmsMeter, "ZEN-I-A", {"encoding": SegmentEncoding.GSM, "reserved_characters": 0}),
        (CONVERSION, "sms_engage", SmsMeter, "ZEN-VII-SMS-SMS-CONCATENADO", {"reserved_characters": 20}),
        (CONVERSION, "whatsapp_conversations", ConversationMeter, "ZEN-IX-4.2-iii",
         {"opened_by": OpenedBy.EITHER, "by": "country", "hours": 24}),
        (CONVERSION, "users", SeatMeter, "ZEN-IX-4.2-ii", {}),
        pytest.param(DOCS, "docs_transactions", SumMeter, "ZEN-X-1.1", {"unit": "transaction"},
                     marks=pytest.mark.clause("ZEN-X-1.1")),
        pytest.param(DOCS, "documents", SumMeter, "ZEN-X-1.3", {},
                     marks=pytest.mark.clause("ZEN-X-1.3")),
        pytest.param(DOCS, "bot_sessions", ConversationMeter, "ZEN-X-1.4",
                     {"opened_by": OpenedBy.OUTBOUND, "hours": 24},
                     marks=pytest.mark.clause("ZEN-X-1.4")),
        (DOCS, "human_seats", SeatMeter, "ZEN-X-1.4.1", {}),
        pytest.param(DOCS, "workflow_processes", SumMeter, "ZEN-X-1.4.2", {},
                     marks=pytest.mark.clause("ZEN-X-1.4.2")),
        (KONECTUS, "seats", SeatMeter, "KON-5.2", {}),
        (KONECTUS, "contacts", SeatMeter, "KON-2a", {"unit": "contact"}),
        (KONECTUS, "messages", SumMeter, "KON-2a", {"unit": "message"}),
    ],
)  # fmt: skip
def test_meters(
    documents: tuple[str, ...], code: str, kind: type[Rule], clause: str, facts: dict[str, object]
) -> None:
    """Each meter counts what its clause names, and where the clause is silent, as its reading says."""
    meter = terms_of(documents).meters[code]

    assert (kind, clause) == (type(meter.rule), meter.clause.id)
    assert facts == {name: getattr(meter.rule, name) for name in facts}


def test_every_reading_of_a_doubtful_clause_gives_its_reason() -> None:
    """Only the tax clauses say all that is needed: every other rule and rung says why it reads as it does."""
    stated = [
        getattr(one.rules, name)
        for versions in library_documents().values()
        for one in versions
        for name in ("payment", "late_charges", "indexation", "suspension_billing", "dunning")
    ]
    rules = [each for each in stated if each is not None]
    rungs = [step for each in rules if isinstance(each, DunningRule) for step in each.steps]

    assert [] == [each.clause for each in (*rules, *rungs) if not each.reading]
