"""Laws of a whole plan: whatever is used, and whenever it comes, its lines are one sum."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from contracts.book import read_book
from contracts.charges import Graduated, OneOff, PerUnit, Tier, Volume
from contracts.subscriptions import Contract
from invoicing.compose import Draft, Mark, MarkKey, compose
from invoicing.cycles import Progress, due_parts
from invoicing.use_owed import UsageKey, usage_needed
from rating.use import Combinations, Transactions, Use, together
from tests.parts import ACCOUNT, ENTITY, SUBSCRIPTION, parts

BOOK = Path(__file__).parents[2] / "books" / "models"
FEB = date(2026, 2, 1)
TIERS = (
    Tier(up_to=Decimal("10.5"), unit_price=Decimal("0.333"), flat_amount=Decimal(1)),
    Tier(unit_price=Decimal("0.1")),
)

MORE = (
    OneOff(code="start", name="n", clause="PRI-1", amount=Decimal(7)),
    Graduated(code="graduated", name="n", clause="PRI-2", meter="calls", tiers=TIERS),
    Volume(code="volume", name="n", clause="PRI-2", meter="calls", tiers=TIERS),
    PerUnit(
        code="capped",
        name="n",
        clause="PRI-2",
        meter="calls",
        unit_price=Decimal("0.007"),
        maximum_amount=Decimal(3),
    ),
)

QUANTITIES = st.decimals(min_value=0, max_value=2_000, places=2)
COMBINATIONS: Mapping[tuple[str, ...], st.SearchStrategy[Combinations]] = {
    ("category", "country"): st.builds(
        Combinations, st.fixed_dictionaries({("marketing", "MX"): QUANTITIES, ("utility", "MX"): QUANTITIES})
    ),
    ("country",): st.builds(Combinations, st.fixed_dictionaries({("MX",): QUANTITIES, ("PE",): QUANTITIES})),
}


def _signed() -> Contract:
    book, problems = read_book(BOOK)
    assert not problems
    plan = book.plans[0].value
    return parts(
        tuple(each.value for each in book.documents),
        charges=(*plan.charge, *MORE),
        account=ACCOUNT,
        entity=replace(ENTITY, currency="EUR"),
        subscription=SUBSCRIPTION,
    ).contract()


CONTRACT = _signed()
DUE = due_parts(CONTRACT, Progress.at_start(CONTRACT), FEB)


@st.composite
def uses(draw: st.DrawFn) -> Mapping[UsageKey, Use]:
    """Draw what was used of each meter, in the shape in which its price looks at it."""
    found: dict[UsageKey, Use] = {}
    for key in usage_needed(CONTRACT, DUE):
        if key.by:
            found[key] = draw(COMBINATIONS[key.by])
        elif key.singly:
            found[key] = Transactions(tuple(draw(st.lists(QUANTITIES, max_size=6))))
        else:
            found[key] = draw(QUANTITIES)
    return found


def bills(used: Mapping[UsageKey, Use], billed: Mapping[MarkKey, Mark] | None = None) -> Draft:
    """Compose what is due beyond what was billed."""
    return compose(CONTRACT, DUE, used, billed or {})


def net(*drafts: Draft) -> Decimal:
    """Return the sum of all lines before taxes."""
    return sum((line.net for draft in drafts for line in draft.lines), Decimal(0))


@settings(max_examples=40)
@given(uses())
def test_the_lines_sum_to_the_total_and_to_what_is_marked(used: Mapping[UsageKey, Use]) -> None:
    """To the cent, without a line that corrects the sum."""
    draft = bills(used)

    assert draft.total("EUR").amount == sum(line.gross for line in draft.lines)
    assert net(draft) == sum(mark.amount.amount for mark in draft.marks.values())


@settings(max_examples=40)
@given(uses())
def test_what_was_billed_is_not_billed_again(used: Mapping[UsageKey, Use]) -> None:
    """The same use a second time is no line, by any model."""
    assert () == bills(used, bills(used).marks).lines


@settings(max_examples=40)
@given(uses(), uses())
def test_use_that_comes_in_two_runs_costs_what_it_costs_in_one(
    first: Mapping[UsageKey, Use], later: Mapping[UsageKey, Use]
) -> None:
    """Tiers, pools, free transactions, least and most: the second run bills the difference to the cent."""
    both = {key: together(first[key], later[key]) for key in first}
    early = bills(first)

    assert net(bills(both)) == net(early, bills(both, early.marks))
