"""The PDF of an issued invoice: the same invoice gives the same bytes, for ever.

It is drawn straight on the page: nothing is parsed, so no name or clause can be mistaken for markup, and an
invoice costs milliseconds.  What stands where is decided by ``invoice_layout``; only this module knows
reportlab.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC
from functools import lru_cache
from io import BytesIO
from math import ceil

from reportlab import rl_config
from reportlab.lib.colors import Color, HexColor
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from invoicing.documents import Invoice
from invoicing.invoice_labels import Labels, labels_in
from invoicing.invoice_layout import footer, layout
from invoicing.invoice_styles import FOOT, PAGE_HEIGHT, PAGE_WIDTH, RULE, TINT, TOP
from invoicing.page_rows import Row, Style
from invoicing.type_setting import Pen

#: The footer hangs so far below the last row that a page may have.
FOOTER_DISTANCE = 10

rl_config.useA85 = 0  # streams as they are: the text form of bytes is a quarter longer


def render_pdf(invoice: Invoice) -> bytes:
    """Draw an invoice in its customer's language, on as many A4 pages as it needs.

    The document's properties hold its number, its issuer, its customer, and the SHA-256 of its content; its
    date is the instant of issue, so no clock is read.
    """
    labels, digest, pen = labels_in(invoice.customer.language), invoice.digest, Pen(width_of)
    pages = layout(invoice, labels, pen)
    buffer = BytesIO()
    canvas = Canvas(
        buffer, pagesize=(PAGE_WIDTH, PAGE_HEIGHT), pageCompression=1, invariant=1, lang=labels.tag
    )
    _set_properties(canvas, invoice, labels, digest)
    for number, rows in enumerate(pages, 1):
        page_of = labels.page.format(number=number, count=len(pages))
        _draw(canvas, rows, TOP)
        _draw(canvas, footer(invoice, pen, digest=digest, page_of=page_of), FOOT - FOOTER_DISTANCE)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _set_properties(canvas: Canvas, invoice: Invoice, labels: Labels, digest: str) -> None:
    issued_at = invoice.issued_at.astimezone(UTC)
    canvas.setTitle(f"{labels.invoice} {invoice.number}")
    canvas.setAuthor(invoice.issuer.name)
    canvas.setSubject(labels.subject.format(customer=invoice.customer.name))
    canvas.setKeywords(f"sha256:{digest}")
    canvas.setCreator("Clausula")
    canvas.setDateFormatter(lambda *_: f"D:{issued_at:%Y%m%d%H%M%S}Z")


def _draw(canvas: Canvas, rows: Iterable[Row], top: int) -> None:
    """Draw rows downwards from ``top``, which is measured from the lower edge, as PDF does."""
    foot, style = top, None
    writing = canvas.beginText()
    for row in rows:
        foot -= row.height
        if row.band:
            (start, end), height = row.band
            canvas.setFillColor(_colour(TINT))
            canvas.rect(start, foot, end - start, height, stroke=0, fill=1)
        if row.rule:
            start, end = row.rule
            canvas.setStrokeColor(_colour(RULE))
            canvas.line(start, foot, end, foot)
        for text in row.texts:
            if text.style != style:
                style = text.style
                writing.setFont(style.font, style.size)
                writing.setFillColor(_colour(style.colour))
            width = stringWidth(text.text, text.style.font, text.style.size) if text.ends else 0
            writing.setTextOrigin(text.x - width, foot + text.rise)
            writing.textOut(text.text)
    canvas.drawText(writing)


def width_of(text: str, style: Style) -> int:
    """Return how wide a text is, in whole points, rounded up: by this the layout is made."""
    return ceil(stringWidth(text, style.font, style.size))


@lru_cache
def _colour(code: str) -> Color:
    return HexColor(code)
