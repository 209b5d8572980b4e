"""Idempotency keys: the same request is executed once and answered alike, with the statuses of the IETF."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import Engine, func, select, text
from structlog.testing import capture_logs

from contracts.store import lock_subscriptions
from db.api_keys import Scope
from db.tables import idempotency_keys
from db.unit_of_work import reading, unit_of_work
from kernel.ids import account_id_of
from tests.integration.api_portal import Portal, open_portal, sms

pytestmark = [pytest.mark.integration, pytest.mark.e2e]

CASES = {
    case["id"]: case
    for case in json.loads(
        (Path(__file__).parents[1] / "golden" / "cases" / "tiers-aging-fees-api.json").read_text()
    )
}
KEY = "import-2026-02-10"
REPLAYED = "Idempotent-Replayed"
WAITS_FOR_A_LOCK = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
LONGEST_WAIT_SECONDS: Final = 20
LOOKS: Final = 50 * LONGEST_WAIT_SECONDS


@pytest.fixture(name="portal")
def _portal(engine: Engine) -> Iterator[Portal]:
    """A portal on 1 March 2026."""
    with open_portal(engine, today=date(2026, 3, 1)) as portal:
        yield portal


def keys_kept(portal: Portal) -> int:
    """Return how many keys are kept."""
    with reading(portal.engine) as connection:
        return connection.execute(select(func.count()).select_from(idempotency_keys)).scalar_one()


def wait_for_a_waiter(engine: Engine) -> None:
    """Return once somebody waits for a lock."""
    for _ in range(LOOKS):
        with engine.connect() as connection:
            if connection.execute(WAITS_FOR_A_LOCK).scalar_one():
                return
            connection.execute(text("SELECT pg_sleep_for('20 milliseconds')"))
    pytest.fail("nobody waits for a lock")


@contextmanager
def running(portal: Portal, key: str) -> Iterator[None]:
    """Keep a first request with a key waiting for an invoice run, and let it end well."""
    with ThreadPoolExecutor(1) as threads:
        with portal.engine.connect() as run:
            # Whoever would wait for the run after all fails the test instead of stopping it.
            run.execute(text("SET LOCAL idle_in_transaction_session_timeout = '20s'"))
            lock_subscriptions(run, [account_id_of("flores-del-norte")], exclusive=True)
            first = threads.submit(portal.report, [sms("b")], key=key)
            wait_for_a_waiter(portal.engine)
            yield
        assert 1 == first.result(LONGEST_WAIT_SECONDS).json()["accepted"]


def test_the_same_request_is_answered_alike(portal: Portal) -> None:
    """The second answer is the first one, which counted events that were new then, and says that it is."""
    first, second = (portal.report([sms("a"), {"id": 1}], key=KEY) for _ in range(2))

    assert (200, 200, first.content) == (first.status_code, second.status_code, second.content)
    assert (None, "true") == (first.headers.get(REPLAYED), second.headers.get(REPLAYED))
    assert 1 == second.json()["accepted"]


def test_the_statuses_are_those_of_the_draft(portal: Portal) -> None:
    """Another payload is 422, a first request that still runs is 409, a finished one is answered again.

    The draft's 400 is for operations that require a key; ours are idempotent by the ids of the events, so
    that the key is optional, and a request without one is executed.
    """
    statuses = dict(
        zip(
            CASES["idempotency-statuses"]["input"]["cases"],
            CASES["idempotency-statuses"]["expected"]["status"],
            strict=True,
        )
    )
    first = portal.report([sms("a")], key=KEY)
    with running(portal, "running"):
        still_running = portal.report([sms("b")], key="running")

    assert statuses == {
        "key missing where required": 400,
        "same key, other payload": portal.report([sms("c")], key=KEY).status_code,
        "same key, first still running": still_running.status_code,
        "same key, same payload, first finished": "stored response of the first",
    }
    assert "idempotency_in_progress" == still_running.json()["code"]
    assert "application/problem+json" == still_running.headers["Content-Type"]
    assert first.content == portal.report([sms("a")], key=KEY).content
    assert 200 == portal.report([sms("a")]).status_code


def test_a_second_request_does_not_wait_for_the_first(portal: Portal) -> None:
    """It is told at once to come again, and gets the stored answer once the first has ended."""
    with running(portal, KEY):
        early = portal.report([sms("b")], key=KEY)
    late = portal.report([sms("b")], key=KEY)

    assert (409, KEY) == (early.status_code, early.json()["value"])
    assert (200, "true", 1) == (late.status_code, late.headers[REPLAYED], late.json()["accepted"])


def test_a_key_is_its_callers_own(portal: Portal) -> None:
    """Two callers who send the same key do not meet: neither gets the other's answer, nor waits for it."""
    other = portal.new_key(Scope.USAGE_WRITE)
    portal.report([sms("a")], key=KEY)

    answer = portal.report([sms("b")], key=KEY, bearer=other)

    assert (200, None, 1) == (answer.status_code, answer.headers.get(REPLAYED), answer.json()["accepted"])
    assert 2 == keys_kept(portal)


def test_nothing_is_kept_of_a_refused_request(portal: Portal) -> None:
    """A request that could not be read may come again, mended, under its key."""
    refused = portal.send(b'{"events": ', key=KEY)
    kept = keys_kept(portal)
    mended = portal.report([sms("a")], key=KEY)

    assert (400, 0, 200) == (refused.status_code, kept, mended.status_code)


def test_without_a_key_nothing_is_kept(portal: Portal) -> None:
    """The events' own ids make a request without a key safe to repeat: it counts what is new then."""
    portal.report([sms("a")])

    assert (1, 0) == (portal.report([sms("a")]).json()["known"], keys_kept(portal))


@pytest.mark.parametrize("key", ["k", "k" * 255])
def test_a_key_has_1_to_255_characters(portal: Portal, key: str) -> None:
    """The shortest and the longest key are kept whole."""
    assert ["", "true"] == [portal.report([sms("a")], key=key).headers.get(REPLAYED, "") for _ in range(2)]


@pytest.mark.parametrize("key", ["", "k" * 256, "two words", "key\x7f"])
def test_what_is_no_key_is_refused(portal: Portal, key: str) -> None:
    """Empty, too long, with a space, with what cannot be seen: refused, and nothing is executed."""
    answer = portal.report([sms("a")], key=key)

    assert (400, "invalid_request", "header.Idempotency-Key") == (
        answer.status_code,
        answer.json()["code"],
        answer.json()["field"],
    )


def test_a_stopped_first_request_leaves_the_key_free(portal: Portal) -> None:
    """What was never committed was never answered: the same request is executed when it comes again."""
    with capture_logs() as lines, unit_of_work(portal.engine) as connection:
        lock_subscriptions(connection, [account_id_of("flores-del-norte")], exclusive=True)
        with ThreadPoolExecutor(1) as threads:
            first = threads.submit(portal.report, [sms("a")], key=KEY)
            wait_for_a_waiter(portal.engine)
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
                )
            )
            died = first.result(LONGEST_WAIT_SECONDS)
    again = portal.report([sms("a")], key=KEY)

    assert (503, "database_unavailable", "1") == (
        died.status_code,
        died.json()["code"],
        died.headers["Retry-After"],
    )
    assert ["failed", "request"] == [line["event"] for line in lines]
    assert (200, None, 1) == (again.status_code, again.headers.get(REPLAYED), again.json()["accepted"])
