"""CloudEvents: the same event in either shape is the same event, and each refusal names the attribute."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from kernel.errors import InvalidEvent
from metering.event_json import events_of_batch, events_of_document, events_of_list, quoted
from metering.event_reading import read_cells, read_json, read_or_rejected
from metering.events import DIRECTIONS, Rejected, UsageEvent, digest

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
EVENT = UsageEvent(
    id="5512",
    account="acme",
    subscription="main",
    source="https://documents.example.com/a?b=c",
    meter="documents",
    occurred_at=NOW,
    quantity=Decimal("1.50"),
    dimensions={"country": "MX"},
)
CLOUD = {
    "specversion": "1.0",
    "id": "5512",
    "source": "https://documents.example.com/a?b=c",
    "type": "com.example.usage.documents",
    "subject": "acme/main",
    "time": "2026-03-01T12:00:00Z",
    "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "data": {"quantity": "1.50", "dimensions": {"country": "MX"}},
}


def cloud(event: UsageEvent, prefix: str = "") -> bytes:
    """Write an event as others would: the envelope, and the rest as its data."""
    data = {
        name: getattr(event, name)
        for name in ("quantity", "direction", "contact", "text", "dimensions", "corrects")
    }
    subject = f"{event.account}/{event.subscription}" if event.subscription else event.account
    return msgspec.json.encode(
        {
            "specversion": "1.0",
            "id": event.id,
            "source": event.source,
            "type": prefix + event.meter,
            "subject": subject,
            "time": event.occurred_at,
            "data": data,
        }
    )


def cells(event: UsageEvent) -> dict[str, object]:
    """Lay an event out in the columns of a table."""
    fields = msgspec.structs.asdict(event)
    dimensions = fields.pop("dimensions")
    return {name: value for name, value in fields.items() if value is not None} | {
        f"dim.{name}": value for name, value in dimensions.items()
    }


def test_an_envelope_is_an_event() -> None:
    """Subject, type and time become account, subscription, meter and instant; source and id stay."""
    assert EVENT == read_json(msgspec.json.encode(CLOUD))


def test_the_type_may_be_the_meter_alone() -> None:
    """A prefix is optional, and so is the subscription."""
    plain = CLOUD | {"type": "documents", "subject": "acme"}

    assert replace(EVENT, subscription="") == read_json(msgspec.json.encode(plain))


CODES = st.text("abcdefghijklmnopqrstuvwxyz0123456789-_", min_size=1, max_size=20)
TEXTS = st.text(max_size=20)
EVENTS = st.builds(
    UsageEvent,
    id=st.text(min_size=1, max_size=20),
    account=CODES,
    subscription=st.just("") | CODES,
    source=TEXTS,
    meter=CODES,
    occurred_at=st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 the zone stands beside
    quantity=st.none() | st.decimals(allow_nan=False, allow_infinity=False),
    direction=st.sampled_from(DIRECTIONS),
    contact=TEXTS,
    text=st.none() | TEXTS,
    dimensions=st.dictionaries(CODES, TEXTS, max_size=4),
    corrects=st.just("") | CODES,
)


@given(EVENTS, st.sampled_from(["", "usage.", "com.example.usage."]))
def test_what_is_written_is_read_in_every_shape(event: UsageEvent, prefix: str) -> None:
    """JSON of the house, a CloudEvent and the cells of a table give the same event back, with one digest."""
    read = [read_json(msgspec.json.encode(event)), read_json(cloud(event, prefix)), read_cells(cells(event))]

    assert [event] * 3 == read
    assert {digest(event)} == {digest(each) for each in read}


@pytest.mark.parametrize(
    ("change", "field", "expected"),
    [
        ({"specversion": "0.3"}, "specversion", '"1.0"'),
        ({"subject": 7}, "subject", "the code of an account, or account/subscription"),
        ({"time": "2026-03-01T12:00:00"}, "time", "an instant with its zone: 2026-02-01T02:30:00Z"),
        ({"data": {"quantity": "many"}}, "data.quantity", 'an exact number: "10.50" or 10.50'),
        ({"data": {"quantity": 1, "dimensions": {"a": 1}}}, "data.dimensions[...]", "a text"),
        ({"datacontenttype": "text/xml"}, "datacontenttype", "application/json"),
    ],
)
def test_what_is_wrong_is_named_as_it_was_written(
    change: dict[str, object], field: str, expected: str
) -> None:
    """The attribute, or the field of the data, and what it should hold."""
    with pytest.raises(InvalidEvent) as caught:
        read_json(msgspec.json.encode(CLOUD | change))

    assert (field, expected) == (caught.value.field, caught.value.expected)


@pytest.mark.parametrize("missing", ["id", "source", "type", "subject", "time", "data"])
def test_what_is_missing_is_named(missing: str) -> None:
    """Each attribute that an event is made of is needed."""
    with pytest.raises(InvalidEvent) as caught:
        read_json(msgspec.json.encode({name: value for name, value in CLOUD.items() if name != missing}))

    assert missing == caught.value.field


def test_an_unknown_field_of_the_data_is_refused() -> None:
    """A slip in the data would lose a quantity; an unknown attribute of the envelope is an extension."""
    with pytest.raises(InvalidEvent) as caught:
        read_json(msgspec.json.encode(CLOUD | {"data": {"quantitty": 1}}))

    assert ("data.quantitty", "1") == (caught.value.field, caught.value.value)


def test_what_is_kept_of_a_refused_envelope_has_no_text() -> None:
    """Account, source and id are found in it; the text of the message is not kept, so it is not whole."""
    line = msgspec.json.encode(CLOUD | {"time": "soon", "data": {"text": "a secret"}})
    kept = read_or_rejected(line)

    assert isinstance(kept, Rejected)
    assert ("acme", CLOUD["source"], "5512", False) == (kept.account, kept.source, kept.event_id, kept.whole)
    assert "secret" not in kept.raw


def test_a_document_is_cut_into_its_events() -> None:
    """A list, an object with a list, and a single event; each by its own bytes."""
    one, two = b'{"id": "1"}', b'{"id":"2"}'

    assert [one, two] == events_of_list(b"[%s, %s]" % (one, two))
    assert [one, two] == events_of_batch(b'{"events": [%s, %s]}' % (one, two))
    assert [[one], [one], [one]] == [
        events_of_document(each) for each in (one, b"[%s]" % one, b'{"events":[%s]}' % one)
    ]


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (b'{"quantity": NaN}', b'{"quantity": "NaN"}'),
        (b"[-Infinity,Infinity]", b'["-Infinity","Infinity"]'),
        (b'{"a": "NaN \\" NaN", "b": NaN}', b'{"a": "NaN \\" NaN", "b": "NaN"}'),
        (b'"NaN and no end', b'"NaN and no end'),
        (b'"NaN\\', b'"NaN\\'),
        (b"1e400", b"1e400"),
    ],
)
def test_numbers_that_are_none_are_put_in_quotes(document: bytes, expected: bytes) -> None:
    """Outside of texts only, and nothing else is touched."""
    assert expected == quoted(document)


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=9) | st.integers() | st.booleans()))
def test_json_stays_as_it_is(document: dict[str, object]) -> None:
    """What is JSON already has no number that is none."""
    written = msgspec.json.encode(document)

    assert written == quoted(written)


def test_a_number_that_is_none_spoils_one_event() -> None:
    """The events beside it are cut out whole."""
    batch = b'{"events": [{"id": "1"}, {"id": "2", "quantity": NaN}]}'

    assert [b'{"id": "1"}', b'{"id": "2", "quantity": "NaN"}'] == events_of_batch(batch)
