"""Words that numbers govern, for what people read."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """Return a number and its noun: ``1 invoice``, ``1,200 invoices``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
