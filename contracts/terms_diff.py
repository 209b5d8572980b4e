"""What changed between two documents, or between two versions of one: clause by clause, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from contracts.clauses import DocumentHead
from contracts.terms import FAMILIES, TermsDocument, family
from contracts.terms_fields import Flat, flat, values_of


class ChangeKind(StrEnum):
    """What became of a clause, a rule or a meter."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """A field whose value is another one; empty on the side that does not have it."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A part of a document that came, went or reads otherwise, with the fields that differ."""

    part: str
    kind: ChangeKind
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsDiff:
    """All that differs between two documents, in their order: the head, clauses, rules, families of rules."""

    before: DocumentHead
    after: DocumentHead
    head: tuple[Change, ...]
    clauses: tuple[Change, ...]
    rules: tuple[Change, ...]
    families: Mapping[str, tuple[Change, ...]]

    @property
    def changes(self) -> tuple[Change, ...]:
        """Every change."""
        return tuple(change for changes in self.sections.values() for change in changes)

    @property
    def sections(self) -> Mapping[str, tuple[Change, ...]]:
        """Return the changes by the part of the document that they stand in."""
        return {"head": self.head, "clauses": self.clauses, "rules": self.rules, **self.families}


Parts = Mapping[str, Flat]


def diff(before: TermsDocument, after: TermsDocument) -> TermsDiff:
    """Return what differs; parts go by their names, so that their order in the file says nothing."""
    return TermsDiff(
        before=before.document,
        after=after.document,
        head=_changes(_head(before), _head(after)),
        clauses=_changes(_clauses(before), _clauses(after)),
        rules=_changes(_rules(before), _rules(after)),
        families={name: _changes(_family(before, name), _family(after, name)) for name in FAMILIES},
    )


def diff_lines(found: TermsDiff) -> list[str]:
    """Return the changes as lines to read: ``+`` came, ``-`` went, ``~`` reads otherwise."""
    names = [f"{head.id} {head.version}" for head in (found.before, found.after)]
    if not found.changes:
        return [f"{names[0]} and {names[1]} say the same."]
    lines = [f"From {names[0]} to {names[1]}"]
    for title, changes in found.sections.items():
        if changes:
            lines += ["", title.capitalize()]
            lines += [line for change in changes for line in _change_lines(change)]
    return lines


_SIGNS = {ChangeKind.ADDED: "+", ChangeKind.REMOVED: "-", ChangeKind.CHANGED: "~"}


def _change_lines(change: Change) -> Iterator[str]:
    yield f"  {_SIGNS[change.kind]} {change.part}"
    for each in change.fields:
        match change.kind:
            case ChangeKind.ADDED:
                yield f"      {each.field}: {each.after}"
            case ChangeKind.REMOVED:
                yield f"      {each.field}: {each.before}"
            case ChangeKind.CHANGED:
                yield f"      {each.field}: {each.before or '(nothing)'} -> {each.after or '(nothing)'}"


def _changes(before: Parts, after: Parts) -> tuple[Change, ...]:
    found = []
    for part in dict.fromkeys([*before, *after]):
        old, new = before.get(part, {}), after.get(part, {})
        if old != new:
            found.append(Change(part=part, kind=_kind(part, before, after), fields=_fields(old, new)))
    return tuple(found)


def _kind(part: str, before: Parts, after: Parts) -> ChangeKind:
    if part not in before:
        return ChangeKind.ADDED
    return ChangeKind.CHANGED if part in after else ChangeKind.REMOVED


def _fields(old: Flat, new: Flat) -> tuple[FieldChange, ...]:
    return tuple(
        FieldChange(field=name, before=old.get(name, ""), after=new.get(name, ""))
        for name in dict.fromkeys([*old, *new])
        if old.get(name) != new.get(name)
    )


def _head(document: TermsDocument) -> Parts:
    return {"document": flat(values_of(document.document))}


def _clauses(document: TermsDocument) -> Parts:
    return {clause.id: flat(values_of(clause), without=("id",)) for clause in document.clause}


def _rules(document: TermsDocument) -> Parts:
    stated = {name: getattr(document.rules, name) for name in document.rules.__struct_fields__}
    return {name: flat(values_of(rule)) for name, rule in stated.items() if rule is not None}


def _family(document: TermsDocument, name: str) -> Parts:
    return {code: flat(values_of(rule)) for code, rule in family(document, name).items()}
