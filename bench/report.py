"""How a benchmark tells its figures: a table for people, and one line of JSON for machines at the end."""

from __future__ import annotations

import resource
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

import msgspec
from rich.console import Console
from rich.table import Table

NANOSECONDS: Final = 10**9
_KIB_PER_MB: Final = 1024
_RATIO_PLACES: Final = Decimal("0.0001")

_encoder = msgspec.json.Encoder(decimal_format="number")


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What a benchmark found: work done a second, the machine's limit for the same work, and their ratio."""

    bench: str
    size: int
    rate: int
    limit: int
    ratio: Decimal
    peak_mb: int


def per_second(count: int, nanoseconds: int) -> int:
    """Return how many a second: 200 in half a second are 400."""
    return count * NANOSECONDS // max(1, nanoseconds)


def figures(bench: str, size: int, *, rate: int, limit: int) -> Figures:
    """Return a benchmark's figures, with the peak memory of this process until now."""
    ratio = (Decimal(rate) / Decimal(max(1, limit))).quantize(_RATIO_PLACES)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // _KIB_PER_MB
    return Figures(bench=bench, size=size, rate=rate, limit=limit, ratio=ratio, peak_mb=peak_mb)


def show(found: Figures, *, unit: str, rows: Sequence[tuple[str, str]] = ()) -> None:
    """Print a table of the figures and of further rows, then the figures as the last line."""
    table = Table(title=f"{found.bench}: {found.size:,} {unit}")
    table.add_column("figure")
    table.add_column("value", justify="right")
    for label, value in (
        (f"{unit} a second", f"{found.rate:,}"),
        ("limit of this machine, a second", f"{found.limit:,}"),
        ("ratio", str(found.ratio)),
        ("peak memory", f"{found.peak_mb:,} MB"),
        *rows,
    ):
        table.add_row(label, value)
    Console().print(table)
    print(_encoder.encode(found).decode())


def show_all(found: Sequence[Figures], *, title: str, rows: Sequence[tuple[str, str]] = ()) -> None:
    """Print figures as the rows of one table, further rows beneath, then each figure as a line of JSON."""
    table = Table(title=title)
    table.add_column("work")
    for name in ("a second", "limit", "ratio"):
        table.add_column(name, justify="right")
    for each in found:
        table.add_row(each.bench, f"{each.rate:,}", f"{each.limit:,}", f"{each.ratio:.2f}")
    for label, value in rows:
        table.add_row(label, value, "", "")
    Console().print(table)
    for each in found:
        print(_encoder.encode(each).decode())
