"""What every exchange bears: a request's id, and headers that keep answers private."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import create_engine
from starlette.testclient import TestClient
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from api.app import create_app
from kernel.clock import SystemClock
from runtime.workplace import Workplace

ID = "X-Request-Id"


@pytest.fixture(name="client")
def _client() -> TestClient:
    """A caller of an application without a database."""
    return TestClient(create_app(Workplace(create_engine("postgresql+psycopg://"), SystemClock())))


@pytest.mark.parametrize("given", ["a", "portal-7f/3", "x" * 128])
def test_a_callers_id_comes_back(client: TestClient, given: str) -> None:
    """Who numbers its requests finds its own numbers, in the answer and in the log."""
    with capture_logs(processors=[merge_contextvars]) as lines:
        answer = client.get("/nothing", headers={ID: given})

    assert given == answer.headers[ID]
    assert [given] == [line["request_id"] for line in lines]


@pytest.mark.parametrize("given", [None, "", "x" * 129, "two words", "a\tb"])
def test_a_request_without_an_id_gets_one(client: TestClient, given: str | None) -> None:
    """What is no id is not repeated: the answer bears a new one, which sorts by time."""
    answers = [client.get("/nothing", headers={} if given is None else {ID: given}) for _ in range(2)]
    first, second = (UUID(answer.headers[ID]) for answer in answers)

    assert (7, 7) == (first.version, second.version)
    assert first < second


@pytest.mark.parametrize("path", ["/nothing", "/docs", "/openapi.json", "/v1/invoices"])
def test_answers_are_private(client: TestClient, path: str) -> None:
    """No cache keeps one, no browser guesses its type, no other site is told or may ask."""
    answer = client.get(path, headers={"Origin": "https://elsewhere.example"})

    assert ("no-store", "nosniff", "no-referrer") == (
        answer.headers["Cache-Control"],
        answer.headers["X-Content-Type-Options"],
        answer.headers["Referrer-Policy"],
    )
    assert [] == [name for name in answer.headers if name.startswith("access-control")]
