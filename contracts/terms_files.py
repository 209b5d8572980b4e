"""The door to terms documents by name or by file: what is checked and compared before any book is loaded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from contracts.library import library_documents, read_terms, read_toml
from contracts.shapes import one_of
from contracts.terms import TermsDocument
from contracts.terms_checks import Checked, FileKind, check_plan, check_terms, kind_of_file
from contracts.toml_reading import TomlFile
from kernel.errors import ClausulaError, InvalidTerms, NotFound
from kernel.problems import Problem

#: What separates the id of a document from its version: ``acme-general@2026``.
VERSION_MARK = "@"


def document_named(reference: str) -> TermsDocument:
    """Return the document of a file, or of the library by ``ID`` (its newest version) or ``ID@VERSION``."""
    if Path(reference).suffix == ".toml":
        return read_terms(Path(reference))
    document_id, _, version = reference.partition(VERSION_MARK)
    known = library_documents()
    if document_id not in known:
        raise NotFound(
            "the library has no such document",
            field="document",
            value=document_id,
            expected=f"a file ending in .toml, or {one_of(known, document_id)}",
        )
    versions = {each.document.version: each for each in known[document_id]}
    if version and version not in versions:
        raise NotFound(
            f"the library has no such version of {document_id}",
            field="version",
            value=version,
            expected=one_of(versions, version),
        )
    return versions[version] if version else known[document_id][-1]


def check_files(paths: Sequence[Path], over: Sequence[str] = ()) -> tuple[Checked, ...]:
    """Check files together: terms over the documents that are named, plans against files and library.

    Raises :class:`NotFound` for a document beneath that does not exist.
    """
    beneath = [document_named(reference) for reference in over]
    opened = [_opened(path) for path in paths]
    own = [document for file in opened if isinstance(file, TomlFile) for document in _document_in(file)]
    names = {each.document.id for each in own}
    library = [each for versions in library_documents().values() for each in versions]
    at_hand = [*own, *(each for each in (*beneath, *library) if each.document.id not in names)]
    return tuple(_checked(file, beneath, at_hand) if isinstance(file, TomlFile) else file for file in opened)


def _opened(path: Path) -> TomlFile | Checked:
    try:
        return read_toml(path, InvalidTerms)
    except ClausulaError as error:
        return Checked(file=str(path), kind=None, problems=(Problem.of(error, subject=str(path)),))


def _document_in(file: TomlFile) -> Iterator[TermsDocument]:
    """Yield the document of a file that holds a good one; what is wrong with another its own check tells."""
    try:
        if kind_of_file(file) is FileKind.TERMS:
            yield file.read(TermsDocument, InvalidTerms)
    except ClausulaError:
        return


def _checked(file: TomlFile, beneath: Sequence[TermsDocument], at_hand: Sequence[TermsDocument]) -> Checked:
    try:
        kind = kind_of_file(file)
    except ClausulaError as error:
        return Checked(file=file.name, kind=None, problems=(Problem.of(error, subject=file.name),))
    return check_terms(file, beneath) if kind is FileKind.TERMS else check_plan(file, at_hand)
