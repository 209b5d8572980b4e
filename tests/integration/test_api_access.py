"""Who may call what: no key, no answer; a key answers only what its scopes allow; keys stay secret."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Final

import pytest
from fastapi.routing import iter_route_contexts
from sqlalchemy import Engine
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from api.app import create_app
from db.api_keys import Scope, create_key, revoke_key
from db.unit_of_work import unit_of_work
from runtime.workplace import Workplace
from tests.integration.api_portal import Portal, at, bearing, open_portal

pytestmark = [pytest.mark.integration, pytest.mark.e2e]

TODAY = date(2026, 3, 1)

#: What anybody may read: whether the service works, and how it is called.
OPEN: Final = {"/healthz", "/openapi.json", "/docs"}

NEEDED: Final = {
    ("POST", "/v1/usage-events"): Scope.USAGE_WRITE,
    ("GET", "/v1/invoices"): Scope.INVOICES_READ,
    ("GET", "/v1/invoices/{number}"): Scope.INVOICES_READ,
    ("GET", "/v1/invoices/{number}/pdf"): Scope.INVOICES_READ,
    ("GET", "/v1/invoices/{number}/explanation"): Scope.INVOICES_READ,
    ("GET", "/v1/receivables/aging"): Scope.RECEIVABLES_READ,
    ("GET", "/v1/accounts/{account}/entitlements"): Scope.ENTITLEMENTS_READ,
    ("GET", "/v1/accounts/{account}/credits"): Scope.INVOICES_READ,
    ("GET", "/v1/accounts/{account}/limits"): Scope.ENTITLEMENTS_READ,
}


@pytest.fixture(name="portal")
def _portal(engine: Engine) -> Iterator[Portal]:
    """A portal over an empty book."""
    with open_portal(engine, today=TODAY, book=None) as portal:
        yield portal


def routes(engine: Engine) -> set[tuple[str, str]]:
    """Return the method and the path of every route that an application has."""
    app = create_app(Workplace(engine, at(TODAY)))
    return {
        (method, str(route.path_format or route.path))
        for route in iter_route_contexts(app.routes)
        for method in (route.methods or set()) - {"HEAD"}
    }


def call(client: TestClient, route: tuple[str, str], key: str | None) -> tuple[int, str]:
    """Call a route, with a key if there is one; return the status, and the code where there is one."""
    method, path = route
    headers = {"Content-Type": "application/json"} | ({} if key is None else bearing(key))
    content = b'{"events": []}' if method == "POST" else None
    answer = client.request(
        method, path.format(number="ZMX-000001", account="nobody"), headers=headers, content=content
    )
    return answer.status_code, answer.json().get("code", "")


def test_every_route_is_listed_here(engine: Engine) -> None:
    """A new route says which scope it needs, or that it needs none."""
    assert {*NEEDED, *(("GET", path) for path in OPEN)} == routes(engine)


def test_every_route_refuses_who_has_no_key(portal: Portal) -> None:
    """401, and how a key is given."""
    answers = {route: call(portal.client, route, None) for route in NEEDED}

    assert dict.fromkeys(NEEDED, (401, "not_authenticated")) == answers
    assert "Bearer" == portal.client.get("/v1/invoices").headers["WWW-Authenticate"]


def test_every_route_needs_its_own_scope(portal: Portal) -> None:
    """Each key opens the routes of its scopes and no other: 403, with the scope that is missing."""
    for scope in Scope:
        key = portal.new_key(scope)
        for route, needed in NEEDED.items():
            status, code = call(portal.client, route, key)
            opened = (status, code) in {(200, ""), (404, "unknown_invoice"), (404, "unknown_account")}
            assert (needed is scope, needed is not scope) == (opened, (status, code) == (403, "denied"))

    refused = portal.client.get("/v1/invoices", headers=bearing(portal.new_key(Scope.USAGE_WRITE)))
    assert ("usage:write", "invoices:read") == (refused.json()["value"], refused.json()["expected"])


def test_a_key_without_scopes_opens_nothing(portal: Portal) -> None:
    """What a key does not name it may not do."""
    key = portal.new_key()

    assert {(403, "denied")} == {call(portal.client, route, key) for route in NEEDED}


@pytest.mark.parametrize("path", sorted(OPEN))
def test_what_is_open_needs_no_key(portal: Portal, path: str) -> None:
    """A monitor and a reader of the description have no key."""
    assert 200 == portal.client.get(path).status_code


@pytest.mark.parametrize(
    "spoil",
    [
        lambda key: key[:-1] + ("0" if key[-1] != "0" else "1"),
        lambda key: key.replace("clk_", "clj_"),
        lambda key: key.rsplit("_", 1)[0],
        lambda key: key.upper(),
        lambda key: key + "0",
        lambda key: "clk_000000000000_" + key.rsplit("_", 1)[1],
        lambda _: "clk_",
        lambda _: "clk_\x7f_' OR true --",
        lambda _: "",
    ],
    ids=["secret", "prefix", "half", "case", "longer", "id", "prefix alone", "quotes", "nothing"],
)
def test_what_is_no_key_opens_nothing(portal: Portal, spoil: object) -> None:
    """Whatever is wrong with a key, the answer is the same and says nothing about which part it is."""
    assert callable(spoil)
    answer = portal.client.get("/v1/invoices", headers=bearing(spoil(portal.key)))
    nobodys = portal.client.get("/v1/invoices", headers=bearing("clk_" + "0" * 12 + "_" + "0" * 64))

    assert (401, "Bearer") == (answer.status_code, answer.headers["WWW-Authenticate"])
    assert "not_authenticated" == answer.json()["code"]
    assert spoil(portal.key) == "" or nobodys.json() == answer.json()


def test_another_scheme_opens_nothing(portal: Portal) -> None:
    """A key is borne, not spelled as a password."""
    answer = portal.client.get("/v1/invoices", headers={"Authorization": f"Basic {portal.key}"})

    assert (401, "a key is needed") == (answer.status_code, answer.json()["title"])


def test_a_revoked_key_opens_nothing(portal: Portal) -> None:
    """It is refused from the next request on, and no other key is."""
    revoked = portal.new_key(*Scope)
    assert 200 == call(portal.client, ("GET", "/v1/invoices"), revoked)[0]

    with unit_of_work(portal.engine) as connection:
        revoke_key(connection, revoked.split("_")[1], at=at(TODAY).now())

    assert (401, "not_authenticated") == call(portal.client, ("GET", "/v1/invoices"), revoked)
    assert 200 == call(portal.client, ("GET", "/v1/invoices"), portal.key)[0]


def test_a_key_is_told_once(engine: Engine) -> None:
    """No two keys are alike, and each has 256 random bits behind its public half."""
    with unit_of_work(engine) as connection:
        one, two = (create_key(connection, "x", [Scope.USAGE_WRITE], at=at(TODAY).now()) for _ in range(2))

    assert one != two
    assert [3, 12, 64] == [len(part) for part in one.split("_")]


def test_no_secret_is_logged(portal: Portal) -> None:
    """The log names the public half of a key that is known, and nothing at all of one that is not."""
    public, secret = portal.key.split("_")[1:]
    with capture_logs() as lines:
        portal.get("/v1/invoices")
        portal.client.get("/v1/invoices", headers=bearing(portal.key[:-1]), params={"account": "a-customer"})

    assert [(200, public, ""), (401, "", "not_authenticated")] == [
        (line["status"], line["key_id"], line["code"]) for line in lines
    ]
    assert [] == [told for told in (secret, secret[:-1], "a-customer") if told in json.dumps(lines)]
