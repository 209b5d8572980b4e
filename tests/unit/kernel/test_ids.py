"""Ids are drawn in the order of time, or computed from the code that people know."""

from __future__ import annotations

from uuid import RFC_4122, UUID

from hypothesis import given
from hypothesis import strategies as st

from kernel.ids import account_id_of, new_id, subscription_id_of

CODES = st.text(min_size=1, max_size=40)


def test_new_ids_are_uuidv7_in_the_order_in_which_they_were_drawn() -> None:
    """Ten thousand ids of one process are distinct and sorted, so that indexes grow at their end."""
    ids = [new_id() for _ in range(10_000)]

    assert sorted(set(ids)) == ids
    assert {(7, RFC_4122)} == {(each.version, each.variant) for each in ids}


def test_an_accounts_id_never_changes() -> None:
    """The id of a code is part of the stored data, so it is pinned here, for ever."""
    assert UUID("3981eb6d-f7d6-5aa1-924c-4251ec43b474") == account_id_of("acme")


def test_a_subscriptions_id_never_changes() -> None:
    """The id of a subscription's code within its account is pinned as well."""
    assert UUID("c46a2437-9383-50a5-87ab-b8494bda6e59") == subscription_id_of(
        account_id_of("acme"), "whatsapp"
    )


@given(one=CODES, other=CODES)
def test_two_codes_share_an_id_only_if_they_are_one_code(one: str, other: str) -> None:
    """The same code always finds the same account, and another code never does."""
    assert (one == other) is (account_id_of(one) == account_id_of(other))


def test_a_code_is_taken_to_the_letter() -> None:
    """Case and blanks make another code: nothing is folded in silence."""
    assert 3 == len({account_id_of(code) for code in ("acme", "ACME", "acme ")})


def test_two_accounts_may_use_the_same_subscription_code() -> None:
    """A subscription's code is unique within its account only."""
    one, other = account_id_of("acme"), account_id_of("globex")

    assert subscription_id_of(one, "main") != subscription_id_of(other, "main")


def test_an_account_and_a_subscription_of_one_code_differ() -> None:
    """An account that is called like its subscription does not bear the same id."""
    account = account_id_of("acme")

    assert subscription_id_of(account, "acme") != account
