"""The description of the API, as OpenAPI 3.1: readable operation ids, and refusals as they are served."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import BaseModel

from api.envelope import REQUEST_ID
from api.errors import MEDIA_TYPE, problem_of
from api.models import ProblemBody
from kernel import errors

TEXT: Final = """Billing that executes the contract: every line, fee and suspension names its clause.

Amounts are strings with the currency's decimals, quantities are exact strings, dates are ISO 8601.  Lists
page with `starting_after`, `limit` and `has_more`.  Errors are `application/problem+json` with a stable
`code`.  A request that writes may bear an `Idempotency-Key`.  Each answer bears an `X-Request-Id`, the
caller's own where it sent one.
"""

TAGS: Final = [
    {"name": "usage", "description": "What was used: reported once, counted once."},
    {"name": "invoices", "description": "What was issued: frozen, with the reason of every line."},
    {"name": "receivables", "description": "What is owed."},
    {"name": "credits", "description": "What is left of credits and coupons."},
    {"name": "entitlements", "description": "What a customer may use, and by which clause."},
    {"name": "service", "description": "Whether the service works."},
]

#: An example of each refusal.
_REFUSALS: Final[Mapping[int, errors.ClausulaError]] = {
    HTTPStatus.BAD_REQUEST: errors.InvalidRequest(
        "the request does not have the right shape",
        field="query.limit",
        value="0",
        expected="Input should be greater than or equal to 1",
    ),
    HTTPStatus.UNAUTHORIZED: errors.NotAuthenticated(
        "not a valid key", field="Authorization", expected="Bearer clk_..."
    ),
    HTTPStatus.FORBIDDEN: errors.Denied(
        "this key does not allow that", field="scope", value="usage:write", expected="invoices:read"
    ),
    HTTPStatus.NOT_FOUND: errors.UnknownInvoice(
        "no invoice bears this number", field="number", value="ZMX-999999"
    ),
    HTTPStatus.CONFLICT: errors.IdempotencyInProgress(
        "the first request with this key is still running",
        field="Idempotency-Key",
        value="import-2026-02-01",
        expected="the same request again, once the first one has ended",
    ),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: errors.TooLarge(
        "too many events", field="events", value=1_001, expected="at most 1000; more in several requests"
    ),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: errors.UnsupportedContent(
        "the body is not JSON", field="Content-Type", value="text/csv", expected="application/json"
    ),
    HTTPStatus.UNPROCESSABLE_ENTITY: errors.IdempotencyConflict(
        "this key was used for another request",
        field="Idempotency-Key",
        value="import-2026-02-01",
        expected="a new key for a new request",
    ),
    HTTPStatus.SERVICE_UNAVAILABLE: errors.DatabaseUnavailable(
        "the database could not answer", expected="the same request again"
    ),
}

#: Refusals that every route with a key may give; ``default`` stands for what nobody expected.
_EVERYWHERE: Final = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)

Responses = dict[int | str, dict[str, Any]]


class DescribedApi(FastAPI):
    """An application that describes its refusals under the media type in which it gives them."""

    def openapi(self) -> dict[str, Any]:
        """Return the description."""
        if self.openapi_schema is None:
            for path in super().openapi()["paths"].values():
                for operation in path.values():
                    _settle(operation["responses"])
        return super().openapi()


def operation_id(route: APIRoute) -> str:
    """Return the name of a route's function: ``list_invoices``."""
    return route.name


def answers(model: type[BaseModel] | None, example: BaseModel | None, *refusals: int) -> Responses:
    """Return what a route with a key may answer, each with an example."""
    found = {} if example is None else {200: {"model": model, "content": _json(example)}}
    return found | {status: _refusal(status) for status in sorted({*_EVERYWHERE, *refusals})} | unexpected()


def unexpected() -> Responses:
    """Return what any route may answer when the service itself fails."""
    unavailable = HTTPStatus.SERVICE_UNAVAILABLE
    return {
        unavailable.value: _refusal(unavailable),
        "default": {"model": ProblemBody, "description": "Something unexpected happened."},
    }


def _refusal(status: int) -> dict[str, Any]:
    return {
        "model": ProblemBody,
        "description": HTTPStatus(status).phrase,
        "content": _json(problem_of(_REFUSALS[status])),
    }


def _json(example: BaseModel) -> dict[str, Any]:
    return {"application/json": {"example": example.model_dump(mode="json")}}


def _settle(responses: dict[str, dict[str, Any]]) -> None:
    """Give each answer its request id, and each refusal its media type."""
    for status, response in responses.items():
        response.setdefault("headers", {})[REQUEST_ID] = {"schema": {"type": "string"}}
        if not status.startswith("2"):
            response["content"] = {MEDIA_TYPE: response["content"]["application/json"]}
