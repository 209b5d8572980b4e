"""The benchmarks of metering run as they are told to, and end with one line for machines."""

from __future__ import annotations

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("bench", "last", "options"),
    [
        ("ingest", "of every kind", ("--stored", "1000", "--accounts", "10")),
        ("conversations", "50 % late", ("--stored", "1000", "--accounts", "10")),
        ("limits", "limits", ()),
    ],
)
def test_a_benchmark_tells_its_figures(bench: str, last: str, options: tuple[str, ...]) -> None:
    """A small run prints a table and, last, its figures as exact numbers."""
    command = [sys.executable, "-m", f"bench.{bench}", "--size", "500", *options]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 our own

    figures = json.loads(ran.stdout.splitlines()[-1], parse_float=Decimal)

    assert {"bench", "size", "rate", "limit", "ratio", "peak_mb"} == set(figures)
    assert (last, 500, True) == (figures["bench"], figures["size"], 0 < figures["rate"])
