"""Packages are owed once they are started."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.charges import Package
from invoicing.working_labels import PORTUGUESE_WORKING, SPANISH_WORKING
from kernel.money import Exact
from rating.exact import plus
from rating.packages import packages, started_packages
from rating.working import lines_of

DOCUMENTS = Package(
    code="documents",
    name="Documents",
    clause="ZEN-IX-4.2",
    meter="documents",
    size=Decimal(100),
    amount=Decimal("4.995"),
)

QUANTITIES = st.decimals(min_value=0, max_value=10_000, places=2)


@pytest.mark.parametrize(
    ("quantity", "count"),
    [("0", 0), ("0.01", 1), ("1", 1), ("99", 1), ("100", 1), ("100.01", 2), ("101", 2), ("200", 2)],
)
def test_a_started_package_counts_and_an_exact_multiple_starts_none(quantity: str, count: int) -> None:
    """The last unit of a package starts no further one; the first of the next does, however small."""
    assert count == started_packages(Decimal(quantity), Decimal(100))


def test_a_package_of_parts_of_a_unit() -> None:
    """A size below one is a size: 1 GB in packages of 0.25 is four."""
    assert 4 == started_packages(Decimal(1), Decimal("0.25"))


@pytest.mark.parametrize(
    ("before", "quantity", "count"), [(None, "101", 2), ("0", "101", 2), ("101", "99", 0), ("101", "100", 1)]
)
def test_units_fill_the_package_that_was_started_before(
    before: str | None, quantity: str, count: int
) -> None:
    """A later run pays only for the packages that it starts itself."""
    earlier = None if before is None else Decimal(before)
    priced = packages(DOCUMENTS, Decimal(quantity), currency="USD", before=earlier)

    assert count * Decimal("4.995") == priced.amount


def test_the_working_names_the_packages() -> None:
    """The line says how many, of what size, at what price."""
    priced = packages(DOCUMENTS, Decimal(1901), currency="USD")

    assert ("20 packages of 100 x 4.995 USD = 99.90 USD",) == lines_of(priced.working)


def test_one_package_is_one() -> None:
    """The noun follows its number, in each language."""
    (each,) = packages(DOCUMENTS, Decimal(1), currency="USD").working

    assert ("1 package of 100 x 4.995 USD = 4.995 USD",) == lines_of((each,))
    assert ("1 paquete de 100 x 4.995 USD = 4.995 USD",) == lines_of((each,), SPANISH_WORKING)
    assert ("1 pacote de 100 x 4,995 USD = 4,995 USD",) == lines_of((each,), PORTUGUESE_WORKING)


@given(st.lists(QUANTITIES, min_size=1, max_size=5))
def test_runs_add_up_to_the_whole(runs: list[Decimal]) -> None:
    """Packages of several runs are the packages of their sum."""
    done = Decimal(0)
    amount: Exact = Decimal(0)
    for quantity in runs:
        amount = plus(amount, packages(DOCUMENTS, quantity, currency="USD", before=done).amount)
        done += quantity

    assert packages(DOCUMENTS, done, currency="USD").amount == amount
