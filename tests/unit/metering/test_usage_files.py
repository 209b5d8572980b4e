"""Files of events: each event with its line, each bad line told, a file that is none refused."""

from __future__ import annotations

from io import BytesIO
from pathlib import PurePath

import pytest

from kernel.errors import InvalidEvent, InvalidInput, TooLarge
from metering.event_reading import EVENT_BYTES
from metering.events import Rejected
from metering.messages import MessageReader, account_of
from metering.usage_files import CsvReader, NdjsonReader, UsageReader, reader_of

GOOD = b'{"id":"1","account":"acme","meter":"sms","occurred_at":"2026-03-01T12:00:00Z","text":"hola"}'
HEADER = b"id,account,meter,occurred_at,quantity,dim.country\n"
ROW = b"1,acme,voice,2026-03-01T12:00:00Z,1.5,MX\n"


def read(reader: UsageReader, content: bytes) -> list[tuple[int, str]]:
    """Return the line of each event, and its id or the code, place and field of what is wrong with it."""
    found = []
    for line, event in reader.read(BytesIO(content), "file"):
        if isinstance(event, Rejected):
            problem = event.problem
            found.append((line, f"{problem.code} {problem.place} {problem.field}".strip()))
        else:
            found.append((line, event.id))
    return found


def test_ndjson() -> None:
    """One event a line; empty lines count as lines and are skipped, as is a byte order mark."""
    content = b"\xef\xbb\xbf" + GOOD + b"\n\n  \n" + GOOD.replace(b'"1"', b'"2"')

    assert [(1, "1"), (4, "2")] == read(NdjsonReader(), content)


def test_ndjson_tells_the_line_of_what_is_wrong() -> None:
    """A broken line is told with its place, and the lines after it are read."""
    content = GOOD + b"\n{nope\n" + GOOD.replace(b'"1"', b"1") + b"\n" + GOOD + b"\n"

    assert [(1, "1"), (2, "invalid_event file:2"), (3, "invalid_event file:3 id"), (4, "1")] == read(
        NdjsonReader(), content
    )


@pytest.mark.parametrize(("padding", "readable"), [(0, True), (1, False)])
def test_ndjson_lines_have_a_limit(padding: int, *, readable: bool) -> None:
    """A line of the limit is read, a longer one is told and skipped, and the next is read again."""
    line = GOOD + b" " * (EVENT_BYTES - len(GOOD) + padding)
    expected = "1" if readable else "too_large file:1"

    assert [(1, expected), (2, "1")] == read(NdjsonReader(), line + b"\n" + GOOD)


def test_an_empty_ndjson_file_has_no_events() -> None:
    """Nothing in, nothing out."""
    assert [] == read(NdjsonReader(), b"")


def test_csv() -> None:
    """One event a row, with the line on which the row begins, whatever lines its text has."""
    header = b"id,account,meter,occurred_at,text\n"
    rows = b'1,acme,sms,2026-03-01T12:00:00Z,"two\nlines"\n\n2,acme,sms,2026-03-01T12:00:00Z,one\n'

    assert [(2, "1"), (5, "2")] == read(CsvReader(), b"\xef\xbb\xbf" + header + rows)


def test_csv_as_spreadsheets_write_it() -> None:
    """Carriage returns at the ends of lines are no part of the values."""
    content = (HEADER + ROW).replace(b"\n", b"\r\n")
    (event,) = [event for _, event in CsvReader().read(BytesIO(content), "file")]

    assert not isinstance(event, Rejected)
    assert {"country": "MX"} == event.dimensions


def test_csv_tells_the_line_of_what_is_wrong() -> None:
    """A row of another width, broken bytes, broken quotes and a bad cell are told; the rest is read."""
    content = HEADER + b"".join(
        [
            b"1,acme\n",
            ROW.replace(b"MX", b"M\xff"),
            ROW.replace(b"acme", b'a"c"me"').replace(b"voice", b'"v"x'),
            ROW.replace(b"1.5", b"much"),
            ROW,
        ]
    )

    assert [
        (2, "invalid_event file:2"),
        (3, "invalid_event file:3 dim.country"),
        (4, "invalid_event file:4"),
        (5, "invalid_event file:5 quantity"),
        (6, "1"),
    ] == read(CsvReader(), content)


@pytest.mark.parametrize(
    ("header", "value"),
    [
        (b"", "id, account, meter, occurred_at"),
        (b"id,account,meter\n", "occurred_at"),
        (b"id,account,meter,occurred_at,quantitty\n", "quantitty"),
        (b"id,id,account,meter,occurred_at\n", "id"),
    ],
)
def test_a_csv_that_holds_no_events_is_refused(header: bytes, value: str) -> None:
    """Columns that are missing, unknown or doubled refuse the whole file before its first row."""
    with pytest.raises(InvalidEvent) as caught:
        read(CsvReader(), header + ROW)

    assert ("header", value, "file:1") == (caught.value.field, caught.value.value, caught.value.place)


def test_a_csv_with_an_endless_line_goes_on_after_it() -> None:
    """A line that does not end is not read into memory; it is told, and the rows after it are read."""
    endless = b"x" * (2 * 1024 * 1024)

    assert [(2, "too_large file:2"), (3, "1")] == read(CsvReader(), HEADER + endless + b"\n" + ROW)


def test_a_csv_whose_header_does_not_end_is_refused() -> None:
    """Without columns nothing in the file is an event."""
    with pytest.raises(TooLarge) as caught:
        read(CsvReader(), b"x" * (2 * 1024 * 1024))

    assert "file:1" == caught.value.place


@pytest.mark.parametrize(
    ("name", "kind"), [("a.ndjson", "ndjson"), ("a.JSONL", "ndjson"), ("a.b.csv", "csv")]
)
def test_the_suffix_says_how_to_read(name: str, kind: str) -> None:
    """NDJSON by two suffixes, CSV by one."""
    assert kind == reader_of(PurePath(name)).kind


def test_an_unknown_suffix_is_refused() -> None:
    """A file that nothing reads is refused with what could be read."""
    with pytest.raises(InvalidInput) as caught:
        reader_of(PurePath("usage.xlsx"))

    assert ("path", "usage.xlsx") == (caught.value.field, caught.value.value)


LOG = (
    b"id,business,contact,direction,occurred_at,text\n"
    b'7,Ask_Spectrum,115712,outbound,2017-10-31T22:10:47Z,"Hi, there"\n'
    b"8,Ask_Spectrum,,sideways,2017-10-31T22:10:47Z,\n"
)


def test_a_log_of_messages() -> None:
    """Each message is an event of the given meter and of the account whose code is made of the business."""
    reader = MessageReader(meter="whatsapp", dimensions={"country": "MX"})
    (_, event), _ = reader.read(BytesIO(LOG), "file")

    assert not isinstance(event, Rejected)
    assert ("7", "ask-spectrum", "whatsapp", "messages", "outbound", "115712", None, {"country": "MX"}) == (
        event.id,
        event.account,
        event.meter,
        event.source,
        event.direction,
        event.contact,
        event.text,
        event.dimensions,
    )


def test_readings_of_one_log_differ_by_what_they_count() -> None:
    """The same bytes read for another meter are other events."""
    meters = {MessageReader(meter=meter).kind for meter in ("whatsapp", "instagram")}

    assert 2 == len(meters)


@pytest.mark.parametrize(
    ("business", "expected"),
    [("Ask_Spectrum", "ask-spectrum"), ("comcastcares", "comcastcares"), ("__ATVI & Co.", "atvi-co")],
)
def test_the_account_code_of_a_business(business: str, expected: str) -> None:
    """A business's name becomes a code in small letters and hyphens."""
    assert expected == account_of(business)
