"""Options that several commands share, and the chapters under which ``clausula --help`` lists them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer

#: The chapters of the contents page, in the order in which a month is walked.
BEGIN = "Begin"
BILL = "Bill"
COLLECT = "Collect"
LOOK_AFTER = "Look after"
SHOW = "Serve and show"


def file_to_read(what: str) -> Any:  # noqa: ANN401 as typer has it
    """Return the argument FILE of a command that reads one; ``what`` says what it may be."""
    return typer.Argument(exists=True, dir_okay=False, readable=True, metavar="FILE", help=what)


AsOf = Annotated[
    datetime | None,
    typer.Option(
        "--as-of",
        metavar="DAY",
        formats=["%Y-%m-%d"],
        help="The day as which it is done, such as 2026-11-01; today unless given.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", metavar="", help="Print one JSON document, for scripts.")]

#: A command that did its work but set something aside ends with this code; one that was refused with 3.
EXIT_WITH_PROBLEMS = 1
EXIT_REFUSED = 3
