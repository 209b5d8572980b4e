"""A comparison names what came, what went and what reads otherwise, and nothing else."""

from __future__ import annotations

import pytest

from contracts.library import library_documents
from contracts.terms import TermsDocument
from contracts.terms_diff import Change, ChangeKind, FieldChange, diff, diff_lines
from tests.unit.contracts.papers import GENERAL, changed, document

BEFORE = document(GENERAL)

EVERY_DOCUMENT = [version for versions in library_documents().values() for version in versions]


def edited(*edits: tuple[str, str]) -> TermsDocument:
    """Return the document after some edits of its text."""
    text = GENERAL
    for old, new in edits:
        text = changed(text, old, new)
    return document(text)


@pytest.mark.parametrize("each", EVERY_DOCUMENT, ids=lambda each: each.document.id)
def test_a_document_does_not_differ_from_itself(each: TermsDocument) -> None:
    """Every document of the library says the same as itself, in one line."""
    name = f"{each.document.id} {each.document.version}"

    assert [f"{name} and {name} say the same."] == diff_lines(diff(each, each))


def test_a_field_of_a_rule_is_told_before_and_after() -> None:
    """30 days that become 15 are one change of one field."""
    found = diff(BEFORE, edited(("sent = 30", "sent = 15")))

    assert (
        Change(
            part="payment",
            kind=ChangeKind.CHANGED,
            fields=(FieldChange(field="due_days_after_sent", before="30", after="15"),),
        ),
    ) == found.changes


def test_rungs_go_by_their_code() -> None:
    """A rung's days change under its own name, wherever it stands in the ladder."""
    [change] = diff(BEFORE, edited(("more_than_days = 5", "more_than_days = 7"))).rules

    assert [("steps.pause.more_than_days", "5", "7")] == [(f.field, f.before, f.after) for f in change.fields]


def test_clauses_come_go_and_are_reworded() -> None:
    """A clause under another id went and came; one with other words reads otherwise."""
    after = edited(
        ("in 30 days.", "in 15 days."),
        ('id = "ACM-2"', 'id = "ACM-3"'),
        ('clause = "ACM-2"', 'clause = "ACM-3"'),
    )
    found = diff(BEFORE, after)

    assert [
        ("ACM-1", ChangeKind.CHANGED, ["says_en"]),
        ("ACM-2", ChangeKind.REMOVED, ["place", "says_en"]),
        ("ACM-3", ChangeKind.ADDED, ["place", "says_en"]),
    ] == [(each.part, each.kind, [field.field for field in each.fields]) for each in found.clauses]


def test_a_rule_and_a_meter_that_go_are_told_whole() -> None:
    """What a document no longer states, the layer beneath decides: it must be seen."""
    gone = edited(
        ('[rules.payment]\nclause = "ACM-1"\ndue_days_after_sent = 30\n', ""),
        ('reading = "From the day on which it is sent."\n', ""),
        ('[meters.messages]\nkind = "sum"', '[meters.texts]\nkind = "seats"'),
    )
    found = diff(BEFORE, gone)

    assert [("payment", ChangeKind.REMOVED)] == [(each.part, each.kind) for each in found.rules]
    assert [("messages", ChangeKind.REMOVED), ("texts", ChangeKind.ADDED)] == [
        (each.part, each.kind) for each in found.families["meters"]
    ]


def test_lines_read_from_the_top() -> None:
    """The head first, then what changed under its title, with a sign and both values."""
    after = edited(
        ('version = "2026"', 'version = "2027"'), ('notice = "notice"', 'notice = "notice"\npart = "x"')
    )

    assert [
        "From acme-general 2026 to acme-general 2027",
        "",
        "Head",
        "  ~ document",
        "      version: 2026 -> 2027",
        "",
        "Rules",
        "  ~ dunning",
        "      steps.pause.part: (nothing) -> x",
    ] == diff_lines(diff(BEFORE, after))
