"""The stage of every benchmark: sizes to choose, and a migrated database of its own, removed at the end."""

from __future__ import annotations

import argparse
from collections.abc import Callable

import msgspec
from sqlalchemy import Engine

from db.embedded import temporary_server
from db.engine import engine_of
from db.migrate import upgrade


class Sizes(msgspec.Struct, frozen=True, kw_only=True):
    """How much a benchmark does, over how much that is stored, of how many accounts; 0 where none asks."""

    size: int
    stored: int = 0
    accounts: int = 0


def run(measure: Callable[[Engine, int], None], *, counts: str, of: str, default_size: int) -> None:
    """Read the size and measure; ``counts`` says what is counted, ``of`` what the size is of."""
    run_over(
        lambda engine, sizes: measure(engine, sizes.size),
        counts=f"{counts}; {of}",
        sizes=Sizes(size=default_size),
    )


def run_over(measure: Callable[[Engine, Sizes], None], *, counts: str, sizes: Sizes) -> None:
    """Read the sizes and measure; ``counts`` says what is counted, ``sizes`` what is done unless told."""
    parser = argparse.ArgumentParser(description=counts)
    for name, default in msgspec.structs.asdict(sizes).items():
        if default:
            parser.add_argument(f"--{name}", type=int, default=default, help=f"{default:,} unless told")
    told = Sizes(**vars(parser.parse_args()))
    with temporary_server() as server:
        engine = engine_of(server)
        upgrade(engine)
        measure(engine, told)
        engine.dispose()
