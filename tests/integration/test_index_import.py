"""Importing a price index: all of a file or nothing, a revision beside what it revises, and no wrong copy."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from contracts.import_index import IndexReport, import_index
from contracts.index_changes import Revised
from contracts.index_store import figures_of, series_by_code
from contracts.indices import Figure, IndexSeries
from contracts.load import load_book
from contracts.tables import index_values, price_adjustments
from db.engine import URL_VARIABLE
from db.unit_of_work import reading
from kernel.clock import FixedClock
from kernel.errors import NotFound
from runtime.cli import app
from tests.integration.invoicing_book import BOOK, Office

pytestmark = pytest.mark.integration

MAY, JUNE = date(2026, 5, 1), date(2026, 6, 1)
CLOCK, LATER = FixedClock.on(date(2026, 5, 29)), FixedClock.on(date(2026, 6, 29))
WITH_MAY = "data;valor\n01/04/2026;2,73\n01/05/2026;0,40\n"


@pytest.fixture
def office(engine: Engine) -> Office:
    """The book in a fresh database: IGP-M to April 2026, and 17 published figures of twelve months."""
    return Office.open(engine)


def igpm(office: Office) -> IndexSeries:
    """Return the IGP-M as it counts now."""
    with reading(office.engine) as connection:
        return series_by_code(connection)["IGPM"]


class Desk:
    """Where an operator saves what was downloaded, and imports it."""

    def __init__(self, office: Office, folder: Path) -> None:
        self.office = office
        self.folder = folder

    def file(self, text: str, name: str = "sgs.csv") -> Path:
        """Save a file."""
        path = self.folder / name
        path.write_text(text)
        return path

    def imports(
        self, text: str, *, check: str = "", clock: FixedClock = CLOCK, name: str = "sgs.csv"
    ) -> IndexReport:
        """Import a text as the IGP-M."""
        published = self.file(check, "published.csv") if check else None
        return import_index(self.office.engine, self.file(text, name), "IGPM", clock=clock, check=published)


@pytest.fixture
def desk(office: Office, tmp_path: Path) -> Desk:
    """A desk of its own for each test."""
    return Desk(office, tmp_path)


def test_a_new_month_comes_in_once(desk: Desk) -> None:
    """May is new, April known; a second time all is known and nothing changes."""
    first = desk.imports(WITH_MAY)
    rows = desk.office.rows(index_values)
    second = desk.imports(WITH_MAY, clock=LATER)

    assert ({MAY: Decimal("0.40")}, {}, 1) == (first.months.new, first.months.revised, first.months.known)
    assert (
        "IGPM: 1 new, 0 revised, 1 known",
        "  new      2026-05  0.40 %",
        "The months agree with 17 published figures of twelve months.",
    ) == first.lines()
    assert Decimal("0.40") == igpm(desk.office).variation(MAY)
    assert (True, 2, "IGPM: 2 months known; nothing changed.") == (
        second.changed_nothing,
        second.months.known,
        second.lines()[0],
    )
    assert rows == desk.office.rows(index_values)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("igpm.json", '[{"data":"01/05/2026","valor":"0.40"},{"data":"01/06/2026","valor":"-0.10"}]'),
        ("igpm.csv", "month,igpm_pct\n2026-05,0.40\n2026-06,-0.10\n"),
    ],
)
def test_all_shapes_come_in(desk: Desk, name: str, text: str) -> None:
    """The central bank's JSON and the house's CSV are imported as its CSV is."""
    desk.imports(text, name=name)

    assert [Decimal("0.40"), Decimal("-0.10")] == [igpm(desk.office).variation(each) for each in (MAY, JUNE)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        # One row is bad, and the good one before it is not recorded either.
        ("data;valor\n01/05/2026;0,40\n01/06/2026;0.1\n", [("invalid_book", "valor", "0.1")]),
        ("data;valor\n01/05/2026;0,40\n01/07/2026;0,1\n", [("invalid_book", "data", "01/07/2026")]),
        ("data;valor\n01/05/2026;0,40\n01/05/2026;0,40\n", [("invalid_book", "data", "01/05/2026")]),
        # Good rows, but between the last recorded month and the first of the file two are left out.
        (
            "data;valor\n01/07/2026;0,40\n",
            [("invalid_book", "IGPM", "2026-05"), ("invalid_book", "IGPM", "2026-06")],
        ),
        # A wrong copy: January 2024 was 0.07.
        ("data;valor\n01/01/2024;0,27\n01/02/2024;-0,52\n", [("conflict", "2024-12", "6.7491 % compounded")]),
    ],
)
def test_nothing_is_half_written(desk: Desk, text: str, told: list[tuple[str, str, str]]) -> None:
    """A file with a bad row, a gap or a wrong figure leaves everything as it was."""
    rows = desk.office.rows(index_values)
    report = desk.imports(text)

    assert told == [(each.code, each.field, each.value) for each in report.problems]
    assert ("IGPM: refused; nothing changed.",) == report.lines()
    assert rows == desk.office.rows(index_values)


def test_published_figures_check_the_months_and_are_kept(desk: Desk) -> None:
    """The twelve months to May 2026 come to 1.5195 %: 1.52 is kept beside them, 1.56 refuses them."""
    refused = desk.imports(WITH_MAY, check="month,igpm_12m_pct\n2026-05,1.56\n")
    before = igpm(desk.office)
    desk.imports(WITH_MAY, check="month,igpm_12m_pct\n2026-05,1.52\n")

    assert [("2026-05", "1.5195 % compounded", "1.56 % as published, within 0.03 points")] == [
        (each.field, each.value, each.expected) for each in refused.problems
    ]
    assert (False, 17) == (MAY in before.percent_by_month, len(before.published_12m))
    assert Decimal("1.52") == igpm(desk.office).twelve_months(MAY)


def test_a_revision_stands_beside_what_it_revises(desk: Desk) -> None:
    """The newest figure counts, both are kept with their instants, and a used price is never edited."""
    desk.office.signs(
        "solis", "conversion-br", "zenvia-br", signed_on=date(2025, 6, 10), starts_on=date(2026, 5, 10)
    )
    desk.imports(WITH_MAY)
    desk.office.bills(date(2026, 6, 10))
    adjustments = desk.office.rows(price_adjustments)
    report = desk.imports(WITH_MAY.replace("0,40", "0,41"), clock=LATER)
    desk.office.bills(date(2026, 7, 10))
    with reading(desk.office.engine) as connection:
        history = [
            (each.revision, each.percent, each.recorded_at)
            for each in figures_of(connection, "IGPM")
            if (each.kind, each.month) == (Figure.MONTHLY, MAY)
        ]

    assert {MAY: Revised(Decimal("0.40"), Decimal("0.41"))} == report.months.revised
    assert "  revised  2026-05  0.40 % -> 0.41 %" in report.lines()
    assert [
        (1, Decimal("0.40"), datetime(2026, 5, 29, 12, tzinfo=UTC)),
        (2, Decimal("0.41"), datetime(2026, 6, 29, 12, tzinfo=UTC)),
    ] == history
    assert Decimal("0.41") == igpm(desk.office).variation(MAY)
    assert adjustments == desk.office.rows(price_adjustments)


def test_a_book_may_hold_what_was_revised_since(desk: Desk) -> None:
    """The library's April is 2.73: revised to 2.74 it is known still, and does not come back."""
    desk.imports("data;valor\n01/04/2026;2,74\n", clock=LATER)
    report = load_book(desk.office.engine, BOOK, clock=LATER)

    assert (True, ()) == (report.changed_nothing, report.problems)
    assert Decimal("2.74") == igpm(desk.office).variation(date(2026, 4, 1))


def test_another_index_is_begun_on_purpose(desk: Desk) -> None:
    """A slip of the pen in the code begins no index."""
    file = desk.file(WITH_MAY)
    with pytest.raises(NotFound) as caught:
        import_index(desk.office.engine, file, "IGMP", clock=CLOCK)
    import_index(desk.office.engine, file, "IGPDI", clock=CLOCK, begin=True)

    assert caught.value.expected.startswith("one of IGPM, ")
    with reading(desk.office.engine) as connection:
        assert Decimal("0.40") == series_by_code(connection)["IGPDI"].variation(MAY)


# ------------------------------------------------------------------------------------------ the command line


@pytest.fixture
def shell(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """The command line over the same database."""
    url = desk.office.engine.url.set(drivername="postgresql")
    monkeypatch.setenv(URL_VARIABLE, url.render_as_string(hide_password=False))
    return CliRunner()


def test_the_command_tells_what_it_did(desk: Desk, shell: CliRunner) -> None:
    """``index import`` ends with 0, a refused file with 3; ``index show`` gives both figures of a month."""
    good, bad = desk.file(WITH_MAY), desk.file(WITH_MAY.replace("0,40", "4.0"), "bad.csv")
    imported = shell.invoke(app, ["index", "import", str(good), "--index", "IGPM"])
    refused = shell.invoke(app, ["index", "import", str(bad), "--index", "IGPM"])
    shown = shell.invoke(app, ["index", "show", "IGPM", "--from", "2025-12", "--to", "2026-01"])

    assert (0, 3, 0) == (imported.exit_code, refused.exit_code, shown.exit_code)
    assert "  new      2026-05  0.40 %" in imported.output.splitlines()
    assert f"{bad}:3: not a row of a price index" in refused.output
    assert "valor: 4.0" in refused.output
    assert [
        ["2025-12", "-0.01", "-1.0422", "-1.05"],
        ["2026-01", "0.41", "-0.9040", "-"],
    ] == [line.split() for line in shown.output.splitlines() if line.startswith("20")]


def test_the_command_tells_it_as_json(desk: Desk, shell: CliRunner) -> None:
    """Months are keys, figures are text: a script reads what was revised, and why a file was refused."""
    revised, bad = (
        desk.file("data;valor\n01/04/2026;2,74\n"),
        desk.file("data;valor\n01/04/2026;x\n", "bad.csv"),
    )
    told = [
        json.loads(shell.invoke(app, ["index", *arguments, "--json"]).stdout)
        for arguments in (
            ["import", str(revised), "--index", "IGPM"],
            ["import", str(bad), "--index", "IGPM"],
            ["show", "IGPM", "--from", "2026-04"],
        )
    ]

    assert {"2026-04-01": {"was": "2.73", "now": "2.74"}} == told[0]["months"]["revised"]
    assert [("valor", "x")] == [(each["field"], each["value"]) for each in told[1]["problems"]]
    assert [("2026-04", "2.74", ["2.73", "2.74"])] == [
        (each["month"], each["percent"], [one["percent"] for one in each["revisions"]])
        for each in told[2]["months"]
    ]
