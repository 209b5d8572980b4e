"""The cap of the vendor's liability: a percentage of what was paid in the months before a day.  Pure.

Where the paper names a least amount, the greater of the two is the cap: 4,000.00 MXN paid in twelve months
before a breach are 5,000.00 at 125 %; 500 USD at 17.05 are 8,525.00 MXN, and those are the cap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from contracts.life_rules import CapAnchor, LiabilityRule
from contracts.terms import Sourced
from kernel.errors import CurrencyMismatch
from kernel.exchange import ExchangeRate
from kernel.money import Money, Percent, total_of
from kernel.periods import Cycle, Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """What a receipt paid of a contract's documents, on the day on which the money came."""

    on: date
    amount: Money
    reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """A cap with all that it is made of.

    ``share`` is the percentage of what was ``paid`` in ``window``; ``least`` the least amount in the
    contract's currency, where the paper names one, at ``rate``.  ``uncapped`` is what no cap holds for.
    """

    cap: Money
    counted_to: CapAnchor
    on: date
    window: Period
    payments: tuple[Payment, ...]
    paid: Money
    percent: Percent
    share: Money
    at_least: Money | None
    least: Money | None
    rate: ExchangeRate | None
    uncapped: tuple[str, ...]
    clause: str
    document: str


def liability_cap(
    sourced: Sourced[LiabilityRule],
    payments: Sequence[Payment],
    *,
    on: date,
    currency: str,
    rate: ExchangeRate | None = None,
) -> Cap:
    """Return the cap for a breach, or a claim, of a day.

    The window is half-open: with 12 months before 15 May 2026, what was paid on 15 May 2025 counts and what
    was paid on 15 May 2026 does not, for that is no longer before it.  Raises :class:`CurrencyMismatch` for a
    least amount in another currency where no exchange rate with its day is given.
    """
    rule = sourced.rule
    window = Period(Cycle(on, rule.months).border(-1), on)
    counted = tuple(each for each in payments if each.on in window)
    paid = total_of((each.amount for each in counted), currency)
    percent = Percent(rule.percent)
    share = Money.rounded(paid.exact * percent.exact, currency)
    at_least = Money(rule.at_least, rule.at_least_currency) if rule.at_least_currency else None
    used = rate if at_least is not None and at_least.currency != currency else None
    least = None if at_least is None else _in_currency(at_least, currency, used)
    return Cap(
        cap=share if least is None else max(share, least),
        counted_to=rule.counted_to,
        on=on,
        window=window,
        payments=counted,
        paid=paid,
        percent=percent,
        share=share,
        at_least=at_least,
        least=least,
        rate=used,
        uncapped=rule.uncapped,
        clause=sourced.clause.id,
        document=f"{sourced.document.id} {sourced.document.version}",
    )


def _in_currency(amount: Money, currency: str, rate: ExchangeRate | None) -> Money:
    if amount.currency == currency:
        return amount
    if rate is None:
        raise CurrencyMismatch(
            "the least amount of the cap is in another currency than the contract",
            field="rate",
            value=f"{amount}, the contract is in {currency}",
            expected=f"--rate with the {currency} that one {amount.currency} is worth, and its --rate-date",
        )
    return rate.worth(amount, currency)
