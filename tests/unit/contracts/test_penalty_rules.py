"""Penalties as terms state them: what brings them, what does not, and which vendors have none."""

from __future__ import annotations

from decimal import Decimal

import pytest
from msgspec.structs import replace

from contracts.life_rules import Party
from contracts.penalty_rules import PassThrough, RemainingTermPenalty
from contracts.terms import resolve
from kernel.errors import InvalidTerms
from tests.parts import library

HALF = RemainingTermPenalty(
    clause="ZEN-X-14", name="Penalty", endings=("without_cause",), percent=Decimal(50)
)


@pytest.mark.parametrize("vendor", ["salexops", "conversso", "konectus"])
def test_three_vendors_charge_nothing_for_leaving(vendor: str) -> None:
    """Their papers name no fine, no claw-back and no cost."""
    assert {} == resolve(library(f"{vendor}-general")).penalties


@pytest.mark.clause("ZEN-16.4")
@pytest.mark.clause("ZEN-IX-12.1")
@pytest.mark.parametrize("paper", ["zenvia-annex-ix", "zenvia-annex-x"])
def test_only_leaving_without_a_reason_brings_a_penalty(paper: str) -> None:
    """Of all the endings of the general terms and an annex one has its price, in the customer's mouth."""
    terms = resolve(library("zenvia-general", paper))
    priced = {
        (ending, sender)
        for each in terms.penalties.values()
        for ending in terms.endings
        for sender in (Party.CUSTOMER, Party.VENDOR)
        if each.rule.follows(ending, sender)
    }

    ending = "without_cause" if paper == "zenvia-annex-x" else "convenience"
    assert {(ending, Party.CUSTOMER)} == priced


def test_two_things_do_not_bring_one_penalty() -> None:
    """An ending or an event: a rule of both could be charged twice."""
    with pytest.raises(ValueError, match="event"):
        replace(HALF, event="left")


@pytest.mark.parametrize("percent", ["-0.01", "1000.01"])
def test_a_share_is_no_reward_and_no_typing_error(percent: str) -> None:
    """Below nothing, and beyond ten times the fees."""
    with pytest.raises(ValueError, match="percent"):
        replace(HALF, percent=Decimal(percent))


def test_a_penalty_follows_the_word_of_its_side() -> None:
    """The customer's, unless the paper says that either's does."""
    either = replace(HALF, by=Party.EITHER)

    assert [True, False, True] == [
        HALF.follows("without_cause", Party.CUSTOMER),
        HALF.follows("without_cause", Party.VENDOR),
        either.follows("without_cause", Party.VENDOR),
    ]
    assert not PassThrough(clause="c", name="Cost", event="fine").follows("", Party.CUSTOMER)


def test_a_penalty_of_an_ending_that_nobody_states_is_refused() -> None:
    """Nothing would ever bring it, and nobody would notice."""
    general, annex = library("zenvia-general", "zenvia-annex-x")
    lost = replace(annex, penalties={"early_end": replace(HALF, endings=("walking_away",))})

    with pytest.raises(InvalidTerms) as caught:
        resolve([general, lost])
    assert ("penalties.early_end.endings", "walking_away") == (caught.value.field, caught.value.value)
