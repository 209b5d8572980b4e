"""Usage events: the one hot path, which reads the raw body and decodes it event by event."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import Response
from sqlalchemy import Connection

from api.access import AnyCaller, Place, allowed
from api.description import answers
from api.examples import CLOUD_EVENT_EXAMPLE, INGESTED, USAGE_EVENTS
from api.models import EventProblem, IngestBody
from api.raw_body import CLOUD_EVENT, CLOUD_EVENTS, JSON, RawBody, Sent
from db.api_keys import Scope
from db.idempotency import Answer, KeyedRequest, once
from db.unit_of_work import unit_of_work
from kernel.clock import Clock
from kernel.errors import TooLarge
from kernel.problems import Problem
from metering.cloud_events import CloudEvent
from metering.event_json import events_of_batch, events_of_list
from metering.event_reading import read_or_rejected
from metering.events import Rejected, UsageEvent
from metering.ingest import ingest
from metering.meter_book import MeterBook

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


Backfill = Annotated[
    bool,
    Query(description="Take events however old they are. Needs the scope `usage:backfill` besides."),
]

#: How the events of each kind of body are cut apart, so that a bad one spoils no other.
_CUT: Final[Mapping[str, Callable[[bytes], list[bytes]]]] = {
    JSON: events_of_batch,
    CLOUD_EVENT: lambda body: [body],
    CLOUD_EVENTS: events_of_list,
}

_EVENT_SCHEMA = msgspec.json.schema(UsageEvent)["$defs"]["UsageEvent"]
_CLOUD_SCHEMA = msgspec.json.schema(CloudEvent, ref_template="#/components/schemas/{name}")
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
            "content": {
                JSON: {"schema": _BODY_SCHEMA, "example": USAGE_EVENTS},
                CLOUD_EVENT: {"schema": _CLOUD_SCHEMA, "example": CLOUD_EVENT_EXAMPLE},
                CLOUD_EVENTS: {
                    "schema": {"type": "array", "maxItems": LARGEST_BATCH_EVENTS, "items": _CLOUD_SCHEMA},
                    "example": [CLOUD_EVENT_EXAMPLE],
                },
            },
        },
        "responses": {"200": {"headers": {REPLAYED: {"schema": {"const": "true"}}}}},
    },
)
def report_usage(
    request: Request,
    place: Place,
    who: AnyCaller,
    body: RawBody,
    *,
    backfill: Backfill = False,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Count a batch of events, each once for ever by its account, source and id.

    What is answered is committed.  An event that cannot be counted stops no other: it is returned in
    `problems`, kept in quarantine, and may come again once it is mended.  At most 1,000 events and 4 MiB, of
    256 KiB each; CloudEvents 1.0 in structured mode too.  Needs the scope `usage:write`.
    """
    if backfill:
        who.require(Scope.USAGE_BACKFILL)
    book: MeterBook = request.app.state.meter_book
    with unit_of_work(place.engine) as connection:

        def execute() -> Answer:
            told = _ingested(
                connection, book, body, clock=place.clock, batch=request.state.request_id, backfill=backfill
            )
            return Answer(200, told)

        if idempotency_key is None:
            answer = execute()
        else:
            operation = f"{OPERATION}?backfill=true" if backfill else OPERATION
            keyed = KeyedRequest(
                caller=who.key_id, key=idempotency_key, operation=operation, body=body.content
            )
            answer = once(connection, keyed, execute, at=place.clock.now())
    headers = {REPLAYED: "true"} if answer.replayed else {}
    return Response(answer.response, status_code=answer.status, media_type=JSON, headers=headers)


def _ingested(
    connection: Connection, book: MeterBook, body: Sent, *, clock: Clock, batch: str, backfill: bool
) -> str:
    """Ingest the events of a body and return the answer, within the transaction of the request."""
    events = _read(body)
    result = ingest(connection, book, events, clock=clock, batch=batch, backfill=backfill)
    problems = [_problem(each.index, each.problem) for each in result.problems]
    return IngestBody(accepted=result.accepted, known=result.known, problems=problems).model_dump_json()


def _read(body: Sent) -> list[UsageEvent | Rejected]:
    raw = _CUT[body.kind](body.content)
    if len(raw) > LARGEST_BATCH_EVENTS:
        raise TooLarge(
            "too many events",
            field="events",
            value=len(raw),
            expected=f"at most {LARGEST_BATCH_EVENTS}; more in several requests",
        )
    return [read_or_rejected(each) for each in raw]


def _problem(index: int, problem: Problem) -> EventProblem:
    return EventProblem(
        index=index,
        code=problem.code,
        message=problem.message,
        field=problem.field,
        value=problem.value,
        expected=problem.expected,
    )
