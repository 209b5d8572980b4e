"""A book: a folder that people edit, with the vendors, plans, customers and contracts of an installation.

``vendors.toml``, ``plans/*.toml``, ``order_forms/*.toml``, ``accounts.csv`` and ``subscriptions.csv``; and of
one's own ``terms/*.toml``, and ``indices/*.csv`` with ``published_12m`` beneath.  What the library holds is
found without being in the book.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import ParamSpec, TypeVar

from contracts import library
from contracts.book_checks import Book, Placed, sound
from contracts.csv_reading import CsvRow
from contracts.index_changes import disagreements
from contracts.indices import IndexSeries, joined
from contracts.parties import Account, LegalEntity, Vendor
from contracts.plans import Plan
from contracts.shapes import one_of
from contracts.subscriptions import OrderForm, Subscription
from contracts.terms import TermsDocument
from contracts.toml_places import Path as Steps
from contracts.toml_reading import TomlFile
from contracts.typed_reading import Origin, typed
from kernel.errors import ClausulaError, InvalidBook, InvalidInput, InvalidPlan, InvalidTerms, NotFound
from kernel.problems import Problem

T = TypeVar("T")
P = ParamSpec("P")

VENDORS_FILE = "vendors.toml"
ACCOUNTS_FILE = "accounts.csv"
SUBSCRIPTIONS_FILE = "subscriptions.csv"
PLANS_FOLDER = "plans"
TERMS_FOLDER = "terms"
ORDER_FORMS_FOLDER = "order_forms"
INDICES_FOLDER = "indices"


def read_book(folder: Path) -> tuple[Book, tuple[Problem, ...]]:
    """Return what is good of a book, and a problem with its place for each file, row or thing that is not.

    Raises :class:`InvalidBook` when the folder holds no book at all.
    """
    if not any((folder / name).is_file() for name in (VENDORS_FILE, ACCOUNTS_FILE, SUBSCRIPTIONS_FILE)):
        raise InvalidBook(
            "no book here",
            value=folder,
            expected=f"a folder with {VENDORS_FILE}, {ACCOUNTS_FILE} and {SUBSCRIPTIONS_FILE}",
            place=str(folder),
        )
    reader = _Reader(folder)
    vendors, entities = reader.vendors()
    read = Book(
        vendors=vendors,
        entities=entities,
        documents=(*_library_documents(vendors), *reader.files(TERMS_FOLDER, TermsDocument, InvalidTerms)),
        plans=reader.files(PLANS_FOLDER, Plan, InvalidPlan),
        indices=reader.indices(),
        accounts=reader.rows(ACCOUNTS_FILE, Account),
        subscriptions=reader.subscriptions(reader.order_forms()),
    )
    book, problems = sound(read)
    return book, (*reader.problems, *problems)


def _library_documents(vendors: tuple[Placed[Vendor], ...]) -> Iterator[Placed[TermsDocument]]:
    codes = {each.value.code for each in vendors}
    for document_id, versions in library.library_documents().items():
        for version in versions:
            if version.document.vendor in codes:
                yield Placed(version, partial(_library_place, document_id))


def _library_place(document_id: str, _path: Steps) -> str:
    return f"library/{document_id}.toml"


@dataclass(slots=True)
class _Reader:
    """Reads the files of one folder and sets aside what is no good."""

    folder: Path
    problems: list[Problem] = field(default_factory=list)

    def vendors(self) -> tuple[tuple[Placed[Vendor], ...], tuple[Placed[LegalEntity], ...]]:
        """Return the vendors and the legal entities of ``vendors.toml``."""
        path = self.folder / VENDORS_FILE
        file = self._tried(path.stem, library.read_toml, path, InvalidBook) if path.is_file() else None
        if file is None:
            return (), ()
        for key in set(file.raw) - {"vendor", "entity"}:
            error = InvalidBook("no such key here", field=key, value=key, expected="vendor or entity")
            self.problems.append(Problem.of(error, subject=VENDORS_FILE, place=file.place((key,))))
        return self._tables(file, "vendor", Vendor), self._tables(file, "entity", LegalEntity)

    def files(self, folder: str, kind: type[T], refusal: type[InvalidInput]) -> tuple[Placed[T], ...]:
        """Return the records of all TOML files of a folder, each file one."""
        found = []
        for path in sorted((self.folder / folder).glob("*.toml")):
            file = self._tried(path.stem, library.read_toml, path, refusal)
            value = None if file is None else self._tried(path.stem, file.read, kind, refusal)
            if file is not None and value is not None:
                found.append(Placed(value, file.place))
        return tuple(found)

    def order_forms(self) -> Mapping[str, OrderForm]:
        """Return the good order forms by the names of their files."""
        paths = sorted((self.folder / ORDER_FORMS_FOLDER).glob("*.toml"))
        read = {path.stem: self._tried(path.stem, library.read_order_form, path) for path in paths}
        return {name: form for name, form in read.items() if form is not None}

    def indices(self) -> tuple[IndexSeries, ...]:
        """Return the library's indices, with the figures that the book adds.

        An index whose months do not come to what is published stays as the library has it.
        """
        known = library.library_indices()
        files = library.index_files(self.folder / INDICES_FOLDER)
        read = [self._tried(path.stem, how, path) for path, how in files.items()]
        series = joined(known, (each for each in read if each is not None))
        refused = {each.code: tuple(disagreements(each)) for each in series.values()}
        self.problems += [problem for problems in refused.values() for problem in problems]
        kept = (known.get(code) if refused[code] else each for code, each in series.items())
        return tuple(each for each in kept if each is not None)

    def rows(self, name: str, kind: type[T]) -> tuple[Placed[T], ...]:
        """Return the records of a CSV file, each row one."""
        return tuple(
            Placed(value, row.place)
            for row in self._csv(name, kind)
            for value in self._row(row, row.cells, kind)
        )

    def subscriptions(self, order_forms: Mapping[str, OrderForm]) -> tuple[Placed[Subscription], ...]:
        """Return the subscriptions; the cell ``order_form`` names a file of the folder of order forms."""
        found = []
        for row in self._csv(SUBSCRIPTIONS_FILE, Subscription):
            name = row.cells.get("order_form", "")
            if name and name not in order_forms:
                self._set_aside(row, _unknown_order_form(name, order_forms))
                continue
            raw = {**row.cells, "order_form": order_forms.get(name, OrderForm())}
            found += [Placed(value, row.place) for value in self._row(row, raw, Subscription)]
        return tuple(found)

    def _tables(self, file: TomlFile, key: str, kind: type[T]) -> tuple[Placed[T], ...]:
        found = []
        tables = file.raw.get(key, [])
        for position, raw in enumerate(tables if isinstance(tables, list) else [tables]):
            at: Steps = (key, position)
            value = self._tried(f"{key} {position + 1}", file.read_part, raw, at, kind, InvalidBook)
            if value is not None:
                found.append(Placed(value, partial(file.place_below, at)))
        return tuple(found)

    def _csv(self, name: str, kind: type[object]) -> tuple[CsvRow, ...]:
        path = self.folder / name
        if not path.is_file():
            return ()
        read = self._tried(path.stem, library.read_csv, path, kind)
        rows, problems = read or ((), ())
        self.problems += problems
        return rows

    def _row(self, row: CsvRow, raw: Mapping[str, object], kind: type[T]) -> Iterator[T]:
        try:
            yield typed(raw, kind, Origin(row.place, InvalidBook), strict=False)
        except ClausulaError as error:
            self._set_aside(row, error)

    def _set_aside(self, row: CsvRow, error: ClausulaError) -> None:
        named = row.cells.get("code", "")
        subject = f"{Path(row.name).stem.removesuffix('s')} {row.cells.get('account', '')} {named}"
        self.problems.append(Problem.of(error, subject=" ".join(subject.split()), place=row.place()))

    def _tried(self, subject: str, read: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        try:
            return read(*args, **kwargs)
        except ClausulaError as error:
            self.problems.append(Problem.of(error, subject=subject))
            return None


def _unknown_order_form(name: str, order_forms: Mapping[str, OrderForm]) -> NotFound:
    return NotFound(
        f"no good order form of this name in {ORDER_FORMS_FOLDER}",
        field="order_form",
        value=name,
        expected=one_of(order_forms, name),
    )
