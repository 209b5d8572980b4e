"""Errors name what, where, which value and what would be right; a problem is the same as a value."""

from __future__ import annotations

import inspect
import re

import pytest

from kernel import errors
from kernel.errors import ClausulaError, InvalidInput, InvalidTerms
from kernel.problems import Problem

TREE = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, ClausulaError) and kind is not ClausulaError
]


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (InvalidInput("not a number"), "not a number"),
        (
            InvalidInput("not a number", field="price", value="ten", expected="10.00", place="plan.toml:3"),
            "plan.toml:3: not a number; field: price; value: ten; expected: 10.00",
        ),
        (InvalidInput("not a number", value=0), "not a number; value: 0"),
        (
            InvalidInput("not a number", expected="10.00", place="line 3"),
            "line 3: not a number; expected: 10.00",
        ),
    ],
)
def test_an_error_reads_place_message_field_value_expected(error: ClausulaError, text: str) -> None:
    """The parts stand in the order in which a person looks for them, and missing ones leave no trace."""
    assert text == str(error)


@pytest.mark.parametrize("kind", TREE)
def test_a_code_is_the_errors_name_in_snake_case(kind: type[ClausulaError]) -> None:
    """So every code is unique, and whoever reads one finds the class."""
    assert re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower() == kind.code


def test_no_two_errors_share_a_code() -> None:
    """Callers match on codes, so one code means one error."""
    assert len(TREE) == len({kind.code for kind in TREE} - {ClausulaError.code})


def test_a_caller_may_catch_a_whole_branch() -> None:
    """Whoever handles invalid input also handles its kinds, and nothing of another branch."""
    assert [True, True, False] == [
        issubclass(InvalidTerms, InvalidInput),
        issubclass(InvalidTerms, ClausulaError),
        issubclass(InvalidTerms, errors.NotFound),
    ]


def test_a_problem_keeps_all_that_the_error_said() -> None:
    """Storing a refusal as a value loses nothing: code, message, place, field, value and the right form."""
    error = InvalidTerms("no such unit", field="unit", value="moth", expected="month", place="zenvia.toml:12")

    assert Problem(
        code="invalid_terms",
        message="no such unit",
        subject="ZEN-IX",
        place="zenvia.toml:12",
        field="unit",
        value="moth",
        expected="month",
    ) == Problem.of(error, subject="ZEN-IX")


def test_a_problems_own_place_prevails_over_the_errors() -> None:
    """Whoever reads the file knows the line better than whoever read the value."""
    error = InvalidInput("not a number", place="value")

    assert "events.jsonl:7" == Problem.of(error, place="events.jsonl:7").place
