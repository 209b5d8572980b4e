"""The stage of every benchmark: ``--size``, and a migrated database of its own that is removed at the end."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from sqlalchemy import Engine

from db.embedded import temporary_server
from db.engine import engine_of
from db.migrate import upgrade


def run(measure: Callable[[Engine, int], None], *, counts: str, of: str, default_size: int) -> None:
    """Read the size and measure; ``counts`` says what is counted, ``of`` what the size is of."""
    parser = argparse.ArgumentParser(description=counts)
    parser.add_argument("--size", type=int, default=default_size, help=of)
    size = parser.parse_args().size
    with temporary_server() as server:
        engine = engine_of(server)
        upgrade(engine)
        measure(engine, size)
        engine.dispose()
