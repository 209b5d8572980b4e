"""The reasons of an amount as a tree: what is said, and what it rests on.

What is said is a step, that is, data: so a tree is told in any language for which there is a catalog.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

import msgspec

from rating.working import ENGLISH, Catalog, Step, Working, lines_of


class Reason(msgspec.Struct, frozen=True):
    """A step, and the steps that led to it."""

    step: Step
    because: tuple[Reason, ...] = ()


class ReasonTold(TypedDict):
    """A reason as data: its stable code, its exact facts, and how a language says it."""

    code: str
    text: str
    facts: dict[str, str]
    result: str
    because: list[ReasonTold]


def reasons_of(working: Working) -> tuple[Reason, ...]:
    """Return the steps of a working as reasons that need no further one."""
    return tuple(Reason(each) for each in working)


def said(reason: Reason, catalog: Catalog = ENGLISH) -> str:
    """Return what a reason says by itself."""
    (line,) = lines_of((reason.step,), catalog)
    return line


def data_of(reasons: Sequence[Reason], catalog: Catalog = ENGLISH) -> list[ReasonTold]:
    """Return a tree as data for JSON: numbers exact, as text."""
    return [
        ReasonTold(
            code=each.step.code,
            text=said(each, catalog),
            facts=dict(each.step.facts),
            result=each.step.result,
            because=data_of(each.because, catalog),
        )
        for each in reasons
    ]
