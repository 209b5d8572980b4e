"""The worked numbers in the docstrings of rating are computed, not told."""

from __future__ import annotations

import doctest
from importlib import import_module
from pathlib import Path

import pytest

RATING = Path(__file__).parents[3] / "rating"
MODULES = sorted(f"rating.{path.stem}" for path in RATING.glob("[!_]*.py"))


@pytest.mark.parametrize("name", MODULES)
def test_worked_numbers_are_right(name: str) -> None:
    """Each example gives what it says."""
    assert 0 == doctest.testmod(import_module(name)).failed
