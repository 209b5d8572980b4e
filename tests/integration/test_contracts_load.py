"""A book is loaded once, corrected where that may be, and never changes what was signed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, select, text
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import IntegrityError

from contracts import store
from contracts.catalog import Catalog
from contracts.load import Counts, LoadReport, load_book
from contracts.subscriptions import Contract
from contracts.tables import accounts, subscriptions
from db.unit_of_work import reading, unit_of_work
from kernel.clock import FixedClock
from kernel.ids import account_id_of, subscription_id_of

pytestmark = pytest.mark.integration

SMALL = Path(__file__).parents[1] / "books" / "small"
CLOCK = FixedClock.on(date(2026, 3, 1))
LATER = FixedClock.on(date(2026, 4, 1))

Edit = Callable[[str, str, str], Path]


@pytest.fixture
def edit(tmp_path: Path) -> Edit:
    """Return a function that replaces text in a file of a copy of the small book and returns its folder."""
    folder = tmp_path / "book"
    shutil.copytree(SMALL, folder)

    def edited(name: str, old: str, new: str) -> Path:
        content = (folder / name).read_text()
        assert old in content
        (folder / name).write_text(content.replace(old, new, 1))
        return folder

    return edited


def contracts(engine: Engine, code: str) -> tuple[Contract, ...]:
    """Return the contracts of an account."""
    with reading(engine) as connection:
        return store.contracts_of(connection, store.load_catalog(connection), [account_id_of(code)])


def catalog_of(engine: Engine) -> Catalog:
    """Return the catalog as it is stored."""
    with reading(engine) as connection:
        return store.load_catalog(connection)


def brief(report: LoadReport) -> list[tuple[str, str, str]]:
    """Return code, subject and field of each problem."""
    return [(each.code, each.subject, each.field) for each in report.problems]


def test_a_new_book_goes_in_whole(engine: Engine) -> None:
    """Everything of a sound book is new, and counted by its kind."""
    report = load_book(engine, SMALL, clock=CLOCK)

    assert () == report.problems
    assert {
        "vendors": Counts(new=2),
        "entities": Counts(new=3),
        "documents": Counts(new=11),
        "plans": Counts(new=4),
        "index_months": Counts(new=1353),
        "index_twelve_months": Counts(new=17),
        "accounts": Counts(new=8),
        "subscriptions": Counts(new=10),
    } == report.counts


def test_the_same_book_again_changes_nothing(engine: Engine) -> None:
    """Loading twice is loading once, and the report says so."""
    first = load_book(engine, SMALL, clock=CLOCK)
    second = load_book(engine, SMALL, clock=LATER)

    assert (False, True) == (first.changed_nothing, second.changed_nothing)
    assert {kind: Counts(known=each.new) for kind, each in first.counts.items()} == second.counts
    assert () == second.problems
    with reading(engine) as connection:
        assert [datetime(2026, 3, 1, 12, tzinfo=UTC)] == list(
            connection.execute(select(accounts.c.recorded_at).distinct()).scalars()
        )


def test_contracts_come_back_as_they_were_signed(engine: Engine) -> None:
    """What a book says and what the database gives back are the same contracts, to the last digit."""
    load_book(engine, SMALL, clock=CLOCK)
    (magnolia,) = contracts(engine, "seguros-magnolia")

    assert ("docs", date(2024, 5, 1), None, 1) == (
        magnolia.subscription.code,
        magnolia.subscription.starts_on,
        magnolia.subscription.ends_on,
        magnolia.subscription.billing_day,
    )
    assert magnolia.terms.payment is not None
    assert "OF-DOCS-1 (docs-negotiated 2024-04-02)" == magnolia.terms.payment.cites
    assert ["1200.00", "1700.00"] == [str(each.amount) for each in magnolia.charges[:2]]  # type: ignore[union-attr]  # flat
    assert Decimal("2.73") == catalog_of(engine).indices["IGPM"].variation(date(2026, 4, 1))


def test_a_customer_may_be_corrected(engine: Engine, edit: Edit) -> None:
    """A new address of a customer is stored and counted, and nothing else moves."""
    load_book(engine, SMALL, clock=CLOCK)
    folder = edit("accounts.csv", "cuentas@floresdelnorte", "pagos@floresdelnorte")
    report = load_book(engine, folder, clock=LATER)

    assert Counts(changed=1, known=7) == report.counts["accounts"]
    assert ["pagos@floresdelnorte.example"] == [
        each.account.email for each in contracts(engine, "flores-del-norte")
    ]


def test_a_legal_entity_may_be_corrected_in_part(engine: Engine, edit: Edit) -> None:
    """Its bank account may change; its time zone may not, for invoices rest on it."""
    load_book(engine, SMALL, clock=CLOCK)
    corrected = load_book(engine, edit("vendors.toml", "0000013", "0000014"), clock=LATER)
    refused = load_book(engine, edit("vendors.toml", "America/Mexico_City", "America/Tijuana"), clock=LATER)

    assert Counts(changed=1, known=2) == corrected.counts["entities"]
    assert [("conflict", "entity zenvia-mx", "time_zone")] == brief(refused)
    assert "CLABE 000000000000000014" == catalog_of(engine).entities["zenvia-mx"].bank_account


def test_a_plan_version_never_changes(engine: Engine, edit: Edit) -> None:
    """Another price under a version that is stored is a conflict; what was signed keeps its price."""
    load_book(engine, SMALL, clock=CLOCK)
    folder = edit("plans/konectus-pro.toml", "amount = 1290.00", "amount = 1390.00")
    report = load_book(engine, folder, clock=LATER)

    assert [("conflict", "plan konectus-pro 1", "charge[0].amount")] == brief(report)
    assert report.problems[0].expected.endswith("raise the version") is True
    assert [f"{folder}/plans/konectus-pro.toml:18"] == [each.place for each in report.problems]
    assert ["1290.00"] == [str(each.charges[0].amount) for each in contracts(engine, "taller-solis")]  # type: ignore[union-attr]  # flat


def test_a_new_contract_never_stands_on_what_contradicts_a_record(engine: Engine, edit: Edit) -> None:
    """Who signs a plan at a new price is not billed the old one: the contract waits for the mend."""
    load_book(engine, SMALL, clock=CLOCK)
    edit("plans/konectus-pro.toml", "amount = 1290.00", "amount = 1390.00")
    row = "taller-solis,crm,konectus-pro"
    folder = edit(
        "subscriptions.csv",
        row,
        f"cafe-amanecer,crm,konectus-pro,1,konectus-mx,2026-03-01,2026-03-01,,,konectus-standard\n{row}",
    )
    report = load_book(engine, folder, clock=LATER)

    assert [
        ("conflict", "plan konectus-pro 1", "charge[0].amount"),
        ("conflict", "subscription cafe-amanecer crm", ""),
    ] == brief(report)
    assert ["conversion-2025", "conversion-2026"] == sorted(
        each.subscription.code for each in contracts(engine, "cafe-amanecer")
    )


def test_a_raised_version_stands_beside_the_old_one(engine: Engine, edit: Edit) -> None:
    """A new version is new; those who signed the old one keep it."""
    load_book(engine, SMALL, clock=CLOCK)
    folder = edit("plans/konectus-pro.toml", "amount = 1290.00", "amount = 1390.00")
    shutil.copy(SMALL / "plans" / "konectus-pro.toml", folder / "plans" / "konectus-pro-1.toml")
    report = load_book(engine, edit("plans/konectus-pro.toml", "version = 1", "version = 2"), clock=LATER)

    assert () == report.problems
    assert Counts(new=1, known=4) == report.counts["plans"]
    assert [1] == [each.plan.version for each in contracts(engine, "taller-solis")]


def test_only_the_end_of_a_contract_changes(engine: Engine, edit: Edit) -> None:
    """A contract is ended by its end; another start of the same contract is a conflict."""
    load_book(engine, SMALL, clock=CLOCK)
    ended = load_book(
        engine, edit("subscriptions.csv", "2025-06-01,,1", "2025-06-01,2026-06-01,1"), clock=LATER
    )
    moved = load_book(engine, edit("subscriptions.csv", "2025-06-01,2026", "2025-07-01,2026"), clock=LATER)

    assert (Counts(changed=1, known=9), ()) == (ended.counts["subscriptions"], ended.problems)
    assert [("conflict", "subscription flores-del-norte conversion", "starts_on")] == brief(moved)
    assert [(date(2025, 6, 1), date(2026, 6, 1))] == [
        (each.subscription.starts_on, each.subscription.ends_on)
        for each in contracts(engine, "flores-del-norte")
    ]


def test_a_contract_ends_and_another_begins_in_one_load(engine: Engine, edit: Edit) -> None:
    """A change of plan: the old contract makes room on the day on which the new one begins."""
    load_book(engine, SMALL, clock=CLOCK)
    old = "flores-del-norte,conversion,zenvia-conversion-mx,1,zenvia-mx,2025-05-20,2025-06-01,,1,\n"
    new = "flores-del-norte,conversion-2,zenvia-conversion-mx,1,zenvia-mx,2026-03-20,2026-04-01,,1,\n"
    report = load_book(
        engine, edit("subscriptions.csv", old, new + old.replace("01,,1", "01,2026-04-01,1")), clock=LATER
    )

    assert (Counts(new=1, changed=1, known=9), ()) == (report.counts["subscriptions"], report.problems)


def test_a_book_cannot_overlap_what_another_book_signed(engine: Engine, edit: Edit) -> None:
    """The database itself keeps a product once at a time, whichever file the contracts come from."""
    load_book(engine, SMALL, clock=CLOCK)
    folder = edit("subscriptions.csv", "flores-del-norte,conversion,", "flores-del-norte,again,")
    report = load_book(engine, folder, clock=LATER)

    assert [("subscription_overlap", "subscription flores-del-norte again", "starts_on")] == brief(report)
    assert [f"{folder}/subscriptions.csv:2"] == [each.place for each in report.problems]
    assert Counts(known=9) == report.counts["subscriptions"]


def test_a_contract_cannot_be_prolonged_into_the_next(engine: Engine, edit: Edit) -> None:
    """An end that moves into the days of another contract of the product is refused; the old one stays."""
    load_book(engine, SMALL, clock=CLOCK)
    edit("subscriptions.csv", "2025-01-31,2026-01-31", "2025-01-31,2026-02-28")
    rows = (SMALL / "subscriptions.csv").read_text().splitlines()
    folder = edit("subscriptions.csv", rows[3] + "\n", "")
    report = load_book(engine, folder, clock=LATER)

    assert [("subscription_overlap", "subscription cafe-amanecer conversion-2025", "starts_on")] == brief(
        report
    )
    assert Counts(known=8) == report.counts["subscriptions"]


def test_the_database_refuses_an_overlap_by_itself(engine: Engine) -> None:
    """Whoever writes to the table past the loader meets the same rule."""
    load_book(engine, SMALL, clock=CLOCK)
    account_id = account_id_of("flores-del-norte")
    row = {
        "account_id": account_id,
        "subscription_id": subscription_id_of(account_id, "again"),
        "code": "again",
        "product": "zenvia-conversion",
        "plan": "zenvia-conversion-mx",
        "plan_version": 1,
        "entity": "zenvia-mx",
        "signed_on": date(2026, 1, 1),
        "during": Range(date(2026, 1, 1), date(2026, 1, 2)),
        "billing_day": 0,
        "order_form": {},
        "ended_by": "",
        "recorded_at": CLOCK.now(),
    }

    with (
        pytest.raises(IntegrityError, match="uq_subscriptions_account_id_product_during"),
        unit_of_work(engine) as connection,
    ):
        connection.execute(insert(subscriptions), [row])


def test_a_published_month_never_changes(engine: Engine, edit: Edit) -> None:
    """Another figure for a month that is recorded is a conflict; later months come in."""
    load_book(engine, SMALL, clock=CLOCK)
    folder = edit("vendors.toml", "Konectus", "Konectus")
    (folder / "indices").mkdir()
    (folder / "indices" / "igpm.csv").write_text("month,igpm_pct\n2026-04,2.37\n2026-05,0.11\n")
    report = load_book(engine, folder, clock=LATER)

    assert [("conflict", "index IGPM", "2026-04")] == brief(report)
    assert Counts(new=1, known=1353) == report.counts["index_months"]
    assert Decimal("2.73") == catalog_of(engine).indices["IGPM"].variation(date(2026, 4, 1))


def test_a_series_that_another_entity_has_is_refused(engine: Engine, edit: Edit) -> None:
    """A second entity under a stored series is set aside with its contracts; the rest of the book goes in."""
    load_book(engine, SMALL, clock=CLOCK)
    edit("vendors.toml", 'code = "konectus-mx"', 'code = "konectus-new"')
    text_of = (SMALL / "subscriptions.csv").read_text()
    folder = edit("subscriptions.csv", text_of, text_of.replace(",konectus-mx,", ",konectus-new,"))
    report = load_book(engine, folder, clock=LATER)

    assert ("conflict", "entity konectus-new", "series") == brief(report)[0]
    assert Counts(known=2) == report.counts["entities"]


def test_a_bad_book_loads_what_is_good(engine: Engine, edit: Edit) -> None:
    """A slip in one file keeps back what rests on it, and nothing more."""
    folder = edit("accounts.csv", "FLN120514T42", "FLN121314T42")
    report = load_book(engine, folder, clock=CLOCK)

    assert [
        ("invalid_input", "account flores-del-norte", "tax_id"),
        ("unknown_account", "subscription flores-del-norte conversion", "account"),
    ] == brief(report)
    assert (Counts(new=7), Counts(new=9)) == (report.counts["accounts"], report.counts["subscriptions"])


def test_what_people_type_is_only_ever_text(engine: Engine, edit: Edit) -> None:
    """Quotes, semicolons and SQL in a name arrive as they are."""
    name = "Robert'); DROP TABLE accounts; -- %s \\\\N"
    folder = edit("accounts.csv", '"Flores del Norte, S.A. de C.V."', f'"{name}"')
    load_book(engine, folder, clock=CLOCK)

    assert [name] == [each.account.name for each in contracts(engine, "flores-del-norte")]
    with reading(engine) as connection:
        assert 8 == connection.execute(text("SELECT count(*) FROM accounts")).scalar_one()
