"""Errors as HTTP answers: ``application/problem+json`` (RFC 9457), with the stable code of the error's class.

The one place where a status is given; a class that is not named here takes its nearest parent's.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from starlette.exceptions import HTTPException
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import ClientDisconnect

from api.models import ProblemBody
from kernel import errors

MEDIA_TYPE: Final = "application/problem+json"

STATUS: Final[Mapping[type[errors.ClausulaError], HTTPStatus]] = {
    errors.ClausulaError: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.InvalidInput: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.InvalidRequest: HTTPStatus.BAD_REQUEST,
    errors.TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.UnsupportedContent: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.IdempotencyConflict: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.NotAuthenticated: HTTPStatus.UNAUTHORIZED,
    errors.Denied: HTTPStatus.FORBIDDEN,
    errors.GatewayUnavailable: HTTPStatus.BAD_GATEWAY,
    errors.GatewayRefused: HTTPStatus.BAD_GATEWAY,
    errors.NotDelivered: HTTPStatus.BAD_GATEWAY,
    errors.DatabaseUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.SchemaOutOfDate: HTTPStatus.SERVICE_UNAVAILABLE,
}

#: Codes of what is refused before any of our errors could be raised.
METHOD_NOT_ALLOWED: Final = "method_not_allowed"
INTERNAL_ERROR: Final = "internal_error"

#: What an answer of a status bears besides.
_HEADERS: Final[Mapping[int, Mapping[str, str]]] = {
    HTTPStatus.UNAUTHORIZED: {"WWW-Authenticate": "Bearer"},
    HTTPStatus.SERVICE_UNAVAILABLE: {"Retry-After": "1"},
}

#: Characters of a refused value that its problem repeats.
_TOLD_CHARACTERS: Final = 200

log: structlog.typing.FilteringBoundLogger = structlog.get_logger("api")


def status_of(kind: type[errors.ClausulaError]) -> HTTPStatus:
    """Return the status of a class of errors: its own, or that of the nearest parent that has one."""
    return next(STATUS[each] for each in kind.__mro__ if each in STATUS)


def install(app: FastAPI) -> None:
    """Answer every refusal, and every failure, with a problem document."""
    for kind in (RequestValidationError, HTTPException):
        app.add_exception_handler(kind, _refuse)
    app.add_middleware(ExceptionMiddleware, handlers={Exception: _refuse})


def problem_of(error: Exception) -> ProblemBody:
    """Return what a caller is told of an error; of one that nobody expected, nothing but that it happened."""
    match error:
        case errors.ClausulaError():
            return _problem_of_ours(error)
        case RequestValidationError():
            return _misshapen(error)
        case HTTPException():
            return _http_problem(error)
        case ClientDisconnect():
            return _problem_of_ours(errors.InvalidRequest("the caller left before the request was whole"))
        case OperationalError() | PoolExhausted():
            return _problem_of_ours(
                errors.DatabaseUnavailable("the database could not answer", expected="the same request again")
            )
        case _:
            return ProblemBody(
                status=HTTPStatus.INTERNAL_SERVER_ERROR,
                code=INTERNAL_ERROR,
                title="something unexpected happened; the log holds it under the request's id",
            )


async def _refuse(request: Request, error: Exception) -> JSONResponse:
    body = problem_of(error)
    request.state.code = body.code
    if body.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("failed", code=body.code, exc_info=error)
    given = error.headers if isinstance(error, HTTPException) else None
    return JSONResponse(
        body.model_dump(),
        status_code=body.status,
        media_type=MEDIA_TYPE,
        headers={**_HEADERS.get(body.status, {}), **(given or {})},
    )


def _problem_of_ours(error: errors.ClausulaError) -> ProblemBody:
    return ProblemBody(
        status=status_of(type(error)),
        code=error.code,
        title=error.message,
        field=error.field,
        value=error.value,
        expected=error.expected,
    )


def _misshapen(error: RequestValidationError) -> ProblemBody:
    first = error.errors()[0]
    return _problem_of_ours(
        errors.InvalidRequest(
            "the request does not have the right shape",
            field=".".join(str(part) for part in first["loc"]),
            value=str(first.get("input", ""))[:_TOLD_CHARACTERS],
            expected=first["msg"],
        )
    )


def _http_problem(error: HTTPException) -> ProblemBody:
    codes = {
        HTTPStatus.NOT_FOUND: errors.NotFound.code,
        HTTPStatus.METHOD_NOT_ALLOWED: METHOD_NOT_ALLOWED,
    }
    code = codes.get(HTTPStatus(error.status_code), errors.InvalidRequest.code)
    return ProblemBody(status=error.status_code, code=code, title=str(error.detail))
