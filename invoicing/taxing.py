"""The taxes of the lines of a document: by the rule of the terms and the issuer's rates.  Pure."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from contracts.rules import TaxRule
from contracts.subscriptions import Contract
from contracts.terms import Sourced
from invoicing.documents import InvoiceLine, TaxPart
from kernel.errors import InvalidTerms
from kernel.money import Money
from rating.taxes import tax


def with_taxes(contract: Contract, lines: Sequence[InvoiceLine]) -> tuple[InvoiceLine, ...]:
    """Return lines that bear their price, each as it reads once it is taxed.

    Raises InvalidTerms where no rule says whether prices hold their taxes.
    """
    return tuple(_line(contract, line) for line in lines)


def tax_rule(contract: Contract) -> Sourced[TaxRule]:
    """Return the rule that says whether prices hold their taxes; without one nothing can be invoiced."""
    if contract.terms.tax is None:
        raise InvalidTerms(
            "no rule says whether prices hold their taxes",
            field="rules.tax",
            value=contract.subscription.code,
            expected="a tax rule in the terms or in the order form",
        )
    return contract.terms.tax


def _line(contract: Contract, line: InvoiceLine) -> InvoiceLine:
    price = Money(line.net, contract.currency)
    taxed = tax(price, mode=tax_rule(contract).rule.mode, rates=contract.entity.taxes)
    return msgspec.structs.replace(
        line,
        net=taxed.net.amount,
        tax=taxed.tax.amount,
        gross=taxed.gross.amount,
        taxes=tuple(
            TaxPart(code=code, percent=percent, amount=amount.amount) for code, percent, amount in taxed.parts
        ),
        working=(*line.working, *taxed.working),
    )
