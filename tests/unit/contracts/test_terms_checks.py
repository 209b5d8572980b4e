"""A check tells all that is wrong with a file, each at its line, and what would be right."""

from __future__ import annotations

import pytest

from contracts.library import library_documents
from contracts.terms_checks import Checked, FileKind, check_plan, check_terms, kind_of_file
from kernel.errors import InvalidTerms
from tests.unit.contracts.papers import GENERAL, PLAN, changed, document, line_of, toml

ANNEX = """\
[document]
id = "acme-annex"
vendor = "acme"
layer = "annex"
title = "Acme, annex"
version = "2026"
effective_from = 2026-01-01

[rules.payment]
clause = "ACM-1"
due_days_after_sent = 10
"""


def told(checked: Checked) -> list[tuple[str, str, str, str]]:
    """Return each problem as code, place, field and value."""
    return [(each.code, each.place, each.field, each.value) for each in checked.problems]


def test_a_good_document_is_told_in_a_line() -> None:
    """It says what it holds and has no problem."""
    checked = check_terms(toml(GENERAL), ())

    assert (
        Checked(
            file="acme.toml",
            kind=FileKind.TERMS,
            holds="terms acme-general 2026, general: 2 clauses, 2 rules, 1 meter",
        )
        == checked
    )


def test_every_wrong_part_is_told_at_its_line() -> None:
    """A wrong value in a rule does not hide one in a meter, nor one in the head."""
    text = changed(GENERAL, 'layer = "general"', 'layer = "generall"')
    text = changed(text, "due_days_after_sent = 30", "due_days_after_sent = -1")
    text = changed(text, 'unit = "message"', "unit = 1")

    assert [
        ("invalid_terms", "acme.toml:4", "document.layer", "generall"),
        ("invalid_terms", f"acme.toml:{line_of(text, '= -1')}", "rules.payment.due_days_after_sent", "-1"),
        ("invalid_terms", f"acme.toml:{line_of(text, 'unit = 1')}", "meters.messages.unit", "1"),
    ] == told(check_terms(toml(text), ()))


def test_a_key_that_no_document_has_is_told() -> None:
    """What no part would miss is still refused, with the keys that there are."""
    text = changed(GENERAL, "[document]", 'rule = "x"\n[document]')
    [problem] = check_terms(toml(text), ()).problems

    assert ("acme.toml:1", "rule") == (problem.place, problem.field)
    assert problem.expected.startswith("one of rules")


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "value"),
    [
        ('[rules.payment]\nclause = "ACM-1"', '[rules.payment]\nclause = "ACM-9"', 'clause = "ACM-9"',
         "rules.payment.clause", "ACM-9"),
        ('code = "pause"\nclause = "ACM-1"', 'code = "pause"\nclause = "X"', 'clause = "X"',
         "rules.dunning.steps[1].clause", "X"),
        ('clause = "ACM-2"', 'clause = "ACM-3"', 'clause = "ACM-3"', "meters.messages.clause", "ACM-3"),
        ('id = "ACM-2"\n', 'id = "ACM-1"\n', 'id = "ACM-1"', "clause[1].id", "ACM-1"),
        ('code = "pause"', 'code = "notice"', 'code = "notice"', "rules.dunning.steps[1].code", "notice"),
        ('notice = "notice"', 'notice = "letter"', 'notice = "letter"',
         "rules.dunning.steps[1].notice", "letter"),
    ],
)  # fmt: skip
def test_what_does_not_hang_together_is_told(old: str, new: str, line: str, field: str, value: str) -> None:
    """An unknown clause of a rule, rung or meter; a clause or a rung twice; a notice that nobody sends."""
    text = changed(GENERAL, old, new)
    lines = [number for number, each in enumerate(text.splitlines(), start=1) if each == line]

    assert (f"acme.toml:{lines[-1]}", field, value) in [
        each[1:] for each in told(check_terms(toml(text), ()))
    ]


def test_a_layer_is_resolved_with_those_beneath() -> None:
    """An annex may cite the general terms when it is laid over them, and not alone."""
    alone, over = check_terms(toml(ANNEX), ()), check_terms(toml(ANNEX), [document(GENERAL)])

    assert [("unknown_clause", "acme.toml:10", "rules.payment.clause", "ACM-1")] == told(alone)
    assert () == over.problems


def test_two_papers_of_one_layer_do_not_rival() -> None:
    """A rule that a paper of the same layer states already is refused at its line."""
    rival = document(changed(GENERAL, 'id = "acme-general"', 'id = "acme-older"'))
    checked = check_terms(toml(GENERAL), [rival])

    assert [
        ("invalid_terms", f"acme.toml:{line_of(GENERAL, '[rules.payment]')}", "payment",
         "acme-older, acme-general")
    ] == told(checked)  # fmt: skip


def test_a_document_is_not_its_own_rival() -> None:
    """Laid over an earlier version of itself it is checked alone."""
    earlier = document(changed(GENERAL, 'version = "2026"', 'version = "2025"'))

    assert () == check_terms(toml(GENERAL), [earlier]).problems


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ('clause = "ACM-2"', 'clause = "ACM-9"', "unknown_clause", 'clause = "ACM-9"'),
        ('meter = "messages"', 'meter = "mesages"', "unknown_meter", 'meter = "mesages"'),
        ('documents = ["acme-general"]', 'documents = ["acme"]', "not_found", 'documents = ["acme"]'),
        ("amount = 100.00", "amount = -1", "invalid_plan", "amount = -1"),
        ('currency = "MXN"', 'currency = "XXX"', "unknown_currency", 'currency = "XXX"'),
    ],
)
def test_a_plan_is_checked_with_its_documents(old: str, new: str, code: str, line: str) -> None:
    """An unknown clause, meter, document or currency, and a price below nothing, stand at their line."""
    text = changed(PLAN, old, new)
    checked = check_plan(toml(text), [document(GENERAL)])

    assert [(code, f"acme.toml:{line_of(text, line)}")] == [each[:2] for each in told(checked)]


def test_what_a_plan_itself_states_is_checked() -> None:
    """A discount of a plan cites a clause of its documents, and names charges that the plan has."""
    stated = '[reductions.launch]\nkind = "percent_discount"\nname = "Launch"\npercent = 20\n'
    [unknown] = check_plan(toml(f'{PLAN}\n{stated}clause = "ACM-99"\n'), [document(GENERAL)]).problems
    [lost] = check_plan(
        toml(f'{PLAN}\n{stated}clause = "ACM-1"\ncharges = ["nothing"]\n'), [document(GENERAL)]
    ).problems

    assert ("unknown_clause", "ACM-99") == (unknown.code, unknown.value)
    assert ("invalid_terms", "reductions.launch.charges", "nothing") == (lost.code, lost.field, lost.value)


def test_a_good_plan_is_told_in_a_line() -> None:
    """It says what it charges for."""
    checked = check_plan(toml(PLAN), [document(GENERAL)])

    assert (FileKind.PLAN, "plan pro 1: 2 charges in MXN", ()) == (
        checked.kind,
        checked.holds,
        checked.problems,
    )


def test_a_plan_stands_under_its_own_vendors_terms() -> None:
    """Another vendor's document is no terms of the plan."""
    library = [versions[-1] for versions in library_documents().values()]
    [problem] = check_plan(toml(changed(PLAN, '"acme-general"', '"konectus-general"')), library).problems

    assert ("invalid_plan", "documents[0]") == (problem.code, problem.field)


def test_a_file_says_what_it_is() -> None:
    """A head makes terms, charges make a plan; anything else is refused with what to do about it."""
    assert (FileKind.TERMS, FileKind.PLAN) == (kind_of_file(toml(GENERAL)), kind_of_file(toml(PLAN)))
    with pytest.raises(InvalidTerms, match="neither a terms document nor a plan"):
        kind_of_file(toml('id = "OF-1"'))
