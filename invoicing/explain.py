"""The reason of every line, as text: what ``clausula explain`` prints and what answers a dispute.  Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from invoicing.documents import Invoice, InvoiceLine, LateChargeRecord, LineKind
from kernel.money import Money, plain
from rating.working import lines_of

_KINDS = {
    LineKind.FEE: "fee",
    LineKind.USAGE: "usage",
    LineKind.LATE_USAGE: "usage that came after its invoice",
    LineKind.PENALTY: "penalty",
    LineKind.SLA_CREDIT: "credit of the service level",
    LineKind.TRUE_UP: "what lacks to what was committed",
    LineKind.ESTIMATE: "estimated in advance",
}


def explain(invoice: Invoice, late: Sequence[LateChargeRecord] = ()) -> tuple[str, ...]:
    """Return the invoice as text: each line with its working and its clause, then the sums.

    ``late`` are the charges that its late payment has cost so far; they are not part of its total.
    """
    return (*_head(invoice), *_body(invoice), *_sums(invoice), *_late(late))


def _head(invoice: Invoice) -> Iterator[str]:
    yield f"Invoice {invoice.number}"
    yield f"  from {invoice.issuer.name} ({invoice.issuer.tax_id})"
    yield f"  to   {invoice.customer.name} ({invoice.customer.tax_id or 'no tax id'})"
    yield f"  subscription {invoice.subscription}, plan {invoice.plan}, in {invoice.currency}"
    yield f"  issued {invoice.issued_on}, due {invoice.due_on} [{invoice.payment_clause.clause}]"
    yield f"       {invoice.payment_clause.says}"
    yield f"  terms: {', '.join(invoice.documents)}"


def _body(invoice: Invoice) -> Iterator[str]:
    for line in invoice.lines:
        yield ""
        yield f"{line.number:>3}. {line.name}, {line.period} ({_KINDS[line.kind]})"
        yield from (f"       {text}" for text in lines_of(line.working))
        net, tax, gross = (_money(each, invoice) for each in (line.net, line.tax, line.gross))
        yield f"       net {net}, tax {tax}, to pay {gross}"
        yield f"       {_cited(line)}"


def _sums(invoice: Invoice) -> Iterator[str]:
    yield ""
    yield f"Net    {invoice.net}"
    for part in invoice.taxes:
        yield f"{part.code} {plain(part.percent)} %  {_money(part.amount, invoice)}"
    yield f"Total  {invoice.total}"
    yield f"Content SHA-256 {invoice.digest}"


def _late(late: Sequence[LateChargeRecord]) -> Iterator[str]:
    for record in late:
        yield ""
        yield f"Late charges through {record.through}: {record.total}"
        yield from (f"       {text}" for text in lines_of(record.working))
        yield f"       fine {record.fine}, interest {record.interest}, correction {record.correction}"
        yield f"       [{record.cites.clause}] {record.cites.place}: {record.cites.says}"


def _cited(line: InvoiceLine) -> str:
    return f"[{line.cites.clause}] {line.cites.place}: {line.cites.says} ({line.cites.document})"


def _money(amount: object, invoice: Invoice) -> Money:
    return Money.of(amount, invoice.currency)
