"""What the demo does with a book: from when to when, how its accounts use and how they pay."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from contracts.clauses import Record
from contracts.library import read_toml
from kernel.errors import InvalidBook
from runtime.demo.generator import Profile
from runtime.demo.payers import Payer


class Story(Record, frozen=True, kw_only=True):
    """A replay: its days (both inclusive), the seed of its usage, and the habits of its accounts."""

    seed: int
    first_day: date
    last_day: date
    profile: tuple[Profile, ...] = ()
    payer: tuple[Payer, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a story that ends before it begins."""
        if self.last_day < self.first_day:
            message = f"last_day: must not lie before first_day {self.first_day}, is {self.last_day}"
            raise ValueError(message)

    @property
    def days(self) -> int:
        """How many days are replayed."""
        return (self.last_day - self.first_day).days + 1


def read_story(book: Path) -> Story:
    """Return the story of a book, from its ``story.toml``."""
    return read_toml(book / "story.toml", InvalidBook).read(Story, InvalidBook)
