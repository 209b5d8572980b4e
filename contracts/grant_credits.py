"""Granting credits: a person's decision, checked against the contract, kept once and told."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from contracts.credit_grants import CreditGrant
from contracts.credit_store import add_grant
from contracts.shapes import one_of
from contracts.subscriptions import Contract
from db import outbox
from kernel.errors import Conflict, CurrencyMismatch, InvalidInput, NotFound

#: The effect outside that tells of a grant.
CREDITS_GRANTED = "credits.granted"


def grant_credits(connection: Connection, contract: Contract, grant: CreditGrant) -> CreditGrant:
    """Record credits under a contract, and tell of them; the same again changes nothing.

    Raises :class:`kernel.errors.UnknownClause` for a clause that is not in force, :class:`NotFound` for a
    charge that there is not, :class:`CurrencyMismatch` for another currency than the contract's, and
    :class:`Conflict` where other credits bear the code.
    """
    _check(contract, grant)
    recorded, is_new = add_grant(connection, grant)
    if replace(recorded, recorded_at=grant.recorded_at) != grant:
        raise Conflict(
            "other credits bear this code",
            field="code",
            value=grant.code,
            expected=f"another code; {grant.code} gives {recorded.amount} from {recorded.given_on}",
        )
    if is_new:
        body = {
            "account": contract.account.code,
            "subscription": contract.subscription.code,
            "code": grant.code,
            "amount": str(grant.amount),
            "given_on": grant.given_on.isoformat(),
            "expires_on": grant.expires_on.isoformat() if grant.expires_on else "",
            "clause": grant.clause,
            "given_by": grant.given_by,
            "reason": grant.reason,
        }
        outbox.put(connection, grant.account_id, CREDITS_GRANTED, body, grant.recorded_at)
    return recorded


def _check(contract: Contract, grant: CreditGrant) -> None:
    contract.terms.clause_of(grant.clause)
    if grant.amount.currency != contract.currency:
        raise CurrencyMismatch(
            "credits pay for use in the currency of their contract",
            field="amount",
            value=grant.amount,
            expected=f"an amount in {contract.currency}",
        )
    if grant.code in contract.terms.promises:
        raise InvalidInput(
            "credits that the contract promises bear this code",
            field="code",
            value=grant.code,
            expected="another code",
        )
    codes = [charge.code for charge in contract.charges]
    lost = [each for each in grant.charges if each not in codes]
    if lost:
        raise NotFound(
            "the contract has no such charge", field="charges", value=lost[0], expected=one_of(codes, lost[0])
        )
