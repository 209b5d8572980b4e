"""Sources: what their events are known by, and numbers that leave none out."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import InvalidEvent
from metering.sources import KEY_BYTES, EventKeys, Identity, UsageSource, gap_after, is_number
from tests.unit.metering.book import at, ids

ACCOUNT = ids()[0]
NOON = at("2026-02-10T12:00:00.123456Z")
UUID7 = "019c4779-fc7b-7000-8000-000000000001"


def key(identity: Identity, event_id: str, occurred_at: str = "", *, source: str = "gateway") -> bytes:
    """Return the key of an event."""
    instant = at(occurred_at) if occurred_at else NOON
    return EventKeys(UsageSource(ACCOUNT, source, identity)).key(event_id, instant)


def test_a_text_is_known_by_account_source_and_id() -> None:
    """The key is the digest's first 16 bytes, whatever the instant."""
    digest = sha256(ACCOUNT.bytes + b"gateway\0a-1").digest()

    assert digest[:16] == key(Identity.TEXT, "a-1") == key(Identity.TEXT, "a-1", "2026-03-01T00:00:00Z")
    assert key(Identity.TEXT, "a-1") != key(Identity.TEXT, "a-1", source="gatewaya-")


def test_an_id_with_its_time_begins_with_the_time() -> None:
    """Milliseconds lead the key: later events sort later, and the same id at another instant is another."""
    keys = [key(Identity.TIME, "a", told) for told in ("2026-02-10T12:00:00Z", "2026-02-10T12:00:00.001Z")]
    digest = sha256(ACCOUNT.bytes + b"gateway\0a").digest()

    assert sorted(keys) == keys
    assert [digest[:10]] * 2 == [each[6:] for each in keys]
    assert [1770724800000, 1770724800001] == [int.from_bytes(each[:6]) for each in keys]


def test_a_uuid_of_version_7_has_its_own_time() -> None:
    """Its first 48 bits lead the key; the event's instant plays no part."""
    assert bytes.fromhex("019c4779fc7b") == key(Identity.UUID7, UUID7)[:6]
    assert key(Identity.UUID7, UUID7) == key(Identity.UUID7, UUID7, "2026-03-01T00:00:00Z")


@pytest.mark.parametrize("event_id", ["a-1", "550e8400-e29b-41d4-a716-446655440000", UUID7.replace("-", "")])
def test_what_is_no_uuid_of_version_7_is_refused(event_id: str) -> None:
    """A text, a uuid of version 4, and one without hyphens, which would be a second name of one event."""
    with pytest.raises(InvalidEvent, match="version 7"):
        key(Identity.UUID7, event_id)


@pytest.mark.parametrize("event_id", ["0", "01", "-1", "1.0", "a", "", "9" * 19, "\u0661"])
def test_what_is_no_number_is_refused(event_id: str) -> None:
    """A number has one way of writing, so that it names one event."""
    assert not is_number(event_id)
    with pytest.raises(InvalidEvent, match="numbers its events"):
        key(Identity.SEQUENCE, event_id)


def test_a_number_is_no_key_to_remember() -> None:
    """It is told apart within a batch, by its source too, and is longer than what is stored."""
    assert len(key(Identity.SEQUENCE, "7")) > KEY_BYTES
    assert key(Identity.SEQUENCE, "7") != key(Identity.SEQUENCE, "7", source="other")


@pytest.mark.parametrize(
    ("numbers", "missing"),
    [((5,), None), ((7, 5, 6), None), ((6,), 5), ((5, 7), 6), ((), None), ((5, 5), None)],
)
def test_a_gap_is_the_first_number_that_is_missing(numbers: tuple[int, ...], missing: int | None) -> None:
    """After 4 came, in any order."""
    assert missing == gap_after(4, numbers)


@given(last=st.integers(0, 100), numbers=st.sets(st.integers(1, 200)))
def test_what_comes_before_the_gap_leaves_none_out(last: int, numbers: set[int]) -> None:
    """Every number up to the missing one has come; without a gap, up to the greatest."""
    new = {number for number in numbers if number > last}
    missing = gap_after(last, new)
    end = missing or max(new, default=last) + 1

    assert set(range(last + 1, end)) <= new
    assert missing not in new


@given(st.text(min_size=1, max_size=20), st.text(min_size=1, max_size=20))
def test_two_ids_have_two_keys(first: str, second: str) -> None:
    """Under every identity that takes any text."""
    for identity in (Identity.TEXT, Identity.TIME):
        keys = EventKeys(UsageSource(ACCOUNT, "", identity))

        assert (first == second) == (
            keys.key(first, NOON) == keys.key(second, NOON + timedelta(microseconds=1))
        )
