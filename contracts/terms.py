"""Terms: the typed rules of a document, and their resolution through the layers with provenance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar, get_args, get_type_hints

from contracts.clauses import Clause, DocumentHead, Layer, Record, Rule
from contracts.entitlement_rules import Entitlement
from contracts.late_rules import LateChargeRule
from contracts.life_rules import (
    Change,
    Duty,
    Ending,
    ForceMajeureRule,
    LiabilityRule,
    PlanChangeRule,
    Suspension,
    TermRule,
    TrialRule,
)
from contracts.meters import Meter
from contracts.penalty_rules import Penalty, PenaltyTerms
from contracts.promises import Promise
from contracts.reductions import Reduction
from contracts.rules import (
    DunningRule,
    IndexationRule,
    PaymentRule,
    SuspensionBillingRule,
    TaxRule,
    UsageRetentionRule,
    UsageTimesRule,
)
from contracts.service_level_rules import ServiceCredit, ServiceExit, ServiceLevel
from contracts.shapes import one_of
from contracts.toml_places import Path, dotted
from kernel.errors import InvalidTerms, NotFound, UnknownClause


class Rules(Record, frozen=True, kw_only=True):
    """The rules that one document states; what it leaves out, the layer beneath decides."""

    payment: PaymentRule | None = None
    tax: TaxRule | None = None
    late_charges: LateChargeRule | None = None
    indexation: IndexationRule | None = None
    suspension_billing: SuspensionBillingRule | None = None
    dunning: DunningRule | None = None
    term: TermRule | None = None
    trial: TrialRule | None = None
    plan_change: PlanChangeRule | None = None
    force_majeure: ForceMajeureRule | None = None
    liability: LiabilityRule | None = None
    usage_times: UsageTimesRule | None = None
    usage_retention: UsageRetentionRule | None = None


class Stated(Record, frozen=True, kw_only=True):
    """What a paper states: single rules, and families of rules that bear codes of their own."""

    rules: Rules = Rules()
    meters: dict[str, Meter] = {}
    changes: dict[str, Change] = {}
    endings: dict[str, Ending] = {}
    penalties: dict[str, Penalty] = {}
    service_levels: dict[str, ServiceLevel] = {}
    service_credits: dict[str, ServiceCredit] = {}
    service_exits: dict[str, ServiceExit] = {}
    suspensions: dict[str, Suspension] = {}
    duties: dict[str, Duty] = {}
    entitlements: dict[str, Entitlement] = {}
    reductions: dict[str, Reduction] = {}
    promises: dict[str, Promise] = {}


#: The families of rules, by the names of their tables.
FAMILIES = tuple(name for name in Stated.__struct_fields__ if name != "rules")


#: How one member of a family is called.
SINGULAR = {
    "meters": "meter",
    "changes": "change",
    "endings": "ending",
    "penalties": "penalty",
    "service_levels": "service_level",
    "service_credits": "service_credit",
    "service_exits": "service_exit",
    "suspensions": "suspension",
    "duties": "duty",
    "entitlements": "entitlement",
    "reductions": "reduction",
    "promises": "promise",
}


class TermsDocument(Stated, frozen=True, kw_only=True):
    """One version of one document: its clauses in our own words, and what they state."""

    document: DocumentHead
    clause: tuple[Clause, ...] = ()


def family(stated: Stated, name: str) -> Mapping[str, Rule]:
    """Return a family of rules by its name: ``family(document, "meters")``."""
    rules: Mapping[str, Rule] = getattr(stated, name)
    return rules


def member_type(name: str) -> type[Record]:
    """Return the type of a family's members; a union of records is read as one."""
    found: type[Record] = get_args(get_type_hints(Stated)[name])[1]
    return found


def stated_rules(stated: Stated) -> Iterator[tuple[Path, Rule]]:
    """Yield each rule that a paper states with its path, and after it what it holds that cites a clause."""
    single = ((("rules", name), getattr(stated.rules, name)) for name in Rules.__struct_fields__)
    members = (((name, code), rule) for name in FAMILIES for code, rule in family(stated, name).items())
    for path, rule in (*single, *members):
        if rule is not None:
            yield path, rule
            yield from (((*path, *below), part) for below, part in _parts_of(rule))


def _parts_of(rule: Rule) -> Iterator[tuple[Path, Rule]]:
    match rule:
        case DunningRule(steps=steps):
            yield from ((("steps", position), step) for position, step in enumerate(steps))
        case Change(exceptions=exceptions):
            yield from ((("exceptions", position), each) for position, each in enumerate(exceptions))
            for name in ("silence_clause", "notice_clause"):
                if clause := getattr(rule, name):
                    yield (name,), Rule(clause=clause)
        case ServiceLevel():
            for name in ("hours_clause", "start_clause", "excluded_clause"):
                if clause := getattr(rule, name):
                    yield (name,), Rule(clause=clause)
        case Suspension(notice_clause=clause) if clause:
            yield ("notice_clause",), Rule(clause=clause)
        case _:
            return


R_co = TypeVar("R_co", bound=Rule, covariant=True)


@dataclass(frozen=True, slots=True)
class Sourced(Generic[R_co]):
    """A rule in force with its provenance: the clause it executes and the document that states it."""

    rule: R_co
    clause: Clause
    document: DocumentHead

    @property
    def cites(self) -> str:
        """The reference that an invoice prints: ``ACM-6.2 (acme-annex 2026)``."""
        return f"{self.clause.id} ({self.document.id} {self.document.version})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The rules in force for one contract, each with its provenance.  Made by :func:`resolve`."""

    documents: tuple[DocumentHead, ...]
    clauses: Mapping[str, Clause] = field(repr=False)
    sources: Mapping[str, DocumentHead] = field(repr=False)
    meters: Mapping[str, Sourced[Meter]] = field(repr=False)
    changes: Mapping[str, Sourced[Change]] = field(repr=False)
    endings: Mapping[str, Sourced[Ending]] = field(repr=False)
    penalties: Mapping[str, Sourced[Penalty]] = field(repr=False)
    service_levels: Mapping[str, Sourced[ServiceLevel]] = field(repr=False)
    service_credits: Mapping[str, Sourced[ServiceCredit]] = field(repr=False)
    service_exits: Mapping[str, Sourced[ServiceExit]] = field(repr=False)
    suspensions: Mapping[str, Sourced[Suspension]] = field(repr=False)
    duties: Mapping[str, Sourced[Duty]] = field(repr=False)
    entitlements: Mapping[str, Sourced[Entitlement]] = field(repr=False)
    reductions: Mapping[str, Sourced[Reduction]] = field(repr=False)
    promises: Mapping[str, Sourced[Promise]] = field(repr=False)
    payment: Sourced[PaymentRule] | None = None
    tax: Sourced[TaxRule] | None = None
    late_charges: Sourced[LateChargeRule] | None = None
    indexation: Sourced[IndexationRule] | None = None
    suspension_billing: Sourced[SuspensionBillingRule] | None = None
    dunning: Sourced[DunningRule] | None = None
    term: Sourced[TermRule] | None = None
    trial: Sourced[TrialRule] | None = None
    plan_change: Sourced[PlanChangeRule] | None = None
    force_majeure: Sourced[ForceMajeureRule] | None = None
    liability: Sourced[LiabilityRule] | None = None
    usage_times: Sourced[UsageTimesRule] | None = None
    usage_retention: Sourced[UsageRetentionRule] | None = None

    def clause_of(self, clause_id: str) -> Clause:
        """Return a clause of the documents in force, or say that none holds it."""
        return _clause(self.clauses, clause_id)

    def document_of(self, clause_id: str) -> DocumentHead:
        """Return the document that holds a clause."""
        return self.sources[self.clause_of(clause_id).id]

    def change(self, code: str) -> Sourced[Change]:
        """Return how something may change, or raise :class:`NotFound` with the changes that there are."""
        return _member(self.changes, code, "change", "the terms do not state such a change")

    def ending(self, code: str) -> Sourced[Ending]:
        """Return a way to end, or raise :class:`NotFound` with those that there are."""
        return _member(self.endings, code, "ending", "the terms do not let a contract end so")

    def penalty(self, code: str) -> Sourced[Penalty]:
        """Return a penalty, or raise :class:`NotFound` with those that there are."""
        return _member(self.penalties, code, "penalty", "the terms state no such penalty")

    def suspension(self, code: str) -> Sourced[Suspension]:
        """Return a cause for a suspension, or raise :class:`NotFound` with those that there are."""
        return _member(self.suspensions, code, "suspension", "the terms do not let a service be suspended so")


_LAYER_ORDER = tuple(Layer)


def resolve(documents: Sequence[TermsDocument]) -> Terms:
    """Lay documents over each other; each rule and each meter comes from the highest layer that states it.

    Two documents of one layer may not state the same rule: nothing would say which prevails.
    A rule that cites a clause which none of the documents holds is refused.
    """
    layered = sorted(documents, key=lambda each: _LAYER_ORDER.index(each.document.layer))
    clauses = {clause.id: clause for document in layered for clause in document.clause}
    sources = {clause.id: document.document for document in layered for clause in document.clause}
    resolved: dict[Path, Sourced[Rule]] = {}
    for document in layered:
        for path, rule in stated_rules(document):
            clause = _clause(clauses, rule.clause)
            if len(path) == len(("rules", "name")):  # what lies deeper belongs to the rule that holds it
                _refuse_rival(resolved.get(path), document.document, path)
                resolved[path] = Sourced(rule, clause, document.document)
    found: dict[str, dict[str, Sourced[Rule]]] = {name: {} for name in ("rules", *FAMILIES)}
    for (table, name), sourced in resolved.items():
        found[str(table)][str(name)] = sourced
    _refuse_lost_endings(found["changes"], found["endings"])
    _refuse_lost_penalties(found["penalties"], found["endings"])
    _refuse_lost_duties(found["suspensions"], found["duties"])
    _refuse_lost_levels(found)
    return Terms(
        documents=tuple(document.document for document in layered),
        clauses=clauses,
        sources=sources,
        **found.pop("rules"),  # type: ignore[arg-type]  # each name's type is that of the field it was read from
        **found,  # type: ignore[arg-type]  # as above
    )


def _member(members: Mapping[str, Sourced[R_co]], code: str, name: str, message: str) -> Sourced[R_co]:
    try:
        return members[code]
    except KeyError:
        raise NotFound(message, field=name, value=code, expected=one_of(members, code)) from None


def _clause(clauses: Mapping[str, Clause], clause_id: str) -> Clause:
    try:
        return clauses[clause_id]
    except KeyError:
        raise UnknownClause(
            "a rule cites a clause that no document in force holds",
            field="clause",
            value=clause_id,
            expected="the id of a [[clause]] of these documents",
        ) from None


def _refuse_rival(earlier: Sourced[Rule] | None, head: DocumentHead, path: Path) -> None:
    if earlier is not None and earlier.document.layer is head.layer:
        raise InvalidTerms(
            "two documents of one layer state the same rule",
            field=dotted(path).removeprefix("rules."),
            value=f"{earlier.document.id}, {head.id}",
            expected="one of them, or a rule in a higher layer",
        )


def _refuse_lost_endings(changes: Mapping[str, Sourced[Rule]], endings: Mapping[str, Sourced[Rule]]) -> None:
    """Refuse a change whose no would end the contract in a way that no document in force states."""
    for code, sourced in changes.items():
        rule = sourced.rule
        if isinstance(rule, Change) and rule.ending and rule.ending not in endings:
            raise InvalidTerms(
                "turning the change down ends the contract in a way that no document states",
                field=f"changes.{code}",
                value=rule.ending,
                expected=one_of(endings, rule.ending),
            )


def _refuse_lost_penalties(
    penalties: Mapping[str, Sourced[Rule]], endings: Mapping[str, Sourced[Rule]]
) -> None:
    """Refuse a penalty of an ending that no document in force states: nothing would ever bring it."""
    for code, sourced in penalties.items():
        named = sourced.rule.endings if isinstance(sourced.rule, PenaltyTerms) else ()
        for ending in set(named) - set(endings):
            raise InvalidTerms(
                "the penalty follows from an ending that no document states",
                field=f"penalties.{code}.endings",
                value=ending,
                expected=one_of(endings, ending),
            )


def _refuse_lost_duties(
    suspensions: Mapping[str, Sourced[Rule]], duties: Mapping[str, Sourced[Rule]]
) -> None:
    """Refuse a suspension that waits for a duty which no document in force states."""
    for code, sourced in suspensions.items():
        rule = sourced.rule
        if isinstance(rule, Suspension) and rule.after and rule.after not in duties:
            raise InvalidTerms(
                "the suspension waits for a duty that no document states",
                field=f"suspensions.{code}.after",
                value=rule.after,
                expected=one_of(duties, rule.after),
            )


def _refuse_lost_levels(found: Mapping[str, Mapping[str, Sourced[Rule]]]) -> None:
    """Refuse a credit or an exit of a service level, and an exit by an ending, that no document states."""
    for table in ("service_credits", "service_exits"):
        for code, sourced in found[table].items():
            for name, known in (("level", found["service_levels"]), ("ending", found["endings"])):
                named = getattr(sourced.rule, name, None)
                if named is not None and named not in known:
                    raise InvalidTerms(
                        "what the rule hangs on is stated by no document",
                        field=f"{table}.{code}.{name}",
                        value=named,
                        expected=one_of(known, named),
                    )
