"""Rows of some accounts: one statement and one bound array, however many the accounts are."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ARRAY, ColumnElement, Table, Uuid, any_, literal

from kernel.ids import AccountId


def among(table: Table, account_ids: Iterable[AccountId]) -> ColumnElement[bool]:
    """Return the condition that a row of a table is of one of these accounts."""
    found: ColumnElement[bool] = table.c.account_id == any_(literal(list(account_ids), ARRAY(Uuid)))
    return found
