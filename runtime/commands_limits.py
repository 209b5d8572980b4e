"""``clausula limits``: how much of its limits an account has used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from contracts.limits import LimitUse
from db.unit_of_work import reading
from kernel.money import plain
from runtime.limited import limited
from runtime.options import LOOK_AFTER, AsJson, AsOf
from runtime.printing import print_json, print_lines, print_table
from runtime.workplace import workplace

HEAD = (
    "subscription",
    "feature",
    "used",
    "limit",
    "left",
    "share",
    "from",
    "until",
    "one more",
    "clause",
    "reason",
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("limits", rich_help_panel=LOOK_AFTER)(limits)


def limits(
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="The account's code.")],
    *,
    as_of: AsOf = None,
    feature: Annotated[str, typer.Option("--feature", metavar="NAME", help="Only this feature.")] = "",
    json: AsJson = False,
) -> None:
    """Tell how much of its limits an account has used.

    Each limit with its clause, the days that it counts, the share in percent,
    and whether one more unit may be used. The day is that of who issues, unless
    given.

    Example: [bold]clausula limits acme --as-of 2026-03-19[/]
    """
    with workplace() as place, reading(place.engine) as connection:
        found = limited(
            connection,
            account,
            clock=place.clock,
            known=place.known,
            as_of=as_of.date() if as_of else None,
            feature=feature,
        )
    if json:
        print_json(found)
    elif found:
        print_table(f"Limits of {account}", HEAD, [_row(each) for each in found])
    else:
        print_lines([f"No contract of {account} names a limit."])


def _row(use: LimitUse) -> Sequence[object]:
    return (
        use.subscription,
        use.feature,
        *map(plain, (use.used, use.limit, use.left)),
        f"{plain(use.share_percent)} %",
        use.starts_on,
        use.ends_on or "-",
        "yes" if use.allowed else "no",
        use.clause or "-",
        use.reason,
    )
