"""Each module is a noun (it decides, and is pure), or it is listed here: it does, or touches the rim.

A new noun goes into the contract "nouns" of import-linter in pyproject.toml; a new verb goes here.
"""

from __future__ import annotations

from tests.architecture.house import PACKAGES, PYPROJECT, modules, tree_of

#: Packages that are rim throughout: the database, the wiring, HTTP.
RIM = {"db", "runtime", "api"}

#: Verbs, rows and doors of the other packages.
VERBS = {
    "contracts": {
        "assign_seats",
        "book",
        "book_store",
        "credit_store",
        "give_notice",
        "grant_credits",
        "held_store",
        "import_index",
        "index_store",
        "known",
        "known_store",
        "library",
        "life_store",
        "load",
        "notice_checks",
        "notice_store",
        "occur",
        "occurrence_store",
        "outage_store",
        "record_outage",
        "seat_store",
        "service_changes",
        "suspend",
        "settle",
        "stamp_store",
        "store",
        "tables",
        "terms_files",
    },
    "metering": {
        "archive_months",
        "archived_months",
        "declare_source",
        "given_rows",
        "import_file",
        "ingest",
        "measure",
        "meter_book",
        "parquet_archives",
        "parquet_events",
        "pipeline",
        "rebuild",
        "recount",
        "restore_months",
        "retry",
        "store",
        "store_archives",
        "store_days",
        "store_events",
        "store_limits",
        "store_ordered",
        "store_quarantine",
        "store_rebuild",
        "store_run",
        "store_sources",
        "store_transactions",
        "store_values",
        "tables",
        "thresholds",
        "usage_files",
    },
    "receivables": {"export_xlsx", "report", "store", "tables"},
    "invoicing": {
        "archive",
        "assess",
        "bill",
        "charge_penalties",
        "draft",
        "grant_credit",
        "drawdown_store",
        "issue",
        "measured",
        "pending_store",
        "render_pdf",
        "settle_notices",
        "store",
        "tables",
    },
    "payments": {"collect", "debts", "import_receipts", "receive", "store", "stripe_gateway", "tables"},
    "dunning": {"cases", "chase", "confirm", "effects", "restore", "store", "tables"},
}

LINTER = PYPROJECT["tool"]["importlinter"]["contracts"]
NOUNS = {name for contract in LINTER if contract["id"] == "nouns" for name in contract["source_modules"]}
NOT_NOUNS = RIM | {f"{package}.{name}" for package, names in VERBS.items() for name in names}
CODE = {name for name, path in modules(*PACKAGES).items() if len(tree_of(path).body) > 1}


def within(names: set[str]) -> set[str]:
    """Return the modules that bear one of these names or lie in a package that does."""
    return {module for module in CODE if any(f"{module}.".startswith(f"{name}.") for name in names)}


def test_every_module_is_a_noun_or_not() -> None:
    """Whoever adds a module decides which it is: none is neither, none is both."""
    assert set() == CODE - within(NOUNS) - within(NOT_NOUNS)
    assert set() == within(NOUNS) & within(NOT_NOUNS)


def test_every_listed_name_exists() -> None:
    """A module that was renamed or deleted leaves no trace in the lists."""
    assert set() == {name for name in NOUNS | NOT_NOUNS if not within({name})}
