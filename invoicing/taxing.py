"""The taxes of the lines of a document: by the rule of the terms, the issuer's rates and the customer.  Pure.

Each line bears the rates of the day on which its period begins.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import assert_never

import msgspec

from contracts.rules import TaxMode, TaxRounding, TaxRule
from contracts.subscriptions import Contract
from contracts.terms import Sourced
from invoicing.documents import InvoiceLine, TaxPart
from kernel.errors import InvalidTerms
from kernel.money import Money
from rating import taxes
from rating.taxes import Taxation, Taxed, taxed, taxed_together
from rating.working import Working, step


def with_taxes(contract: Contract, lines: Sequence[InvoiceLine]) -> tuple[InvoiceLine, ...]:
    """Return lines that bear their price, each as it reads once it is taxed.

    Lines of the same rates are taxed together, so a document's tax is rounded once where the rule says so.
    Raises InvalidTerms where no rule says whether prices hold their taxes.
    """
    alike: dict[Taxation, list[int]] = defaultdict(list)
    for position, line in enumerate(lines):
        alike[taxation_on(contract, line.period_start)].append(position)
    done = list(lines)
    for law, positions in alike.items():
        amounts = [Money(lines[position].net, contract.currency) for position in positions]
        for position, parts in zip(positions, _taxed(contract, law, amounts), strict=True):
            done[position] = _line(lines[position], parts)
    return tuple(done)


def with_taxes_beside(contract: Contract, line: InvoiceLine, beside: Sequence[InvoiceLine]) -> InvoiceLine:
    """Return one more line as it reads once it is taxed, on a document whose other lines are taxed already.

    Where a document's tax is rounded once, it bears what they and it owe together beyond what they bear.
    """
    prices = [_untaxed(contract, each) for each in beside if each.taxes or each.withheld]
    return with_taxes(contract, [*prices, line])[-1]


def taxation_on(contract: Contract, day: date) -> Taxation:
    """Return how a line whose period begins on a day is taxed."""
    sourced = tax_rule(contract)
    return Taxation(
        mode=sourced.rule.mode,
        rates=contract.taxes_on(day),
        rounding=sourced.rule.rounding,
        exempt=contract.account.tax_exempt,
        clause=sourced.rule.clause,
    )


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


def tax_change_working(contract: Contract, day: date) -> Working:
    """Return the step that says what tax changes have done to a price that holds its taxes, if anything."""
    factor = contract.tax_factor(day)
    if factor == 1:
        return ()
    percent = (factor - 1) * 100
    clause = tax_rule(contract).rule.clause
    return (step("tax_change", factor, percent=percent, since=day.isoformat(), clause=clause),)


def _taxed(contract: Contract, law: Taxation, amounts: Sequence[Money]) -> Sequence[Taxed]:
    match tax_rule(contract).rule.rounded_per:
        case TaxRounding.LINE:
            return [taxed(amount, law) for amount in amounts]
        case TaxRounding.DOCUMENT:
            return taxed_together(amounts, law)
        case _ as rounded_per:
            assert_never(rounded_per)


def _untaxed(contract: Contract, line: InvoiceLine) -> InvoiceLine:
    """Return a line that bears its price again: what it was before its taxes, or what holds them."""
    price = line.net if tax_rule(contract).rule.mode is TaxMode.EXCLUSIVE else line.gross
    return msgspec.structs.replace(line, net=price)


def _line(line: InvoiceLine, parts: Taxed) -> InvoiceLine:
    return msgspec.structs.replace(
        line,
        net=parts.net.amount,
        tax=parts.tax.amount,
        gross=parts.gross.amount,
        taxes=_shown(parts.parts),
        withheld=_shown(parts.withheld),
        working=(*line.working, *parts.working),
    )


def _shown(parts: Sequence[taxes.TaxPart]) -> tuple[TaxPart, ...]:
    return tuple(TaxPart(code=code, percent=percent, amount=amount.amount) for code, percent, amount in parts)
