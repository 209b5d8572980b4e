"""Invoices: list, read, draw, explain."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Final
from urllib.parse import quote
from uuid import UUID

import msgspec
from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from api.access import Place, allowed
from api.description import answers
from api.examples import EXPLANATION, INVOICE, INVOICES
from api.models import ExplanationBody, InvoiceBody, InvoiceList
from api.parameters import AccountCode, InvoiceNumber, StartingAfter, account_named
from db.api_keys import Scope
from db.unit_of_work import reading
from invoicing.archive import (
    PAGE_INVOICES,
    InvoiceFilter,
    invoice_by_number,
    invoices_page,
    late_charges_of,
)
from invoicing.documents import Invoice
from invoicing.explain import explanation, explanation_of_line, text_of
from invoicing.explanation_labels import CATALOGS, Language
from invoicing.render_pdf import render_pdf
from kernel.errors import UnknownInvoice
from kernel.ids import ItemId
from rating.reasons import data_of

PDF: Final = "application/pdf"

#: Invoices of a page, unless another limit is given.
USUAL_INVOICES: Final = 20

#: What JSON has no type for stays as it is: the bodies say how it is written.
_KEPT_TYPES: Final = (Decimal, UUID, date, datetime)

#: Ids that mean nothing outside.
_INTERNAL: Final = ("account_id", "subscription_id")

router = APIRouter(
    prefix="/v1/invoices", tags=["invoices"], dependencies=[Depends(allowed(Scope.INVOICES_READ))]
)


@router.get("", summary="List invoices", responses=answers(InvoiceList, INVOICES, 404))
def list_invoices(
    place: Place,
    *,
    account: AccountCode = None,
    issued_from: date | None = None,
    issued_until: Annotated[date | None, Query(description="Exclusive.")] = None,
    starting_after: StartingAfter = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_INVOICES)] = USUAL_INVOICES,
) -> InvoiceList:
    """Return a page of invoices, newest first.

    While `has_more` is true, ask again with `starting_after` set to the last number of the page: each invoice
    is seen once, also while new ones are issued.  Needs the scope `invoices:read`.
    """
    with reading(place.engine) as connection:
        wanted = InvoiceFilter(
            account_id=None if account is None else account_named(connection, account),
            issued_from=issued_from,
            issued_until=issued_until,
            after=starting_after or "",
            limit=limit + 1,
        )
        try:
            found = invoices_page(connection, wanted)
        except UnknownInvoice as error:
            raise UnknownInvoice(error.message, field="starting_after", value=error.value) from error
    return InvoiceList(data=[body_of(each) for each in found[:limit]], has_more=len(found) > limit)


# A series may hold a slash, and so may a number; the longer paths stand first.


@router.get(
    "/{number:path}/pdf",
    summary="Draw an invoice",
    response_class=Response,
    responses=answers(None, None, 404) | {200: {"content": {PDF: {"schema": {"type": "string"}}}}},
)
def draw_invoice(place: Place, number: InvoiceNumber) -> Response:
    """Return an invoice as PDF; the same invoice gives the same bytes for ever.

    Needs the scope `invoices:read`.
    """
    with reading(place.engine) as connection:
        invoice = invoice_by_number(connection, number)
    name = quote(f"{invoice.number}.pdf", safe="")
    headers = {"Content-Disposition": f"inline; filename*=UTF-8''{name}"}
    return Response(render_pdf(invoice), media_type=PDF, headers=headers)


@router.get(
    "/{number:path}/explanation",
    summary="Explain an invoice",
    responses=answers(ExplanationBody, EXPLANATION, 404),
)
def explain_invoice(
    place: Place,
    number: InvoiceNumber,
    *,
    language: Language = Language.ENGLISH,
    line: Annotated[int | None, Query(ge=1, description="This line alone.")] = None,
) -> ExplanationBody:
    """Return the reason of every line: quantities, tiers, index, rounding, tax and clause.

    `lines` tells them as text and `reasons` as a tree, in English, Spanish or Portuguese; what a clause says
    stays as it was sent.  Late charges assessed so far follow the sums.  Needs the scope `invoices:read`.
    """
    with reading(place.engine) as connection:
        invoice = invoice_by_number(connection, number)
        late = late_charges_of(connection, invoice.account_id, ItemId(invoice.invoice_id))
    reasons = explanation(invoice, late) if line is None else explanation_of_line(invoice, line)
    return ExplanationBody.model_validate(
        {
            "number": invoice.number,
            "language": language,
            "lines": list(text_of(reasons, language)),
            "reasons": data_of(reasons, CATALOGS[language]),
        }
    )


@router.get("/{number:path}", summary="Read an invoice", responses=answers(InvoiceBody, INVOICE, 404))
def read_invoice(place: Place, number: InvoiceNumber) -> InvoiceBody:
    """Return an invoice as it was issued, with the working and the clause of each line.

    Needs the scope `invoices:read`.
    """
    with reading(place.engine) as connection:
        return body_of(invoice_by_number(connection, number))


def body_of(invoice: Invoice) -> InvoiceBody:
    """Return an invoice as the API shows it."""
    shown = msgspec.to_builtins(invoice, builtin_types=_KEPT_TYPES)
    for name in _INTERNAL:
        del shown[name]
    for name in ("net", "tax", "total", "payable"):
        shown[name] = getattr(invoice, name).amount
    for name in ("taxes", "withheld"):
        shown[name] = msgspec.to_builtins(getattr(invoice, name), builtin_types=_KEPT_TYPES)
    return InvoiceBody.model_validate(shown | {"account": invoice.customer.code, "digest": invoice.digest})
