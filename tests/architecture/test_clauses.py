"""Every clause of the register is accounted for, and what the page says of it is so."""

from __future__ import annotations

import importlib
from collections import Counter

import pytest

from contracts.library import library_documents
from tests.architecture.house import PACKAGES
from tests.clauses.page import PAGE, page
from tests.clauses.register import Status, citations, proofs, register, register_ids, table

SAID = table()


def test_the_page_is_up_to_date() -> None:
    """Mend with: make clauses."""
    assert page(register()) == PAGE.read_text(encoding="utf-8")


def test_every_clause_of_a_mark_is_in_the_register() -> None:
    """A test that names a clause names one that there is."""
    assert set() == set(proofs()) - set(register_ids())


def test_every_clause_stands_in_the_library() -> None:
    """What is stated can be resolved and cited."""
    held = {clause.id for versions in library_documents().values() for clause in versions[-1].clause}

    assert set(register_ids()) == held


def test_every_clause_is_accounted_for_once() -> None:
    """It is cited by a rule, a meter or a charge, or stands once in tests/clauses/packages.toml."""
    counted = Counter([*citations(), *SAID.mechanisms, *SAID.packages, *SAID.nothing])
    ids = set(register_ids())

    assert [] == [each for each in register_ids() if counted[each] != 1]
    assert set() == {*SAID.mechanisms, *SAID.packages, *SAID.nothing} - ids


def test_every_mechanism_is_proven() -> None:
    """What is said to execute a clause has a test that bears its mark."""
    assert set() == set(SAID.mechanisms) - set(proofs())


@pytest.mark.parametrize("name", sorted(set(SAID.mechanisms.values())))
def test_every_mechanism_is_code_that_there_is(name: str) -> None:
    """The name leads to a function or a class of the engine."""
    parts = name.split(".")
    found: object = importlib.import_module(".".join(parts[:2]))
    for part in parts[2:]:
        found = getattr(found, part)

    assert parts[0] in PACKAGES
    assert callable(found)


def test_only_packages_of_the_house_are_named() -> None:
    """Each package that will act is one that imports are checked for."""
    named = {package for packages in SAID.packages.values() for package in packages}

    assert set() == named - set(PACKAGES)


def test_few_clauses_have_nothing_to_execute() -> None:
    """At most forty of them, and each says why in one sentence."""
    counted = Counter(line.status for line in register())

    assert counted[Status.NOTHING] <= 40
    assert [] == [why for why in SAID.nothing.values() if not why.endswith(".") or ". " in why]
