"""Words that numbers govern, for what people read."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """Return a number and its noun: ``1 invoice``, ``1,200 invoices``, ``2 duties``."""
    if number == 1:
        return f"1 {noun}"
    return f"{number:,} {noun.removesuffix('y')}ies" if noun.endswith("ty") else f"{number:,} {noun}s"
