"""A book is a folder that people edit: each slip is a problem with its place, and the good rest is read."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.book import read_book
from contracts.book_checks import Book, Placed, sound
from contracts.rules import TaxMode
from contracts.subscriptions import Subscription
from kernel.errors import InvalidBook
from kernel.ids import account_id_of
from kernel.problems import Problem

SMALL = Path(__file__).parents[2] / "books" / "small"
SMALL_BOOK = read_book(SMALL)

Edit = Callable[[str, str, str], Path]


@pytest.fixture
def edit(tmp_path: Path) -> Edit:
    """Return a function that replaces text in a file of a copy of the small book and returns its folder."""
    folder = tmp_path / "book"
    shutil.copytree(SMALL, folder)

    def edited(name: str, old: str, new: str) -> Path:
        text = (folder / name).read_text()
        assert old in text
        (folder / name).write_text(text.replace(old, new, 1))
        return folder

    return edited


def kept(book: Book) -> tuple[int, ...]:
    """Count the vendors, entities, documents, plans, accounts and subscriptions of a book."""
    groups = (book.vendors, book.entities, book.documents, book.plans, book.accounts, book.subscriptions)
    return tuple(len(each) for each in groups)


def brief(problems: tuple[Problem, ...], folder: Path) -> list[tuple[str, str, str, str]]:
    """Return code, place within the book, field and subject of problems."""
    return [(each.code, each.place.removeprefix(f"{folder}/"), each.field, each.subject) for each in problems]


def test_the_small_book_is_sound() -> None:
    """The book of these tests has no problem, and holds what it says."""
    book, problems = read_book(SMALL)

    assert () == problems
    assert (2, 3, 11, 4, 8, 10) == kept(book)


def test_the_small_books_contracts_read_as_signed() -> None:
    """Prices, allowances, taxes and the order form's own terms arrive exactly."""
    book, _ = read_book(SMALL)
    magnolia = next(each.value for each in book.subscriptions if each.value.account == "seguros-magnolia")
    account = next(each.value for each in book.accounts if each.value.code == "seguros-magnolia")
    signed = book.catalog.contract(account_id_of(account.code), account, magnolia)
    package, overage = signed.charges[1], signed.charges[2]

    assert signed.terms.payment is not None
    assert signed.terms.tax is not None
    assert (30, TaxMode.INCLUSIVE) == (
        signed.terms.payment.rule.due_days_after_sent,
        signed.terms.tax.rule.mode,
    )
    assert "OF-DOCS-1 (docs-negotiated 2024-04-02)" == signed.terms.payment.cites
    assert Decimal("1700.00") == package.amount  # type: ignore[union-attr]  # the package is flat
    assert (Decimal(25000), [Decimal("0.07"), Decimal("0.055")]) == (
        overage.allowance,  # type: ignore[union-attr]  # the overage is graduated
        [tier.unit_price for tier in overage.tiers],  # type: ignore[union-attr]  # as above
    )


Slip = tuple[str, str, str, str]

#: What is written wrongly in each file: the text, what it becomes, and the code and the field of the problem.
SLIPS: dict[str, list[Slip]] = {
    "accounts.csv": [
        ("FLN120514T42", "FLN121314T42", "invalid_input", "tax_id"),
        ("28.761.430/0001-45", "28.761.430/0001-54", "invalid_input", "tax_id"),
        ("cuentas@floresdelnorte.example", "", "invalid_book", "email"),
        ("cuentas@floresdelnorte", "cuentas en floresdelnorte", "invalid_input", "email"),
        ('C.V.",MX,', 'C.V.",México,', "invalid_input", "country"),
        ('Monterrey",es', 'Monterrey",fr', "invalid_input", "language"),
        ("cafe-amanecer,", "flores-del-norte,", "conflict", ""),
        ('Xalapa",es', 'Xalapa",es,', "invalid_book", ""),
        ("code,name", "code,nombre", "invalid_book", "nombre"),
    ],
    "vendors.toml": [
        ('"zenvia-br"', '" zenvia-br"', "invalid_input", "code"),
        ("America/Sao_Paulo", "America/Sao_Paolo", "invalid_input", "time_zone"),
        ('currency = "BRL"', 'currency = "BRR"', "unknown_currency", "currency"),
        ('subdivision = "SP"', 'subdivision = "XX"', "invalid_input", "subdivision"),
        ('series = "ZBR"', 'serie = "ZBR"', "invalid_book", "entity[1].serie"),
        ("percent = 5", "percent = -5", "invalid_book", "entity[1].taxes[0].percent"),
        ("41.302.759/0001-06", "41.302.759/0001-60", "invalid_input", "tax_id"),
    ],
    "plans/konectus-pro.toml": [
        ('clause = "KON-5.2"', 'clause = "KON-5.3"', "unknown_clause", "charge[1].clause"),
        ('meter = "contacts"', 'meter = "contact"', "unknown_meter", "charge[2].meter"),
        ("konectus-general", "konectus-generel", "not_found", "documents"),
        ("konectus-general", "zenvia-annex-ix", "invalid_plan", "documents[0]"),
        ('vendor = "konectus"', 'vendor = "konnectus"', "not_found", "vendor"),
        ("size = 1000", "size = 0", "invalid_plan", "charge[3].size"),
    ],
    "order_forms/konectus-standard.toml": [
        ('mode = "exclusive"', 'mode = "exklusive"', "invalid_terms", "rules.tax.mode"),
    ],
    "subscriptions.csv": [
        ("flores-del-norte,", "flores-del-sur,", "unknown_account", "account"),
        ("zenvia-docs-nlu,1,", "zenvia-docs-nlu,2,", "not_found", "plan"),
        ("1,zenvia-mx", "1,zenvia-mex", "not_found", "entity"),
        ("1,zenvia-mx", "1,zenvia-br", "currency_mismatch", "currency"),
        ("1,zenvia-mx", "1,konectus-mx", "invalid_input", "entity"),
        ("2025-06-01,,1,", "2025-06-31,,1,", "invalid_book", "starts_on"),
        ("2025-06-01,,1,", "2025-06-01,2025-06-01,1,", "invalid_book", "ends_on"),
        ("2025-06-01,,1,", "2025-06-01,,32,", "invalid_book", "billing_day"),
        ("docs-standard", "docs-standrad", "not_found", "order_form"),
        (",,docs-standard", ",,", "invalid_terms", "rules.payment"),
        ("2026-01-15,2026-01-31", "2026-01-15,2026-01-30", "subscription_overlap", "starts_on"),
        ("conversion-2026", "conversion-2025", "conflict", ""),
    ],
}


@pytest.mark.parametrize(
    ("file", "slip"),
    [(file, slip) for file, slips in SLIPS.items() for slip in slips],
    ids=lambda value: value if isinstance(value, str) else value[1],
)
def test_a_slip_is_a_problem_with_its_place(edit: Edit, file: str, slip: Slip) -> None:
    """Whoever edits a book is told the file, the line and the field; the first problem is the cause."""
    old, new, code, field = slip
    line = 1 + (SMALL / file).read_text().split(old)[0].count("\n")
    folder = edit(file, old, new)

    assert (code, f"{file}:{line}", field) == brief(read_book(folder)[1], folder)[0][:3]


@pytest.mark.parametrize(
    ("old", "new", "code", "field"),
    [
        ("[charges.docs_package]", "[charges.docs_pakage]", "invalid_input", "charges"),
        ('clause = "OF-DOCS-1"', 'clause = "OF-DOCS-2"', "unknown_clause", "clause"),
    ],
)
def test_an_order_form_that_does_not_fit_its_plan(
    edit: Edit, old: str, new: str, *, code: str, field: str
) -> None:
    """An order form is judged with the plan that it changes, so its contract is the place."""
    folder = edit("order_forms/docs-negotiated.toml", old, new)

    assert [(code, "subscriptions.csv:8", field, "subscription seguros-magnolia docs")] == brief(
        read_book(folder)[1], folder
    )


def test_two_entities_do_not_share_a_series(edit: Edit) -> None:
    """A series begins the numbers of invoices, and a number names one invoice only."""
    folder = edit("vendors.toml", 'series = "ZBR"', 'series = "ZMX"')
    problems = brief(read_book(folder)[1], folder)

    assert ("conflict", "vendors.toml:25", "", "series ZMX") == problems[0]
    assert 4 == len(problems)


def test_a_tax_region_that_the_issuer_does_not_know_stops_the_contract(edit: Edit) -> None:
    """A typing error is found as the book is loaded, and not as the month is billed."""
    edit(
        "vendors.toml", "percent = 16 }]", 'percent = 16 }, { code = "IVA", percent = 8, region = "border" }]'
    )
    folder = edit("accounts.csv", "address,language\n", "address,language,tax_region\n")
    rows = (folder / "accounts.csv").read_text(encoding="utf-8").splitlines()
    taxed = [rows[0], f"{rows[1]},boarder", *(f"{row}," for row in rows[2:])]
    (folder / "accounts.csv").write_text("\n".join([*taxed, ""]), encoding="utf-8")
    problems = read_book(folder)[1]

    assert {("tax_region", "boarder", "none, or one of border")} == {
        (each.field, each.value, each.expected) for each in problems
    }
    assert all(each.subject.startswith("subscription flores-del-norte ") for each in problems)


def test_a_tax_that_nobody_levies_is_not_withheld(edit: Edit) -> None:
    """The code must be one of a legal entity's withheld taxes."""
    folder = edit("accounts.csv", "address,language\n", "address,language,withholds\n")
    rows = (folder / "accounts.csv").read_text(encoding="utf-8").splitlines()
    taxed = [rows[0], f"{rows[1]},IVA", *(f"{row}," for row in rows[2:])]
    (folder / "accounts.csv").write_text("\n".join([*taxed, ""]), encoding="utf-8")
    first, *_ = read_book(folder)[1]

    assert ("withholds", "IVA", "account flores-del-norte") == (first.field, first.value, first.subject)


def test_what_rests_on_a_bad_thing_is_set_aside_with_it(edit: Edit) -> None:
    """A plan that cannot be read takes its contracts with it, each one named; all others stay."""
    folder = edit("plans/zenvia-docs-nlu.toml", "amount = 850.00", "amount = -850.00")
    book, problems = read_book(folder)

    assert [
        ("invalid_plan", "plans/zenvia-docs-nlu.toml:28", "charge[1].amount", "zenvia-docs-nlu"),
        ("not_found", "subscriptions.csv:7", "plan", "subscription colegio-ipe docs"),
        ("not_found", "subscriptions.csv:8", "plan", "subscription seguros-magnolia docs"),
    ] == brief(problems, folder)
    assert (2, 3, 11, 3, 8, 8) == kept(book)


def test_a_terms_document_of_ones_own(edit: Edit) -> None:
    """A vendor of one's own brings its terms in the book; no code is written for it."""
    vendor = '[[vendor]]\ncode = "konectus"'
    folder = edit("vendors.toml", vendor, f'[[vendor]]\ncode = "own"\nname = "Own"\n\n{vendor}')
    (folder / "terms").mkdir()
    (folder / "terms" / "own.toml").write_text(
        '[document]\nid = "own-terms"\nvendor = "own"\nlayer = "general"\ntitle = "Own"\nversion = "1"\n'
        'effective_from = 2026-01-01\n\n[[clause]]\nid = "OWN-1"\nplace = "1"\nsays_en = "All."\n'
    )

    assert (3, 3, 12, 4, 8, 10) == kept(read_book(folder)[0])


def test_later_months_of_an_index(edit: Edit) -> None:
    """A month that was published after this version of the engine comes with the book."""
    folder = edit("vendors.toml", "Konectus", "Konectus")
    (folder / "indices").mkdir()
    (folder / "indices" / "igpm.csv").write_text("month,igpm_pct\n2026-05,0.11\n")
    series = {each.code: each for each in read_book(folder)[0].indices}["IGPM"]

    assert (Decimal("2.73"), Decimal("0.11")) == (
        series.variation(date(2026, 4, 1)),
        series.variation(date(2026, 5, 1)),
    )


def test_an_index_that_is_not_the_published_one_is_refused(edit: Edit) -> None:
    """A wrong copy of a month is told with the year that it spoils; the library's figures stay."""
    folder = edit("vendors.toml", "Konectus", "Konectus")
    (folder / "indices" / "published_12m").mkdir(parents=True)
    (folder / "indices" / "igpm.csv").write_text("month,igpm_pct\n2024-01,0.27\n")
    (folder / "indices" / "published_12m" / "ipca.csv").write_text("month,ipca_12m_pct\n2024-12,4.83\n")
    book, problems = read_book(folder)
    series = {each.code: each for each in book.indices}

    assert [("index IGPM", "2024-12")] == [(each.subject, each.field) for each in problems]
    assert Decimal("0.07") == series["IGPM"].variation(date(2024, 1, 1))
    assert Decimal("4.83") == series["IPCA"].twelve_months(date(2024, 12, 1))


def test_a_folder_without_a_book_is_refused(tmp_path: Path) -> None:
    """A wrong folder is not an empty book."""
    with pytest.raises(InvalidBook) as caught:
        read_book(tmp_path / "nowhere")

    assert str(tmp_path / "nowhere") == caught.value.place


def test_a_file_that_is_not_text_is_a_problem(edit: Edit) -> None:
    """A spreadsheet saved in another encoding is named, not guessed at."""
    folder = edit("accounts.csv", "Flores", "Flores")
    (folder / "accounts.csv").write_bytes((folder / "accounts.csv").read_text().encode("latin-1"))

    assert ("invalid_book", "accounts.csv", "", "accounts") == brief(read_book(folder)[1], folder)[0]


STARTS = st.dates(min_value=date(2024, 1, 1), max_value=date(2024, 3, 1))
SPANS = st.lists(st.tuples(STARTS, st.integers(min_value=0, max_value=40)), max_size=8)


@given(spans=SPANS)
def test_no_two_kept_subscriptions_of_a_product_overlap(spans: list[tuple[date, int]]) -> None:
    """A customer holds a product once at a time, and what a book says beyond is a problem."""
    book, _ = SMALL_BOOK
    pattern = next(each for each in book.subscriptions if each.value.account == "flores-del-norte")
    asked = tuple(
        Placed(_lasting(pattern.value, number, *span), pattern.where) for number, span in enumerate(spans)
    )
    good, problems = sound(replace(book, subscriptions=asked))
    days = sorted((each.value.starts_on, each.value.ends_on or date.max) for each in good.subscriptions)

    assert len(spans) == len(days) + len(problems)
    assert [] == [(one, two) for one, two in pairwise(days) if two[0] < one[1]]


def _lasting(pattern: Subscription, number: int, start: date, days: int) -> Subscription:
    end = start + timedelta(days=days) if days else None
    return msgspec.structs.replace(pattern, code=f"s-{number}", starts_on=start, ends_on=end)
