"""Usage over HTTP: events a second in requests of 1,000, one worker, against a bare COPY in 1,000s.

``python -m bench.usage_api --size 50000`` starts a database and a server of its own and removes them.  What
is answered is committed.  Two clients send, as a gateway with two connections does.
"""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from itertools import islice
from typing import Final

import msgspec
from sqlalchemy import CreateTableAs, Engine, false, select

from bench.ingest import BARE, bare_rows, copy_all, declare, fill, timed
from bench.report import figures, per_second, show
from bench.stage import Sizes, run_over
from bench.usage_book import CLOCK, documents, save_book
from db.api_keys import Scope, create_key
from db.engine import URL_VARIABLE
from db.unit_of_work import unit_of_work
from metering.meter_book import MeterBook
from metering.sources import Identity
from metering.tables import usage_events

SIZES: Final = Sizes(size=50_000, stored=1_000_000, accounts=1_000)
REQUEST_EVENTS: Final = 1_000
CLIENTS: Final = 2
LOOKS: Final = 300


@contextmanager
def serving(engine: Engine) -> Iterator[int]:
    """Serve the database with one worker, and yield the port once it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    url = engine.url.render_as_string(hide_password=False)
    server = subprocess.Popen(  # noqa: S603 our own interpreter, no shell
        [sys.executable, "-m", "api", "--port", str(port)],
        env={**os.environ, URL_VARIABLE: url},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(LOOKS):
            try:
                answered(port, "GET", "/healthz", b"", "")
                break
            except OSError:
                time.sleep(1 / 10)
        yield port
    finally:
        server.terminate()
        server.wait()


def answered(port: int, method: str, path: str, body: bytes, key: str) -> bytes:
    """Send a request and return the answer; any other answer than 200 ends the benchmark."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    told = answer.read()
    connection.close()
    if answer.status != http.client.OK:
        message = f"{answer.status}: {told[:200]!r}"
        raise SystemExit(message)
    return told


def send_all(port: int, key: str, bodies: Sequence[bytes]) -> None:
    """Send requests from so many clients, each waiting for its answers."""
    send = partial(answered, port, "POST", "/v1/usage-events?backfill=true")
    with ThreadPoolExecutor(CLIENTS) as clients:
        for told in clients.map(lambda body: send(body, key), bodies):
            result = msgspec.json.decode(told)
            if result["problems"]:
                message = f"an event was not accepted: {result['problems'][0]}"
                raise SystemExit(message)


def measure(engine: Engine, sizes: Sizes) -> None:
    """Send events in requests, copy the same rows bare, and show the figures."""
    save_book(engine, sizes.accounts)
    declare(engine, sizes)
    fill(engine, sizes.stored)
    with unit_of_work(engine) as connection:
        connection.execute(CreateTableAs(select(usage_events).where(false()), BARE))
        key = create_key(connection, "bench", [Scope.USAGE_WRITE, Scope.USAGE_BACKFILL], at=CLOCK.now())
    events = documents(sizes.size, sizes.accounts, Identity.TEXT, "bench-text")
    batches = iter(lambda: list(islice(events, REQUEST_EVENTS)), [])
    book, bodies, bare = MeterBook(), [], []
    for batch in batches:
        bodies.append(msgspec.json.encode({"events": batch}))
        bare.append(bare_rows(engine, batch, book))
    warm = documents(10 * REQUEST_EVENTS, sizes.accounts, Identity.TEXT, "again-text")
    with serving(engine) as port:
        send_all(port, key, [msgspec.json.encode({"events": list(islice(warm, REQUEST_EVENTS))})] * 2)
        sent_ns = timed(lambda: send_all(port, key, bodies))
    copy_ns = timed(lambda: copy_all(engine, bare))
    found = figures(
        "usage_api", sizes.size, rate=per_second(sizes.size, sent_ns), limit=per_second(sizes.size, copy_ns)
    )
    show(found, unit="events", rows=(("events of a request", f"{REQUEST_EVENTS:,}"),))


if __name__ == "__main__":
    run_over(measure, counts="acknowledged usage events a second over HTTP", sizes=SIZES)
