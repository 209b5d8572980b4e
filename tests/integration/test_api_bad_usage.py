"""What comes through the route: CloudEvents are read, a bad event is told by its index, the rest counts."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import date
from typing import Any

import msgspec
import pytest
from httpx2 import Response
from sqlalchemy import Engine
from starlette.types import Message
from starlette.types import Scope as Exchange

from api.raw_body import CLOUD_EVENT, CLOUD_EVENTS, LARGEST_BODY_BYTES
from db.api_keys import Scope
from metering.event_reading import EVENT_BYTES
from tests.integration.api_portal import Portal, bearing, open_portal, sms, stored_ids

pytestmark = [pytest.mark.integration, pytest.mark.e2e]

PATH = "/v1/usage-events"
FIRST, LAST = msgspec.json.encode(sms("first")), msgspec.json.encode(sms("last"))


@pytest.fixture(name="portal")
def _portal(engine: Engine) -> Iterator[Portal]:
    """A portal on 1 March 2026."""
    with open_portal(engine, today=date(2026, 3, 1)) as portal:
        yield portal


def cloud(event_id: str, **attributes: object) -> dict[str, object]:
    """Return a text of one segment as a CloudEvent."""
    event = {
        "specversion": "1.0",
        "id": event_id,
        "source": "https://gateway.example.com",
        "type": "com.example.usage.sms",
        "subject": "flores-del-norte",
        "time": "2026-02-10T15:00:00Z",
        "data": {"direction": "outbound", "text": "hola"},
    }
    return event | attributes


def send(portal: Portal, kind: str, body: object) -> Response:
    """Send a body of a kind."""
    headers = portal.bearer | {"Content-Type": kind}
    return portal.client.post(PATH, content=msgspec.json.encode(body), headers=headers)


def problems(answer: Response) -> list[tuple[int, str, str]]:
    """Return index, code and field of each problem."""
    return [(each["index"], each["code"], each["field"]) for each in answer.json()["problems"]]


def test_one_cloud_event(portal: Portal) -> None:
    """It is counted once, in whichever shape it comes again."""
    answers = [
        send(portal, CLOUD_EVENT + "; charset=utf-8", cloud("a")),
        send(portal, CLOUD_EVENT, cloud("a", dataschema="anything")),
        portal.report([sms("a", source="https://gateway.example.com")]),
    ]

    assert [(1, 0), (0, 1), (0, 1)] == [(each.json()["accepted"], each.json()["known"]) for each in answers]


def test_a_batch_of_cloud_events(portal: Portal) -> None:
    """A bad one is told by its index, and the attribute that it is about."""
    batch = [
        cloud("a"),
        cloud("b", time="2026-02-10T15:00:00"),
        cloud("c", type="com.example.fax"),
        cloud("d"),
    ]
    answer = send(portal, CLOUD_EVENTS, batch)

    assert [(1, "invalid_event", "time"), (2, "unknown_meter", "meter")] == problems(answer)
    assert ["a", "d"] == stored_ids(portal)


def test_both_shapes_in_one_batch(portal: Portal) -> None:
    """The house's own batch may hold CloudEvents beside its own events."""
    assert 2 == portal.report([sms("a"), cloud("b")]).json()["accepted"]


def test_the_same_id_of_two_sources_is_two_events(portal: Portal) -> None:
    """A source is part of what an event is known by, and is not joined with its id."""
    pairs = [("a", "bc"), ("ab", "c"), ("abc", ""), ("a", "b c")]
    events: list[dict[str, Any]] = [sms(event_id or "x", source=source) for source, event_id in pairs]

    assert 4 == portal.report(events).json()["accepted"]


@pytest.mark.parametrize(("kind", "body"), [(CLOUD_EVENTS, cloud("a")), (CLOUD_EVENTS, {"events": []})])
def test_a_body_of_another_kind_is_refused(portal: Portal, kind: str, body: object) -> None:
    """A batch is a list."""
    answer = send(portal, kind, body)

    assert (400, "invalid_request") == (answer.status_code, answer.json()["code"])


def bad(**fields: object) -> bytes:
    """Return an event of seats that is wrong in some way."""
    event = {
        "id": "bad",
        "account": "libreria-meridiano",
        "meter": "seats",
        "occurred_at": "2026-02-10T15:00:00Z",
    }
    return msgspec.json.encode(event | fields)


@pytest.mark.parametrize(
    ("raw", "code", "field"),
    [
        (bad(quantity=0).replace(b'"quantity":0', b'"quantity":NaN'), "invalid_event", "quantity"),
        (bad(quantity="NaN"), "invalid_event", "quantity"),
        (bad(quantity=0).replace(b'"quantity":0', b'"quantity":-Infinity'), "invalid_event", "quantity"),
        (bad(quantity=0).replace(b'"quantity":0', b'"quantity":1e400'), "invalid_event", "quantity"),
        (bad(quantity=-1), "invalid_event", "quantity"),
        (bad(occurred_at="2026-02-10T15:00:00"), "invalid_event", "occurred_at"),
        (bad(meter="fax"), "unknown_meter", "meter"),
        (
            bad(
                account="flores-del-norte",
                meter="whatsapp_conversations",
                direction="inbound",
                contact="1",
                dimensions={"country": "ZZ"},
            ),
            "unknown_dimension",
            "dimensions.country",
        ),
        (bad(contact="\xff").replace("\xff".encode(), b"\xff"), "invalid_event", ""),
        (bad(text="x" * 2 * 1024 * 1024), "too_large", ""),
        (bad(occurred_at="2026-03-02T15:00:00Z", quantity=1), "event_in_future", "occurred_at"),
        (bad(occurred_at="2026-01-01T15:00:00Z", quantity=1), "event_too_old", "occurred_at"),
        (bad(quantity=1, corrects="none"), "invalid_correction", "corrects"),
    ],
    ids=[
        "NaN",
        "NaN as text",
        "infinity",
        "1e400",
        "negative",
        "naive",
        "meter",
        "dimension",
        "no UTF-8",
        "2 MB",
        "future",
        "past",
        "correction",
    ],
)
def test_a_bad_event_has_its_code_and_index(portal: Portal, raw: bytes, code: str, field: str) -> None:
    """The events before it and after it are counted."""
    answer = portal.send(b'{"events": [%s, %s, %s]}' % (FIRST, raw, LAST))

    assert (200, [(1, code, field)]) == (answer.status_code, problems(answer))
    assert ["first", "last"] == stored_ids(portal)


def test_the_largest_event(portal: Portal) -> None:
    """An event of 256 KiB is read, and told what is wrong with it; one byte more is too large."""
    padded = [b" " * (EVENT_BYTES - len(FIRST) + more) for more in (0, 1)]
    events = [FIRST[:-1] + each + b"}" for each in padded]
    answer = portal.send(b'{"events": [%s]}' % b",".join(events))

    assert (1, [(1, "too_large", "")]) == (answer.json()["accepted"], problems(answer))


def test_ten_million_rows_are_too_many(portal: Portal) -> None:
    """Of 30 MB the server takes 4 MiB, whoever goes on sending, and answers; nothing is counted."""
    rows = b"{}," * 10_000
    taken: list[bytes] = []
    said: list[Message] = []

    async def receive() -> Message:
        taken.append(rows if taken else b'{"events": [%s,' % FIRST)
        return {"type": "http.request", "body": taken[-1], "more_body": len(taken) <= 1_000}

    async def send(message: Message) -> None:
        said.append(dict(message))

    async def exchange() -> None:
        await portal.client.app(post(portal), receive, send)

    asyncio.run(exchange())

    assert (413, "too_large") == (said[0]["status"], msgspec.json.decode(said[1]["body"])["code"])
    assert LARGEST_BODY_BYTES < len(b"".join(taken)) <= LARGEST_BODY_BYTES + len(rows)
    assert [] == stored_ids(portal)


def post(portal: Portal) -> Exchange:
    """Return a request whose body a server has not read yet, and whose length nobody tells."""
    headers = portal.bearer | {"Content-Type": "application/json"}
    return {
        "type": "http",
        "method": "POST",
        "path": PATH,
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
    }


def test_a_backfill_needs_a_scope_of_its_own(portal: Portal) -> None:
    """A key that may report usage may not fill in the past, unless it says so."""
    both = portal.new_key(Scope.USAGE_WRITE, Scope.USAGE_BACKFILL)
    body = {"events": [sms("old", occurred_at="2026-01-05T15:00:00Z")]}

    def ask(key: str, path: str) -> Response:
        return portal.client.post(path, json=body, headers=bearing(key) | {"Idempotency-Key": "k"})

    plain = portal.new_key(Scope.USAGE_WRITE)
    refused, denied = ask(plain, PATH), ask(plain, f"{PATH}?backfill=true")
    held, filled = ask(both, PATH), ask(both, f"{PATH}?backfill=true")

    assert [(0, "event_too_old", "occurred_at")] == problems(refused) == problems(held)
    assert (403, "denied", "usage:backfill") == (
        denied.status_code,
        denied.json()["code"],
        denied.json()["expected"],
    )
    assert (422, "idempotency_conflict") == (filled.status_code, filled.json()["code"])
