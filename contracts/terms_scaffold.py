"""A terms document to begin with: every rule of every kind, explained, with an example.

It is written from the types that read it, so that a rule, a field or a word that is new there is new here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from inspect import cleandoc
from textwrap import wrap
from typing import get_args

import msgspec
from msgspec import inspect

from contracts.clauses import Clause, DocumentHead
from contracts.rules import DunningAction, DunningAnchor, DunningStep, StepMode
from contracts.terms import FAMILIES, SINGULAR, Rules, member_type
from contracts.toml_text import toml_table, toml_value

#: Characters of a line, before an editor breaks it.
LINE = 100

#: Examples for texts and numbers that have no default; whatever is not named here has its type's.
_EXAMPLES: Mapping[str, object] = {
    "due_days_after_sent": 30,
    "fine_percent": 2,
    "interest_percent_per_month": 1,
    "index": "IPCA",
    "unit": "unit",
    "level": "example_service_level",
    "ending": "example_ending",
    "percent": 10,
    "amount": 100,
}

#: What the rungs of the example's ladder need besides their action.
_RUNGS: Mapping[DunningAction, Mapping[str, object]] = {
    DunningAction.REMIND: {"more_than_days": 0},
    DunningAction.NOTIFY: {"more_than_days": 5},
    DunningAction.SUSPEND_PART: {"more_than_days": 10, "part": "messages"},
    DunningAction.SUSPEND: {
        "more_than_days": 10,
        "anchor": DunningAnchor.NOTICE_DELIVERED,
        "notice": DunningAction.NOTIFY.value,
    },
    DunningAction.TERMINATE: {"more_than_days": 60, "mode": StepMode.PROPOSAL},
    DunningAction.DELETE_DATA: {
        "more_than_days": 30,
        "anchor": DunningAnchor.SUSPENDED,
        "mode": StepMode.PROPOSAL,
    },
}

_OPENING = """\
A terms document: what one paper of a vendor says, as data that the engine executes.
Write the clauses in your own words, keep the rules that the paper states and delete the others: what it
leaves out, the layer beneath decides. Every rule names the clause that it executes.
All values are examples."""

#: Text in brackets, and what such text cites of the contracts in the library: no example for another vendor.
_BRACKETS = re.compile(r" \((?:[^()]|\([^()]*\))*\)")
_CITES = re.compile(r"Annex |[A-Z]{3}-|^ \([\d.]+\)$")

#: Examples of values that have neither a default nor a name in the list above.
_BLANKS: Mapping[type[inspect.Type], object] = {
    inspect.BoolType: False,
    inspect.DateType: date(2026, 1, 1),
    inspect.DecimalType: Decimal(0),
    inspect.IntType: 1,
    inspect.VarTupleType: (),
}


def scaffold(head: DocumentHead) -> str:
    """Return the text of a valid document with one of everything that terms may state."""
    writer = _Writer(head.vendor.upper())
    rules = list(writer.rules())
    families = [line for name in FAMILIES for line in writer.family(name)]
    parts = [
        *_remark(_OPENING),
        "",
        *_remark(_promise(DocumentHead)),
        toml_table("document", msgspec.structs.asdict(head)),
        "",
        *_remark(_promise(Clause)),
        *writer.clauses,
        *_remark(_promise(Rules)),
        "",
        *rules,
        *families,
    ]
    return "\n".join(parts).rstrip() + "\n"


@dataclass(slots=True)
class _Writer:
    """Writes the parts, and a clause for each."""

    prefix: str
    clauses: list[str] = field(default_factory=list)

    def rules(self) -> Iterator[str]:
        """Yield the lines of each rule's table."""
        for each in msgspec.structs.fields(Rules):
            yield from self._table(f"rules.{each.name}", _record_of(each.type), {})

    def family(self, name: str) -> Iterator[str]:
        """Yield the lines of one member of each kind that a family has."""
        kinds: tuple[type[msgspec.Struct], ...] = get_args(member_type(name)) or (member_type(name),)
        if len(kinds) > 1:
            yield from _remark(_promise(_base_of(kinds)))
            yield ""
        for kind in kinds:
            tag = kind.__struct_config__.tag
            given = {"kind": str(tag)} if tag else {}
            yield from self._table(f"{name}.example_{tag or SINGULAR[name]}", kind, given)

    def _table(self, name: str, kind: type[msgspec.Struct], given: Mapping[str, object]) -> Iterator[str]:
        yield from _remark(_promise(kind))
        yield f"[{name}]"
        yield from self._body(name, kind, given)

    def _list(self, name: str, kind: type[msgspec.Struct]) -> Iterator[str]:
        yield from _remark(_promise(kind))
        for given in _rungs() if kind is DunningStep else ({},):
            yield f"[[{name}]]"
            yield from self._body(str(given.get("code", name)), kind, given)

    def _body(self, name: str, kind: type[msgspec.Struct], given: Mapping[str, object]) -> Iterator[str]:
        lists: list[tuple[str, type[msgspec.Struct]]] = []
        if "kind" in given:
            yield f"kind = {toml_value(given['kind'])}"
        for each, shape in zip(msgspec.structs.fields(kind), _shapes(kind), strict=True):
            value = given.get(each.name, _example(each, shape))
            if each.name == "clause":
                yield f"clause = {toml_value(self._clause(name))}"
            elif isinstance(shape, inspect.VarTupleType) and isinstance(shape.item_type, inspect.StructType):
                lists.append((f"{name}.{each.name}", shape.item_type.cls))
            elif value is None:
                yield f"# {each.name} = (nothing unless given)"
            else:
                yield f"{each.name} = {toml_value(value)}" + _choice(shape)
        yield ""
        for inner in lists:
            yield from self._list(*inner)

    def _clause(self, name: str) -> str:
        number = len(self.clauses) + 1
        subject = name.rpartition(".")[2].replace("_", " ")
        clause = Clause(
            id=f"{self.prefix}-{number}",
            place=f"Clause {number}",
            says_en=f"What the paper says of {subject}, in one line of your own.",
        )
        self.clauses.append(toml_table("clause", msgspec.structs.asdict(clause), repeated=True) + "\n")
        return clause.id


def _base_of(kinds: Iterable[type[msgspec.Struct]]) -> type:
    """Return what all kinds of a union have in common."""
    return next(iter(kinds)).__mro__[1]


def _rungs() -> Iterator[Mapping[str, object]]:
    for action in DunningAction:
        yield {"code": action.value, "action": action, **_RUNGS.get(action, {"more_than_days": 1})}


def _promise(kind: type) -> str:
    """Return what a type promises, without the clauses of others that its docstring cites as examples."""
    text = cleandoc(kind.__doc__ or "").replace("``", "")
    return _BRACKETS.sub(lambda found: "" if _CITES.search(found[0]) else found[0], text)


def _remark(text: str) -> Iterator[str]:
    for paragraph in re.split(r"\n\s*\n", text):
        yield from (f"# {line}" for line in wrap(" ".join(paragraph.split()), LINE - 2))


def _record_of(annotation: object) -> type[msgspec.Struct]:
    found: type[msgspec.Struct] = next(each for each in get_args(annotation) if each is not type(None))
    return found


def _shapes(kind: type[msgspec.Struct]) -> Iterable[inspect.Type]:
    info = inspect.type_info(kind)
    return [each.type for each in info.fields] if isinstance(info, inspect.StructType) else []


def _example(each: msgspec.structs.FieldInfo, shape: inspect.Type) -> object:
    if each.default is not msgspec.NODEFAULT:
        return each.default
    if each.default_factory is not msgspec.NODEFAULT:
        return each.default_factory()
    if each.name in _EXAMPLES:
        return _EXAMPLES[each.name]
    if isinstance(shape, inspect.EnumType):
        return next(iter(shape.cls))
    return _BLANKS.get(type(shape), each.name)


def _choice(shape: inspect.Type) -> str:
    match shape:
        case inspect.EnumType(cls=members):
            return "  # " + ", ".join(str(member.value) for member in members)
        case inspect.IntType(ge=low, le=high) if low is not None:
            return f"  # {low} to {high}"
        case _:
            return ""
