"""Tables are laid out for a cluster: what grows with customers lives and joins within an account."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import ForeignKeyConstraint, PrimaryKeyConstraint, Table, UniqueConstraint
from sqlalchemy.dialects.postgresql import ExcludeConstraint

from db.schema import TABLE_MODULES, whole_schema
from tests.architecture.house import PACKAGES, modules


@pytest.fixture(name="tables", scope="module")
def _tables() -> list[Table]:
    """Every table of every package."""
    return whole_schema().sorted_tables


def scope(table: Table) -> object:
    """Return where a table lives on a cluster."""
    return table.info.get("scope")


def keys(table: Table) -> Iterator[tuple[str, list[str]]]:
    """Yield the name and the columns of everything that must be unique: keys, constraints and indexes."""
    for constraint in table.constraints:
        if isinstance(constraint, PrimaryKeyConstraint | UniqueConstraint | ExcludeConstraint) and len(
            constraint.columns
        ):
            yield str(constraint.name), [column.name for column in constraint.columns]
    for index in table.indexes:
        if index.unique:
            yield str(index.name), [getattr(column, "name", "") for column in index.expressions]


def links(table: Table) -> Iterator[tuple[str, Table, list[tuple[str, str]]]]:
    """Yield the name, the target and the pairs of columns of each foreign key."""
    for constraint in table.constraints:
        if isinstance(constraint, ForeignKeyConstraint):
            pairs = [(element.parent.name, element.column.name) for element in constraint.elements]
            yield str(constraint.name), constraint.referred_table, pairs


def test_the_schema_is_whole() -> None:
    """No package declares rows that migrations and tests do not see."""
    assert sorted(TABLE_MODULES) == sorted(name for name in modules(*PACKAGES) if name.endswith(".tables"))


def test_every_table_has_a_scope(tables: list[Table]) -> None:
    """A table grows with customers (account) or is small and everywhere (reference)."""
    assert [] == [table.name for table in tables if scope(table) not in {"account", "reference"}]


def test_account_id_leads_every_key(tables: list[Table]) -> None:
    """A cluster can promise uniqueness only within an account; a key computed from it needs only hold it."""
    loose = [
        f"{table.name}.{name}"
        for table in tables
        if scope(table) == "account"
        for name, columns in keys(table)
        if columns[:1] != ["account_id"]
        and not ("key_computed_from_account" in table.info and "account_id" in columns)
    ]

    assert [] == loose


def test_foreign_keys_stay_within_an_account(tables: list[Table]) -> None:
    """An account's row points to rows of the same account, or to reference rows."""
    loose = [
        f"{table.name}.{name}"
        for table in tables
        for name, target, pairs in links(table)
        if scope(target) == "account"
        and (scope(table), pairs[0]) != ("account", ("account_id", "account_id"))
    ]

    assert [] == loose
