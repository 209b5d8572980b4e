"""The account and the contract that a command names: whoever names what there is not is told alike."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from db.engine import URL_VARIABLE
from kernel.errors import ClausulaError, NotFound, UnknownAccount
from runtime.cli import app
from tests.integration.dunning_book import sign

pytestmark = pytest.mark.integration

WHY = ("--by", "ana", "--why", "closed", "--clause", "ZEN-X-5")
INCIDENT = ("force_majeure", "--at", "2026-03-02T18:00:00Z")


def refusal(engine: Engine, *arguments: str) -> ClausulaError:
    """Return why a command is refused over a test's database."""
    url = engine.url.render_as_string(hide_password=False)
    refused = CliRunner(env={URL_VARIABLE: url}).invoke(app, arguments).exception
    assert isinstance(refused, ClausulaError)
    return refused


def test_an_account_that_nobody_bears(engine: Engine) -> None:
    """Commands that read and commands that write refuse it in the same words."""
    sign(engine, "acme", "annex-x")
    told = {
        (type(refused), str(refused), refused.field, refused.value, refused.expected)
        for refused in (
            refusal(engine, "service", "show", "nobody"),
            refusal(engine, "service", "pause", "nobody", "acme-1", *WHY),
            refusal(engine, "credits", "list", "nobody"),
            refusal(engine, "credits", "grant", "nobody", "acme-1", "march", "5.00", *WHY),
            refusal(engine, "seats", "assign", "nobody", "ana@acme.example"),
            refusal(engine, "duties", "record", "nobody", "acme-1", *INCIDENT),
            refusal(
                engine, "notices", "end", "nobody", "acme-1", "--ending", "convenience", "--by", "customer"
            ),
        )
    }

    assert 1 == len(told), told
    assert UnknownAccount is told.pop()[0]


@pytest.mark.parametrize("code", ["acme-2", ""])
def test_a_contract_that_the_account_does_not_have(engine: Engine, code: str) -> None:
    """The codes that there are stand in the refusal; no code at all is none of them."""
    sign(engine, "acme", "annex-x")
    for refused in (
        refusal(engine, "service", "pause", "acme", code, *WHY),
        refusal(engine, "duties", "record", "acme", code, *INCIDENT),
    ):
        assert (NotFound, "subscription", code, "one of acme-1") == (
            type(refused),
            refused.field,
            refused.value,
            refused.expected,
        )
