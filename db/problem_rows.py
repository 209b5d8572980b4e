"""Problems as rows: each table that keeps them names the columns alike, so that one reading serves all."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from kernel.problems import Problem


def problem_of(row: Row[Any], *, subject: str) -> Problem:
    """Return the problem that a row keeps; ``subject`` is what the table calls the thing set aside."""
    return Problem(
        code=row.code,
        message=row.message,
        subject=subject,
        place=row.place,
        field=row.field,
        value=row.value,
        expected=row.expected,
    )
