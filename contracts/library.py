"""The doors to files: terms, plans, order forms, parties and price indices, of a book and of the library.

The library holds the contracts that the engine knows (``library/*.toml``) and the published price indices
(``library/indices/*.csv``, and in ``published_12m`` beneath what their publishers say that twelve months
did); a document is found in it by its id.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from contracts.catalog import versions_by_id
from contracts.csv_reading import CsvRow, columns_of, parse_csv
from contracts.index_reading import parse_index, parse_published
from contracts.indices import IndexSeries, joined
from contracts.plans import Plan
from contracts.subscriptions import OrderForm
from contracts.terms import TermsDocument
from contracts.toml_reading import TomlFile, parse_toml
from kernel.errors import InvalidBook, InvalidInput, InvalidPlan, InvalidTerms
from kernel.problems import Problem

LIBRARY = Path(__file__).parent / "library"

#: Below a folder of indices: what their publishers say that twelve months did.
PUBLISHED_FOLDER = "published_12m"

#: Bytes that one file may hold: a CSV of a million rows, and no more.
LARGEST_FILE_BYTES = 256 * 1024 * 1024


def read_text(path: Path, refusal: type[InvalidInput] = InvalidBook) -> str:
    """Return a file's text; a mark before the first letter, as spreadsheets save it, is dropped."""
    try:
        if path.stat().st_size > LARGEST_FILE_BYTES:
            raise refusal(
                "the file is too large", place=str(path), expected=f"at most {LARGEST_FILE_BYTES:,} bytes"
            )
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise refusal("the file is not UTF-8 text", value=error.reason, place=str(path)) from None
    except OSError as error:
        raise refusal("the file cannot be read", value=error.strerror, place=str(path)) from None


def read_toml(path: Path, refusal: type[InvalidInput]) -> TomlFile:
    """Return a TOML file, parsed but not typed yet."""
    return parse_toml(read_text(path, refusal), str(path), refusal)


def read_terms(path: Path) -> TermsDocument:
    """Return the terms document of a file, or raise :class:`InvalidTerms` with its place."""
    return read_toml(path, InvalidTerms).read(TermsDocument, InvalidTerms)


def read_plan(path: Path) -> Plan:
    """Return the plan of a file, or raise :class:`InvalidPlan` with its place."""
    return read_toml(path, InvalidPlan).read(Plan, InvalidPlan)


def read_order_form(path: Path) -> OrderForm:
    """Return the order form of a file, which bears the file's name unless it has an id of its own."""
    file = read_toml(path, InvalidTerms)
    raw = {"id": path.stem, **file.raw}
    if "charges" in raw:
        raw["charges"] = _as_text(raw["charges"])
    return file.read_part(raw, (), OrderForm, InvalidTerms)


def read_index(path: Path) -> IndexSeries:
    """Return the price index of a file, which is named for its code: ``igpm.csv`` holds ``IGPM``."""
    return parse_index(read_text(path), str(path), path.stem.upper())


def read_published(path: Path) -> IndexSeries:
    """Return the published figures of twelve months of a file, which is named as :func:`read_index` says."""
    code = path.stem.upper()
    return IndexSeries(code, {}, parse_published(read_text(path), str(path), code))


def index_files(folder: Path) -> dict[Path, Callable[[Path], IndexSeries]]:
    """Return the files of indices in a folder, and how each is read."""
    return {
        **dict.fromkeys(sorted(folder.glob("*.csv")), read_index),
        **dict.fromkeys(sorted(folder.glob(f"{PUBLISHED_FOLDER}/*.csv")), read_published),
    }


def read_csv(path: Path, kind: type[object]) -> tuple[tuple[CsvRow, ...], tuple[Problem, ...]]:
    """Return the rows of a file whose columns are the fields of a record, and the rows that are no good."""
    return parse_csv(read_text(path), str(path), columns_of(kind))


@lru_cache(maxsize=1)
def library_documents() -> Mapping[str, tuple[TermsDocument, ...]]:
    """Return every version of every document of the library, by id, oldest first."""
    return versions_by_id(read_terms(path) for path in sorted(LIBRARY.glob("*.toml")))


@lru_cache(maxsize=1)
def library_indices() -> Mapping[str, IndexSeries]:
    """Return the price indices of the library by their code."""
    return joined({}, (read(path) for path, read in index_files(LIBRARY / "indices").items()))


def _as_text(raw: object) -> object:
    """Write bare numbers as text: an order form keeps them as such until it meets the charge they change."""
    match raw:
        case dict():
            return {key: _as_text(value) for key, value in raw.items()}
        case list():
            return [_as_text(value) for value in raw]
        case bool():
            return str(raw).lower()
        case int() | Decimal():
            return str(raw)
        case _:
            return raw
