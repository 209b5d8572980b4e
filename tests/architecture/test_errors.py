"""The errors are one tree, drawn where it is defined."""

from __future__ import annotations

import importlib

import pytest

from kernel import errors
from tests.architecture.house import PACKAGES, modules

INDENT = 4

Kind = type[errors.ClausulaError]


@pytest.fixture(name="kinds", scope="module")
def _kinds() -> list[Kind]:
    """Every error of the house; one that hides in another package shows itself once that is imported."""
    for module in modules(*PACKAGES):
        importlib.import_module(module)
    return family(errors.ClausulaError)


def family(kind: Kind) -> list[Kind]:
    """Return a class and all that descend from it."""
    return [kind, *(heir for child in kind.__subclasses__() for heir in family(child))]


def lineage(kind: Kind) -> str:
    """Return the names from the root of the tree down to this class."""
    bases = [base.__name__ for base in kind.__mro__ if issubclass(base, errors.ClausulaError)]
    return " > ".join(reversed(bases))


def drawn_lineages() -> list[str]:
    """Read the same from the drawing in the docstring of kernel.errors."""
    lines = (errors.__doc__ or "").split("::\n", 1)[1].strip("\n").split("\n\n")[0].splitlines()
    path: list[str] = []
    lineages = []
    for line in lines:
        name = line.lstrip("│├└─ ").split()[0]
        depth = line.index(name) // INDENT - 1
        path[depth:] = [name]
        lineages.append(" > ".join(path))
    return lineages


def test_the_drawing_shows_every_error(kinds: list[Kind]) -> None:
    """Whoever reads the top of kernel/errors.py has seen every error of the house, in its place."""
    assert sorted(lineage(kind) for kind in kinds) == sorted(drawn_lineages())


def test_every_error_has_its_own_code(kinds: list[Kind]) -> None:
    """A caller that matches on a code meets one kind of error."""
    own_codes = {vars(kind)["code"] for kind in kinds if "code" in vars(kind)}

    assert len(kinds) == len(own_codes)
