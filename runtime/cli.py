"""The command line: ``clausula``.

Exit codes: 0 done, 1 done but something was set aside, 2 wrong usage, 3 refused.
"""

from __future__ import annotations

import sys
from importlib.metadata import version
from typing import Annotated

import typer
from sqlalchemy.exc import OperationalError
from typer.core import TyperGroup

from kernel.errors import ClausulaError, DatabaseUnavailable, InvalidInput
from runtime import (
    commands_billing,
    commands_credits,
    commands_demo,
    commands_duties,
    commands_entitlements,
    commands_index,
    commands_liability,
    commands_limits,
    commands_money,
    commands_notices,
    commands_obligations,
    commands_penalties,
    commands_proposals,
    commands_service,
    commands_setup,
    commands_sla,
    commands_states,
    commands_suspensions,
    commands_terms,
    commands_usage,
)
from runtime.options import EXIT_REFUSED
from runtime.printing import print_error, print_lines

#: The commands in the order in which a month is walked, and the contents page lists them.
WALK = (
    "init",
    "load",
    "terms",
    "index",
    "meter",
    "invoice-run",
    "explain",
    "pdf",
    "credits",
    "receipts",
    "dunning-run",
    "proposals",
    "service",
    "receivables",
    "notices",
    "duties",
    "obligations",
    "liability",
    "penalties",
    "sla",
    "entitlements",
    "limits",
    "seats",
    "problems",
    "deliver",
    "api-key",
    "serve",
    "demo",
)


class Contents(TyperGroup):
    """A group that lists its commands in the order of the walk, not of their registration."""

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]  # typer's own class
        """Return the names of the commands."""
        _ = ctx
        return sorted(self.commands, key=WALK.index)


app = typer.Typer(
    name="clausula",
    cls=Contents,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


for part in (
    commands_setup,
    commands_terms,
    commands_index,
    commands_usage,
    commands_billing,
    commands_credits,
    commands_money,
    commands_notices,
    commands_proposals,
    commands_duties,
    commands_obligations,
    commands_liability,
    commands_penalties,
    commands_sla,
    commands_entitlements,
    commands_limits,
    commands_states,
    commands_suspensions,
    commands_service,
    commands_demo,
):
    part.register(app)


def _tell_version(*, asked: bool) -> None:
    if asked:
        print_lines([f"clausula {version('clausula')}"])
        raise typer.Exit


@app.callback()
def clausula(
    *,
    _version: Annotated[
        bool,
        typer.Option(
            "--version",
            metavar="",
            help="Print the version and end.",
            is_eager=True,
            callback=lambda value: _tell_version(asked=value),
        ),
    ] = False,
) -> None:
    """Meter, rate, invoice, collect and chase by the contract; every line names its clause.

    To see a year of it in a minute: [bold]clausula demo[/].  To begin: [bold]clausula init[/].
    Each command shows an example: [bold]clausula load --help[/].
    """


def main() -> None:
    """Run a command; a refusal is printed with its code and its mend, and never as a traceback."""
    try:
        app()
    except ClausulaError as error:
        refused = error
    except OperationalError as error:
        refused = DatabaseUnavailable("the database gave up", expected=str(error.orig).strip())
    except OSError as error:
        refused = InvalidInput(
            f"the file system refuses: {error.strerror}",
            field="file",
            value=error.filename or "",
            expected="a place that this user may read and write",
        )
    else:
        return
    print_error(refused, json="--json" in sys.argv)
    sys.exit(EXIT_REFUSED)
