"""A portal that calls the API over the small book: the world of the API's tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import msgspec
from httpx2 import Response
from sqlalchemy import Engine, select
from starlette.testclient import TestClient

from api.app import create_app
from contracts.load import load_book
from db.api_keys import Scope, create_key
from db.unit_of_work import reading, unit_of_work
from invoicing import bill
from kernel.clock import FixedClock
from metering.tables import usage_events
from runtime.workplace import Workplace

BOOK = Path(__file__).parents[1] / "books" / "small"

#: Noon in Mexico City and in São Paulo is the same day as UTC's evening.
EVENING = time(18)

Events = Sequence[Mapping[str, object]]


def at(day: date) -> FixedClock:
    """Return a clock that stands in the evening of a day."""
    return FixedClock(datetime.combine(day, EVENING, tzinfo=UTC))


def sms(event_id: str, **fields: object) -> dict[str, object]:
    """Return a text of one segment that a customer in Mexico sent on 10 February 2026."""
    event = {
        "id": event_id,
        "account": "flores-del-norte",
        "meter": "sms",
        "occurred_at": "2026-02-10T15:00:00Z",
        "direction": "outbound",
        "text": "hola",
    }
    return event | fields


@dataclass(frozen=True, slots=True)
class Portal:
    """A caller of the API with a key, and the engine beneath for what other people do."""

    engine: Engine
    client: TestClient
    key: str

    @property
    def bearer(self) -> dict[str, str]:
        """The header that bears the key."""
        return bearing(self.key)

    def get(self, path: str, **query: object) -> Response:
        """Ask for something with the key."""
        given = {name: str(value) for name, value in query.items() if value is not None}
        return self.client.get(path, params=given, headers=self.bearer)

    def read(self, path: str, **query: object) -> Any:  # noqa: ANN401 a JSON document
        """Ask for something that is there, and return its body with every number as it stands."""
        answer = self.get(path, **query)
        assert 200 == answer.status_code, answer.text
        return msgspec.json.decode(answer.content)

    def report(self, events: Events, *, key: str | None = None, bearer: str | None = None) -> Response:
        """Report usage, with an idempotency key if there is one, and as another caller if there is one."""
        return self.send(msgspec.json.encode({"events": events}), key=key, bearer=bearer)

    def send(self, body: bytes, *, key: str | None = None, bearer: str | None = None) -> Response:
        """Send a body as usage."""
        headers = bearing(bearer or self.key) | {"Content-Type": "application/json"}
        if key is not None:
            headers["Idempotency-Key"] = key
        return self.client.post("/v1/usage-events", content=body, headers=headers)

    def bill(self, day: date) -> bill.RunReport:
        """Run the invoices of a day."""
        return bill.run(self.engine, as_of=day, clock=at(day))

    def new_key(self, *scopes: Scope) -> str:
        """Make another key."""
        with unit_of_work(self.engine) as connection:
            return create_key(connection, "another", scopes, at=at(date(2026, 1, 1)).now())


def bearing(key: str) -> dict[str, str]:
    """Return the header that bears a key."""
    return {"Authorization": f"Bearer {key}"}


@contextmanager
def open_portal(engine: Engine, *, today: date, book: Path | None = BOOK) -> Iterator[Portal]:
    """Load a book and yield a portal whose key allows everything, on a day."""
    if book is not None:
        assert () == load_book(engine, book, clock=at(date(2026, 1, 1))).problems
    with unit_of_work(engine) as connection:
        key = create_key(connection, "portal", list(Scope), at=at(date(2026, 1, 1)).now())
    with TestClient(create_app(Workplace(engine, at(today)))) as client:
        yield Portal(engine, client, key)


def stored_ids(portal: Portal) -> list[str]:
    """Return the ids of the events that are counted."""
    with reading(portal.engine) as connection:
        return sorted(connection.execute(select(usage_events.c.event_id)).scalars())
