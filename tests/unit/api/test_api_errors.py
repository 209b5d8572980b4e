"""Every refusal and every failure is a problem document with a stable code, and the page names them all."""

from __future__ import annotations

import re
from http import HTTPStatus
from pathlib import Path
from typing import Final

import pytest
from fastapi import FastAPI
from sqlalchemy import create_engine
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from api.app import create_app
from api.errors import INTERNAL_ERROR, MEDIA_TYPE, METHOD_NOT_ALLOWED, STATUS, problem_of, status_of
from kernel import errors
from kernel.clock import SystemClock
from runtime.workplace import Workplace

PAGE = Path(__file__).parents[3] / "docs" / "api.md"

#: An address at which no database answers.
NOWHERE: Final = "postgresql+psycopg://127.0.0.1:1/nobody?connect_timeout=1"

Kind = type[errors.ClausulaError]


def family(kind: Kind) -> list[Kind]:
    """Return a class and all that descend from it."""
    return [kind, *(heir for child in kind.__subclasses__() for heir in family(child))]


@pytest.fixture(name="app")
def _app() -> FastAPI:
    """An application whose database is gone."""
    return create_app(Workplace(create_engine(NOWHERE), SystemClock()))


@pytest.mark.parametrize("kind", family(errors.ClausulaError))
def test_every_error_has_a_status(kind: Kind) -> None:
    """Its own, or that of the nearest parent that has one; the root stands for what is nobody's fault."""
    parents = [each for each in STATUS if issubclass(kind, each)]
    nearest = min(parents, key=kind.__mro__.index)
    problem = problem_of(kind("it went wrong", field="f", value=1, expected="2"))

    assert STATUS[nearest] == status_of(kind) == problem.status
    assert (kind.code, "it went wrong", "f", "1", "2") == (
        problem.code,
        problem.title,
        problem.field,
        problem.value,
        problem.expected,
    )


def test_the_page_names_every_code() -> None:
    """docs/api.md tells the status of every code that a caller can meet, and of none that does not exist."""
    rows = re.findall(r"^\| (\d{3}) \|([^|]*)\|", PAGE.read_text(), re.MULTILINE)
    told = {code: int(status) for status, codes in rows for code in re.findall(r"`([a-z_]+)`", codes)}
    ours = {kind.code: status_of(kind).value for kind in family(errors.ClausulaError)}

    assert ours | {METHOD_NOT_ALLOWED: 405, INTERNAL_ERROR: 500} == told


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/nothing", HTTPStatus.NOT_FOUND, "not_found"),
        ("GET", "/v1/usage-events/", HTTPStatus.NOT_FOUND, "not_found"),
        ("DELETE", "/v1/invoices", HTTPStatus.METHOD_NOT_ALLOWED, "method_not_allowed"),
        ("OPTIONS", "/v1/invoices", HTTPStatus.METHOD_NOT_ALLOWED, "method_not_allowed"),
        ("GET", "/v1/invoices", HTTPStatus.UNAUTHORIZED, "not_authenticated"),
        ("GET", "/healthz", HTTPStatus.SERVICE_UNAVAILABLE, "database_unavailable"),
    ],
)
def test_a_refusal_is_a_problem_document(
    app: FastAPI, method: str, path: str, status: HTTPStatus, code: str
) -> None:
    """Also where no route was found, and where the database does not answer."""
    with capture_logs():
        answer = TestClient(app).request(method, path)

    assert (status, MEDIA_TYPE) == (answer.status_code, answer.headers["Content-Type"])
    assert (status, code) == (answer.json()["status"], answer.json()["code"])


def test_a_refused_method_names_those_that_are_there(app: FastAPI) -> None:
    """405 bears Allow."""
    assert "GET" == TestClient(app).put("/v1/invoices").headers["Allow"]


def test_a_failure_shows_nothing_of_the_inside(app: FastAPI) -> None:
    """Nobody expected it: the caller gets the request's id, and the log the reason under the same id."""
    secret = "the password is 1234"

    def fail() -> None:
        raise RuntimeError(secret)

    app.get("/failing")(fail)
    with capture_logs(processors=[]) as lines:
        answer = TestClient(app).get("/failing")

    assert (500, MEDIA_TYPE, "internal_error") == (
        answer.status_code,
        answer.headers["Content-Type"],
        answer.json()["code"],
    )
    assert secret not in answer.text
    assert ["error", "info"] == [line["log_level"] for line in lines]
    assert secret == str(lines[0]["exc_info"])
    assert "nosniff" == answer.headers["X-Content-Type-Options"]


def test_a_refusal_is_no_failure(app: FastAPI) -> None:
    """A wrong path is one line in the log and no error in it."""
    with capture_logs() as lines:
        TestClient(app).get("/v1/nothing")

    assert [("info", "/v1/nothing", 404, "not_found")] == [
        (line["log_level"], line["path"], line["status"], line["code"]) for line in lines
    ]


def test_books_that_do_not_balance_are_a_failure_of_ours() -> None:
    """What a caller cannot mend is 500, with the sums that differ."""
    problem = problem_of(errors.OutOfBalance("the sums differ", value="1.00", expected="1.01"))

    assert (500, "out_of_balance", "1.00", "1.01") == (
        problem.status,
        problem.code,
        problem.value,
        problem.expected,
    )
