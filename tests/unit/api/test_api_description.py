"""The description tells all that the API does: each route, each answer, each refusal, with an example."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

import msgspec
import pytest
from sqlalchemy import create_engine

from api.app import create_app
from api.errors import MEDIA_TYPE
from api.examples import AGING, INVOICE, USAGE_EVENTS
from api.usage_events import LARGEST_BATCH_EVENTS
from kernel.clock import SystemClock
from metering.event_reading import read_json
from metering.events import UsageEvent
from runtime.workplace import Workplace

OPERATIONS: Final = {
    "report_usage": "POST /v1/usage-events",
    "list_invoices": "GET /v1/invoices",
    "read_invoice": "GET /v1/invoices/{number}",
    "draw_invoice": "GET /v1/invoices/{number}/pdf",
    "explain_invoice": "GET /v1/invoices/{number}/explanation",
    "report_aging": "GET /v1/receivables/aging",
    "read_entitlements": "GET /v1/accounts/{account}/entitlements",
    "read_limits": "GET /v1/accounts/{account}/limits",
    "read_credits": "GET /v1/accounts/{account}/credits",
    "tell_health": "GET /healthz",
}

Operation = dict[str, Any]


@pytest.fixture(name="description", scope="module")
def _description() -> dict[str, Any]:
    """The description, as it is served."""
    return create_app(Workplace(create_engine("postgresql+psycopg://"), SystemClock())).openapi()


@pytest.fixture(name="operations", scope="module")
def _operations(description: dict[str, Any]) -> dict[str, Operation]:
    """Every operation, by method and path."""
    return {
        f"{method.upper()} {path}": operation
        for path, operations in description["paths"].items()
        for method, operation in operations.items()
    }


def test_operations_have_readable_ids(operations: dict[str, Operation]) -> None:
    """A generated client calls them by these names; they stay what they are."""
    assert OPERATIONS == {operation["operationId"]: route for route, operation in operations.items()}


def test_every_operation_tells_what_it_does(
    description: dict[str, Any], operations: dict[str, Operation]
) -> None:
    """A line, a paragraph, and a tag that is described too."""
    tags = {tag["name"] for tag in description["tags"]}

    assert [] == [
        route
        for route, operation in operations.items()
        if not operation["summary"] or not operation["description"] or not set(operation["tags"]) <= tags
    ]
    assert tags == {tag for operation in operations.values() for tag in operation["tags"]}


def test_every_operation_but_the_health_needs_a_key(
    description: dict[str, Any], operations: dict[str, Operation]
) -> None:
    """The scheme is named, and the text of each operation names its scope."""
    with_key = {
        route for route, operation in operations.items() if operation.get("security") == [{"api_key": []}]
    }

    assert {"api_key": ("http", "bearer")} == {
        name: (scheme["type"], scheme["scheme"])
        for name, scheme in description["components"]["securitySchemes"].items()
    }
    assert set(operations) - {"GET /healthz"} == with_key
    assert [] == [route for route in with_key if "Needs the scope `" not in operations[route]["description"]]


def test_every_refusal_is_described_as_it_is_served(operations: dict[str, Operation]) -> None:
    """As a problem document, with an example that bears its own status."""
    for route, operation in operations.items():
        refusals = {status: each for status, each in operation["responses"].items() if status != "200"}
        always = {"503", "default"} if route == "GET /healthz" else {"400", "401", "403", "503", "default"}
        assert always <= set(refusals), route
        for status, refusal in refusals.items():
            ((kind, content),) = refusal["content"].items()
            assert MEDIA_TYPE == kind
            assert "#/components/schemas/ProblemBody" == content["schema"]["$ref"]
            assert status in {"default", str(content.get("example", {}).get("status"))}


def test_every_answer_has_an_example(operations: dict[str, Operation]) -> None:
    """But for a PDF, and for the health, which says ``ok``."""
    without = {
        route
        for route, operation in operations.items()
        if "example" not in operation["responses"]["200"]["content"].get("application/json", {})
    }

    assert {"GET /v1/invoices/{number}/pdf", "GET /healthz"} == without
    assert "application/pdf" in operations["GET /v1/invoices/{number}/pdf"]["responses"]["200"]["content"]


def test_no_number_is_inexact(description: dict[str, Any]) -> None:
    """JSON numbers are counts of things; what is measured or owed is text."""
    inexact = [
        f"{name}.{field}"
        for name, schema in description["components"]["schemas"].items()
        for field, shape in schema.get("properties", {}).items()
        if "number" in str(shape.get("type"))
    ]

    assert [] == inexact


def test_the_described_event_is_the_one_that_is_read(operations: dict[str, Operation]) -> None:
    """The schema is made from the decoder's own type, and the examples pass it."""
    content = operations["POST /v1/usage-events"]["requestBody"]["content"]["application/json"]
    events = content["schema"]["properties"]["events"]

    assert set(UsageEvent.__struct_fields__) == set(events["items"]["properties"])
    assert LARGEST_BATCH_EVENTS == events["maxItems"]
    assert content["example"] == USAGE_EVENTS
    assert ["wamid.5512", "crm-2026-02-10", "sms-81"] == [
        read_json(msgspec.json.encode(event)).id for event in USAGE_EVENTS["events"]
    ]


def test_the_examples_add_up() -> None:
    """Who copies an example copies right sums."""
    (line,) = INVOICE.lines

    assert (INVOICE.net, INVOICE.tax, INVOICE.total) == (line.net, line.tax, line.gross)
    assert INVOICE.net + INVOICE.tax == INVOICE.total == AGING.items[0].total == AGING.totals[0].total
    assert Decimal("12.3321") == line.quantity * Decimal(line.working[0].facts["unit_price"])
