"""What every exchange bears, whatever is asked: a request's id, safe headers, and one line in the log.

The line names the method, the path, the status, the code of a refusal and the public half of the key: never a
query, a header or a body.
"""

from __future__ import annotations

import re
from time import perf_counter_ns
from typing import Final

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kernel.ids import new_id

REQUEST_ID: Final = "X-Request-Id"

#: An id that a caller may give: what a log can hold in one word.
_GIVEN_ID = re.compile(r"[!-~]{1,128}")

#: Answers are about money and people: nobody between keeps one, and no browser guesses what it is.
SAFE_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

_NANOSECONDS_PER_MILLISECOND: Final = 1_000_000

log: structlog.typing.FilteringBoundLogger = structlog.get_logger("api")


class Envelope:
    """The outermost part of the application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on under its id, and its answer back with the headers; log both in a line."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        state = scope.setdefault("state", {})
        state["request_id"] = request_id
        status = 0

        async def send_sealed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message).update({REQUEST_ID: request_id, **SAFE_HEADERS})
            await send(message)

        started = perf_counter_ns()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, send_sealed)
            finally:
                log.info(
                    "request",
                    method=scope["method"],
                    path=scope["path"],
                    status=status,
                    code=state.get("code", ""),
                    key_id=state.get("key_id", ""),
                    milliseconds=(perf_counter_ns() - started) // _NANOSECONDS_PER_MILLISECOND,
                )


def _request_id(scope: Scope) -> str:
    """Return the id that the caller gave where it is one, or a new one."""
    given = Headers(scope=scope).get(REQUEST_ID, "")
    return given if _GIVEN_ID.fullmatch(given) else str(new_id())
