"""The letters that announce a change, in three languages: what changes, when, and how long one may say no."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from babel.dates import format_date

from contracts.clauses import Clause
from contracts.notices import Content, NewPrices, NewVersions
from kernel.money import plain


@dataclass(frozen=True, slots=True)
class Wording:
    """One language's sentences."""

    prices: str
    documents: str
    subject: str
    earliest: str
    objection: str
    before: str
    clause: str
    reason: str


@dataclass(frozen=True, slots=True)
class NoticeLetter:
    """A letter: its subject and its text."""

    subject: str
    body: str


_WORDS: Mapping[str, Wording] = MappingProxyType(
    {
        "en": Wording(
            prices="The prices of {what} change by {percent} %.",
            documents="These documents hold in a new version: {what}.",
            subject="A change of your contract {subscription} from {day}",
            earliest="The change holds from {day}.",
            objection="You may turn it down within {days} days of this notice; silence accepts it.",
            before="You may turn it down until the day before; using the service after that accepts it.",
            clause="{place}: {says} [{clause}]",
            reason="Why: {reason}",
        ),
        "es": Wording(
            prices="Los precios de {what} cambian en {percent} %.",
            documents="Estos documentos rigen en una versión nueva: {what}.",
            subject="Un cambio de su contrato {subscription} desde el {day}",
            earliest="El cambio rige desde el {day}.",
            objection="Puede rechazarlo en los {days} días que siguen a este aviso; el silencio lo acepta.",
            before="Puede rechazarlo hasta el día antes de que rija; seguir con el servicio lo acepta.",
            clause="{place}: {says} [{clause}]",
            reason="Motivo: {reason}",
        ),
        "pt": Wording(
            prices="Os preços de {what} mudam em {percent} %.",
            documents="Estes documentos passam a valer em nova versão: {what}.",
            subject="Uma mudança do seu contrato {subscription} a partir de {day}",
            earliest="A mudança vale a partir de {day}.",
            objection="Você pode recusá-la em {days} dias deste aviso; o silêncio a aceita.",
            before="Você pode recusá-la até o dia antes de valer; continuar com o serviço a aceita.",
            clause="{place}: {says} [{clause}]",
            reason="Motivo: {reason}",
        ),
    }
)

_EVERYTHING: Mapping[str, str] = MappingProxyType(
    {"en": "all charges", "es": "todos los cargos", "pt": "todas as cobranças"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """What a letter tells: the change, its first day, how long a no counts, and the clause."""

    subscription: str
    content: Content
    names: Mapping[str, str]
    first_day: date
    objection_days: int | None
    clauses: tuple[Clause, ...]
    reason: str = ""


def letter(announced: Announced, language: str) -> NoticeLetter:
    """Return the letter about a change in a customer's language; English where the language is not known."""
    known = language if language in _WORDS else "en"
    words = _WORDS[known]
    day = format_date(announced.first_day, "long", locale=known)
    lines = [
        _what(announced, words, known),
        words.earliest.format(day=day),
        words.before
        if announced.objection_days is None
        else words.objection.format(days=announced.objection_days),
        *(_cited(clause, words, known) for clause in announced.clauses),
    ]
    if announced.reason:
        lines.append(words.reason.format(reason=announced.reason))
    subject = words.subject.format(subscription=announced.subscription, day=day)
    return NoticeLetter(subject, "\n\n".join(lines) + "\n")


def _cited(clause: Clause, words: Wording, language: str) -> str:
    says = getattr(clause, f"says_{language}") or clause.says_en
    return words.clause.format(place=clause.place, says=says, clause=clause.id)


def _what(announced: Announced, words: Wording, language: str) -> str:
    match announced.content:
        case NewPrices() as prices:
            named = [announced.names[code] for code in prices.charges]
            percent = f"{plain((prices.factor - 1) * 100)}"
            return words.prices.format(what=", ".join(named) or _EVERYTHING[language], percent=percent)
        case NewVersions() as versions:
            told = ", ".join(f"{name} {version}" for name, version in versions.documents.items())
            return words.documents.format(what=told)
        case other:
            message = f"no letter announces {other}"
            raise TypeError(message)
