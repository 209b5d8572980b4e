"""The terms of one contract on a day, as a page: each rule, meter and price with its clause."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from contracts.clauses import Clause, DocumentHead, Layer, Record, Rule
from contracts.rules import DunningRule
from contracts.subscriptions import Contract, PriceAdjustment
from contracts.terms import FAMILIES, Rules, Sourced, Terms
from contracts.terms_fields import flat, in_words, values_of
from kernel.errors import NotFound
from kernel.money import plain


class Language(StrEnum):
    """The languages in which the clauses of the library are told."""

    EN = "en"
    ES = "es"
    PT = "pt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a rule comes from: the clause in our own words, and the document in force that holds it."""

    clause: str
    place: str
    says: str
    document: str
    version: str
    layer: Layer


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A rule, a rung of the ladder, a meter or a charge as it is in force, and why.

    ``reading`` says why it reads so where the clause is silent; ``note`` what keeps it from acting here.
    """

    name: str
    values: Mapping[str, object]
    source: Provenance
    reading: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsPage:
    """All that is in force for a contract on a day.  Adjustments multiply the prices of indexed charges."""

    account: str
    name: str
    subscription: str
    plan: str
    plan_version: int
    entity: str
    currency: str
    signed_on: date
    as_of: date
    documents: tuple[DocumentHead, ...]
    rules: tuple[Entry, ...]
    unstated: tuple[str, ...]
    families: Mapping[str, tuple[Entry, ...]]
    charges: tuple[Entry, ...]
    adjustments: tuple[PriceAdjustment, ...]


#: Fields that an entry shows in a place of its own.
_APART = ("clause", "reading", "code", "name", "steps", "tiers")


def page_of(contract: Contract, *, as_of: date, language: Language = Language.EN) -> TermsPage:
    """Return the terms of a contract as of a day, told in a language where the library speaks it."""
    teller = _Teller(contract.terms, language)
    return TermsPage(
        account=contract.account.code,
        name=contract.account.name,
        subscription=contract.subscription.code,
        plan=contract.plan.code,
        plan_version=contract.plan.version,
        entity=contract.entity.code,
        currency=contract.currency,
        signed_on=contract.subscription.signed_on,
        as_of=as_of,
        documents=contract.terms.documents,
        rules=tuple(_rules(contract, teller)),
        unstated=tuple(name for name, rule in _stated(contract.terms).items() if rule is None),
        families={name: tuple(_family(contract.terms, name, teller)) for name in FAMILIES},
        charges=tuple(teller.told(each.name, each, each.clause) for each in contract.charges),
        adjustments=tuple(each for each in contract.adjustments if each.effective_on <= as_of),
    )


def contracts_on(contracts: Sequence[Contract], day: date, *, code: str = "") -> tuple[Contract, ...]:
    """Return the contracts of an account in force on a day, or the one that bears a code."""
    found = tuple(
        each for each in contracts if each.subscription.holds(day) and code in ("", each.subscription.code)
    )
    if not found:
        held = [f"{each.subscription.code} ({_days(each)})" for each in contracts]
        raise NotFound(
            "the account has no such subscription in force on this day",
            field="subscription" if code else "as_of",
            value=code or day,
            expected="one of " + ", ".join(held) if held else "an account with a subscription",
        )
    return found


def page_lines(page: TermsPage) -> list[str]:
    """Return the page as lines to read."""
    plan = f"plan {page.plan} {page.plan_version} in {page.currency}"
    return [
        f"Terms of {page.account}, subscription {page.subscription}, as of {page.as_of}",
        f"{page.name}; {plan}, issued by {page.entity}, signed on {page.signed_on}",
        *_section("Documents: a later one prevails", map(_document_line, page.documents)),
        *_section("Rules", _entries(page.rules)),
        *([f"  Stated by none of them: {', '.join(map(_spaced, page.unstated))}."] if page.unstated else []),
        *(line for name in FAMILIES for line in _family_lines(page, name)),
        *_section("Charges, at the prices agreed", _entries(page.charges)),
        *_section("Price adjustments", _adjustment_lines(page)),
    ]


@dataclass(frozen=True, slots=True)
class _Teller:
    """Tells where a rule comes from, in a language."""

    terms: Terms
    language: Language

    def told(self, name: str, record: Record, clause_id: str, *, reading: str = "", note: str = "") -> Entry:
        """Return a record as an entry of the page."""
        clause = self.terms.clause_of(clause_id)
        source = self._source(clause, self.terms.document_of(clause_id))
        return Entry(name=name, values=values_of(record), source=source, reading=reading, note=note)

    def sourced(self, name: str, sourced: Sourced[Rule], note: str = "") -> Entry:
        """Return a rule in force as an entry; its document is the one that states it."""
        rule, source = sourced.rule, self._source(sourced.clause, sourced.document)
        return Entry(name=name, values=values_of(rule), source=source, reading=rule.reading, note=note)

    def _source(self, clause: Clause, document: DocumentHead) -> Provenance:
        says: str = getattr(clause, f"says_{self.language}") or clause.says_en
        return Provenance(
            clause=clause.id,
            place=clause.place,
            says=says,
            document=document.id,
            version=document.version,
            layer=document.layer,
        )


def _stated(terms: Terms) -> dict[str, Sourced[Rule] | None]:
    return {name: getattr(terms, name) for name in Rules.__struct_fields__}


def _rules(contract: Contract, teller: _Teller) -> Iterator[Entry]:
    for name, sourced in _stated(contract.terms).items():
        if sourced is not None:
            yield teller.sourced(name, sourced, _note(contract, name))
            if isinstance(sourced.rule, DunningRule):
                for step in sourced.rule.steps:
                    yield teller.told(f"{name}: {step.code}", step, step.clause, reading=step.reading)


def _family(terms: Terms, name: str, teller: _Teller) -> Iterator[Entry]:
    members: Mapping[str, Sourced[Rule]] = getattr(terms, name)
    for code, member in sorted(members.items()):
        yield teller.sourced(code, member)


def _family_lines(page: TermsPage, name: str) -> list[str]:
    entries = page.families[name]
    return _section(name.capitalize(), _entries(entries)) if entries or name == "meters" else []


def _note(contract: Contract, name: str) -> str:
    """Say why a rule does not act on this contract, where the rule itself limits whom it binds."""
    if name == "trial" and not contract.plan.trial:
        return f"Not here: the plan {contract.plan.code} is no trial."
    indexation = contract.terms.indexation
    if name != "indexation" or indexation is None or not indexation.rule.entity_countries:
        return ""
    countries, entity = indexation.rule.entity_countries, contract.entity
    if entity.country in countries:
        return ""
    return f"Not here: only for entities of {', '.join(countries)}, and {entity.code} is of {entity.country}."


def _section(title: str, lines: Iterable[str]) -> list[str]:
    body = list(lines)
    return ["", title, *(body or ["  none"])]


def _document_line(head: DocumentHead) -> str:
    return f"  {_spaced(head.layer):<10}  {head.id} {head.version}: {head.title}"


def _entries(entries: Iterable[Entry]) -> Iterator[str]:
    for position, each in enumerate(entries):
        if position:
            yield ""
        code = str(each.values.get("code", ""))
        yield f"  {each.name}" + (f" ({code})" if code and code not in each.name else "")
        values = [f"{_spaced(name)}: {value}" for name, value in flat(each.values, without=_APART).items()]
        yield "    " + "; ".join([*values, *_tiers(each.values)])
        source = each.source
        yield (
            f"    [{source.clause}] {source.place}; "
            f"{source.document} {source.version}, {_spaced(source.layer)}"
        )
        yield f"    {source.says}"
        if each.reading:
            yield f"    Read so: {' '.join(each.reading.split())}"
        if each.note:
            yield f"    {each.note}"


def _tiers(values: Mapping[str, object]) -> Iterator[str]:
    """Yield a charge's tiers in words: ``up to 250: 0.42 each``."""
    tiers = values.get("tiers", ())
    for tier in tiers if isinstance(tiers, list | tuple) else ():
        fee = tier["flat_amount"]
        where = "beyond" if tier["up_to"] is None else f"up to {in_words(tier['up_to'])}"
        yield f"{where}: {in_words(tier['unit_price'])} each" + (f" and {in_words(fee)} once" if fee else "")


def _adjustment_lines(page: TermsPage) -> Iterator[str]:
    for each in page.adjustments:
        months = f"{each.first_month:%Y-%m} to {each.last_month:%Y-%m}"
        named = f"{each.index} in place of {each.substitutes}" if each.substitutes else each.index
        index = f"{named} of {months}, {plain(each.variation_percent)} % [{each.clause}]"
        yield f"  from {each.effective_on}: indexed prices times {plain(each.factor)}; {index}"


def _spaced(name: str) -> str:
    return name.replace("_", " ")


def _days(contract: Contract) -> str:
    subscription = contract.subscription
    return f"{subscription.starts_on} to {subscription.ends_on or 'open'}"
