"""Entitlements: what an account may use as of a day."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.access import Place, allowed
from api.description import answers
from api.examples import ENTITLEMENTS
from api.models import EntitlementsBody, VerdictBody
from api.parameters import LONGEST_NAME, AccountInPath
from db.api_keys import Scope
from db.unit_of_work import reading
from runtime.entitled import entitled

router = APIRouter(
    prefix="/v1/accounts", tags=["entitlements"], dependencies=[Depends(allowed(Scope.ENTITLEMENTS_READ))]
)


@router.get(
    "/{account}/entitlements",
    summary="Tell what an account may use",
    responses=answers(EntitlementsBody, ENTITLEMENTS, 404, 422),
)
def read_entitlements(
    place: Place,
    account: AccountInPath,
    *,
    as_of: Annotated[
        date | None, Query(description="Today where the contract is issued, unless given.")
    ] = None,
    feature: Annotated[str, Query(max_length=LONGEST_NAME, description="Only this feature.")] = "",
    country: Annotated[str, Query(pattern="^([A-Z]{2})?$", description="Where it is used from: `MX`.")] = "",
) -> EntitlementsBody:
    """Return a verdict for each rule about a feature, with its clause and why.

    A feature may be used if all its verdicts allow it; of what is limited, one more unit.

    Needs the scope `entitlements:read`.
    """
    with reading(place.engine) as connection:
        found = entitled(
            connection, account, clock=place.clock, as_of=as_of, feature=feature, country=country
        )
    return EntitlementsBody(
        account=account, data=[VerdictBody.model_validate(asdict(each)) for each in found]
    )
