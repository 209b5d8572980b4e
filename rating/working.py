"""The working of an amount: the steps that led to it, kept as data, printed in any language.

A step keeps exact numbers as text (``810``, ``17/31``) under a stable code.  A :class:`Catalog` turns steps
into lines: another language is another catalog, the steps do not change.

>>> lines_of((step("rounding", "585.72", exact="585.7195", currency="MXN"),))
('rounded half up: 585.7195 -> 585.72 MXN',)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from string import Formatter
from types import MappingProxyType

import msgspec

from kernel.money import Exact, Rounding, minor_unit_digits, plain, round_exact

#: A number without end (25500/31) is printed with so many of its decimals, and dots that say so.
ENDLESS_PLACES = 6


class Step(msgspec.Struct, frozen=True):
    """One step: a stable code, the facts that went in, and what came out; numbers exact, as text."""

    code: str
    facts: Mapping[str, str] = {}
    result: str = ""


Working = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Catalog:
    """How one language prints steps: a template for each code, and the marks of its numbers.

    A template names facts, ``result`` among them, and how each is printed: ``:number``, ``:signed``,
    ``:amount`` (with a currency's decimals), ``:money`` (and its code), ``:place`` (a number in a
    list, to the right); without a mark, as it stands.
    """

    templates: Mapping[str, str]
    group: str = ","
    point: str = "."


ENGLISH = Catalog(
    MappingProxyType(
        {
            "quantity": "quantity: {result:number}",
            "rated_before": "{result:number} rated before",
            "allowance": "allowance: {included:number} of {quantity:number} included",
            "index": "index factor {result} ({index} {first_month} to {last_month}, {percent:signed} %)",
            "price_change": "price changed from {since}: {percent:signed} % ({clause})",
            "index_published": "index factor {result} ({index} {first_month} to {last_month}, "
            "{percent:signed} % as published)",
            "index_substitute": "{result} stands in for {substituted}, not published for these months",
            "index_carried": "the fall of earlier years lowers this one: x {result}",
            "factor": "prices x {result}",
            "phase": "prices agreed from {result} on",
            "units": "{quantity:number} x {unit_price:money} = {result:money}",
            "tier": "tier {first:number} to {up_to:number}: "
            "{quantity:number} x {unit_price:money} = {result:money}",
            "tier_flat": "tier {first:number} to {up_to:number}: flat amount {result:money}",
            "last_tier": "tier from {first:number}: {quantity:number} x {unit_price:money} = {result:money}",
            "last_tier_flat": "tier from {first:number}: flat amount {result:money}",
            "less_rated_before": "less the price of {quantity:number}: {result:money}",
            "one_package": "1 package of {size:number} x {price:money} = {result:money}",
            "package": "{packages:number} packages of {size:number} x {price:money} = {result:money}",
            "pool": "pool of {pool:number}: {drawn:number} drawn by others, {result:number} left",
            "rolled_over": "{result:number} rolled over from the period before",
            "stair": "stair up to {up_to:number}: {result:money}",
            "last_stair": "stair above {above:number}: {result:money}",
            "percent_of": "{percent:number} % of {base:money} = {result:money}",
            "percent_tier": "tier above {above:money} to {up_to:money}: "
            "{percent:number} % of {base:money} = {result:money}",
            "last_percent_tier": "tier above {above:money}: "
            "{percent:number} % of {base:money} = {result:money}",
            "percent_tier_flat": "tier above {above:money}: flat amount {result:money}",
            "free_transactions": "free: {result:money}, {free:number} of {transactions:number} transactions "
            "wholly",
            "fixed_parts": "fixed part of each transaction: {count:number} x {each:money} = {result:money}",
            "raised": "{count:number} raised to the least of {least:money} each: +{result:money}",
            "lowered": "{count:number} lowered to the most of {most:money} each: {result:money}",
            "combination": "{values}: {quantity:number} x {unit_price:money} = {result:money}",
            "combination_unlisted": "{values}, by the default price: "
            "{quantity:number} x {unit_price:money} = {result:money}",
            "minimum_share": "minimum of {amount:money} for {share} of the period: {result:money}",
            "maximum_share": "maximum of {amount:money} for {share} of the period: {result:money}",
            "minimum": "the period owes at least {bound:money}: {result:money}",
            "minimum_beside": "the period owes at least {bound:money}, "
            "{spent:money} on its earlier lines: {result:money}",
            "maximum": "the period owes at most {bound:money}: {result:money}",
            "maximum_beside": "the period owes at most {bound:money}, "
            "{spent:money} on its earlier lines: {result:money}",
            "days": "{days} of {of_days} days",
            "seconds": "{seconds:number} of {of_seconds:number} seconds",
            "mean_level": "{held:number} over {days} days, on average {result:number}",
            "stopped": "stopped: {days} of {of_days} days [{clause}]",
            "uncounted": "used on stopped days and not counted: {result:number}",
            "share": "{share} of the period: {result:money}",
            "rounding": "rounded half up: {exact:amount} -> {result:money}",
            "amount": "amount: {result:money}",
            "already_billed": "already billed: {quantity:number} for {amount:money}; "
            "the rest is {result:money}",
            "percent_discount": "{name}: {percent:number} % of {base:money} are {off:money}; "
            "{result:money} left [{clause}]",
            "amount_discount": "{name}: {off:money} off; {result:money} left [{clause}]",
            "coupon": "coupon {name}: {off:money} off; {result:money} left [{clause}]",
            "credits": "paid with credits {name}: {off:money} ({rest:money} of them left); "
            "{result:money} to pay [{clause}]",
            "reduction_back": "{off:money} of it come back to {given_by}: {result:money}",
            "true_up": "{committed:money} agreed, {counted:money} spent: {result:money} lacks",
            "true_up_before": "billed before: {amount:money}; the rest is {result:money}",
            "estimate": "estimated ahead, as agreed: {result:money}",
            "estimate_by": "estimated ahead by {before:money} of the period before: {result:money}",
            "settled": "the use is billed; {amount:money} estimated ahead come back",
            "tax": "{tax} {percent:number} % of {net:money} = {result:money}",
            "net_of_taxes": "{gross:money} holds taxes of {percent:number} %: net {result:money}",
            "tax_included": "{tax} {percent:number} % included: {result:money}",
            "tax_on_gross": "{tax} {percent:number} % of {gross:money}, itself included, = "
            "{result:money} ({clause})",
            "tax_shared": "{tax} {percent:number} % of the document's lines, this one's part: "
            "{result:money} ({clause})",
            "tax_exempt": "{tax}: exempt, {reason} ({clause})",
            "tax_withheld": "{tax} {percent:number} % of {base:money} withheld by the customer: "
            "{result:money}",
            "tax_change": "taxes inside the price changed by {since}: {percent:signed} % ({clause})",
            "in_time": "{principal:money} due {due_on}: in time on {until}",
            "late": "{principal:money} due {due_on}: {days:number} days late on {until}",
            "index_month": "{index} {month}: {result:signed} % for {days} of {of_days} days",
            "index_unpublished": "{index} is known through {result}; later months do not count yet",
            "index_month_floor": "{index} {month} fell and counts as {result:number} %",
            "index_floor": "{index} fell over these months, factor {result:number}: no correction",
            "corrected": "corrected: {principal:money} x {factor:number} = {result:money}",
            "interest_part": "{percent:number} % a month of {base:money} x {months} = {result:money}",
            "correction": "monetary correction: {exact:amount} -> {result:money} ({clause})",
            "interest": "interest: {exact:amount} -> {result:money} ({clause})",
            "fine": "fine {percent:number} % of {base:money} = {result:money} ({clause})",
            "span_fee": "{charge}, {start} to {last_day}: {result:money}",
            "penalty_share": "{percent:number} % of {base:money} = {result:money} ({clause})",
            "discount_given": "{charge}, {start} to {last_day}: {listed:money} by the list less "
            "{agreed:money} as agreed = {result:money}",
            "clawback": "discount taken back: {result:money} ({clause})",
            "average_use": "{used:money} of use in {months} months: {result:money} a month",
            "penalty_times": "{times} times {average:money} = {result:money} ({clause})",
            "cost_stated": "cost as stated: {result:money} ({clause})",
            "sla_outage": "outage: {result:number} hours; {excluded:number} hours do not count",
            "sla_availability": "({hours:number} - {outage:number}) of {hours:number} hours = "
            "{result:number} %; promised: {target:number} % ({clause})",
            "sla_credit": "below {below:number} %: {percent:number} % of {fee:money} = {result:money} "
            "({clause})",
            "sla_limit": "credits of a month are at most its fees, {fee:money}: {result:money} is left",
            "late_cap": "cap of fine and interest: {percent:number} % of {base:money} = {result:money} "
            "({clause})",
        }
    )
)


def step(code: str, result: Exact | str, **facts: Exact | str) -> Step:
    """Make a step, its numbers written exactly."""
    written: dict[str, str] = {}
    for name, fact in facts.items():
        if isinstance(fact, str):
            written[name] = fact
        else:
            written[name] = plain(fact) if isinstance(fact, Decimal) else text_of(fact)
    return Step(code, written, plain(result) if isinstance(result, Decimal) else text_of(result))


def lines_of(working: Working, catalog: Catalog = ENGLISH) -> tuple[str, ...]:
    """Return a line for each step; a step without a template is printed fact by fact, never left out."""
    return tuple(_line(each, catalog) for each in working)


def to_json(working: Working) -> str:
    """Write a working for storage; the same working always gives the same text."""
    return msgspec.json.encode(working, order="deterministic").decode()


def from_json(text: str) -> Working:
    """Read a stored working, which may hold codes that this version no longer writes."""
    return msgspec.json.decode(text, type=Working)


def text_of(number: Exact | str) -> str:
    """Write an exact number: a decimal where it ends (``0.125``), else a fraction (``17/31``).

    A text is written already.
    """
    if isinstance(number, str):
        return number
    if isinstance(number, Decimal):
        return plain(number)
    whole, divisor = number.numerator, number.denominator
    if divisor == 1:
        return str(whole)
    twos = (divisor & -divisor).bit_length() - 1
    rest, fives = divisor >> twos, 0
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest != 1:
        return f"{whole}/{divisor}"
    places = max(twos, fives)
    digits = str(abs(whole) * 10**places // divisor).rjust(places + 1, "0")
    return f"{'-' if whole < 0 else ''}{digits[:-places]}.{digits[-places:]}"


def _line(each: Step, catalog: Catalog) -> str:
    template = catalog.templates.get(each.code)
    if template is None:
        facts = ", ".join(f"{name} {fact}" for name, fact in each.facts.items())
        return f"{each.code}: {facts} = {each.result}" if facts else f"{each.code}: {each.result}"
    return _Printer(catalog, each.facts.get("currency", "")).vformat(
        template, (), {**each.facts, "result": each.result}
    )


class _Printer(Formatter):
    """Prints the facts of a step as a catalog asks."""

    def __init__(self, catalog: Catalog, currency: str) -> None:
        self.catalog = catalog
        self.currency = currency

    def format_field(self, value: str, format_spec: str) -> str:
        """Print one fact."""
        match format_spec:
            case "number":
                return self._number(value)
            case "signed":
                return ("" if value.startswith("-") else "+") + self._number(value)
            case "amount":
                return self._number(value, minor_unit_digits(self.currency))
            case "place":
                return f"{value:>3}"
            case "money":
                return f"{self._number(value, minor_unit_digits(self.currency))} {self.currency}"
            case _:
                return value

    def _number(self, value: str, least_places: int = 0) -> str:
        exact, endless = Fraction(value), ""
        text = text_of(exact)
        if "/" in text:
            text, endless = f"{round_exact(exact, ENDLESS_PLACES, Rounding.DOWN):f}", "..."
        whole, _, decimals = text.partition(".")
        decimals = decimals.ljust(least_places, "0")
        sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
        grouped = f"{int(digits):,}".replace(",", self.catalog.group)
        return f"{sign}{grouped}{self.catalog.point if decimals else ''}{decimals}{endless}"
