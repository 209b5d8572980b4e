"""Credits: what is left of an account's credits and coupons."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.access import Place, allowed
from api.description import answers
from api.examples import CREDITS
from api.models import CreditBody, CreditsBody
from api.parameters import AccountInPath
from db.api_keys import Scope
from db.unit_of_work import reading
from runtime.credits_held import HeldCredit, credits_held

router = APIRouter(
    prefix="/v1/accounts", tags=["credits"], dependencies=[Depends(allowed(Scope.INVOICES_READ))]
)


@router.get(
    "/{account}/credits",
    summary="Tell what is left of credits",
    responses=answers(CreditsBody, CREDITS, 404),
)
def read_credits(
    place: Place,
    account: AccountInPath,
    *,
    as_of: Annotated[
        date | None, Query(description="Today where the contract is issued, unless given.")
    ] = None,
) -> CreditsBody:
    """Return the credits given by a day, in the order in which invoices use them up, and the coupons.

    What was used is what the invoices issued so far say.  Needs the scope `invoices:read`.
    """
    with reading(place.engine) as connection:
        found = credits_held(connection, account, as_of=as_of, clock=place.clock)
    return CreditsBody(account=account, data=[_body(each) for each in found])


def _body(held: HeldCredit) -> CreditBody:
    balance, grant = held.balance, held.grant
    return CreditBody(
        subscription=held.subscription,
        kind=balance.source.value,
        code=balance.code,
        name=balance.name,
        currency=balance.amount.currency,
        given_on=balance.given_on,
        expires_on=balance.expires_on,
        priority=balance.priority,
        amount=balance.amount.amount,
        used=balance.used.amount,
        expired=balance.expired.amount,
        left=balance.left.amount,
        clause=balance.clause,
        given_by="" if grant is None else grant.given_by,
        reason="" if grant is None else grant.reason,
    )
