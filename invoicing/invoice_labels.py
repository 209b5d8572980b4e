"""The words of a printed invoice in English, Spanish and Portuguese, and how each writes numbers and days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType

from babel import Locale
from babel.dates import format_date, format_interval
from babel.numbers import format_decimal

from invoicing.documents import LineKind
from invoicing.working_labels import PORTUGUESE_WORKING, SPANISH_WORKING
from kernel.money import Money, minor_unit_digits, plain
from kernel.periods import Period
from rating.working import ENGLISH as ENGLISH_WORKING
from rating.working import Catalog

#: The language of a customer whose own is none of these.
DEFAULT_LANGUAGE = "en"

#: Days and periods that a process keeps as text: a run prints the same few on each of its invoices.
DAYS_KEPT = 4_096

#: How the tax id of a party is called in its country; elsewhere by the word of the invoice's language.
TAX_ID_NAMES: Mapping[str, str] = MappingProxyType(
    {"AR": "CUIT", "BR": "CNPJ/CPF", "CL": "RUT", "CO": "NIT", "MX": "RFC", "PE": "RUC"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """One language: its words, and its habits of writing.

    ``units`` holds one and many of a unit; a unit that is not in it is printed as the terms have it.
    """

    locale: Locale
    working: Catalog
    invoice: str
    customer: str
    subscription: str
    plan: str
    issued: str
    due: str
    currency: str
    to_pay: str
    line: str
    quantity: str
    net: str
    tax: str
    total: str
    withheld: str
    late_usage: str
    true_up: str
    estimate: str
    net_sum: str
    payment: str
    bank_account: str
    reference: str
    terms: str
    page: str
    tax_id: str
    subject: str
    units: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def tag(self) -> str:
        """The language as PDF readers and screen readers know it: ``es-MX``."""
        return str(self.locale).replace("_", "-")

    def amount(self, money: Money) -> str:
        """Write an amount with the decimals of its currency, which is said elsewhere: 1,999.00."""
        places = minor_unit_digits(money.currency)
        return self._decimal(money.amount, f"#,##0.{'0' * places}" if places else "#,##0")

    def money(self, money: Money) -> str:
        """Write an amount and its currency: 1,999.00 MXN, in Portuguese 1.999,00 BRL."""
        return f"{self.amount(money)} {money.currency}"

    def number(self, number: Decimal) -> str:
        """Write a quantity or a percent, whole, without zeros that say nothing: 1,237 or 0.5."""
        return self._decimal(Decimal(plain(number)), "#,##0.#")

    def unit(self, unit: str, quantity: Decimal) -> str:
        """Name what is counted: 1 conversation, 2 conversations."""
        one, many = self.units.get(unit, (unit, unit))
        return one if quantity == 1 else many

    def day(self, day: date) -> str:
        """Write a day: Nov 20, 2026."""
        return _day(day, self.locale)

    def period(self, period: Period) -> str:
        """Write the first and the last day of a period: Oct 1 - 31, 2026."""
        return _period(period, self.locale)

    def tax_id_of(self, country: str, tax_id: str) -> str:
        """Write a tax id with the name that its country gives it: RFC MNO200115AB3."""
        return f"{TAX_ID_NAMES.get(country, self.tax_id)} {tax_id}"

    def about(self, kind: LineKind) -> str:
        """Say what is unusual about a line of this kind; of the usual ones, nothing."""
        unusual = {
            LineKind.LATE_USAGE: self.late_usage,
            LineKind.TRUE_UP: self.true_up,
            LineKind.ESTIMATE: self.estimate,
        }
        return unusual.get(kind, "")

    def _decimal(self, number: Decimal, pattern: str) -> str:
        return format_decimal(number, format=pattern, locale=self.locale, decimal_quantization=False)


@lru_cache(maxsize=DAYS_KEPT)
def _day(day: date, locale: Locale) -> str:
    return format_date(day, "medium", locale=locale)


@lru_cache(maxsize=DAYS_KEPT)
def _period(period: Period, locale: Locale) -> str:
    return format_interval(period.start, period.last_day, "yMMMd", locale=locale)


ENGLISH = Labels(
    locale=Locale("en", "US"),
    working=ENGLISH_WORKING,
    invoice="INVOICE",
    customer="Bill to",
    subscription="Subscription",
    plan="Plan",
    issued="Issue date",
    due="Due date",
    currency="Currency",
    to_pay="Amount to pay",
    line="Description",
    quantity="Quantity",
    net="Net",
    tax="Tax",
    total="Total",
    withheld="Withheld",
    late_usage="use that came after its invoice",
    true_up="what lacks to what was committed",
    estimate="estimated ahead",
    net_sum="Net",
    payment="Payment",
    bank_account="Account",
    reference="Reference",
    terms="Terms in force",
    page="Page {number} of {count}",
    tax_id="Tax ID",
    subject="Invoice for {customer}",
    units=MappingProxyType(
        {
            "contact": ("contact", "contacts"),
            "conversation": ("conversation", "conversations"),
            "document": ("document", "documents"),
            "message": ("message", "messages"),
            "minute": ("minute", "minutes"),
            "seat": ("seat", "seats"),
            "second": ("second", "seconds"),
            "segment": ("segment", "segments"),
            "user": ("user", "users"),
        }
    ),
)

SPANISH = Labels(
    locale=Locale("es", "MX"),
    working=SPANISH_WORKING,
    invoice="FACTURA",
    customer="Cliente",
    subscription="Suscripción",
    plan="Plan",
    issued="Fecha de emisión",
    due="Vencimiento",
    currency="Moneda",
    to_pay="Total a pagar",
    line="Concepto",
    quantity="Cantidad",
    net="Neto",
    tax="Impuesto",
    total="Total",
    withheld="Retención",
    late_usage="consumo recibido después de su factura",
    true_up="lo que falta para lo comprometido",
    estimate="estimado por adelantado",
    net_sum="Subtotal",
    payment="Pago",
    bank_account="Cuenta",
    reference="Referencia",
    terms="Términos vigentes",
    page="Página {number} de {count}",
    tax_id="ID fiscal",
    subject="Factura para {customer}",
    units=MappingProxyType(
        {
            "contact": ("contacto", "contactos"),
            "conversation": ("conversación", "conversaciones"),
            "document": ("documento", "documentos"),
            "message": ("mensaje", "mensajes"),
            "minute": ("minuto", "minutos"),
            "seat": ("licencia", "licencias"),
            "second": ("segundo", "segundos"),
            "segment": ("segmento", "segmentos"),
            "user": ("usuario", "usuarios"),
        }
    ),
)

PORTUGUESE = Labels(
    locale=Locale("pt", "BR"),
    working=PORTUGUESE_WORKING,
    invoice="FATURA",
    customer="Cliente",
    subscription="Assinatura",
    plan="Plano",
    issued="Data de emissão",
    due="Vencimento",
    currency="Moeda",
    to_pay="Total a pagar",
    line="Descrição",
    quantity="Quantidade",
    net="Líquido",
    tax="Imposto",
    total="Total",
    withheld="Retenção",
    late_usage="consumo recebido depois da sua fatura",
    true_up="o que falta para o comprometido",
    estimate="estimado adiantado",
    net_sum="Subtotal",
    payment="Pagamento",
    bank_account="Conta",
    reference="Referência",
    terms="Termos em vigor",
    page="Página {number} de {count}",
    tax_id="ID fiscal",
    subject="Fatura para {customer}",
    units=MappingProxyType(
        {
            "contact": ("contato", "contatos"),
            "conversation": ("conversa", "conversas"),
            "document": ("documento", "documentos"),
            "message": ("mensagem", "mensagens"),
            "minute": ("minuto", "minutos"),
            "seat": ("licença", "licenças"),
            "second": ("segundo", "segundos"),
            "segment": ("segmento", "segmentos"),
            "user": ("usuário", "usuários"),
        }
    ),
)

LABELS: Mapping[str, Labels] = MappingProxyType({"en": ENGLISH, "es": SPANISH, "pt": PORTUGUESE})


def labels_in(tag: str) -> Labels:
    """Return the labels for a language tag: Portuguese for ``pt-BR``, English for one without words here."""
    return LABELS.get(tag.replace("_", "-").split("-")[0].lower(), LABELS[DEFAULT_LANGUAGE])
