"""Receivables: the aging as of a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime

from api.access import Place, allowed
from api.description import answers
from api.examples import AGING
from api.models import AgedItemBody, AgedSumsBody, AgingBody
from api.parameters import AccountCode, StartingAfter, account_named
from contracts.store import accounts_of
from db.api_keys import Scope
from db.unit_of_work import reading
from kernel.errors import UnknownInvoice
from kernel.ids import AccountId
from receivables.aging import AgedItem, AgedSums, AgingBasis, AgingReport
from receivables.report import aging_report

#: Items that one page may hold, and that it holds unless told otherwise.
PAGE_ITEMS: Final = 1_000
USUAL_ITEMS: Final = 100

router = APIRouter(
    prefix="/v1/receivables", tags=["receivables"], dependencies=[Depends(allowed(Scope.RECEIVABLES_READ))]
)


@router.get("/aging", summary="Report the aging", responses=answers(AgingBody, AGING, 404))
def report_aging(
    place: Place,
    *,
    as_of: Annotated[date | None, Query(description="Today unless given.")] = None,
    known_at: Annotated[
        AwareDatetime | None,
        Query(description="What was recorded later is not seen: `2026-03-05T12:00:00Z`."),
    ] = None,
    basis: Annotated[AgingBasis, Query(description="The date from which days count.")] = AgingBasis.DUE_DATE,
    account: AccountCode = None,
    starting_after: StartingAfter = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_ITEMS)] = USUAL_ITEMS,
) -> AgingBody:
    """Return what is open as of a day by age: the totals of all, and a page of the items.

    The totals were checked against the journal.  While `has_more` is true, ask again with `starting_after`
    set to the last number of the page; with the same `known_at` all pages are of one report, whatever is paid
    in between.  Needs the scope `receivables:read`.
    """
    with reading(place.engine) as connection:
        account_ids = None if account is None else [account_named(connection, account)]
        report = aging_report(
            connection,
            as_of=as_of or place.today,
            basis=basis,
            account_ids=account_ids,
            known_at=known_at,
        )
        start = _start_of_page(report, starting_after)
        page = report.items[start : start + limit]
        holders = accounts_of(connection, sorted({each.balance.item.account_id for each in page}))
    codes = {account_id: holder.code for account_id, holder in holders.items()}
    return AgingBody(
        as_of=report.as_of,
        basis=report.basis.value,
        totals=[_sums(currency, sums) for currency, sums in report.totals.items()],
        items=[_item(each, codes) for each in page],
        has_more=start + limit < len(report.items),
    )


def _start_of_page(report: AgingReport, starting_after: str | None) -> int:
    if starting_after is None:
        return 0
    for position, each in enumerate(report.items, start=1):
        if each.balance.item.number == starting_after:
            return position
    raise UnknownInvoice(
        "no item with this number was open",
        field="starting_after",
        value=starting_after,
        expected=f"the last number of a page as of {report.as_of}, asked with the same known_at",
    )


def _sums(currency: str, sums: AgedSums) -> AgedSumsBody:
    return AgedSumsBody(
        currency=currency,
        buckets={bucket.value: amount.amount for bucket, amount in sums.buckets.items()},
        credits=sums.credits.amount,
        total=sums.total.amount,
    )


def _item(aged: AgedItem, codes: Mapping[AccountId, str]) -> AgedItemBody:
    balance = aged.balance
    return AgedItemBody(
        account=codes[balance.item.account_id],
        number=balance.item.number,
        issued_on=balance.item.issued_on,
        due_on=balance.item.due_on,
        days=aged.days,
        bucket=aged.bucket.value,
        currency=balance.item.currency,
        principal=balance.principal.amount,
        interest=balance.interest.amount,
        fine=balance.fine.amount,
        correction=balance.correction.amount,
        total=balance.total.amount,
    )
