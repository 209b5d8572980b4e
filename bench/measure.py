"""Quantities as the invoice run asks for them: one subscription's month, and the month of all in one call.

``python -m bench.measure --stored 10000000 --accounts 100000`` starts a database of its own in a temporary
folder and removes it.  The limit is a bare reading of the same sums, without a question for each.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import partial
from typing import Final

from sqlalchemy import Connection, Engine, select, text

from bench.ingest import fill, timed
from bench.report import figures, per_second, show
from bench.stage import Sizes, run_over
from bench.usage_book import METERS, save_book
from contracts.tables import subscriptions
from db.unit_of_work import reading
from kernel.periods import Period
from metering.measure import Want, measure

SIZES: Final = Sizes(size=500, stored=1_000_000, accounts=100_000)
SEPTEMBER: Final = Period(date(2026, 9, 1), date(2026, 10, 1))
NANOSECONDS_IN_MICROSECOND: Final = 1_000
_BARE: Final = text(
    "SELECT subscription_id, sum(quantity) FROM usage_daily GROUP BY account_id, subscription_id"
)
_SUM: Final = text("SELECT sum(quantity) FROM usage_daily WHERE day BETWEEN '2026-09-01' AND '2026-09-30'")


def wants_of(connection: Connection) -> list[Want]:
    """Return the question for the month of every subscription's documents."""
    rows = connection.execute(select(subscriptions.c.account_id, subscriptions.c.subscription_id))
    meter = METERS["documents"]
    return [Want(*row, "documents", "", SEPTEMBER, meter, "America/Sao_Paulo") for row in rows]


def measure_all(engine: Engine, sizes: Sizes) -> None:
    """Ask for single months, then for all at once, and show the figures."""
    save_book(engine, sizes.accounts)
    fill(engine, sizes.stored)
    with reading(engine) as connection:
        wants = wants_of(connection)
        single = sorted(timed(partial(measure, connection, [want])) for want in wants[: sizes.size])
        all_ns = timed(partial(measure, connection, wants))
        bare_ns = timed(partial(_read_bare, connection))
        total = sum(measure(connection, wants).values(), Decimal(0))
        stored = connection.execute(_SUM).scalar_one()
    if total != stored:
        message = f"the quantities come to {total}, the days to {stored}"
        raise SystemExit(message)
    found = figures(
        "measure", len(wants), rate=per_second(len(wants), all_ns), limit=per_second(len(wants), bare_ns)
    )
    show(
        found,
        unit="subscriptions",
        rows=(
            ("events stored", f"{sizes.stored:,}"),
            ("one month, median", _told(single[len(single) // 2])),
            ("one month, 99 of 100", _told(single[len(single) * 99 // 100])),
            ("all in one call", _told(all_ns)),
        ),
    )


def _read_bare(connection: Connection) -> None:
    connection.execute(_BARE).all()


def _told(nanoseconds: int) -> str:
    return f"{nanoseconds // NANOSECONDS_IN_MICROSECOND:,} µs"


if __name__ == "__main__":
    run_over(measure_all, counts="subscriptions measured a second", sizes=SIZES)
