"""Writers at the same time: started together, or one that waits for another."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

import pytest
from sqlalchemy import Engine, text

T = TypeVar("T")

#: Looks for a waiting writer, a hundredth of a second apart.
MOST_LOOKS = 2_000


def at_once(*writers: Callable[[], T]) -> list[T]:
    """Run writers in threads that start together, and return what they return."""
    gate = Barrier(len(writers))

    def start(writer: Callable[[], T]) -> T:
        gate.wait()
        return writer()

    with ThreadPoolExecutor(len(writers)) as threads:
        return list(threads.map(start, writers))


def wait_until_blocked(engine: Engine) -> None:
    """Return when some connection waits for a lock."""
    waits = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    with engine.connect() as connection:
        for _ in range(MOST_LOOKS):
            if connection.scalar(text(waits)):
                return
            connection.execute(text("SELECT pg_stat_clear_snapshot(), pg_sleep_for('10 milliseconds')"))
    pytest.fail("nobody waits")
