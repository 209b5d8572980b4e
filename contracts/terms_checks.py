"""A terms document and a plan before they meet a book: all that is wrong with a file, each at its line.

Loading a book refuses the same things; this tells them all at once, to the vendor who writes the file.  Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from functools import partial

from contracts.book_checks import Book, Placed, document_name, plan_name, sound
from contracts.clauses import Clause, DocumentHead, Record
from contracts.parties import Vendor
from contracts.plans import Plan
from contracts.rules import DunningAnchor, DunningRule
from contracts.shapes import one_of
from contracts.terms import (
    FAMILIES,
    SINGULAR,
    Rules,
    TermsDocument,
    family,
    member_type,
    resolve,
    stated_rules,
)
from contracts.toml_places import Path, dotted
from contracts.toml_reading import TomlFile
from kernel.errors import ClausulaError, InvalidPlan, InvalidTerms, UnknownClause
from kernel.problems import Problem
from kernel.words import counted

#: Clauses that an error names, of the many that a document holds.
NEAREST_CLAUSES = 3


class FileKind(StrEnum):
    """What a file of this format holds."""

    TERMS = "terms"
    PLAN = "plan"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a check says about one file; without problems it is good."""

    file: str
    kind: FileKind | None
    holds: str = ""
    problems: tuple[Problem, ...] = ()


def kind_of_file(file: TomlFile) -> FileKind:
    """Tell a terms document from a plan by what the file holds, or say that it is neither."""
    if "document" in file.raw:
        return FileKind.TERMS
    if {"charge", "documents"} & set(file.raw):
        return FileKind.PLAN
    raise InvalidTerms(
        "neither a terms document nor a plan",
        field="document",
        expected="a table [document], or a plan's documents and [[charge]]; "
        "an order form is checked with its book by clausula load",
        place=file.place(),
    )


def check_terms(file: TomlFile, beneath: Sequence[TermsDocument]) -> Checked:
    """Check a terms document, laid over the documents beneath it."""
    checked = partial(Checked, file=file.name, kind=FileKind.TERMS)
    problems = _unreadable_parts(file)
    if problems:
        return checked(problems=problems)
    try:
        document = file.read(TermsDocument, InvalidTerms)
    except ClausulaError as error:
        return checked(problems=(Problem.of(error, subject=file.name),))
    lower = [each for each in beneath if each.document.id != document.document.id]
    found = [*_faults(document, lower), *_resolving(document, lower)]
    subject = document_name(document)
    problems = tuple(
        Problem.of(error, subject=subject, place=file.place(path)) for path, error in found
    ) or _unsound(_book(document.document.vendor, documents=[Placed(document, file.place)]))
    return checked(holds=_holds(document), problems=problems)


def check_plan(file: TomlFile, documents: Sequence[TermsDocument]) -> Checked:
    """Check a plan against the documents that it names, which are looked for among those given."""
    checked = partial(Checked, file=file.name, kind=FileKind.PLAN)
    try:
        plan = file.read(Plan, InvalidPlan)
    except ClausulaError as error:
        return checked(problems=(Problem.of(error, subject=file.name),))
    named = [Placed(each, file.place) for each in documents if each.document.id in plan.documents]
    vendors = {plan.vendor, *(each.value.document.vendor for each in named)}
    book = _book(*sorted(vendors), documents=named, plans=[Placed(plan, file.place)])
    holds = f"{plan_name(plan)}: {counted(len(plan.charge), 'charge')} in {plan.currency}"
    return checked(holds=holds, problems=_unsound(book))


Found = tuple[Path, ClausulaError]


def _faults(document: TermsDocument, beneath: Sequence[TermsDocument]) -> Iterator[Found]:
    """Yield what no layer may say: a thing twice, a rule without its clause, a step that waits for ever."""
    yield from _twins(document)
    at_hand = [clause.id for each in (document, *beneath) for clause in each.clause]
    for path, rule in stated_rules(document):
        if rule.clause not in at_hand:
            at = path if str(path[-1]).endswith("clause") else (*path, "clause")
            yield (
                at,
                UnknownClause(
                    "it cites a clause that neither this document nor one beneath it holds",
                    field=dotted(at),
                    value=rule.clause,
                    expected=_such_as(at_hand, rule.clause),
                ),
            )
    if document.rules.dunning is not None:
        yield from _lost_notices(document.rules.dunning)


def _such_as(clauses: Sequence[str], wrong: str) -> str:
    nearest = get_close_matches(wrong, clauses, n=NEAREST_CLAUSES, cutoff=0)
    return (
        f"the id of a [[clause]] at hand, such as {', '.join(nearest)}" if nearest else "a [[clause]] first"
    )


def _twins(document: TermsDocument) -> Iterator[Found]:
    steps = document.rules.dunning.steps if document.rules.dunning else ()
    named: list[tuple[Path, str]] = [
        *((("clause", position, "id"), each.id) for position, each in enumerate(document.clause)),
        *(
            (("rules", "dunning", "steps", position, "code"), each.code)
            for position, each in enumerate(steps)
        ),
    ]
    seen: set[tuple[object, str]] = set()
    for path, name in named:
        if (path[0], name) in seen:
            yield path, InvalidTerms("it stands here twice", field=dotted(path), value=name, expected="once")
        seen.add((path[0], name))


def _lost_notices(dunning: DunningRule) -> Iterator[Found]:
    codes = [step.code for step in dunning.steps]
    for position, step in enumerate(dunning.steps):
        if step.anchor is DunningAnchor.NOTICE_DELIVERED and step.notice not in codes:
            yield (
                ("rules", "dunning", "steps", position, "notice"),
                InvalidTerms(
                    "the step waits for a notice that no step of the ladder sends",
                    field=f"rules.dunning.steps[{position}].notice",
                    value=step.notice,
                    expected=one_of(codes, step.notice),
                ),
            )


def _resolving(document: TermsDocument, beneath: Sequence[TermsDocument]) -> Iterator[Found]:
    try:
        resolve((*beneath, document))
    except UnknownClause:
        return  # told at its line already
    except InvalidTerms as error:
        table, _, code = error.field.partition(".")
        yield ((table, code) if code else ("rules", table)), error


def _unreadable_parts(file: TomlFile) -> tuple[Problem, ...]:
    """Read each part by itself, so that one wrong part does not hide the next."""
    problems = []
    for at, raw, kind in _parts(file.raw):
        try:
            file.read_part(raw, at, kind, InvalidTerms)
        except ClausulaError as error:
            problems.append(Problem.of(error, subject=file.name))
    return tuple(problems)


def _parts(raw: Mapping[str, object]) -> Iterator[tuple[Path, object, type[Record]]]:
    yield ("document",), raw.get("document"), DocumentHead
    clauses, rules = raw.get("clause"), raw.get("rules")
    for position, clause in enumerate(clauses if isinstance(clauses, list) else ()):
        yield ("clause", position), clause, Clause
    for name, rule in rules.items() if isinstance(rules, dict) else ():
        yield ("rules",), {name: rule}, Rules
    for name in FAMILIES:
        family_of = raw.get(name)
        for code, each in family_of.items() if isinstance(family_of, dict) else ():
            yield (name, code), each, member_type(name)


def _book(
    vendor: str,
    *vendors: str,
    documents: Sequence[Placed[TermsDocument]] = (),
    plans: Sequence[Placed[Plan]] = (),
) -> Book:
    """Return a book with nothing but these; its vendors are taken on trust."""
    sellers = (Placed(Vendor(code=code, name=code), lambda _path: "") for code in (vendor, *vendors))
    return Book(vendors=tuple(sellers), documents=tuple(documents), plans=tuple(plans))


def _unsound(book: Book) -> tuple[Problem, ...]:
    _, problems = sound(book)
    return problems


def _holds(document: TermsDocument) -> str:
    stated = [name for name in Rules.__struct_fields__ if getattr(document.rules, name) is not None]
    families = {SINGULAR[name]: len(family(document, name)) for name in FAMILIES}
    always = {"clause": len(document.clause), "rule": len(stated), "meter": families.pop("meter")}
    counts = always | {name: count for name, count in families.items() if count}
    holds = ", ".join(counted(count, name) for name, count in counts.items())
    return f"{document_name(document)}, {document.document.layer.value.replace('_', ' ')}: {holds}"
