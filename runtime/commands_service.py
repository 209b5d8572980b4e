"""``clausula serve``, ``api-key`` and ``deliver``."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from db.api_keys import Scope, create_key, revoke_key
from db.unit_of_work import unit_of_work
from runtime.deliver import Folder, deliver
from runtime.options import LOOK_AFTER, SHOW, AsJson
from runtime.printing import err, print_json, print_lines, print_report
from runtime.workplace import workplace

DEFAULT_PORT = 8000

api_key = typer.Typer(no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("deliver", rich_help_panel=LOOK_AFTER)(deliver_outbox)
    app.add_typer(api_key, name="api-key", rich_help_panel=LOOK_AFTER)
    app.command("serve", rich_help_panel=SHOW)(serve)


@api_key.callback()
def keys() -> None:
    """Make and revoke the keys of the API.

    Example: [bold]clausula api-key create portal --scope invoices:read[/]
    """


@api_key.command("create")
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Who will use it.")],
    *,
    scope: Annotated[
        list[Scope],
        typer.Option(
            "--scope", metavar="SCOPE", help=f"What it may do: {', '.join(Scope)}.  May be given again."
        ),
    ],
    json: AsJson = False,
) -> None:
    """Make a key and print it; it is shown this once.

    Example: [bold]clausula api-key create portal --scope invoices:read --scope receivables:read[/]
    """
    with workplace() as place, unit_of_work(place.engine) as connection:
        key = create_key(connection, name, scope, at=place.clock.now())
    if json:
        print_json({"name": name, "scopes": scope, "key": key})
    else:
        print_lines([key])


@api_key.command("revoke")
def revoke(
    key_id: Annotated[
        str, typer.Argument(metavar="ID", help="The part of a key between its two underscores.")
    ],
    *,
    json: AsJson = False,
) -> None:
    """Revoke a key at once.

    Example: [bold]clausula api-key revoke 1f0c9a6b2d4e[/]
    """
    with workplace() as place, unit_of_work(place.engine) as connection:
        revoke_key(connection, key_id, at=place.clock.now())
    if json:
        print_json({"revoked": key_id})
    else:
        print_lines([f"Key {key_id} is revoked."])


def deliver_outbox(
    *,
    to: Annotated[
        Path,
        typer.Option("--to", metavar="FOLDER", help="The folder that mails and effects are written to."),
    ] = Path("out/delivered"),
    json: AsJson = False,
) -> None:
    """Deliver what waits in the outbox: mails and other effects.

    An invoice's mail bears its PDF.  What cannot be delivered waits for the
    next time.

    Example: [bold]clausula deliver --to mails[/]
    """
    with workplace() as place:
        report = deliver(place.engine, Folder(to), clock=place.clock)
    print_report(report, json=json)


def serve(
    *,
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=1, max=65_535, metavar="PORT", help="The port to listen on.")
    ] = DEFAULT_PORT,
) -> None:
    """Serve the REST API until Ctrl-C.

    Its description is at /openapi.json, its pages at /docs; its keys come from
    [bold]clausula api-key[/].

    Example: [bold]clausula serve --port 8000[/]
    """
    if err.is_terminal:
        err.print(f"The API is at http://{host}:{port}, its pages at /docs; Ctrl-C stops it.")
    # The API stands above the command line and is not imported from here: this process becomes it.
    arguments = [sys.executable, "-m", "api", "--host", host, "--port", str(port)]
    os.execv(sys.executable, arguments)  # noqa: S606 our own interpreter, no shell
