"""Where everything stands on a printed invoice.  Pure: an invoice in, pages of rows out."""

from __future__ import annotations

from collections.abc import Iterator

from invoicing.documents import Invoice, Party
from invoicing.invoice_labels import Labels
from invoicing.invoice_styles import (
    BODY,
    CLAUSE_X,
    FACT,
    FINE,
    FOOT,
    GAP,
    LABEL,
    LARGE,
    LEFT,
    RIGHT,
    SMALL,
    STRONG,
    TITLE,
    TOP,
    TOTAL,
    WHOLE,
)
from invoicing.line_table import clause_rows, line_blocks
from invoicing.page_rows import Band, Block, Row, Rows, beside, pages_of
from invoicing.type_setting import Pen
from kernel.money import Money

#: Issuer and customer stand on the left of the first page's head; its title and number on the right.
ISSUER_WIDTH, CUSTOMER_WIDTH, TITLE_WIDTH = 290, 270, 200

#: The closing block: payment on the left, its facts behind their names, and the sums on the right.
PAYMENT_WIDTH, FACT_X, SUMS_X = 278, LEFT + 70, CLAUSE_X

#: The air around what stands on a tinted band.
PADDING = 8

#: So many digits of the SHA-256 stand in the footer; the document's properties hold all 64.
DIGEST_SHOWN = 16


def layout(invoice: Invoice, labels: Labels, pen: Pen) -> tuple[Rows, ...]:
    """Return the rows of each page, without its footer."""
    running = _running_head(invoice, labels, pen)
    return pages_of(_blocks(invoice, labels, pen), room=TOP - FOOT, running=running)


def footer(invoice: Invoice, pen: Pen, *, digest: str, page_of: str) -> Rows:
    """Return what stands at the foot of a page, so that a loose sheet still says what it belongs to."""
    identity = pen.text(LEFT, f"{invoice.number}  ·  SHA-256 {digest[:DIGEST_SHOWN]}", FINE)
    return (Row(1, rule=WHOLE), Row(14, (identity, pen.text_to(RIGHT, page_of, FINE))))


def _blocks(invoice: Invoice, labels: Labels, pen: Pen) -> Iterator[Block]:
    yield Block(
        (
            *_letterhead(invoice, labels, pen),
            *_customer_and_subscription(invoice, labels, pen),
            *_summary(invoice, labels, pen),
        )
    )
    yield from line_blocks(invoice.lines, currency=invoice.currency, labels=labels, pen=pen)
    closing = beside(_payment(invoice, labels, pen), _sums(invoice, labels, pen))
    yield Block((Row(14), *closing, *_documents(invoice, labels, pen)))


def _running_head(invoice: Invoice, labels: Labels, pen: Pen) -> Rows:
    number = pen.text_to(RIGHT, f"{labels.invoice} {invoice.number}", LABEL)
    width = RIGHT - LEFT - GAP - pen.width(number.text, LABEL)
    issuer = pen.rows(LEFT, invoice.issuer.name, SMALL, width=width)[:1]
    return (*beside(issuer, (Row(SMALL.leading, (number,)),)), Row(6, rule=WHOLE), Row(10))


def _letterhead(invoice: Invoice, labels: Labels, pen: Pen) -> Rows:
    issuer = invoice.issuer
    names = (
        *pen.rows(LEFT, issuer.name, LARGE, width=ISSUER_WIDTH),
        Row(2),
        *_party_details(issuer, labels, pen),
    )
    title = (
        *pen.rows_to(RIGHT, labels.invoice, TITLE, width=TITLE_WIDTH),
        *pen.rows_to(RIGHT, invoice.number, STRONG, width=TITLE_WIDTH),
    )
    return (*beside(names, title), Row(12, rule=WHOLE), Row(12))


def _customer_and_subscription(invoice: Invoice, labels: Labels, pen: Pen) -> Rows:
    customer = (
        *pen.rows(LEFT, labels.customer, LABEL, width=CUSTOMER_WIDTH),
        *pen.rows(LEFT, invoice.customer.name, STRONG, width=CUSTOMER_WIDTH),
        Row(1),
        *_party_details(invoice.customer, labels, pen),
    )
    width = RIGHT - CLAUSE_X
    subscription = (
        *pen.rows(CLAUSE_X, labels.subscription, LABEL, width=width),
        *pen.rows(CLAUSE_X, invoice.subscription, STRONG, width=width),
        Row(1),
        *pen.rows(CLAUSE_X, f"{labels.plan}: {invoice.plan}", SMALL, width=width),
    )
    return (*beside(customer, subscription), Row(12))


def _party_details(party: Party, labels: Labels, pen: Pen) -> Rows:
    tax_id = labels.tax_id_of(party.country, party.tax_id) if party.tax_id else ""
    details = (tax_id, party.address, party.email)
    return tuple(row for each in details for row in pen.rows(LEFT, each, SMALL, width=CUSTOMER_WIDTH))


def _summary(invoice: Invoice, labels: Labels, pen: Pen) -> Rows:
    """Return the band that says at a glance how much is to be paid, and by when."""
    facts = (
        (LEFT + 12, labels.issued, labels.day(invoice.issued_on)),
        (LEFT + 130, labels.due, labels.day(invoice.due_on)),
        (LEFT + 248, labels.currency, invoice.currency),
    )
    end, above, below = RIGHT - 12, 27, 11
    texts = (
        *(pen.text(x, label, LABEL, rise=above) for x, label, _ in facts),
        pen.text_to(end, labels.to_pay, LABEL, rise=above),
        *(pen.text(x, fact, STRONG, rise=below) for x, _, fact in facts),
        pen.text_to(end, labels.money(invoice.payable), LARGE, rise=below),
    )
    return (Row(44, texts, band=Band(WHOLE, 44)), Row(16))


def _payment(invoice: Invoice, labels: Labels, pen: Pen) -> Rows:
    facts = (
        (labels.due, labels.day(invoice.due_on)),
        (labels.bank_account, invoice.issuer.bank_account),
        (labels.reference, invoice.number),
    )
    return (
        *pen.rows(LEFT, labels.payment, STRONG, width=PAYMENT_WIDTH),
        Row(2),
        *(row for label, fact in facts if fact for row in _fact(label, fact, pen)),
        Row(6),
        *clause_rows(invoice.payment_clause, pen, x=LEFT, width=PAYMENT_WIDTH),
    )


def _fact(label: str, fact: str, pen: Pen) -> Rows:
    named = pen.rows(LEFT, label, FACT, width=FACT_X - LEFT)
    return beside(named, pen.rows(FACT_X, fact, BODY, width=LEFT + PAYMENT_WIDTH - FACT_X))


def _sums(invoice: Invoice, labels: Labels, pen: Pen) -> Rows:
    """Return the sums; where the customer withholds, what that is and what is left to pay too."""
    end = RIGHT - PADDING
    named, last = (labels.to_pay, invoice.payable) if invoice.withheld else (labels.total, invoice.total)
    texts = (
        pen.text(SUMS_X + PADDING, named, TOTAL, rise=PADDING),
        pen.text_to(end, labels.money(last), TOTAL, rise=PADDING),
    )
    band = Band((SUMS_X, RIGHT), TOTAL.leading + PADDING)
    return (
        *(row for name, sum_ in _summed(invoice, labels) for row in _sum(name, labels.money(sum_), end, pen)),
        Row(5),
        Row(band.height, texts, band=band),
    )


def _summed(invoice: Invoice, labels: Labels) -> Iterator[tuple[str, Money]]:
    yield labels.net_sum, invoice.net
    for part in invoice.taxes:
        yield f"{part.code} {labels.number(part.percent)} %", Money(part.amount, invoice.currency)
    if invoice.withheld:
        yield labels.total, invoice.total
    for part in invoice.withheld:
        name = f"{labels.withheld} {part.code} {labels.number(part.percent)} %"
        yield name, Money(-part.amount, invoice.currency)


def _sum(name: str, amount: str, end: int, pen: Pen) -> Rows:
    start = SUMS_X + PADDING
    width = end - start - GAP - pen.width(amount, BODY)
    named = pen.rows(start, name, BODY, width=width)
    return beside(named, (Row(BODY.leading, (pen.text_to(end, amount, BODY),)),))


def _documents(invoice: Invoice, labels: Labels, pen: Pen) -> Rows:
    if not invoice.documents:
        return ()
    listed = f"{labels.terms}:  {'  ·  '.join(invoice.documents)}"
    return (Row(14), *pen.rows(LEFT, listed, FINE, width=RIGHT - LEFT))
