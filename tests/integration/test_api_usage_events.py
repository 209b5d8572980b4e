"""Usage through the API: counted once, kept apart when it is wrong, no more than one request may bear."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from api.app import create_app
from api.raw_body import LARGEST_BODY_BYTES
from api.usage_events import LARGEST_BATCH_EVENTS
from db.unit_of_work import reading
from kernel.clock import FixedClock
from metering.store_quarantine import quarantined
from runtime.workplace import Workplace
from tests.integration.api_portal import Portal, bearing, open_portal, sms, stored_ids

pytestmark = [pytest.mark.integration, pytest.mark.e2e]

PATH = "/v1/usage-events"
CASES = {
    case["id"]: case
    for case in json.loads(
        (Path(__file__).parents[1] / "golden" / "cases" / "tiers-aging-fees-api.json").read_text()
    )
}


@pytest.fixture(name="portal")
def _portal(engine: Engine) -> Iterator[Portal]:
    """A portal on 1 March 2026."""
    with open_portal(engine, today=date(2026, 3, 1)) as portal:
        yield portal


def test_an_event_is_counted_once(portal: Portal) -> None:
    """A batch that comes again, or holds an event twice, adds nothing and says so."""
    first = portal.report([sms("a"), sms("b"), sms("a")])
    second = portal.report([sms("b"), sms("c")])

    assert {"accepted": 2, "known": 1, "problems": []} == first.json()
    assert {"accepted": 1, "known": 1, "problems": []} == second.json()
    assert ["a", "b", "c"] == stored_ids(portal)


def test_a_bad_event_spoils_no_other(portal: Portal) -> None:
    """What is misshapen, unknown or no event at all comes back by its index, and the rest is counted."""
    bad: list[dict[str, object]] = [
        sms("b", meter="fax"),
        {"id": 7},
        sms("d", occurred_at="2026-02-10 15:00"),
        sms("e", account="who"),
    ]
    answer = portal.report([sms("a"), *bad, sms("f")])

    assert 200 == answer.status_code
    assert (2, 0) == (answer.json()["accepted"], answer.json()["known"])
    assert [
        (1, "unknown_meter", "meter", "fax"),
        (2, "invalid_event", "id", "7"),
        (3, "invalid_event", "occurred_at", "2026-02-10 15:00"),
        (4, "unknown_account", "account", "who"),
    ] == [(each["index"], each["code"], each["field"], each["value"]) for each in answer.json()["problems"]]
    assert ["a", "f"] == stored_ids(portal)


def test_a_bad_event_waits_in_quarantine_until_it_is_mended(portal: Portal) -> None:
    """It is kept under the request's id, without the text of the message, and leaves once it is counted."""
    refused = portal.report([sms("a", meter="fax", text="secret")])
    with reading(portal.engine) as connection:
        (waiting,) = quarantined(connection)
    mended = portal.report([sms("a")])
    with reading(portal.engine) as connection:
        left = quarantined(connection)

    assert ("a", "unknown_meter", refused.headers["X-Request-Id"]) == (
        waiting.event_id,
        waiting.problem.code,
        waiting.batch,
    )
    assert "secret" not in waiting.raw
    assert (1, ()) == (mended.json()["accepted"], left)


def test_another_body_under_a_known_id_is_a_conflict(portal: Portal) -> None:
    """The first body stays counted; a second one is told to the caller, never silently dropped."""
    portal.report([sms("a", text="one")])
    answer = portal.report([sms("a", text="two")])

    assert ["event_conflict"] == [each["code"] for each in answer.json()["problems"]]


def test_the_window_of_an_event(engine: Engine) -> None:
    """Five minutes ahead of our clock and 35 days behind it are taken, as Stripe takes them; no more."""
    given, expected = CASES["stripe-event-window"]["input"], CASES["stripe-event-window"]["expected"]
    now = datetime.fromisoformat(given["now"]).astimezone(UTC)
    with open_portal(engine, today=now.date()) as portal:
        noon = TestClient(create_app(Workplace(engine, FixedClock(now))))
        events = [sms(instant, occurred_at=instant) for instant in given["timestamps"]]
        answer = noon.post(PATH, json={"events": events}, headers=portal.bearer)

    refused = {each["index"]: each["code"] for each in answer.json()["problems"]}
    assert expected["accepted"] == [index not in refused for index in range(len(events))]
    assert {1: "event_too_old", 3: "event_in_future"} == refused


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "Input data was truncated"),
        (b"events", "JSON is malformed"),
        (b"[]", "Expected `object`"),
        (b"{}", "missing required field `events`"),
        (b'{"events": {}}', "Expected `array`"),
        (b'{"events": [], "event": []}', "unknown field `event`"),
        (b'{"events": [{"id": }]}', "JSON is malformed"),
        (b'{"events": [{"id": "1"}, {"id": "2", "acc', "Input data was truncated"),
        (b'{"events": [' + b"[" * 50_000 + b"]" * 50_000 + b"]}", "recursion"),
    ],
    ids=[
        "nothing",
        "no JSON",
        "a list",
        "no events",
        "no list",
        "a slip",
        "broken inside",
        "cut off",
        "a well",
    ],
)
def test_a_body_that_is_no_batch_is_refused(portal: Portal, body: bytes, told: str) -> None:
    """It is refused whole, with what is wrong about it."""
    answer = portal.send(body)

    assert (400, "invalid_request") == (answer.status_code, answer.json()["code"])
    assert told in answer.json()["title"]


@pytest.mark.parametrize(
    "raw", [b'"\xff"', b'{"id": "\xff"}', b'{"id": "\\u0000", "account": "\\u0000"}', b"1e999"]
)
def test_whatever_stands_in_a_batch_is_borne(portal: Portal, raw: bytes) -> None:
    """Broken text, characters that no database holds, numbers beyond measure: problems, not failures."""
    answer = portal.send(b'{"events": [' + raw + b"]}")

    assert (200, ["invalid_event"]) == (
        answer.status_code,
        [each["code"] for each in answer.json()["problems"]],
    )


def test_a_batch_has_a_limit(portal: Portal) -> None:
    """1,000 events are taken, 1,001 are refused whole."""
    events = [sms(f"e-{number}") for number in range(LARGEST_BATCH_EVENTS + 1)]

    assert LARGEST_BATCH_EVENTS == portal.report(events[:-1]).json()["accepted"]
    refused = portal.report(events)
    assert (413, "too_large", "1001") == (
        refused.status_code,
        refused.json()["code"],
        refused.json()["value"],
    )


def test_a_body_has_a_limit(portal: Portal) -> None:
    """A body of 1 MiB is read; one byte more is refused, whether its length is declared or not."""
    body = b'{"events": []}'.ljust(LARGEST_BODY_BYTES)
    headers = portal.bearer | {"Content-Type": "application/json"}
    longer = body + b" "

    assert 200 == portal.send(body).status_code
    for sent in (longer, iter([longer[:100], longer[100:]])):
        refused = portal.client.post(PATH, content=sent, headers=headers)
        assert (413, "too_large") == (refused.status_code, refused.json()["code"])


@pytest.mark.parametrize(
    ("header", "value"),
    [("Content-Type", "text/csv"), ("Content-Type", ""), ("Content-Encoding", "gzip")],
)
def test_only_plain_json_is_read(portal: Portal, header: str, value: str) -> None:
    """Another kind of content is refused by its name, before it is read."""
    headers = portal.bearer | {"Content-Type": "application/json; charset=utf-8", header: value}
    refused = portal.client.post(PATH, content=b"x" * (LARGEST_BODY_BYTES + 1), headers=headers)

    assert (415, "unsupported_content", header) == (
        refused.status_code,
        refused.json()["code"],
        refused.json()["field"],
    )


def test_nobody_fills_the_server_without_a_key(portal: Portal) -> None:
    """Who has no key is refused before the body is looked at."""
    body = b"x" * (LARGEST_BODY_BYTES + 1)

    assert 401 == portal.client.post(PATH, content=body, headers=bearing("clk_no")).status_code
