"""Entitlements and limits: what an account may use as of a day, and how much of it is used."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.access import Place, allowed
from api.description import answers
from api.examples import ENTITLEMENTS, LIMITS
from api.models import EntitlementsBody, LimitBody, LimitsBody, VerdictBody
from api.parameters import LONGEST_NAME, AccountInPath
from db.api_keys import Scope
from db.unit_of_work import reading
from runtime.entitled import entitled
from runtime.limited import limited

router = APIRouter(
    prefix="/v1/accounts", tags=["entitlements"], dependencies=[Depends(allowed(Scope.ENTITLEMENTS_READ))]
)

Day = Annotated[date | None, Query(description="Today where the contract is issued, unless given.")]
Feature = Annotated[str, Query(max_length=LONGEST_NAME, description="Only this feature.")]


@router.get(
    "/{account}/entitlements",
    summary="Tell what an account may use",
    responses=answers(EntitlementsBody, ENTITLEMENTS, 404, 422),
)
def read_entitlements(
    place: Place,
    account: AccountInPath,
    *,
    as_of: Day = None,
    feature: Feature = "",
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


@router.get(
    "/{account}/limits",
    summary="Tell how much of its limits an account has used",
    responses=answers(LimitsBody, LIMITS, 404, 422),
)
def read_limits(
    place: Place, account: AccountInPath, *, as_of: Day = None, feature: Feature = ""
) -> LimitsBody:
    """Return what is used and left of each limit, the clause, and whether one more unit may be used.

    Every event that was acknowledged is counted.  Without `as_of` the answer takes two short statements.

    Needs the scope `entitlements:read`.
    """
    with reading(place.engine) as connection:
        found = limited(
            connection, account, clock=place.clock, known=place.known, as_of=as_of, feature=feature
        )
    return LimitsBody(account=account, data=[LimitBody.model_validate(asdict(each)) for each in found])
