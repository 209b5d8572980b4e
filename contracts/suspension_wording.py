"""The letters about a suspension for another cause than a debt, in three languages: when, why, by what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from babel.dates import format_date

from contracts.clauses import Clause
from contracts.notice_wording import NoticeLetter
from contracts.subscriptions import Contract
from contracts.suspending import Cause


@dataclass(frozen=True, slots=True)
class _Wording:
    """One language's sentences."""

    ahead: str
    now: str
    part: str
    clause: str
    reason: str


_WORDS: Mapping[str, _Wording] = MappingProxyType(
    {
        "en": _Wording(
            ahead="Your service {subscription} may be suspended from {day}",
            now="Your service {subscription} is suspended from {day}",
            part="This concerns {part} alone.",
            clause="{place}: {says} [{clause}]",
            reason="Why: {reason}",
        ),
        "es": _Wording(
            ahead="Su servicio {subscription} puede suspenderse desde el {day}",
            now="Su servicio {subscription} está suspendido desde el {day}",
            part="Se trata solo de {part}.",
            clause="{place}: {says} [{clause}]",
            reason="Motivo: {reason}",
        ),
        "pt": _Wording(
            ahead="O seu serviço {subscription} pode ser suspenso a partir de {day}",
            now="O seu serviço {subscription} está suspenso desde {day}",
            part="Trata-se apenas de {part}.",
            clause="{place}: {says} [{clause}]",
            reason="Motivo: {reason}",
        ),
    }
)


def suspension_letter(contract: Contract, clause: Clause, cause: Cause, *, ahead: bool) -> NoticeLetter:
    """Return the letter in the customer's language, or in English: ``ahead`` of the day or after it."""
    known = contract.account.language if contract.account.language in _WORDS else "en"
    words = _WORDS[known]
    subject = (words.ahead if ahead else words.now).format(
        subscription=contract.subscription.code, day=format_date(cause.on, "long", locale=known)
    )
    says = getattr(clause, f"says_{known}") or clause.says_en
    lines = [
        f"{subject}.",
        *([words.part.format(part=cause.part)] if cause.part else []),
        words.clause.format(place=clause.place, says=says, clause=clause.id),
        words.reason.format(reason=cause.why),
    ]
    return NoticeLetter(subject, "\n\n".join(lines) + "\n")
