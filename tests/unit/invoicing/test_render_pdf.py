"""The PDF of an invoice says all that the invoice says, whatever it says, and always in the same bytes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from io import BytesIO
from itertools import pairwise
from uuid import UUID

import pytest
from msgspec.structs import replace
from pypdf import PdfReader

from contracts.charges import Flat, Graduated, PerUnit, Tier
from contracts.parties import TaxRate
from contracts.rules import TaxMode
from invoicing.documents import Citation, Invoice, InvoiceLine, LineKind, Party, TaxPart
from invoicing.invoice_labels import labels_in
from invoicing.invoice_layout import layout
from invoicing.invoice_styles import FOOT, LEFT, RIGHT, TOP
from invoicing.page_rows import Text, height_of
from invoicing.render_pdf import render_pdf, width_of
from invoicing.type_setting import Pen
from kernel.ids import AccountId, InvoiceId, SubscriptionId
from kernel.money import Money
from kernel.periods import Period
from rating.charges import Rated, rate_fixed, rate_usage
from rating.taxes import tax
from rating.working import step

MXN = "MXN"
IVA = (TaxRate(code="IVA", percent=Decimal(16)),)
OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1))
NOVEMBER = Period(date(2026, 11, 1), date(2026, 12, 1))


def cite(clause: str, place: str, says: str) -> Citation:
    """Cite a clause of the annex."""
    return Citation(clause=clause, place=place, says=says, document="ZEN-IX 2023-07")


FEES = cite(
    "ZEN-IX-4.2-ii",
    "Anexo IX 4.2(ii)",
    "Cuota fija según las cuentas de WhatsApp y los usuarios.",
)
CONVERSATIONS = cite(
    "ZEN-IX-4.2-iii",
    "Anexo IX 4.2(iii)",
    "WhatsApp se cobra por conversación, la inicie quien la inicie, al precio del país de la línea.",
)
OPTIONS = cite("ZEN-IX-4.3", "Anexo IX 4.3", "Los servicios opcionales se cobran según su propuesta.")
TRANSFER = cite(
    "ZEN-IX-5-transfer-i",
    "Anexo IX 5, transferencia (i)",
    "Por transferencia se paga en los 20 días siguientes al envío de la factura.",
)

PLATFORM = Flat(code="platform", name="Plataforma Conversion", clause="ZEN-IX-4.2-ii", amount=Decimal(4999))
USERS = Flat(
    code="users",
    name="Usuarios adicionales",
    clause="ZEN-IX-4.2-ii",
    amount=Decimal(200),
    quantity=Decimal(6),
)
WHATSAPP = Graduated(
    code="whatsapp",
    name="WhatsApp México",
    clause="ZEN-IX-4.2-iii",
    meter="whatsapp",
    allowance=Decimal(1000),
    tiers=(
        Tier(up_to=Decimal(10000), unit_price=Decimal("0.72")),
        Tier(unit_price=Decimal("0.59")),
    ),
)
SMS = PerUnit(
    code="sms",
    name="SMS",
    clause="ZEN-IX-4.3",
    meter="sms",
    unit_price=Decimal("0.4735"),
    allowance=Decimal(0),
)


def line(
    name: str,
    rated: Rated,
    cites: Citation,
    *,
    unit: str = "",
    period: Period = OCTOBER,
    kind: LineKind = LineKind.USAGE,
) -> InvoiceLine:
    """Return a line as a run would bill it."""
    taxed = tax(rated.amount, mode=TaxMode.EXCLUSIVE, rates=IVA)
    return InvoiceLine(
        number=1,
        kind=kind,
        charge="charge",
        name=name,
        meter="meter",
        unit=unit,
        period_start=period.start,
        period_end=period.end,
        quantity=rated.quantity,
        net=taxed.net.amount,
        tax=taxed.tax.amount,
        gross=taxed.gross.amount,
        taxes=tuple(
            TaxPart(code=part.code, percent=part.percent, amount=part.amount.amount) for part in taxed.parts
        ),
        cites=cites,
        working=(*rated.working, *taxed.working),
    )


def numbered(lines: Sequence[InvoiceLine]) -> tuple[InvoiceLine, ...]:
    """Number lines from 1."""
    return tuple(replace(each, number=number) for number, each in enumerate(lines, 1))


LINES = numbered(
    (
        line(
            "Plataforma Conversion, plan Profesional",
            rate_fixed(PLATFORM, currency=MXN),
            FEES,
            period=NOVEMBER,
            kind=LineKind.FEE,
        ),
        line(
            "Usuarios adicionales",
            rate_fixed(USERS, currency=MXN, share=Fraction(17, 31)),
            FEES,
            unit="user",
            period=Period(date(2026, 10, 15), date(2026, 11, 1)),
            kind=LineKind.FEE,
        ),
        line(
            "Conversaciones de WhatsApp, México",
            rate_usage(WHATSAPP, Decimal(12337), currency=MXN),
            CONVERSATIONS,
            unit="conversation",
        ),
        line("SMS nacionales", rate_usage(SMS, Decimal(1237), currency=MXN), OPTIONS, unit="segment"),
        line(
            "Conversaciones de WhatsApp, México",
            Rated(
                Decimal(41),
                Money.of("29.52", MXN),
                (
                    *rate_usage(WHATSAPP, Decimal(9041), currency=MXN).working,
                    step("already_billed", "29.52", quantity=9000, amount="5760.00", currency="MXN"),
                ),
            ),
            CONVERSATIONS,
            unit="conversation",
            period=Period(date(2026, 9, 1), date(2026, 10, 1)),
            kind=LineKind.LATE_USAGE,
        ),
    )
)

INVOICE = Invoice(
    account_id=AccountId(UUID(int=1)),
    invoice_id=InvoiceId(UUID(int=2)),
    subscription_id=SubscriptionId(UUID(int=3)),
    number="MDN-2026-000128",
    subscription="conversion-mx-0042",
    plan="Conversion Profesional",
    currency=MXN,
    issued_on=date(2026, 11, 1),
    due_on=date(2026, 11, 21),
    issuer=Party(
        code="mdn",
        name="Mensajera del Norte, S.A. de C.V.",
        tax_id="MNO200115AB3",
        address="Av. Revolución 1420, piso 6, Col. Centro, 64000 Monterrey, Nuevo León",
        country="MX",
        email="cobranza@mensajeradelnorte.example",
        bank_account="CLABE 012 580 00123456789 7",
    ),
    customer=Party(
        code="cafe",
        name="Café & Té Ñandú, S. de R.L. de C.V.",
        tax_id="CTN180630QX1",
        address="Calle Hidalgo 55, local 2, 44100 Guadalajara, Jalisco",
        country="MX",
        email="pagos@cafenandu.example",
        language="es",
    ),
    documents=("ZEN-GENERAL 2023-07", "ZEN-IX 2023-07", "ORDEN-0042 2026-10"),
    lines=LINES,
    payment_clause=TRANSFER,
    issued_at=datetime(2026, 11, 1, 12, 30, tzinfo=UTC),
)

LONG = "Conversaciones iniciadas por cualquiera de las partes, con palabras_que_no_terminan_" + "nunca_" * 12

#: Nothing that a party or a contract can write is longer, and no amount has more digits.
OVERLONG = replace(
    INVOICE,
    number="SERIE-DE-LA-ENTIDAD-MUY-LARGA-0000000000000128",
    subscription="s" * 90,
    plan=LONG,
    issuer=replace(INVOICE.issuer, name=LONG, address=LONG, bank_account=LONG),
    customer=replace(INVOICE.customer, name=LONG, address=LONG, email="a" * 120),
    documents=tuple(f"DOCUMENTO-{number} 2026-10" for number in range(60)),
    payment_clause=cite("ZEN-" + "IX-" * 40, LONG, LONG * 5),
    lines=numbered(
        (
            replace(
                LINES[2],
                name=LONG,
                unit="conversación iniciada por cualquiera de las partes",
                quantity=Decimal("9999999999.123456"),
                net=Decimal("1234567890123.45"),
                tax=Decimal("197530862419.75"),
                gross=Decimal("1432098752543.20"),
                cites=cite("ZEN-" + "IX-" * 40, LONG, LONG * 5),
                working=LINES[2].working * 4,
            ),
            *LINES,
        )
    ),
)


def in_language(language: str, invoice: Invoice = INVOICE) -> Invoice:
    """Return the invoice for a customer who reads another language."""
    return replace(invoice, customer=replace(invoice.customer, language=language))


def reader_of(invoice: Invoice) -> PdfReader:
    """Draw an invoice and open it."""
    return PdfReader(BytesIO(render_pdf(invoice)))


def pages_of(invoice: Invoice) -> tuple[str, ...]:
    """Return the text of each page, its rows separated by spaces."""
    return tuple(" ".join(page.extract_text().split()) for page in reader_of(invoice).pages)


def text_of(invoice: Invoice) -> str:
    """Return the text of all pages."""
    return " ".join(pages_of(invoice))


@pytest.mark.parametrize(
    "said",
    [
        "Mensajera del Norte, S.A. de C.V.",
        "RFC MNO200115AB3",
        "Av. Revolución 1420, piso 6, Col. Centro, 64000 Monterrey, Nuevo León",
        "cobranza@mensajeradelnorte.example",
        "Café & Té Ñandú, S. de R.L. de C.V.",
        "RFC CTN180630QX1",
        "pagos@cafenandu.example",
        "MDN-2026-000128",
        "conversion-mx-0042",
        "Plan: Conversion Profesional",
        "1 nov 2026",
        "21 nov 2026",
        "CLABE 012 580 00123456789 7",
        "ZEN-GENERAL 2023-07 · ZEN-IX 2023-07 · ORDEN-0042 2026-10",
        "Página 1 de 1",
    ],
)
def test_it_says_who_when_and_under_which_terms(said: str) -> None:
    """Parties, number, days, account, documents in force: each stands on the page."""
    assert said in text_of(INVOICE)


def test_each_line_is_printed_with_its_amounts_and_its_clause() -> None:
    """Name, days, quantity, unit, net, tax and total of each line; and the clause that justifies it."""
    text = text_of(INVOICE)

    for number, name, quantity, amounts in (
        (1, "Plataforma Conversion, plan Profesional", "1", "4,999.00 799.84 5,798.84"),
        (2, "Usuarios adicionales", "6 usuarios", "658.06 105.29 763.35"),
        (3, "Conversaciones de WhatsApp, México", "12,337 conversaciones", "7,988.83 1,278.21 9,267.04"),
        (4, "SMS nacionales", "1,237 segmentos", "585.72 93.72 679.44"),
        (5, "Conversaciones de WhatsApp, México", "41 conversaciones", "29.52 4.72 34.24"),
    ):
        assert f"{number} {name} {quantity} {amounts}" in text
    for cited in (FEES, CONVERSATIONS, OPTIONS, TRANSFER):
        assert f"{cited.clause} · {cited.place}:" in text
    assert "1–30 de nov de 2026" in text
    assert "1–30 de sep de 2026 · consumo recibido después de su factura" in text


def test_the_working_of_a_line_is_printed_step_by_step() -> None:
    """12,337 conversations, 1,000 of them included: two tiers, their sum and the tax on it."""
    text = text_of(INVOICE)

    for printed in (
        "incluidos: 1,000 de 12,337",
        "tramo 1 a 10,000: 10,000 x 0.72 MXN = 7,200.00 MXN",
        "tramo desde 10,001: 1,337 x 0.59 MXN = 788.83 MXN",
        "importe: 7,988.83 MXN",
        "IVA 16 % de 7,988.83 MXN = 1,278.21 MXN",
        "17/31 del periodo:",
        "585.7195 -> 585.72 MXN",
        "ya facturado: 9,000 por 5,760.00 MXN; el resto es 29.52 MXN",
    ):
        assert printed in text


def test_the_sums_are_those_of_the_invoice() -> None:
    """Net, each tax with its rate, and the total, which also stands at the top, in the invoice's currency."""
    text = text_of(INVOICE)

    assert "16,542.91 MXN" == f"{INVOICE.total}"
    assert "Subtotal 14,261.13 MXN" in text
    assert "IVA 16 % 2,281.78 MXN" in text
    assert "Total 16,542.91 MXN" in text
    assert 2 == text.count("16,542.91 MXN")


def test_what_is_withheld_stands_between_the_total_and_what_is_to_pay() -> None:
    """The band at the top and the last sum say 16,481.20; the total before them holds the 61.71 kept back."""
    kept = TaxPart(code="ISR", percent=Decimal("1.25"), amount=Decimal("61.71"))
    first, *others = INVOICE.lines
    text = text_of(replace(INVOICE, lines=(replace(first, withheld=(kept,)), *others)))

    assert "Total 16,542.91 MXN" in text
    assert "Retención ISR 1.25 % -61.71 MXN" in text
    assert 2 == text.count("16,481.20 MXN")


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("INVOICE", "Due date", "Nov 21, 2026", "12,337 conversations", "Page 1 of 1")),
        ("es", ("FACTURA", "Vencimiento", "21 nov 2026", "12,337 conversaciones", "Página 1 de 1")),
        ("pt", ("FATURA", "Vencimento", "21 de nov. de 2026", "12.337 conversas", "Página 1 de 1")),
        ("pt-BR", ("FATURA", "7.988,83", "16.542,91 MXN", "valor: 7.988,83 MXN", "1 – 31 de out. de 2026")),
        ("de", ("INVOICE", "7,988.83", "16,542.91 MXN", "amount: 7,988.83 MXN", "Oct 1 – 31, 2026")),
    ],
)
def test_it_speaks_the_customers_language(language: str, said: tuple[str, ...]) -> None:
    """Words, days, numbers and workings; English where the language has no words here."""
    text = text_of(in_language(language))

    assert [] == [each for each in said if each not in text]


def test_a_currency_without_cents_has_none() -> None:
    """1,500 yen are 1,500, not 1,500.00."""
    yen = Rated(Decimal(1), Money.of(1500, "JPY"), ())
    text = text_of(replace(in_language("en"), currency="JPY", lines=(line("Seats", yen, FEES),)))

    assert "1 1,500 240 1,740" in text
    assert "Total 1,740 JPY" in text


def test_what_a_party_leaves_out_takes_no_row() -> None:
    """Without tax id, address, account and documents neither their names nor question marks appear."""
    bare = Party(code="x", name="Sólo Nombre", tax_id="", address="", country="MX", email="")
    text = text_of(replace(INVOICE, issuer=bare, customer=replace(bare, language="es"), documents=()))

    assert [] == [word for word in ("RFC", "Cuenta", "Términos", "?") if word in text]


def test_the_same_invoice_gives_the_same_bytes() -> None:
    """Whatever was drawn in between: an issued document can be drawn again and be compared by its hash."""
    first = render_pdf(INVOICE)
    render_pdf(OVERLONG)

    assert first == render_pdf(replace(INVOICE))


def test_another_invoice_gives_other_bytes() -> None:
    """A cent more in one line is seen in the properties, too: they hold the digest of the content."""
    changed = replace(INVOICE, lines=(replace(LINES[0], net=Decimal("4999.01")), *LINES[1:]))

    assert reader_of(INVOICE).metadata != reader_of(changed).metadata


def test_the_properties_name_the_document_and_its_digest() -> None:
    """An archive finds number, issuer, customer and digest without reading the page; the date is of issue."""
    reader = reader_of(INVOICE)
    found = reader.metadata

    assert found is not None
    assert "FACTURA MDN-2026-000128" == found.title
    assert "Mensajera del Norte, S.A. de C.V." == found.author
    assert "Factura para Café & Té Ñandú, S. de R.L. de C.V." == found.subject
    assert f"sha256:{INVOICE.digest}" == found.keywords
    assert datetime(2026, 11, 1, 12, 30, tzinfo=UTC) == found.creation_date
    assert "es-MX" == str(reader.root_object["/Lang"])
    assert f"SHA-256 {INVOICE.digest[:16]}" in text_of(INVOICE)


def test_many_lines_run_over_pages_that_each_say_what_they_are() -> None:
    """120 lines: all are there, in order, under a head on each page, and each page has its number."""
    many = replace(INVOICE, lines=numbered([LINES[number % len(LINES)] for number in range(120)]))
    pages = pages_of(many)

    assert 14 == len(pages)
    assert ["FACTURA MDN-2026-000128" in page for page in pages[1:]] == [True] * 13
    assert ["# Concepto Cantidad Neto Impuesto Total MXN" in page for page in pages] == [True] * 14
    assert [f"Página {number} de 14" in page for number, page in enumerate(pages, 1)] == [True] * 14
    assert ["Total 397,029.84 MXN" in page for page in pages] == [False] * 13 + [True]
    places = [" ".join(pages).find(f" {each.number} {each.name} ") for each in many.lines]
    assert -1 not in places
    assert sorted(places) == places


def test_a_line_higher_than_a_page_is_divided() -> None:
    """A working of 200 steps takes three pages, and loses none of them."""
    steps = tuple(step("quantity", number) for number in range(1000, 1200))
    pages = pages_of(replace(INVOICE, lines=(LINES[0], replace(LINES[1], working=steps))))

    assert 3 == len(pages)
    assert [] == [number for number in range(1000, 1200) if f"cantidad: {number:,}" not in " ".join(pages)]


def test_names_are_never_read_as_markup() -> None:
    """<b>, & and entities stand as they are written."""
    name = "<b>Pérez & Hijos</b> &amp; <para>Cía.</para> {0} %s"
    text = text_of(replace(INVOICE, customer=replace(INVOICE.customer, name=name)))

    assert name in text


def test_letters_that_the_fonts_lack_are_printed_without_harm() -> None:
    """Łódź loses its accents where it must, an emoji is a question mark, the euro is the euro."""
    text = text_of(
        replace(
            INVOICE,
            plan="Łódź Żółć 5\u202f€ \N{ROCKET}\u200d!",
            number="A\n\t1\x00",
            subscription="ñ\x7f\u0301",
        )
    )

    assert "Plan: Lódz Zólc 5 € ?!" in text
    assert "Referencia A 1 " in text


def texts_at_each_height(invoice: Invoice) -> list[list[Text]]:
    """Return the texts of an invoice that stand on one base line, from left to right."""
    pages = layout(invoice, labels_in(invoice.customer.language), Pen(width_of))
    rows = (row.texts for page in pages for row in page)
    return [
        sorted((text for text in texts if text.rise == rise), key=start_of)
        for texts in rows
        for rise in {text.rise for text in texts}
    ]


def start_of(text: Text) -> int:
    """Return where a text begins."""
    return text.x - width_of(text.text, text.style) if text.ends else text.x


def end_of(text: Text) -> int:
    """Return where a text ends."""
    return start_of(text) + width_of(text.text, text.style)


@pytest.mark.parametrize("invoice", [INVOICE, OVERLONG, in_language("pt", OVERLONG)])
def test_nothing_crosses_a_border_or_another_text(invoice: Invoice) -> None:
    """However long names and clauses are, and with amounts of 13 digits."""
    rows = texts_at_each_height(invoice)

    assert [] == [text for row in rows for text in row if start_of(text) < LEFT or end_of(text) > RIGHT]
    assert [] == [
        (one, other) for row in rows for one, other in pairwise(row) if end_of(one) > start_of(other)
    ]


def test_no_page_is_overfull() -> None:
    """The rows of a page end above its footer."""
    pages = layout(OVERLONG, labels_in("es"), Pen(width_of))

    assert [] == [page for page in pages if height_of(page) > TOP - FOOT]
