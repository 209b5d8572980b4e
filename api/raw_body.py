"""The body of a request as it came, read only as far as its size and its kind are allowed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Request

from kernel.errors import TooLarge, UnsupportedContent

#: Bytes that a request may carry: a batch of 1,000 events of 4 KiB, or one that is too large and its index.
LARGEST_BODY_BYTES: Final = 4 * 1024 * 1024

JSON: Final = "application/json"
CLOUD_EVENT: Final = "application/cloudevents+json"
CLOUD_EVENTS: Final = "application/cloudevents-batch+json"
KINDS: Final = (JSON, CLOUD_EVENT, CLOUD_EVENTS)


@dataclass(frozen=True, slots=True)
class Sent:
    """The bytes of a request, and which of the kinds they are."""

    kind: str
    content: bytes


async def raw_body(request: Request) -> Sent:
    """Return a request's bytes, and stop reading as soon as they are too many."""
    kind = _kind(request)
    _check_length(request.headers.get("content-length", ""))
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY_BYTES:
            raise _too_large(f"over {LARGEST_BODY_BYTES} bytes")
    return Sent(kind, bytes(body))


RawBody = Annotated[Sent, Depends(raw_body)]


def _kind(request: Request) -> str:
    given = request.headers.get("content-type", "")
    kind = given.partition(";")[0].strip().lower()
    if kind not in KINDS:
        raise UnsupportedContent(
            "the body is not JSON", field="Content-Type", value=given, expected="one of " + ", ".join(KINDS)
        )
    coding = request.headers.get("content-encoding", "identity")
    if coding.strip().lower() != "identity":
        raise UnsupportedContent(
            "the body is encoded", field="Content-Encoding", value=coding, expected="no encoding"
        )
    return kind


def _check_length(declared: str) -> None:
    if declared.isdecimal() and int(declared) > LARGEST_BODY_BYTES:
        raise _too_large(f"{declared} bytes")


def _too_large(found: str) -> TooLarge:
    return TooLarge(
        "the request is too large", field="body", value=found, expected=f"at most {LARGEST_BODY_BYTES} bytes"
    )
