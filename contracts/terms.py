"""Terms: the typed rules of a document, and their resolution through the layers with provenance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Generic, TypeVar

import msgspec

from contracts.clauses import Clause, Days, DocumentHead, Layer, Record, Rule
from contracts.meters import Meter
from kernel.errors import InvalidTerms, UnknownClause
from kernel.money import Percent


class PaymentRule(Rule, frozen=True, kw_only=True):
    """An invoice is due so many days after the day on which it is sent (Annex IX 5: 20 days)."""

    due_days_after_sent: Days


class TaxMode(StrEnum):
    """Whether a price is before taxes or holds them already."""

    EXCLUSIVE = "exclusive"
    INCLUSIVE = "inclusive"


class TaxRule(Rule, frozen=True, kw_only=True):
    """Whether prices hold their taxes (Annex X 9) or not (Annex IX 3.1)."""

    mode: TaxMode


class DayBasis(StrEnum):
    """How a monthly interest becomes a daily one."""

    THIRTY = "thirty"
    CALENDAR_MONTH = "calendar_month"
    YEAR_365 = "year_365"
    STARTED_MONTH = "started_month"


class ChargeBase(StrEnum):
    """Whether fine and interest are taken on the original principal or on the corrected one."""

    ORIGINAL = "original"
    CORRECTED = "corrected"


class CorrectionProration(StrEnum):
    """Whether the first and the last month of a monetary correction count by their late days or in full."""

    DAYS = "days"
    WHOLE_MONTHS = "whole_months"


class LateChargeRule(Rule, frozen=True, kw_only=True):
    """What a late payment costs: a fine once, interest by the month pro rata die, perhaps a correction.

    ``correction_index`` names a price index whose positive variation corrects the principal (Annex X 8);
    empty, there is no correction (Annex IX 6.2).
    """

    fine_percent: Decimal
    interest_percent_per_month: Decimal
    day_basis: DayBasis = DayBasis.THIRTY
    correction_index: str = ""
    charge_base: ChargeBase = ChargeBase.CORRECTED
    correction_proration: CorrectionProration = CorrectionProration.DAYS

    def __post_init__(self) -> None:
        """Refuse a charge that would reward a late payment."""
        for name in ("fine_percent", "interest_percent_per_month"):
            percent: Decimal = getattr(self, name)
            if not percent.is_finite() or percent < 0:
                message = f"{name}: must be a number and not negative, is {percent}"
                raise ValueError(message)

    @property
    def fine(self) -> Percent:
        """The fine, taken once."""
        return Percent(self.fine_percent)

    @property
    def interest_per_month(self) -> Percent:
        """The simple interest of a month."""
        return Percent(self.interest_percent_per_month)


class IndexFloor(StrEnum):
    """What a negative accumulated variation does to a price."""

    POSITIVE_ONLY = "positive_only"
    CARRY = "carry"
    FULL = "full"


class IndexationRule(Rule, frozen=True, kw_only=True):
    """A yearly adjustment of prices by the accumulated variation of an index.

    The window is ``months`` published variations ending ``window_end_offset_months`` from the anniversary's
    month (-1: the month before).  ``entity_countries``, where not empty, limits the rule to the contracts
    that a legal entity of these countries issues (Annex IX 12.3).
    """

    index: str
    months: Annotated[int, msgspec.Meta(ge=1, le=120)] = 12
    window_end_offset_months: Annotated[int, msgspec.Meta(ge=-12, le=0)] = -1
    floor: IndexFloor = IndexFloor.POSITIVE_ONLY
    entity_countries: tuple[str, ...] = ()


class SuspensionBilling(StrEnum):
    """What is billed while a service is suspended through the customer's fault."""

    FULL = "full"
    AVAILABLE_PARTS = "available_parts"


class SuspensionBillingRule(Rule, frozen=True, kw_only=True):
    """Billing during a suspension: in full (13.3), or only the parts still working (Annex IX 6.1)."""

    partial: SuspensionBilling
    total: SuspensionBilling = SuspensionBilling.FULL


class DunningAction(StrEnum):
    """What a step of the ladder allows."""

    REMIND = "remind"
    NOTIFY = "notify"
    SUSPEND_PART = "suspend_part"
    SUSPEND = "suspend"
    TERMINATE = "terminate"
    DELETE_DATA = "delete_data"


class DunningAnchor(StrEnum):
    """The recorded fact that a step's days are counted from."""

    DUE = "due"
    NOTICE_DELIVERED = "notice_delivered"
    SUSPENDED = "suspended"


class StepMode(StrEnum):
    """Whether a step acts by itself or proposes what a person confirms."""

    AUTOMATIC = "automatic"
    PROPOSAL = "proposal"


class DunningStep(Rule, frozen=True, kw_only=True):
    """One rung: an action that is allowed when more than so many days have passed since its anchor.

    ``part`` names what a partial suspension stops; ``notice`` the code of the step whose delivery anchors it.
    """

    code: str
    action: DunningAction
    anchor: DunningAnchor = DunningAnchor.DUE
    more_than_days: Days
    mode: StepMode = StepMode.AUTOMATIC
    part: str = ""
    notice: str = ""


class DunningRule(Rule, frozen=True, kw_only=True):
    """The ladder of a contract, in the order of its rungs; and what paying restores."""

    steps: tuple[DunningStep, ...]
    connectors_restored: bool = True


class Rules(Record, frozen=True, kw_only=True):
    """The rules that one document states; what it leaves out, the layer beneath decides."""

    payment: PaymentRule | None = None
    tax: TaxRule | None = None
    late_charges: LateChargeRule | None = None
    indexation: IndexationRule | None = None
    suspension_billing: SuspensionBillingRule | None = None
    dunning: DunningRule | None = None


class TermsDocument(Record, frozen=True, kw_only=True):
    """One version of one document: its clauses in our own words, its rules, its meters."""

    document: DocumentHead
    clause: tuple[Clause, ...] = ()
    rules: Rules = Rules()
    meters: dict[str, Meter] = {}


R_co = TypeVar("R_co", bound=Rule, covariant=True)


@dataclass(frozen=True, slots=True)
class Sourced(Generic[R_co]):
    """A rule in force with its provenance: the clause it executes and the document that states it."""

    rule: R_co
    clause: Clause
    document: DocumentHead

    @property
    def cites(self) -> str:
        """The reference that an invoice prints: ``ZEN-IX-6.2 (zenvia-annex-ix 2023-11-16)``."""
        return f"{self.clause.id} ({self.document.id} {self.document.version})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The rules in force for one contract, each with its provenance.  Made by :func:`resolve`."""

    documents: tuple[DocumentHead, ...]
    clauses: Mapping[str, Clause] = field(repr=False)
    sources: Mapping[str, DocumentHead] = field(repr=False)
    meters: Mapping[str, Sourced[Meter]] = field(repr=False)
    payment: Sourced[PaymentRule] | None = None
    tax: Sourced[TaxRule] | None = None
    late_charges: Sourced[LateChargeRule] | None = None
    indexation: Sourced[IndexationRule] | None = None
    suspension_billing: Sourced[SuspensionBillingRule] | None = None
    dunning: Sourced[DunningRule] | None = None

    def clause_of(self, clause_id: str) -> Clause:
        """Return a clause of the documents in force, or say that none holds it."""
        return _clause(self.clauses, clause_id)

    def document_of(self, clause_id: str) -> DocumentHead:
        """Return the document that holds a clause."""
        return self.sources[self.clause_of(clause_id).id]


_LAYER_ORDER = tuple(Layer)


def resolve(documents: Sequence[TermsDocument]) -> Terms:
    """Lay documents over each other; each rule and each meter comes from the highest layer that states it.

    Two documents of one layer may not state the same rule: nothing would say which prevails.
    A rule that cites a clause which none of the documents holds is refused.
    """
    layered = sorted(documents, key=lambda each: _LAYER_ORDER.index(each.document.layer))
    clauses = {clause.id: clause for document in layered for clause in document.clause}
    sources = {clause.id: document.document for document in layered for clause in document.clause}
    rules: dict[str, Sourced[Rule]] = {}
    meters: dict[str, Sourced[Meter]] = {}
    for document in layered:
        for name in Rules.__struct_fields__:
            rule = getattr(document.rules, name)
            if rule is not None:
                _refuse_rival(rules.get(name), document.document, name)
                rules[name] = Sourced(rule, _clause(clauses, rule.clause), document.document)
        for code, meter in document.meters.items():
            _refuse_rival(meters.get(code), document.document, f"meters.{code}")
            meters[code] = Sourced(meter, _clause(clauses, meter.clause), document.document)
    _check_steps(rules.get("dunning"), clauses)
    return Terms(
        documents=tuple(document.document for document in layered),
        clauses=clauses,
        sources=sources,
        meters=meters,
        **rules,  # type: ignore[arg-type]  # each name's type is that of the field of Rules it was read from
    )


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


def _refuse_rival(earlier: Sourced[Rule] | Sourced[Meter] | None, head: DocumentHead, name: str) -> None:
    if earlier is not None and earlier.document.layer is head.layer:
        raise InvalidTerms(
            "two documents of one layer state the same rule",
            field=name,
            value=f"{earlier.document.id}, {head.id}",
            expected="one of them, or a rule in a higher layer",
        )


def _check_steps(dunning: Sourced[Rule] | None, clauses: Mapping[str, Clause]) -> None:
    if dunning is not None and isinstance(dunning.rule, DunningRule):
        for step in dunning.rule.steps:
            _clause(clauses, step.clause)
