"""The register of clauses: for each, what executes it and the tests that prove it, or what it waits for."""

from __future__ import annotations

import ast
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from contracts.clauses import Clause, DocumentHead
from contracts.library import library_documents, read_plan
from contracts.terms import SINGULAR, TermsDocument, stated_rules

ROOT = Path(__file__).parents[2]
IDS = ROOT / "tests" / "golden" / "register_ids.txt"
TABLE = Path(__file__).with_name("packages.toml")

#: Folders of books whose plans count: the demo that is shipped, and what tests bill by.
PLANS = ("runtime/demo/*/plans/*.toml", "tests/books/*/plans/*.toml")

MARK = "pytest.mark.clause"

#: The package that acts on what cites a clause.
ACTS_ON = {
    "meter": "metering",
    "charge": "rating",
    **dict.fromkeys(("change", "ending", "suspension", "duty", "entitlement"), "contracts"),
    **dict.fromkeys(("term", "trial", "plan_change", "force_majeure", "liability"), "contracts"),
    "dunning": "dunning",
    "suspension_billing": "rating",
}
BILLS = "invoicing"


class Status(StrEnum):
    """What becomes of a clause."""

    EXECUTED = "executed"
    STATED = "stated"
    NOTHING = "nothing to execute"


@dataclass(frozen=True, slots=True)
class Table:
    """What ``packages.toml`` says of the clauses that nothing cites."""

    mechanisms: Mapping[str, str]
    packages: Mapping[str, Sequence[str]]
    nothing: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Line:
    """A clause of the register with what became of it."""

    clause: Clause
    document: DocumentHead
    status: Status
    by: str
    tests: tuple[str, ...]


def register_ids() -> tuple[str, ...]:
    """Return the ids of the register, in its order."""
    return tuple(IDS.read_text(encoding="utf-8").split())


def table() -> Table:
    """Return the committed table."""
    raw = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    return Table(raw["mechanisms"], raw["packages"], raw["nothing"])


def newest_documents() -> tuple[TermsDocument, ...]:
    """Return the newest version of every document of the library."""
    return tuple(versions[-1] for versions in library_documents().values())


def citations() -> Mapping[str, tuple[str, ...]]:
    """Return, by clause, the rules, rungs, meters and charges that cite it: ``meter sms``."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for document in newest_documents():
        for clause, what in _cited_by(document):
            found[clause][what] = None
    for path in sorted(path for pattern in PLANS for path in ROOT.glob(pattern)):
        for charge in read_plan(path).charge:
            found[charge.clause][f"charge {charge.code}"] = None
    return {clause: tuple(what) for clause, what in found.items()}


def _cited_by(document: TermsDocument) -> Iterator[tuple[str, str]]:
    for (table, name, *below), rule in stated_rules(document):
        what = f"{'rule' if table == 'rules' else SINGULAR[str(table)]} {name}"
        code = getattr(rule, "code", "")
        yield rule.clause, f"{what}: {code}" if below and code else what


def proofs(folder: Path = ROOT / "tests") -> Mapping[str, tuple[str, ...]]:
    """Return, by clause, the tests that bear its mark, wherever the mark stands: on a test or a parameter."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for path in sorted(folder.rglob("test_*.py")):
        for test in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(test, ast.FunctionDef) and test.name.startswith("test_"):
                for clause in _marks(test):
                    found[clause][f"{path.relative_to(folder.parent).as_posix()}::{test.name}"] = None
    return {clause: tuple(tests) for clause, tests in found.items()}


def _marks(test: ast.FunctionDef) -> Iterator[str]:
    for decorator in test.decorator_list:
        for node in ast.walk(decorator):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == MARK:
                yield ast.literal_eval(node.args[0])


def register() -> tuple[Line, ...]:
    """Return every clause of the register, in its order; raises :class:`KeyError` for one left out."""
    clauses = {clause.id: (clause, each.document) for each in newest_documents() for clause in each.clause}
    cited, proven, said = citations(), proofs(), table()
    return tuple(
        _line(*clauses[each], cited.get(each, ()), proven.get(each, ()), said) for each in register_ids()
    )


def _line(
    clause: Clause, document: DocumentHead, cited: Sequence[str], tests: tuple[str, ...], said: Table
) -> Line:
    by = ", ".join(cited) or said.mechanisms.get(clause.id, "")
    if by and tests:
        return Line(clause, document, Status.EXECUTED, by, tests)
    if by:
        packages = dict.fromkeys(map(_acting, cited))
        return Line(clause, document, Status.STATED, f"{', '.join(packages)}: {by}, unproven", tests)
    if clause.id in said.nothing:
        return Line(clause, document, Status.NOTHING, said.nothing[clause.id], tests)
    return Line(clause, document, Status.STATED, ", ".join(said.packages[clause.id]), tests)


def _acting(what: str) -> str:
    kind, _, name = what.partition(" ")
    return ACTS_ON.get(kind) or ACTS_ON.get(name.partition(":")[0], BILLS)
