"""The reason of every line: what ``clausula explain`` prints and what answers a dispute.  Pure.

The invoice becomes a tree of reasons, whatever it is then told in: text here, data for JSON, rows of the PDF.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from invoicing.documents import Invoice, InvoiceLine, LateChargeRecord, LineKind
from invoicing.explanation_labels import CATALOGS, Language
from kernel.errors import NotFound
from kernel.money import Exact
from rating.reasons import Reason, reasons_of, said
from rating.working import Catalog, step

_LINES = {
    LineKind.FEE: "line_fee",
    LineKind.USAGE: "line_usage",
    LineKind.LATE_USAGE: "line_late_usage",
    LineKind.PENALTY: "line_penalty",
    LineKind.SLA_CREDIT: "line_sla_credit",
    LineKind.TRUE_UP: "line_true_up",
    LineKind.ESTIMATE: "line_estimate",
}

#: In text a blank line stands before these.
_OPENINGS = {*_LINES.values(), "net", "late_charges"}

#: How far in stands what is said of the invoice as a whole, and what a line, or anything else, rests on.
_HEAD_MARGIN, _STEP_MARGIN = 2, 7


def explanation(invoice: Invoice, late: Sequence[LateChargeRecord] = ()) -> tuple[Reason, ...]:
    """Return an invoice as reasons: its head, each line with its working and its clause, then the sums.

    ``late`` are the charges that its late payment has cost so far; they are not part of its total.
    """
    return (
        _head(invoice),
        *(_line(line, invoice.currency) for line in invoice.lines),
        *_sums(invoice),
        *(_late(record) for record in late),
    )


def explanation_of_line(invoice: Invoice, number: int) -> tuple[Reason, ...]:
    """Return one line of an invoice as reasons, or raise :class:`NotFound`."""
    found = [_line(line, invoice.currency) for line in invoice.lines if line.number == number]
    if not found:
        raise NotFound(
            "the invoice has no such line",
            field="line",
            value=number,
            expected=f"1 to {len(invoice.lines)}",
        )
    return tuple(found)


def explain(
    invoice: Invoice, late: Sequence[LateChargeRecord] = (), *, language: Language = Language.ENGLISH
) -> tuple[str, ...]:
    """Return the invoice as text in a language."""
    return text_of(explanation(invoice, late), language)


def text_of(reasons: Sequence[Reason], language: Language = Language.ENGLISH) -> tuple[str, ...]:
    """Return reasons as lines of text: what a reason rests on stands beneath it, further in."""
    lines = tuple(_text(reasons, CATALOGS[language], margin=0))
    return lines[1:] if lines[:1] == ("",) else lines


def _text(reasons: Sequence[Reason], catalog: Catalog, *, margin: int) -> Iterator[str]:
    for reason in reasons:
        if reason.step.code in _OPENINGS:
            yield ""
        yield " " * margin + said(reason, catalog)
        below = _HEAD_MARGIN if reason.step.code == "invoice" else _STEP_MARGIN
        yield from _text(reason.because, catalog, margin=below)


def _head(invoice: Invoice) -> Reason:
    payment, customer = invoice.payment_clause, invoice.customer
    registered = "customer" if customer.tax_id else "customer_unregistered"
    due = step(
        "dates", invoice.due_on.isoformat(), issued_on=invoice.issued_on.isoformat(), clause=payment.clause
    )
    return Reason(
        step("invoice", invoice.number),
        (
            Reason(step("issuer", invoice.issuer.name, tax_id=invoice.issuer.tax_id)),
            Reason(step(registered, customer.name, tax_id=customer.tax_id)),
            Reason(step("contract", invoice.subscription, plan=invoice.plan, currency=invoice.currency)),
            Reason(due, (Reason(step("clause_says", payment.says)),)),
            Reason(step("papers", ", ".join(invoice.documents))),
        ),
    )


def _line(line: InvoiceLine, currency: str) -> Reason:
    period, cites = line.period, line.cites
    return Reason(
        step(
            _LINES[line.kind],
            line.number,
            name=line.name,
            first=period.start.isoformat(),
            last=period.last_day.isoformat(),
        ),
        (
            *reasons_of(line.working),
            Reason(step("line_sums", line.gross, net=line.net, tax=line.tax, currency=currency)),
            Reason(step("cited", cites.document, clause=cites.clause, place=cites.place, says=cites.says)),
        ),
    )


def _sums(invoice: Invoice) -> Iterator[Reason]:
    currency = invoice.currency

    def summed(code: str, amount: Decimal, **facts: Exact | str) -> Reason:
        return Reason(step(code, amount, **facts, currency=currency))

    yield summed("net", invoice.net.amount)
    for part in invoice.taxes:
        yield summed("tax_sum", part.amount, tax=part.code, percent=part.percent)
    yield summed("total", invoice.total.amount)
    for part in invoice.withheld:
        yield summed("withheld_sum", -part.amount, tax=part.code, percent=part.percent)
    if invoice.withheld:
        yield summed("payable", invoice.payable.amount)
    yield Reason(step("digest", invoice.digest))


def _late(record: LateChargeRecord) -> Reason:
    cites, currency = record.cites, record.total.currency
    parts = {"fine": record.fine, "interest": record.interest, "correction": record.correction}
    amounts = {name: each.amount for name, each in parts.items()}
    return Reason(
        step("late_charges", record.total.amount, through=record.through.isoformat(), currency=currency),
        (
            *reasons_of(record.working),
            Reason(step("late_sums", record.total.amount, **amounts, currency=currency)),
            Reason(step("late_cited", cites.says, clause=cites.clause, place=cites.place)),
        ),
    )
