"""A problem is an error as a value: it is returned, stored, listed and retried, and stops nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from kernel.errors import ClausulaError


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that was set aside, with all that its mend needs.

    ``subject`` names the thing (an event id, a subscription); ``place`` where it stands (file and line);
    the other fields are those of :class:`kernel.errors.ClausulaError`.
    """

    code: str
    message: str
    subject: str = ""
    place: str = ""
    field: str = ""
    value: str = ""
    expected: str = ""

    @classmethod
    def of(cls, error: ClausulaError, *, subject: str = "", place: str = "") -> Problem:
        """Turn a raised error into a value, keeping its code."""
        return cls(
            code=error.code,
            message=error.message,
            subject=subject,
            place=place or error.place,
            field=error.field,
            value=error.value,
            expected=error.expected,
        )
