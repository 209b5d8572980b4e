"""The library is whole: every clause of the register stands in one document, told in three languages."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from contracts.clauses import Clause, DocumentHead, Layer
from contracts.library import LIBRARY, library_documents, read_terms
from contracts.meters import (
    ConversationMeter,
    Meter,
    Normalised,
    OpenedBy,
    SeatMeter,
    SumMeter,
    UniqueMeter,
)
from contracts.rules import DunningAction, DunningAnchor, DunningRule, StepMode
from contracts.terms import TermsDocument, resolve, stated_rules

#: The ids of the register, one a line, in order.
REGISTER = Path(__file__).parents[2] / "golden" / "register_ids.txt"

FILES = sorted(LIBRARY.glob("*.toml"))

#: Characters of a paraphrase: it has to fit under a line of an invoice.
LONGEST_PARAPHRASE = 160

LANGUAGES = ("says_en", "says_es", "says_pt")

#: The annexes that hold with any product of their vendor: channels, platforms, data and service levels.
COMPANIONS = (
    "zenvia-annex-i",
    "zenvia-annex-ii",
    "zenvia-annex-iii",
    "zenvia-annex-iv",
    "zenvia-annex-v",
    "zenvia-annex-vi",
    "zenvia-annex-viii",
)


def documents() -> list[TermsDocument]:
    """Return every version of every document."""
    return [version for versions in library_documents().values() for version in versions]


def newest() -> list[TermsDocument]:
    """Return the newest version of every document."""
    return [versions[-1] for versions in library_documents().values()]


def clauses() -> list[Clause]:
    """Return the clauses of the newest versions."""
    return [clause for document in newest() for clause in document.clause]


def named(document: TermsDocument) -> str:
    """Return how a test calls a document."""
    return f"{document.document.id}-{document.document.version}"


def lies_under(lower: DocumentHead, upper: DocumentHead) -> bool:
    """Tell whether a paper is of the same vendor and of a lower layer."""
    order = tuple(Layer)
    return lower.vendor == upper.vendor and order.index(lower.layer) < order.index(upper.layer)


def meter_of(document: str, code: str) -> Meter:
    """Return a meter that a document states itself."""
    return library_documents()[document][-1].meters[code]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_file_reads_and_bears_its_documents_name(path: Path) -> None:
    """A document is found by the name of its file, which begins with its vendor and tells its layer."""
    head = read_terms(path).document

    assert path.stem == head.id
    assert head.id.startswith(f"{head.vendor}-")
    assert (Layer.ANNEX if "-annex-" in head.id else Layer.GENERAL) is head.layer


def test_the_library_holds_the_register() -> None:
    """The ids of all documents together are those of the register: none is missing, twice or made up."""
    held = Counter(
        clause_id
        for versions in library_documents().values()
        for clause_id in {clause.id for version in versions for clause in version.clause}
    )

    assert REGISTER.read_text(encoding="utf-8").splitlines() == sorted(held.elements())


def test_a_version_holds_a_clause_once() -> None:
    """No clause hides another of the same id in its own document."""
    counted = {each.document.id: Counter(clause.id for clause in each.clause) for each in documents()}

    assert {} == {name: twice for name, ids in counted.items() if (twice := [i for i in ids if ids[i] > 1])}


def test_every_clause_has_a_place() -> None:
    """Whoever doubts a paraphrase finds the clause in the paper."""
    assert [] == [each.id for document in documents() for each in document.clause if not each.place.strip()]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_paraphrase_is_one_short_sentence(language: str) -> None:
    """One line that fits under an invoice's line, and ends."""
    said = {each.id: getattr(each, language) for each in clauses()}

    assert {} == {
        clause_id: text
        for clause_id, text in said.items()
        if not text.endswith(".") or len(text) > LONGEST_PARAPHRASE or text != " ".join(text.split())
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_clauses_say_the_same(language: str) -> None:
    """A reader can tell two clauses apart by what they say."""
    counted = Counter(getattr(each, language) for each in clauses())

    assert [] == [text for text, times in counted.items() if times > 1]


def test_each_language_has_words_of_its_own() -> None:
    """No text is left over from another language."""
    assert [] == [each.id for each in clauses() if len({getattr(each, name) for name in LANGUAGES}) < 3]


@pytest.mark.parametrize("document", documents(), ids=named)
def test_every_rule_cites_a_clause_that_stands_with_it(document: TermsDocument) -> None:
    """A rule, a rung and a meter cite their own document, or a lower paper of the same vendor."""
    papers = [document, *(each for each in documents() if lies_under(each.document, document.document))]
    at_hand = {clause.id for paper in papers for clause in paper.clause}

    assert [] == [rule.clause for _, rule in stated_rules(document) if rule.clause not in at_hand]


@pytest.mark.parametrize("product", ["zenvia-annex-ii", "zenvia-annex-ix", "zenvia-annex-x"])
@pytest.mark.clause("ZEN-1.4")
def test_channels_and_products_stand_together(product: str) -> None:
    """A contract may hold every channel beside its product: no two annexes rival for a rule or a meter."""
    names = dict.fromkeys(("zenvia-general", *COMPANIONS, product))
    laid = [library_documents()[name][-1] for name in names]

    terms = resolve(laid)

    assert {code for each in laid for code in each.meters} == set(terms.meters)


@pytest.mark.clause("ZEN-Heading")
def test_papers_bear_the_date_of_their_text() -> None:
    """Zenvia's is 16 November 2023, Sinch's 24 January 2023; a paper without one holds for everyone."""
    dates = {each.document.vendor: each.document.effective_from for each in newest()}

    assert {
        "conversso": date(2000, 1, 1),
        "konectus": date(2000, 1, 1),
        "salexops": date(2000, 1, 1),
        "sinch": date(2023, 1, 24),
        "zenvia": date(2023, 11, 16),
    } == dates


@pytest.mark.parametrize(
    ("document", "code", "clause", "opened_by"),
    [
        ("zenvia-annex-ii", "app_bot_sessions", "ZEN-II-2.3", OpenedBy.OUTBOUND),
        ("zenvia-annex-iii", "waba_conversations", "ZEN-III-1.6", OpenedBy.EITHER),
        ("zenvia-annex-v", "instagram_conversations", "ZEN-V-3.1", OpenedBy.INBOUND),
    ],
)
@pytest.mark.clause("ZEN-II-2.3")
@pytest.mark.clause("ZEN-III-1.6")
@pytest.mark.clause("ZEN-V-3.1")
@pytest.mark.clause("ZEN-V-3.2")
@pytest.mark.clause("ZEN-VII-CONVERSACION")
@pytest.mark.clause("ZEN-VII-SESION")
def test_who_opens_a_window_of_24_hours(document: str, code: str, clause: str, opened_by: OpenedBy) -> None:
    """The customer's message opens a bot's session, the user's one on Instagram, either's one on WhatsApp."""
    meter = meter_of(document, code)

    assert isinstance(meter, ConversationMeter)
    assert (clause, opened_by, 24) == (meter.clause, meter.opened_by, meter.hours)
    assert meter.reading


@pytest.mark.parametrize(
    ("document", "code", "clause", "unit"),
    [
        ("conversso-general", "licenses", "CNV-03", "license"),
        ("salexops-general", "users", "SLX-13", "user"),
        ("sinch-contact-pro-general", "named_users", "SIN-4.5b", "user"),
    ],
)
@pytest.mark.clause("CNV-03")
@pytest.mark.clause("SLX-13")
@pytest.mark.clause("SIN-4.5b")
@pytest.mark.clause("SIN-G1.5")
def test_what_is_counted_by_its_highest_number(document: str, code: str, clause: str, unit: str) -> None:
    """Named users and licenses are levels, not sums."""
    meter = meter_of(document, code)

    assert isinstance(meter, SeatMeter)
    assert (clause, unit) == (meter.clause, meter.unit)
    assert meter.reading


@pytest.mark.clause("ZEN-II-4.5")
def test_registered_numbers_are_counted_once() -> None:
    """The contacts of Attraction are different telephone numbers, whoever writes them and however."""
    meter = meter_of("zenvia-annex-ii", "attraction_contacts")

    assert isinstance(meter, UniqueMeter)
    assert ("ZEN-II-4.5", "contact", "", Normalised.E164) == (
        meter.clause,
        meter.unit,
        meter.of,
        meter.normalised,
    )
    assert meter.reading


@pytest.mark.clause("SIN-1.1")
def test_a_routed_contact_is_counted_without_a_window() -> None:
    """Contact Pro counts each routed contact once, and knows no 24 hours."""
    meter = meter_of("sinch-contact-pro-general", "conversations")

    assert isinstance(meter, SumMeter)
    assert ("SIN-1.1", "conversation") == (meter.clause, meter.unit)


@pytest.mark.clause("SLX-07")
@pytest.mark.clause("SLX-08")
@pytest.mark.clause("SLX-16")
def test_the_ladder_of_salexops() -> None:
    """Warned at once, shut out after 3 calendar days; after 30 from the due date documents may go."""
    ladder = library_documents()["salexops-general"][-1].rules.dunning
    automatic, proposal, due = StepMode.AUTOMATIC, StepMode.PROPOSAL, DunningAnchor.DUE

    assert isinstance(ladder, DunningRule)
    assert [
        ("SLX-16", DunningAction.REMIND, due, 0, automatic),
        ("SLX-07", DunningAction.SUSPEND, due, 3, automatic),
        ("SLX-08", DunningAction.DELETE_DATA, due, 30, proposal),
    ] == [(step.clause, step.action, step.anchor, step.more_than_days, step.mode) for step in ladder.steps]


@pytest.mark.parametrize("document", ["conversso-general", "salexops-general", "sinch-contact-pro-general"])
@pytest.mark.parametrize("rule", ["payment", "tax", "late_charges", "indexation", "suspension_billing"])
@pytest.mark.clause("SLX-03")
def test_what_these_papers_leave_out_is_not_guessed(document: str, rule: str) -> None:
    """Due date, taxes, late charges and index come from an order form where the paper has none."""
    assert getattr(library_documents()[document][-1].rules, rule) is None
