"""The quarantine: listed by account and code, tried again once it is mended, discarded by somebody."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace
from sqlalchemy import Engine, select

from db.unit_of_work import unit_of_work
from kernel.errors import InvalidInput, NotFound
from metering import retry as retry_module
from metering.events import UsageEvent
from metering.import_file import import_usage
from metering.quarantine import Quarantined, RetryReport, Wanted
from metering.retry import discard, retry
from metering.store_quarantine import quarantined, set_aside
from metering.tables import usage_events
from tests.integration.metering_book import feed, measured, save_book, sign
from tests.unit.metering.book import CLOCK, at, subscription, used

pytestmark = pytest.mark.integration

INSTANT = at("2026-03-10T12:00:00Z")
#: Further back than any terms allow.
LONG_AGO = INSTANT - timedelta(days=4_000)
EVERYTHING = Wanted()


def waiting(engine: Engine, wanted: Wanted = EVERYTHING, *, discarded: bool = False) -> list[Quarantined]:
    """Return what is in quarantine, by event."""
    with unit_of_work(engine) as connection:
        found = quarantined(connection, wanted, discarded=discarded)
    return sorted(found, key=lambda each: each.event_id)


def globex(number: int | str, **fields: object) -> UsageEvent:
    """Return an event of an account that is not in the book yet."""
    return replace(used(number, INSTANT, 1), account="globex", **fields)


def test_it_is_listed_by_account_and_code(engine: Engine) -> None:
    """Both narrow the list, alone and together."""
    save_book(engine, subscription())
    feed(engine, [globex("a"), used("b", INSTANT, 1, meter="fax"), used("c", INSTANT, -1)])

    found = [
        [each.event_id for each in waiting(engine, wanted)]
        for wanted in (
            EVERYTHING,
            Wanted(account="acme"),
            Wanted(code="unknown_account"),
            Wanted(account="acme", code="unknown_meter"),
            Wanted(account="globex", code="unknown_meter"),
        )
    ]

    assert [["a", "b", "c"], ["b", "c"], ["a"], ["b"], []] == found


def test_what_is_mended_is_counted(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once the account is in the book, its events count, in batches; what is wrong otherwise stays."""
    monkeypatch.setattr(retry_module, "RETRY_EVENTS", 2)
    save_book(engine, subscription())
    feed(engine, [globex(number) for number in range(5)] + [used("x", INSTANT, 1, meter="fax")])
    before = [(each.entry_id, each.received_at) for each in waiting(engine, Wanted(account="acme"))]
    sign(engine, subscription("globex"))

    report = retry(engine, EVERYTHING, clock=CLOCK)

    assert RetryReport(accepted=5, waiting=1) == report
    assert before == [(each.entry_id, each.received_at) for each in waiting(engine)]
    assert RetryReport(waiting=1) == retry(engine, EVERYTHING, clock=CLOCK)


def test_only_what_is_asked_for_is_tried(engine: Engine) -> None:
    """Another account's events, and those of another code, are left alone."""
    save_book(engine, subscription())
    feed(engine, [globex("a"), globex("b", meter="fax")])
    sign(engine, subscription("globex"))

    assert RetryReport() == retry(engine, Wanted(account="acme"), clock=CLOCK)
    assert RetryReport(accepted=1, waiting=1) == retry(engine, Wanted(code="unknown_account"), clock=CLOCK)
    assert ["unknown_meter"] == [each.problem.code for each in waiting(engine)]


def test_an_event_that_was_counted_meanwhile_is_known(engine: Engine) -> None:
    """The same event from another line of a file waits no longer once it is tried."""
    save_book(engine, subscription())
    feed(engine, [globex("a")])
    sign(engine, subscription("globex"))
    (entry,) = waiting(engine)
    feed(engine, [globex("a")])
    with unit_of_work(engine) as connection:
        set_aside(connection, [entry])

    assert RetryReport(known=1) == retry(engine, EVERYTHING, clock=CLOCK)
    assert [] == waiting(engine)


def test_what_has_a_text_has_to_be_sent_again(engine: Engine) -> None:
    """The text is not kept, so the event cannot be counted as it is kept; nothing is made up."""
    save_book(engine, subscription())
    feed(engine, [globex("a", meter="sms", text="geheim", quantity=None)])
    sign(engine, subscription("globex"))

    report = retry(engine, EVERYTHING, clock=CLOCK)

    assert RetryReport(lost=1) == report
    assert "1 event not kept whole" in report.lines()[1]
    assert [("a", False)] == [(each.event_id, each.whole) for each in waiting(engine)]


def test_a_file_is_tried_again_under_its_lines(engine: Engine, tmp_path: Path) -> None:
    """Place and batch of what stays are those of the file; an event with every dimension is kept whole."""
    save_book(engine, subscription())
    big = globex("big", dimensions={f"d{number}": "ü" * 200 for number in range(16)})
    path = tmp_path / "u.ndjson"
    lines = [big, globex("a"), used("x", INSTANT, 1, meter="fax")]
    path.write_bytes(b"\n".join(map(msgspec.json.encode, lines)))
    import_usage(engine, path, clock=CLOCK)
    sign(engine, subscription("globex"))
    before = [(each.problem.place, each.batch) for each in waiting(engine, Wanted(account="acme"))]

    assert RetryReport(accepted=2, waiting=1) == retry(engine, EVERYTHING, clock=CLOCK)
    assert before == [(each.problem.place, each.batch) for each in waiting(engine)]
    assert "u.ndjson:3" == before[0][0]


def test_what_is_discarded_is_kept_with_who_and_why(engine: Engine) -> None:
    """It waits no longer, is not tried again, and stays discarded when it comes again."""
    save_book(engine, subscription())
    feed(engine, [globex("a")])
    (entry,) = waiting(engine)

    discard(engine, entry.entry_id, by="ana", why="a test of theirs", clock=CLOCK)
    feed(engine, [globex("a")])

    assert [] == waiting(engine)
    (kept,) = waiting(engine, discarded=True)
    assert kept.discarded is not None
    assert ("ana", "a test of theirs", CLOCK.now()) == (
        kept.discarded.by,
        kept.discarded.why,
        kept.discarded.at,
    )
    assert RetryReport() == retry(engine, EVERYTHING, clock=CLOCK)
    with pytest.raises(NotFound):
        discard(engine, entry.entry_id, by="ana", why="again", clock=CLOCK)


@pytest.mark.parametrize(
    ("entry_id", "by", "why", "field"),
    [
        ("x", "ana", "why", "id"),
        ("ab", "ana", "why", "id"),
        ("0" * 32, " ", "why", "by"),
        ("0" * 32, "a", "", "why"),
    ],
)
def test_a_discard_needs_an_id_a_name_and_a_reason(
    engine: Engine, entry_id: str, by: str, why: str, field: str
) -> None:
    """Nothing is discarded by nobody or for nothing."""
    with pytest.raises(InvalidInput) as caught:
        discard(engine, entry_id, by=by, why=why, clock=CLOCK)

    assert field == caught.value.field


def test_what_is_too_old_waits_for_a_backfill(engine: Engine, tmp_path: Path) -> None:
    """An import and a retry refuse it; a backfill counts it, and from then on it is known at any age."""
    save_book(engine, subscription(starts_on=date(2015, 1, 1)))
    path = tmp_path / "u.ndjson"
    path.write_bytes(msgspec.json.encode(used("old", LONG_AGO, 4)))

    refused = import_usage(engine, path, clock=CLOCK)
    again = retry(engine, EVERYTHING, clock=CLOCK)
    filled = retry(engine, Wanted(code="event_too_old"), clock=CLOCK, backfill=True)
    known = import_usage(engine, path, clock=CLOCK)

    assert (["event_too_old"], RetryReport(waiting=1)) == ([each.code for each in refused.problems], again)
    assert (RetryReport(accepted=1), (1, 0)) == (filled, (known.known, known.quarantined))
    assert Decimal(4) == measured(engine, "documents", date(2015, 1, 1), date(2016, 1, 1))


def test_an_import_may_fill_in(engine: Engine, tmp_path: Path) -> None:
    """Twelve years ago is beyond any terms; a backfill takes it where a contract was in force."""
    save_book(engine, subscription(starts_on=date(2015, 1, 1)))
    path = tmp_path / "u.ndjson"
    path.write_bytes(msgspec.json.encode(used("old", LONG_AGO, 4)))

    reports = [import_usage(engine, path, clock=CLOCK, backfill=backfill) for backfill in (False, True)]

    assert [(0, 1), (1, 0)] == [(each.accepted, each.quarantined) for each in reports]
    assert "This file was imported before, on 2026-12-31" in reports[1].lines()[0]
    with unit_of_work(engine) as connection:
        assert ["old"] == list(connection.execute(select(usage_events.c.event_id)).scalars())
