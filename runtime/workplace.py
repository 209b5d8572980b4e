"""The place where a command works: an engine over the configured database, and the clock.

The only module that chooses concrete things; everything beneath takes them as arguments.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Engine

from contracts.known import KnownContracts
from db.engine import database
from db.migrate import require_current
from kernel.clock import Clock, SystemClock


@dataclass(frozen=True, slots=True)
class Workplace:
    """What every command needs; ``known`` are the contracts that a service has resolved before."""

    engine: Engine
    clock: Clock
    known: KnownContracts = field(default_factory=KnownContracts)

    @property
    def today(self) -> date:
        """The date that a command takes as its own unless ``--as-of`` names another."""
        return self.clock.now().date()


@contextmanager
def workplace(
    *, name: str = "", fresh: bool = False, clock: Clock | None = None, schema: bool = True
) -> Iterator[Workplace]:
    """Open the configured database, check its schema unless told not to, and close it at the end."""
    with database(name, fresh=fresh) as engine:
        if schema:
            require_current(engine)
        yield Workplace(engine, clock or SystemClock())
