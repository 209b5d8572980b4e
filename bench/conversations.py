"""Conversations kept exactly as messages arrive: messages a second, against a bare COPY of the same rows.

``python -m bench.conversations --size 100000`` starts a database of its own in a temporary folder and removes
it.  An acknowledged message is committed, in its 24-hour window, and in the sums by day; a late one moves the
windows that open after it.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import CreateTableAs, Engine, false, select

from bench.ingest import BARE, Row, declare, fill, in_batches, measured
from bench.report import show_all
from bench.stage import Sizes, run_over
from bench.usage_book import messages, save_book
from db.unit_of_work import unit_of_work
from metering.meter_book import MeterBook
from metering.tables import usage_events

SIZES: Final = Sizes(size=100_000, stored=1_000_000, accounts=1_000)
LATE_PERCENTS: Final = (0, 5, 50)


def measure(engine: Engine, sizes: Sizes) -> None:
    """Ingest messages of which more and more come late, and show the figures."""
    save_book(engine, sizes.accounts)
    declare(engine, sizes)
    fill(engine, sizes.stored)
    with unit_of_work(engine) as connection:
        connection.execute(CreateTableAs(select(usage_events).where(false()), BARE))
    book = MeterBook()
    found = []
    for late in LATE_PERCENTS:
        sent = messages(sizes.size, sizes.accounts, f"late-{late}", late_percent=late)
        found.append(measured(engine, Row(f"{late} % late", in_batches(sent)), book))
    show_all(found, title=f"conversations, {50 * sizes.accounts:,} contacts")


if __name__ == "__main__":
    run_over(measure, counts="messages a second, each in its conversation", sizes=SIZES)
