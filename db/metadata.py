"""The one MetaData, with the naming of constraints, and the column types that all tables share.

Every table says in ``info["scope"]`` how it lives on a cluster: ``account`` tables grow with customers and
carry ``account_id`` first in every key; ``reference`` tables are few rows that every node holds.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import CheckConstraint, Column, Date, DateTime, MetaData, Numeric, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

ACCOUNT_SCOPE = {"scope": "account"}
REFERENCE_SCOPE = {"scope": "reference"}


def account_key() -> Column[Any]:
    """Return the column that leads every key of a table that grows with customers."""
    return Column("account_id", Uuid, primary_key=True)


def uuid_column(name: str, *, key: bool = False, null: bool = False) -> Column[Any]:
    """Return a uuid column."""
    return Column(name, Uuid, primary_key=key, nullable=null and not key)


def text_column(name: str, *, key: bool = False, null: bool = False) -> Column[Any]:
    """Return a text column; enums are text with a check."""
    return Column(name, Text, primary_key=key, nullable=null and not key)


def amount_column(name: str) -> Column[Any]:
    """Return a column of exact money or quantity; the currency or the unit stands in a column beside it."""
    return Column(name, Numeric, nullable=False)


def day_column(name: str, *, key: bool = False, null: bool = False) -> Column[Any]:
    """Return a business date, in the issuing entity's time zone."""
    return Column(name, Date, primary_key=key, nullable=null and not key)


def instant_column(name: str, *, key: bool = False, null: bool = False) -> Column[Any]:
    """Return an aware instant."""
    return Column(name, DateTime(timezone=True), primary_key=key, nullable=null and not key)


def json_column(name: str) -> Column[Any]:
    """Return a document column."""
    return Column(name, JSONB, nullable=False)


def one_of(column: str, values: Iterable[str]) -> CheckConstraint:
    """Return the check that a text column holds one of an enum's values."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)
