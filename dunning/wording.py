"""The words of dunning letters in English, Spanish and Portuguese, and how each language writes amounts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from contracts.rules import DunningAction
from kernel.money import Money

#: The language of an account whose own is none of these.
DEFAULT_LANGUAGE = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """One language.  Names in braces are filled in; each sentence stands alone, so that none is glued.

    ``subjects`` and ``openings`` are by what a step does, ``deeds`` name it in a list of what may follow.
    """

    subjects: Mapping[DunningAction, str]
    openings: Mapping[DunningAction, str]
    deeds: Mapping[DunningAction, str]
    greeting: str
    late: tuple[str, str]
    amount_due: str
    invoice_amount: str
    late_charges: str
    clause: str
    following: str
    how_to_stop: str
    restored_subject: str
    restored: str
    connectors: str
    decimal_comma: bool = False

    def amount(self, money: Money) -> str:
        """Write an amount: 1,999.00 MXN, in Portuguese 1.999,00 BRL."""
        written = str(money)
        return written.translate(_COMMA_AND_POINT) if self.decimal_comma else written

    def days_late(self, days: int) -> str:
        """Write how late a payment is: 1 day late, 2 days late."""
        one, more = self.late
        return (one if days == 1 else more).format(days=days)


_COMMA_AND_POINT = str.maketrans(",.", ".,")

ENGLISH = Wording(
    subjects={
        DunningAction.REMIND: "Reminder: invoice {number} is late",
        DunningAction.NOTIFY: "Payment notice: invoice {number} is unpaid",
        DunningAction.SUSPEND_PART: "Part of your service is suspended: invoice {number}",
        DunningAction.SUSPEND: "Your service is suspended: invoice {number}",
        DunningAction.TERMINATE: "Your contract is terminated: invoice {number}",
        DunningAction.DELETE_DATA: "Your data will be deleted: invoice {number}",
    },
    openings={
        DunningAction.REMIND: "Invoice {number} of {entity} was due on {due_on} and is {late}.",
        DunningAction.NOTIFY: (
            "This is the notice that your payment is pending: "
            "invoice {number} of {entity} was due on {due_on} and is {late}."
        ),
        DunningAction.SUSPEND_PART: (
            "From {today} this part of your service is suspended: {part}. "
            "Invoice {number} of {entity} was due on {due_on} and is {late}."
        ),
        DunningAction.SUSPEND: (
            "From {today} your service is suspended. "
            "Invoice {number} of {entity} was due on {due_on} and is {late}."
        ),
        DunningAction.TERMINATE: (
            "Your contract is terminated on {today}. "
            "Invoice {number} of {entity} was due on {due_on}, is {late} and stays payable."
        ),
        DunningAction.DELETE_DATA: (
            "The time to export your data is over, and it will be deleted for good. "
            "Invoice {number} of {entity} was due on {due_on} and is {late}."
        ),
    },
    deeds={
        DunningAction.REMIND: "a reminder",
        DunningAction.NOTIFY: "a payment notice",
        DunningAction.SUSPEND_PART: "suspension of part of the service",
        DunningAction.SUSPEND: "suspension of the service",
        DunningAction.TERMINATE: "termination of the contract",
        DunningAction.DELETE_DATA: "deletion of your data; please export it before",
    },
    greeting="Dear {name},",
    late=("{days} day late", "{days} days late"),
    amount_due="Amount due: {amount}",
    invoice_amount="  of the invoice: {amount}",
    late_charges="  late charges to {today}: {amount}",
    clause="Why: clause {clause}. {says}",
    following="If it stays unpaid, the contract allows:",
    how_to_stop="Payment of the whole amount ends this.",
    restored_subject="Your service is restored: invoice {number}",
    restored=(
        "Thank you: invoice {number} was paid on {paid_on}, and your service is restored from {restored_on}."
    ),
    connectors="Connectors were disconnected and must be reconfigured one by one before they work again.",
)

SPANISH = Wording(
    subjects={
        DunningAction.REMIND: "Recordatorio: la factura {number} está vencida",
        DunningAction.NOTIFY: "Aviso de pago: la factura {number} está pendiente",
        DunningAction.SUSPEND_PART: "Parte de su servicio está suspendida: factura {number}",
        DunningAction.SUSPEND: "Su servicio está suspendido: factura {number}",
        DunningAction.TERMINATE: "Su contrato ha sido rescindido: factura {number}",
        DunningAction.DELETE_DATA: "Sus datos serán eliminados: factura {number}",
    },
    openings={
        DunningAction.REMIND: "La factura {number} de {entity} venció el {due_on} y tiene {late}.",
        DunningAction.NOTIFY: (
            "Le notificamos que su pago está pendiente: "
            "la factura {number} de {entity} venció el {due_on} y tiene {late}."
        ),
        DunningAction.SUSPEND_PART: (
            "Desde el {today} queda suspendida esta parte de su servicio: {part}. "
            "La factura {number} de {entity} venció el {due_on} y tiene {late}."
        ),
        DunningAction.SUSPEND: (
            "Desde el {today} su servicio queda suspendido. "
            "La factura {number} de {entity} venció el {due_on} y tiene {late}."
        ),
        DunningAction.TERMINATE: (
            "Su contrato queda rescindido el {today}. "
            "La factura {number} de {entity} venció el {due_on}, tiene {late} y sigue siendo exigible."
        ),
        DunningAction.DELETE_DATA: (
            "El plazo para exportar sus datos ha terminado y se eliminarán definitivamente. "
            "La factura {number} de {entity} venció el {due_on} y tiene {late}."
        ),
    },
    deeds={
        DunningAction.REMIND: "un recordatorio",
        DunningAction.NOTIFY: "un aviso de pago",
        DunningAction.SUSPEND_PART: "la suspensión de parte del servicio",
        DunningAction.SUSPEND: "la suspensión del servicio",
        DunningAction.TERMINATE: "la rescisión del contrato",
        DunningAction.DELETE_DATA: "la eliminación de sus datos; expórtelos antes",
    },
    greeting="Estimado cliente {name}:",
    late=("{days} día de atraso", "{days} días de atraso"),
    amount_due="Importe por pagar: {amount}",
    invoice_amount="  de la factura: {amount}",
    late_charges="  cargos por mora al {today}: {amount}",
    clause="Motivo: cláusula {clause}. {says}",
    following="Si sigue sin pagarse, el contrato permite:",
    how_to_stop="El pago del importe total pone fin a esta situación.",
    restored_subject="Su servicio está restablecido: factura {number}",
    restored=(
        "Gracias: la factura {number} se pagó el {paid_on} y su servicio queda restablecido "
        "desde el {restored_on}."
    ),
    connectors="Los conectores se desconectaron y deben configurarse de nuevo, uno por uno.",
)

PORTUGUESE = Wording(
    subjects={
        DunningAction.REMIND: "Lembrete: a fatura {number} está vencida",
        DunningAction.NOTIFY: "Aviso de pagamento: a fatura {number} está pendente",
        DunningAction.SUSPEND_PART: "Parte do seu serviço está suspensa: fatura {number}",
        DunningAction.SUSPEND: "Seu serviço está suspenso: fatura {number}",
        DunningAction.TERMINATE: "Seu contrato foi rescindido: fatura {number}",
        DunningAction.DELETE_DATA: "Seus dados serão excluídos: fatura {number}",
    },
    openings={
        DunningAction.REMIND: "A fatura {number} de {entity} venceu em {due_on} e está com {late}.",
        DunningAction.NOTIFY: (
            "Notificamos que o seu pagamento está pendente: "
            "a fatura {number} de {entity} venceu em {due_on} e está com {late}."
        ),
        DunningAction.SUSPEND_PART: (
            "A partir de {today} esta parte do seu serviço está suspensa: {part}. "
            "A fatura {number} de {entity} venceu em {due_on} e está com {late}."
        ),
        DunningAction.SUSPEND: (
            "A partir de {today} o seu serviço está suspenso. "
            "A fatura {number} de {entity} venceu em {due_on} e está com {late}."
        ),
        DunningAction.TERMINATE: (
            "O seu contrato fica rescindido em {today}. "
            "A fatura {number} de {entity} venceu em {due_on}, está com {late} e continua devida."
        ),
        DunningAction.DELETE_DATA: (
            "O prazo para exportar os seus dados terminou e eles serão excluídos definitivamente. "
            "A fatura {number} de {entity} venceu em {due_on} e está com {late}."
        ),
    },
    deeds={
        DunningAction.REMIND: "um lembrete",
        DunningAction.NOTIFY: "um aviso de pagamento",
        DunningAction.SUSPEND_PART: "a suspensão de parte do serviço",
        DunningAction.SUSPEND: "a suspensão do serviço",
        DunningAction.TERMINATE: "a rescisão do contrato",
        DunningAction.DELETE_DATA: "a exclusão dos seus dados; exporte-os antes",
    },
    greeting="Prezado cliente {name},",
    late=("{days} dia de atraso", "{days} dias de atraso"),
    amount_due="Valor a pagar: {amount}",
    invoice_amount="  da fatura: {amount}",
    late_charges="  encargos por atraso até {today}: {amount}",
    clause="Motivo: cláusula {clause}. {says}",
    following="Se continuar em aberto, o contrato permite:",
    how_to_stop="O pagamento do valor total encerra esta situação.",
    restored_subject="Seu serviço foi restabelecido: fatura {number}",
    restored=(
        "Obrigado: a fatura {number} foi paga em {paid_on} e o seu serviço está restabelecido "
        "a partir de {restored_on}."
    ),
    connectors="Os conectores foram desconectados e precisam ser configurados novamente, um a um.",
    decimal_comma=True,
)

WORDINGS: Mapping[str, Wording] = MappingProxyType({"en": ENGLISH, "es": SPANISH, "pt": PORTUGUESE})


def language_of(tag: str) -> str:
    """Return the language of letters: ``pt`` for ``pt-BR``, English for one without words here."""
    language = tag.replace("_", "-").split("-")[0].lower()
    return language if language in WORDINGS else DEFAULT_LANGUAGE
