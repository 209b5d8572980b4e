"""The body of a request as it came, read only as far as its size and its kind are allowed."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Depends, Request

from kernel.errors import TooLarge, UnsupportedContent

#: Bytes that a request may carry: a batch of 1,000 events of 1 KiB.
LARGEST_BODY_BYTES: Final = 1024 * 1024

JSON: Final = "application/json"


async def raw_body(request: Request) -> bytes:
    """Return a request's bytes, and stop reading as soon as they are too many."""
    _check_kind(request)
    _check_length(request.headers.get("content-length", ""))
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY_BYTES:
            raise _too_large(f"over {LARGEST_BODY_BYTES} bytes")
    return bytes(body)


RawBody = Annotated[bytes, Depends(raw_body)]


def _check_kind(request: Request) -> None:
    kind = request.headers.get("content-type", "")
    if kind.partition(";")[0].strip().lower() != JSON:
        raise UnsupportedContent("the body is not JSON", field="Content-Type", value=kind, expected=JSON)
    coding = request.headers.get("content-encoding", "identity")
    if coding.strip().lower() != "identity":
        raise UnsupportedContent(
            "the body is encoded", field="Content-Encoding", value=coding, expected="no encoding"
        )


def _check_length(declared: str) -> None:
    if declared.isdecimal() and int(declared) > LARGEST_BODY_BYTES:
        raise _too_large(f"{declared} bytes")


def _too_large(found: str) -> TooLarge:
    return TooLarge(
        "the request is too large", field="body", value=found, expected=f"at most {LARGEST_BODY_BYTES} bytes"
    )
