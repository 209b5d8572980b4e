"""Usage events: the one hot path, which reads the raw body and decodes it event by event."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, Depends, Header, Request
from fastapi.responses import Response
from sqlalchemy import Connection

from api.access import AnyCaller, Place, allowed
from api.description import answers
from api.examples import INGESTED, USAGE_EVENTS
from api.models import EventProblem, IngestBody
from api.raw_body import JSON, RawBody
from contracts.store import load_catalog
from db.api_keys import Scope
from db.idempotency import Answer, KeyedRequest, once
from db.unit_of_work import unit_of_work
from kernel.clock import Clock
from kernel.errors import InvalidEvent, InvalidRequest, TooLarge
from kernel.problems import Problem
from metering.events import Rejected, UsageEvent, read_json, rejected
from metering.ingest import ingest

#: Events that one request may carry; more go in several requests.
LARGEST_BATCH_EVENTS: Final = 1_000

#: Characters of an idempotency key.
LONGEST_KEY: Final = 255

OPERATION: Final = "POST /v1/usage-events"
REPLAYED: Final = "Idempotent-Replayed"

router = APIRouter(
    prefix="/v1/usage-events", tags=["usage"], dependencies=[Depends(allowed(Scope.USAGE_WRITE))]
)

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=LONGEST_KEY,
        pattern=r"^[!-~]+$",
        description="Visible ASCII. The same request with the same key is executed once and answered alike.",
    ),
]


class Batch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of a request; its events are read one by one, so that a bad one spoils no other."""

    events: list[msgspec.Raw]


_decoder = msgspec.json.Decoder(Batch)
_EVENT_SCHEMA = msgspec.json.schema(UsageEvent)["$defs"]["UsageEvent"]
_BODY_SCHEMA = {
    "type": "object",
    "required": ["events"],
    "additionalProperties": False,
    "properties": {"events": {"type": "array", "maxItems": LARGEST_BATCH_EVENTS, "items": _EVENT_SCHEMA}},
}


@router.post(
    "",
    summary="Report usage",
    responses=answers(IngestBody, INGESTED, 409, 413, 415, 422),
    response_model=IngestBody,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {JSON: {"schema": _BODY_SCHEMA, "example": USAGE_EVENTS}},
        },
        "responses": {"200": {"headers": {REPLAYED: {"schema": {"const": "true"}}}}},
    },
)
def report_usage(
    request: Request, place: Place, who: AnyCaller, body: RawBody, idempotency_key: IdempotencyKey = None
) -> Response:
    """Count a batch of events, each once for ever by its account, source and id.

    What is answered is committed.  An event that cannot be counted stops no other: it is returned in
    `problems`, kept in quarantine, and may come again once it is mended.  At most 1,000 events and 1 MiB.
    Needs the scope `usage:write`.
    """
    with unit_of_work(place.engine) as connection:

        def execute() -> Answer:
            return Answer(200, _ingested(connection, body, clock=place.clock, batch=request.state.request_id))

        if idempotency_key is None:
            answer = execute()
        else:
            keyed = KeyedRequest(caller=who.key_id, key=idempotency_key, operation=OPERATION, body=body)
            answer = once(connection, keyed, execute, at=place.clock.now())
    headers = {REPLAYED: "true"} if answer.replayed else {}
    return Response(answer.response, status_code=answer.status, media_type=JSON, headers=headers)


def _ingested(connection: Connection, body: bytes, *, clock: Clock, batch: str) -> str:
    """Ingest the events of a body and return the answer, within the transaction of the request."""
    events = _read(body)
    result = ingest(connection, load_catalog(connection), events, clock=clock, batch=batch)
    problems = [_problem(each.index, each.problem) for each in result.problems]
    return IngestBody(accepted=result.accepted, known=result.known, problems=problems).model_dump_json()


def _read(body: bytes) -> list[UsageEvent | Rejected]:
    try:
        raw = _decoder.decode(body).events
        if len(raw) > LARGEST_BATCH_EVENTS:
            raise TooLarge(
                "too many events",
                field="events",
                value=len(raw),
                expected=f"at most {LARGEST_BATCH_EVENTS}; more in several requests",
            )
        return [_event(bytes(each)) for each in raw]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidRequest(
            f"the body cannot be read: {error}", field="body", expected='{"events": [{"id": ...}, ...]}'
        ) from error


def _event(raw: bytes) -> UsageEvent | Rejected:
    try:
        return read_json(raw)
    except InvalidEvent as error:
        return rejected(raw, Problem.of(error))


def _problem(index: int, problem: Problem) -> EventProblem:
    return EventProblem(
        index=index,
        code=problem.code,
        message=problem.message,
        field=problem.field,
        value=problem.value,
        expected=problem.expected,
    )
