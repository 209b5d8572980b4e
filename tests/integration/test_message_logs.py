"""A log of messages, shuffled by any seed and in any batches, holds as many conversations as in order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import count
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from contracts.meters import OpenedBy
from db.unit_of_work import unit_of_work
from kernel.periods import Period
from metering.import_file import import_usage
from metering.measure import Want, measure
from metering.messages import MessageReader, account_of
from tests.integration.message_log import (
    PUBLISHED,
    PUBLISHED_CONVERSATIONS,
    PUBLISHED_MESSAGES,
    VARIABLE,
    Row,
    conversations,
    invented,
    published,
    write,
)
from tests.integration.metering_book import save_book, sign
from tests.unit.metering.book import CLOCK, METERS, SAO_PAULO, ids, subscription

pytestmark = pytest.mark.integration

#: The meters of conversations by who opens them.
METER_OF = {OpenedBy.EITHER: "whatsapp", OpenedBy.INBOUND: "instagram", OpenedBy.OUTBOUND: "bots"}

#: Before and after all messages; the published ones begin in August 2016.
ALL_DAYS = Period(date(2016, 1, 1), date(2018, 1, 1))

SEEDS = st.integers(0, 2**32)
BATCHES = st.sampled_from([100, 1_000, 10_000])

_copies = count(1)


@pytest.fixture(name="book", scope="module")
def _book(module_engine: Engine) -> Engine:
    """One database for all seeds: each has businesses of its own."""
    save_book(module_engine)
    return module_engine


@pytest.fixture(name="folder", scope="module")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("logs")


def counted(book: Engine, rows: Sequence[Row], path: Path, *, batch: int) -> dict[OpenedBy, int]:
    """Import a log once for each who may open a conversation, as accounts of its own, and count them."""
    copy = next(_copies)
    log = write([row._replace(business=f"{row.business} {copy}") for row in rows], path)
    codes = sorted({account_of(f"{row.business} {copy}") for row in rows})
    sign(book, *(subscription(code, starts_on=ALL_DAYS.start) for code in codes))
    for meter in METER_OF.values():
        reader = MessageReader(meter=meter, source=meter)
        report = import_usage(book, log, clock=CLOCK, reader=reader, batch_events=batch, backfill=True)
        assert (len(rows), ()) == (report.accepted, report.problems)
    return {opened_by: measured(book, codes, meter) for opened_by, meter in METER_OF.items()}


def measured(book: Engine, codes: Sequence[str], meter: str) -> int:
    """Return what accounts used of a meter, together."""
    wants = [Want(*ids(code), meter, "", ALL_DAYS, METERS[meter], SAO_PAULO.time_zone) for code in codes]
    with unit_of_work(book) as connection:
        return int(sum(measure(connection, wants).values()))


@settings(max_examples=10, deadline=None)
@given(seed=SEEDS, batch=BATCHES)
def test_a_shuffled_log_has_as_many_conversations(book: Engine, folder: Path, seed: int, batch: int) -> None:
    """The three counts are those made by hand."""
    rows = invented()
    Random(seed).shuffle(rows)  # noqa: S311 the same for the same seed

    found = counted(book, rows, folder / "invented.csv", batch=batch)

    assert {opened_by: conversations(rows, opened_by) for opened_by in OpenedBy} == found


@pytest.mark.skipif(not PUBLISHED, reason=f"{VARIABLE} names no file of messages")
@settings(max_examples=5, deadline=None)
@given(seed=SEEDS, batch=BATCHES)
def test_the_published_log_has_the_known_counts(book: Engine, folder: Path, seed: int, batch: int) -> None:
    """2,869 messages are 1,129 conversations if either side opens, 848 if inbound, 1,089 if outbound."""
    rows = published()
    Random(seed).shuffle(rows)  # noqa: S311 the same for the same seed

    found = counted(book, rows, folder / "published.csv", batch=batch)

    assert (PUBLISHED_MESSAGES, PUBLISHED_CONVERSATIONS) == (len(rows), found)
