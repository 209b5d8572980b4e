"""How each language says what stands around the working of a line: parties, dates, lines, sums, late charges.

Amounts, days, names and clauses are data; what a clause says was frozen in the customer's language at issue.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from invoicing.working_labels import PORTUGUESE_WORKING, SPANISH_WORKING
from rating.working import ENGLISH as ENGLISH_WORKING
from rating.working import Catalog


class Language(StrEnum):
    """A language in which an invoice is explained."""

    ENGLISH = "en"
    SPANISH = "es"
    PORTUGUESE = "pt"


_CITED = {
    "clause_says": "{result}",
    "cited": "[{clause}] {place}: {says} ({result})",
    "late_cited": "[{clause}] {place}: {result}",
}

_ENGLISH = {
    "invoice": "Invoice {result}",
    "issuer": "from {result} ({tax_id})",
    "customer": "to   {result} ({tax_id})",
    "customer_unregistered": "to   {result} (no tax id)",
    "contract": "subscription {result}, plan {plan}, in {currency}",
    "dates": "issued {issued_on}, due {result} [{clause}]",
    "papers": "terms: {result}",
    "line_fee": "{result:place}. {name}, {first} to {last} (fee)",
    "line_usage": "{result:place}. {name}, {first} to {last} (usage)",
    "line_late_usage": "{result:place}. {name}, {first} to {last} (usage that came after its invoice)",
    "line_penalty": "{result:place}. {name}, {first} to {last} (penalty)",
    "line_true_up": "{result:place}. {name}, {first} to {last} (what lacks to what was committed)",
    "line_estimate": "{result:place}. {name}, {first} to {last} (estimated in advance)",
    "line_sla_credit": "{result:place}. {name}, {first} to {last} (credit of the service level)",
    "line_sums": "net {net:money}, tax {tax:money}, to pay {result:money}",
    "net": "Net    {result:money}",
    "tax_sum": "{tax} {percent:number} %  {result:money}",
    "total": "Total  {result:money}",
    "withheld_sum": "{tax} {percent:number} % withheld  {result:money}",
    "payable": "To pay {result:money}",
    "digest": "Content SHA-256 {result}",
    "late_charges": "Late charges through {through}: {result:money}",
    "late_sums": "fine {fine:money}, interest {interest:money}, correction {correction:money}",
}

_SPANISH = {
    "invoice": "Factura {result}",
    "issuer": "de   {result} ({tax_id})",
    "customer": "para {result} ({tax_id})",
    "customer_unregistered": "para {result} (sin identificación fiscal)",
    "contract": "suscripción {result}, plan {plan}, en {currency}",
    "dates": "emitida {issued_on}, vence {result} [{clause}]",
    "papers": "términos: {result}",
    "line_fee": "{result:place}. {name}, {first} a {last} (cuota)",
    "line_usage": "{result:place}. {name}, {first} a {last} (consumo)",
    "line_late_usage": "{result:place}. {name}, {first} a {last} (consumo recibido después de su factura)",
    "line_penalty": "{result:place}. {name}, {first} a {last} (pena convencional)",
    "line_true_up": "{result:place}. {name}, {first} a {last} (lo que falta para lo comprometido)",
    "line_estimate": "{result:place}. {name}, {first} a {last} (estimado por adelantado)",
    "line_sla_credit": "{result:place}. {name}, {first} a {last} (crédito por nivel de servicio)",
    "line_sums": "neto {net:money}, impuesto {tax:money}, a pagar {result:money}",
    "net": "Neto   {result:money}",
    "tax_sum": "{tax} {percent:number} %:  {result:money}",
    "total": "Total: {result:money}",
    "withheld_sum": "{tax} {percent:number} % retenido  {result:money}",
    "payable": "A pagar {result:money}",
    "digest": "SHA-256 del contenido {result}",
    "late_charges": "Cargos por mora hasta {through}: {result:money}",
    "late_sums": "multa {fine:money}, interés {interest:money}, corrección {correction:money}",
}

_PORTUGUESE = {
    "invoice": "Fatura {result}",
    "issuer": "de   {result} ({tax_id})",
    "customer": "para {result} ({tax_id})",
    "customer_unregistered": "para {result} (sem identificação fiscal)",
    "contract": "assinatura {result}, plano {plan}, em {currency}",
    "dates": "emitida {issued_on}, vence {result} [{clause}]",
    "papers": "termos: {result}",
    "line_fee": "{result:place}. {name}, {first} a {last} (taxa fixa)",
    "line_usage": "{result:place}. {name}, {first} a {last} (consumo)",
    "line_late_usage": "{result:place}. {name}, {first} a {last} (consumo recebido depois da sua fatura)",
    "line_penalty": "{result:place}. {name}, {first} a {last} (multa)",
    "line_true_up": "{result:place}. {name}, {first} a {last} (o que falta para o compromisso)",
    "line_estimate": "{result:place}. {name}, {first} a {last} (estimado antecipadamente)",
    "line_sla_credit": "{result:place}. {name}, {first} a {last} (crédito por nível de serviço)",
    "line_sums": "líquido {net:money}, imposto {tax:money}, a pagar {result:money}",
    "net": "Líquido {result:money}",
    "tax_sum": "{tax} {percent:number} %:  {result:money}",
    "total": "Total: {result:money}",
    "withheld_sum": "{tax} {percent:number} % retido  {result:money}",
    "payable": "A pagar {result:money}",
    "digest": "SHA-256 do conteúdo {result}",
    "late_charges": "Encargos por atraso até {through}: {result:money}",
    "late_sums": "multa {fine:money}, juros {interest:money}, correção {correction:money}",
}


def _around(working: Catalog, said: Mapping[str, str]) -> Catalog:
    templates = MappingProxyType({**working.templates, **_CITED, **said})
    return Catalog(templates, group=working.group, point=working.point)


#: The catalog of each language: its steps, and what stands around them.
CATALOGS: Mapping[Language, Catalog] = MappingProxyType(
    {
        Language.ENGLISH: _around(ENGLISH_WORKING, _ENGLISH),
        Language.SPANISH: _around(SPANISH_WORKING, _SPANISH),
        Language.PORTUGUESE: _around(PORTUGUESE_WORKING, _PORTUGUESE),
    }
)
