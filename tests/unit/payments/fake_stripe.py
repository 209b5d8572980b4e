"""A Stripe of our own on this machine: the few endpoints that we use, scripted outcomes, remembered keys.

It charges once per idempotency key and answers a repeated key with the first answer, as Stripe does; a key
that comes with other parameters is an error.  What a card does is told by its payment method; what goes wrong
on the way is scripted in ``faults``, one for each request, before or after the charge is made.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qsl

from payments.stripe_gateway import StripeGateway

API_KEY = "sk_test_of_nobody"


class Fault(StrEnum):
    """What goes wrong with one request."""

    NONE = "none"
    LOST_BEFORE = "the connection breaks before the charge"
    LOST_AFTER = "the connection breaks after the charge"
    BROKEN = "Stripe answers 500"
    TOO_MANY = "Stripe answers 429"


@dataclass(slots=True)
class FakeStripe:
    """What the fake remembers: charges made, answers by key, requests seen."""

    address: str
    faults: list[Fault] = field(default_factory=list)
    charged: list[dict[str, str]] = field(default_factory=list)
    answers: dict[str, tuple[dict[str, str], int, dict[str, object]]] = field(default_factory=dict)
    requests: int = 0
    settled: bool = False

    def gateway(self, *, api_key: str = API_KEY, network_retries: int = 0) -> StripeGateway:
        """Return our gateway to this Stripe."""
        return StripeGateway(api_key, base_address=self.address, network_retries=network_retries)

    def create(self, key: str, params: dict[str, str]) -> tuple[int, dict[str, object]]:
        """Charge once per key."""
        if key in self.answers:
            known, status, body = self.answers[key]
            return (status, body) if known == params else (400, _error("idempotency_error"))
        status, body = self._charge(params)
        self.answers[key] = (params, status, body)
        return status, body

    def _charge(self, params: dict[str, str]) -> tuple[int, dict[str, object]]:
        intent = f"pi_{len(self.answers) + 1}"
        waiting = _intent(intent, "requires_payment_method")
        refusals: dict[str, dict[str, object]] = {
            "pm_declined": {
                "code": "card_declined",
                "decline_code": "insufficient_funds",
                "payment_intent": waiting,
            },
            "pm_expired": {"code": "expired_card"},
            "pm_authenticate": {"code": "authentication_required", "payment_intent": waiting},
        }
        method = params["payment_method"]
        if method in refusals:
            return 402, _error("card_error", **refusals[method])
        if method == "pm_gone":
            return 400, _error("invalid_request_error", code="resource_missing")
        if method == "pm_refused_later":
            return 200, {
                **waiting,
                "last_payment_error": {"type": "card_error", "decline_code": "do_not_honor"},
            }
        self.charged.append(params)
        return 200, _intent(intent, "processing" if method == "pm_slow" else "succeeded")

    def retrieve(self, intent: str) -> tuple[int, dict[str, object]]:
        """Tell how a slow charge stands by now."""
        return 200, _intent(intent, "succeeded" if self.settled else "processing")


def _intent(intent: str, status: str) -> dict[str, object]:
    return {"id": intent, "object": "payment_intent", "status": status, "last_payment_error": None}


def _error(kind: str, **more: object) -> dict[str, object]:
    return {"error": {"type": kind, "message": f"{kind} of the fake", **more}}


@contextmanager
def running_server() -> Iterator[StripeServer]:
    """Serve a fake Stripe on a free port of this machine until the block ends."""
    with StripeServer() as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


class StripeServer(ThreadingHTTPServer):
    """Serves the fake of the moment."""

    def __init__(self) -> None:
        """Listen on a free port."""
        super().__init__(("127.0.0.1", 0), _Handler)
        self.stripe = self.fresh()

    def fresh(self) -> FakeStripe:
        """Serve a fake that remembers nothing from now on, and return it."""
        self.stripe = FakeStripe(f"http://127.0.0.1:{self.server_port}")
        return self.stripe


class _Handler(BaseHTTPRequestHandler):
    """Speaks HTTP for the fake; the names of its methods are the library's."""

    server: StripeServer

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self._serve(lambda: self.server.stripe.create(self.headers["Idempotency-Key"], dict(parse_qsl(text))))

    def do_GET(self) -> None:
        self._serve(lambda: self.server.stripe.retrieve(self.path.rsplit("/", 1)[-1]))

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _serve(self, work: Callable[[], tuple[int, dict[str, object]]]) -> None:
        stripe = self.server.stripe
        stripe.requests += 1
        fault = stripe.faults.pop(0) if stripe.faults else Fault.NONE
        if self.headers["Authorization"] != f"Bearer {API_KEY}":
            self._answer(401, _error("invalid_request_error"))
        elif fault is Fault.BROKEN:
            self._answer(500, _error("api_error"))
        elif fault is Fault.TOO_MANY:
            self._answer(429, _error("invalid_request_error", code="rate_limit"))
        elif fault is not Fault.LOST_BEFORE:
            status, body = work()
            if fault is Fault.NONE:
                self._answer(status, body)

    def _answer(self, status: int, body: dict[str, object]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
