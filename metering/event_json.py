"""JSON that holds usage events: one, a list, or an object of them, cut into the bytes of each.

A document is cut before its events are read, so that a bad one spoils no other.  Some exporters write NaN and
Infinity, which are no JSON: they are put in quotes, and only the event that holds one is refused.
"""

from __future__ import annotations

import re
from typing import Final, TypeVar

import msgspec

from kernel.errors import InvalidRequest

#: What reading JSON raises besides a wrong shape: bytes, brackets or nesting that are no document.
NOT_JSON: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

#: A string, to its end or that of the document, or a number that is none.
_STRING_OR_NO_NUMBER: Final = re.compile(
    rb'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|-?\b(?P<word>NaN|Infinity)\b', re.DOTALL
)

T = TypeVar("T")


class Batch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The house's own batch: ``{"events": [...]}``."""

    events: list[msgspec.Raw]


_batch = msgspec.json.Decoder(Batch)
_list = msgspec.json.Decoder(list[msgspec.Raw])
_any = msgspec.json.Decoder(Batch | list[msgspec.Raw])


def quoted(document: bytes) -> bytes:
    """Return a document with its NaN and Infinity in quotes; all else stays as it is."""
    return _STRING_OR_NO_NUMBER.sub(lambda found: b'"%s"' % found[0] if found["word"] else found[0], document)


def events_of_batch(document: bytes) -> list[bytes]:
    """Cut ``{"events": [...]}`` into its events; raise :class:`InvalidRequest` where it is none."""
    return _cut(_decoded(_batch, document, '{"events": [{"id": ...}, ...]}').events)


def events_of_list(document: bytes) -> list[bytes]:
    """Cut a list into its events; raise :class:`InvalidRequest` where it is none."""
    return _cut(_decoded(_list, document, '[{"id": ...}, ...]'))


def events_of_document(document: bytes) -> list[bytes]:
    """Cut whichever shape a document has: a list, ``{"events": [...]}``, or a single event."""
    try:
        found = _decoded(_any, document, "an event, a list of events, or an object with a list of events")
    except InvalidRequest:
        if _is_object(document):
            return [document]
        raise
    return _cut(found.events if isinstance(found, Batch) else found)


def _decoded(decoder: msgspec.json.Decoder[T], document: bytes, expected: str) -> T:
    try:
        try:
            return decoder.decode(document)
        except msgspec.ValidationError:
            raise
        except NOT_JSON:
            return decoder.decode(quoted(document))
    except NOT_JSON as error:
        raise InvalidRequest(f"the body cannot be read: {error}", field="body", expected=expected) from error


def _is_object(document: bytes) -> bool:
    try:
        return isinstance(msgspec.json.decode(quoted(document)), dict)
    except NOT_JSON:
        return False


def _cut(raw: list[msgspec.Raw]) -> list[bytes]:
    return [bytes(each) for each in raw]
