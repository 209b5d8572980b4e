"""Events: read exactly, refused with field, value and mend, and told apart by their bodies."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from kernel.errors import EventInFuture, InvalidEvent
from kernel.problems import Problem
from metering.event_reading import read_json, read_row, rejected
from metering.events import (
    ID_CHARACTERS,
    MOST_AHEAD,
    MOST_DIMENSIONS,
    TEXT_CHARACTERS,
    UsageEvent,
    check,
    digest,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
EVENT = UsageEvent(id="1", account="acme", meter="documents", occurred_at=NOW, quantity=Decimal(1))
LINE = b'{"id":"1","account":"acme","meter":"documents","occurred_at":"2026-03-01T12:00:00Z","quantity":%s}'


def refused(line: bytes) -> tuple[str, str, str]:
    """Return field, value and message of the error that reading a line raises."""
    with pytest.raises(InvalidEvent) as caught:
        read_json(line)
    return caught.value.field, caught.value.value, caught.value.message


def refused_by_check(event: UsageEvent) -> tuple[str, str]:
    """Return field and message of the error that checking an event raises."""
    with pytest.raises(InvalidEvent) as caught:
        check(event, now=NOW)
    return caught.value.field, caught.value.message


@pytest.mark.parametrize(
    "number", ["0.1", '"0.1"', "1.10", "123456789012345.123456789012", "1e2", "0.30000000000000000000000001"]
)
def test_a_number_is_read_digit_by_digit(number: str) -> None:
    """A JSON number or a string becomes the decimal that it shows, with nothing lost on the way."""
    assert Decimal(number.strip('"')) == read_json(LINE % number.encode()).quantity


def test_an_instant_keeps_its_zone() -> None:
    """An offset is accepted, and the instant is the same in every zone."""
    line = LINE.replace(b"12:00:00Z", b"09:00:00-03:00") % b"1"

    assert NOW == read_json(line).occurred_at


@pytest.mark.parametrize(
    ("line", "field", "value", "says"),
    [
        (b"nope", "", "", "not JSON"),
        (b"", "", "", "not JSON"),
        (b'{"id":"\xff"}', "", "", "not JSON"),
        (b'{"id":"\\ud800"}', "", "", "not JSON"),
        (b"[" * 100_000, "", "", "got `array`"),
        (b'{"id":' * 40_000, "id", "", "got `object`"),
        (b"[1]", "", "", "got `array`"),
        (b'{"account":"acme"}', "id", "", "missing required field"),
        (b'{"id":5}', "id", "5", "got `int`"),
        (LINE % b"1" + b"x", "", "", "not JSON"),
        (LINE.replace(b"12:00:00Z", b"12:00:00") % b"1", "occurred_at", "2026-03-01T12:00:00", "timezone"),
        (LINE.replace(b"12:00:00Z", b"yesterday") % b"1", "occurred_at", "2026-03-01Tyesterday", "datetime"),
        (LINE % b'"many"', "quantity", "many", "decimal"),
        (LINE % b"true", "quantity", "True", "bool"),
        (LINE % b'1,"quantitiy":2', "quantitiy", "2", "unknown field"),
        (LINE % b'1,"dimensions":{"country":7}', "dimensions[...]", "{'country': 7}", "got `int`"),
    ],
)
def test_a_line_that_is_no_event_is_told_why(line: bytes, field: str, value: str, says: str) -> None:
    """Each refusal names the field and the value, and says what is wrong."""
    found_field, found_value, message = refused(line)

    assert (field, value, True) == (found_field, found_value, says in message)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
FIELDS = st.sampled_from(UsageEvent.__struct_fields__)


@given(st.binary() | st.dictionaries(FIELDS, JSON_VALUES).map(msgspec.json.encode))
def test_nothing_gets_in_that_is_no_event(line: bytes) -> None:
    """Whatever comes is an event within the limits, or one named error and something to keep of it."""
    try:
        check(read_json(line), now=NOW)
    except InvalidEvent as error:
        kept = rejected(line, Problem.of(error))
        assert kept.raw == kept.raw.encode().decode().replace("\x00", "")


def test_a_row_reads_as_a_line_does() -> None:
    """CSV cells by their columns make the same event as JSON fields do."""
    row = {
        "id": "1",
        "account": "acme",
        "meter": "voice",
        "occurred_at": "2026-03-01T12:00:00Z",
        "quantity": "1.50",
        "contact": "",
        "dim.country": "MX",
        "dim.line": "",
    }
    expected = replace(EVENT, meter="voice", quantity=Decimal("1.5"), dimensions={"country": "MX"})

    assert expected == read_row(row)


def test_a_row_that_is_no_event_is_told_why() -> None:
    """A cell that cannot be read is named with its column."""
    row = {"id": "1", "account": "acme", "meter": "documents", "occurred_at": "2026-03-01", "quantity": "1"}

    with pytest.raises(InvalidEvent) as caught:
        read_row(row)

    assert ("occurred_at", "2026-03-01") == (caught.value.field, caught.value.value)


@pytest.mark.parametrize(
    ("event", "field", "message"),
    [
        (replace(EVENT, id=""), "id", "must not be empty"),
        (replace(EVENT, account=""), "account", "must not be empty"),
        (replace(EVENT, meter=""), "meter", "must not be empty"),
        (replace(EVENT, id="x" * (ID_CHARACTERS + 1)), "id", "too long"),
        (replace(EVENT, id="a\x00b"), "id", "holds a NUL character"),
        (replace(EVENT, contact="x" * (ID_CHARACTERS + 1)), "contact", "too long"),
        (replace(EVENT, text="x" * (TEXT_CHARACTERS + 1)), "text", "too long"),
        (replace(EVENT, direction="sideways"), "direction", "a message goes one way"),
        (replace(EVENT, dimensions={"": "x"}), "dimensions", "must not be empty"),
        (replace(EVENT, dimensions={"country": "\x00"}), "dimensions.country", "holds a NUL character"),
        (replace(EVENT, quantity=Decimal(-1)), "quantity", "negative"),
        (replace(EVENT, quantity=Decimal("NaN")), "quantity", "not a finite number"),
        (replace(EVENT, quantity=Decimal("1e999999")), "quantity", "a number beyond all measure"),
        (replace(EVENT, quantity=Decimal("1e-13")), "quantity", "too many decimals"),
        (replace(EVENT, occurred_at=NOW.replace(tzinfo=None)), "occurred_at", "has no zone"),
        (
            replace(EVENT, occurred_at=datetime(1, 1, 1, tzinfo=UTC)),
            "occurred_at",
            "lies too far in the past",
        ),
    ],
)
def test_what_is_beyond_a_limit_is_refused(event: UsageEvent, field: str, message: str) -> None:
    """Whoever made the event, nothing beyond a limit gets further."""
    assert (field, message) == refused_by_check(event)


def test_too_many_dimensions() -> None:
    """Dimensions have a limit of their own."""
    many = {f"d{number}": "x" for number in range(MOST_DIMENSIONS + 1)}

    assert ("dimensions", "too many dimensions") == refused_by_check(replace(EVENT, dimensions=many))


def test_no_terms_allow_a_day_of_the_future() -> None:
    """Terms say how far ahead of the clock an event may lie; beyond a day it is a wrong date by any terms."""
    check(replace(EVENT, occurred_at=NOW + MOST_AHEAD), now=NOW)

    with pytest.raises(EventInFuture) as caught:
        check(replace(EVENT, occurred_at=NOW + MOST_AHEAD + timedelta(seconds=1)), now=NOW)

    assert "occurred_at" == caught.value.field


def test_the_limits_themselves_are_allowed() -> None:
    """An id and a text of exactly the limit, and 12 decimals, are events."""
    longest = replace(
        EVENT, id="x" * ID_CHARACTERS, text="x" * TEXT_CHARACTERS, quantity=Decimal("0.000000000001")
    )

    check(longest, now=NOW)

    assert longest == read_json(msgspec.json.encode(longest))


@pytest.mark.parametrize(
    "same",
    [
        replace(EVENT, quantity=Decimal("1.0")),
        replace(EVENT, occurred_at=datetime.fromisoformat("2026-03-01T09:00:00-03:00")),
    ],
)
def test_the_same_body_has_the_same_digest(same: UsageEvent) -> None:
    """1.0 is 1 and an instant is itself in every zone."""
    assert digest(EVENT) == digest(same)


@pytest.mark.parametrize(
    "other",
    [
        replace(EVENT, meter="voice"),
        replace(EVENT, occurred_at=NOW + timedelta(microseconds=1)),
        replace(EVENT, quantity=Decimal(2)),
        replace(EVENT, quantity=None),
        replace(EVENT, subscription="main"),
        replace(EVENT, text=""),
        replace(EVENT, contact="ana"),
        replace(EVENT, direction="inbound"),
        replace(EVENT, dimensions={"country": "MX"}),
        replace(EVENT, corrects="0"),
    ],
)
def test_another_body_has_another_digest(other: UsageEvent) -> None:
    """Whatever differs in a body shows."""
    assert digest(EVENT) != digest(other)


@given(st.dictionaries(st.text(min_size=1, max_size=5), st.text(max_size=5), max_size=4))
def test_the_order_of_dimensions_is_no_difference(dimensions: dict[str, str]) -> None:
    """Dimensions are a set of names and values."""
    turned = dict(reversed(dimensions.items()))

    assert digest(replace(EVENT, dimensions=dimensions)) == digest(replace(EVENT, dimensions=turned))


def test_what_is_kept_of_a_rejected_event_has_no_text() -> None:
    """The text of a message belongs to two people; its length is all that quarantine keeps."""
    line = b'{"id":"7","account":"acme","source":"crm","text":"a secret","meter":5}'

    kept = rejected(line, Problem(code="invalid_event", message="no"))

    assert ("acme", "crm", "7") == (kept.account, kept.source, kept.event_id)
    assert {"id": "7", "account": "acme", "source": "crm", "text": "(8 characters)", "meter": 5} == (
        msgspec.json.decode(kept.raw)
    )


def test_what_is_kept_can_be_stored() -> None:
    """Bytes that are no text, NULs and endless lines are kept as far as a database can."""
    kept = rejected(b"\x00\xff" + b"x" * 5000, Problem(code="invalid_event", message="no"))

    assert ("", "", "", 2000, "��xx") == (
        kept.account,
        kept.source,
        kept.event_id,
        len(kept.raw),
        kept.raw[:4],
    )
