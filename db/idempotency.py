"""Idempotency keys: a request that comes twice is executed once and answered twice alike.

A key belongs to the caller who sent it: two callers may use the same one.  The statuses follow the IETF draft
on the Idempotency-Key header; ``api/`` gives them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final
from uuid import UUID, uuid5

from sqlalchemy import ColumnElement, Connection, func, select, update
from sqlalchemy.dialects.postgresql import insert

from db.tables import idempotency_keys
from kernel.errors import IdempotencyConflict, IdempotencyInProgress
from kernel.ids import AccountId

#: The name space of callers' computed ids; drawn once, never to be changed.
_CALLERS: Final = UUID("b3a1f9d4-0c57-4c1e-8a64-6f0f6b0f4f5d")

_LOCK_BYTES: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyedRequest:
    """A request with its key: ``caller`` is the id of the API key, ``operation`` what was asked for."""

    caller: str
    key: str
    operation: str
    body: bytes

    @property
    def owner(self) -> AccountId:
        """Whose key it is.

        A caller has no account, and the table needs one first in its key: an id computed from the caller's
        keeps callers apart, and spreads them over a cluster.
        """
        return AccountId(uuid5(_CALLERS, self.caller))

    @property
    def digest(self) -> bytes:
        """What is the same for the same request."""
        return sha256(self.operation.encode() + b"\n" + self.body).digest()

    @property
    def lock(self) -> int:
        """The number of the lock that its execution holds."""
        name = sha256(self.owner.bytes + self.key.encode()).digest()
        return int.from_bytes(name[:_LOCK_BYTES], "big", signed=True)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request was answered, and whether this is the stored answer of its first execution."""

    status: int
    response: str
    replayed: bool = False


def once(
    connection: Connection, request: KeyedRequest, execute: Callable[[], Answer], *, at: datetime
) -> Answer:
    """Execute a request and keep its answer in the same transaction, or return the answer that it got before.

    Nothing is kept of an execution that raises: the same request may come again.  Raises
    :class:`IdempotencyInProgress` at once while the first one runs, and :class:`IdempotencyConflict` when the
    key came with another request.
    """
    _lock(connection, request)
    claimed = connection.execute(
        insert(idempotency_keys)
        .values(account_id=request.owner, key=request.key, request_digest=request.digest, recorded_at=at)
        .on_conflict_do_nothing()
        .returning(idempotency_keys.c.key)
    ).scalar_one_or_none()
    if claimed is None:
        return _stored(connection, request)
    answer = execute()
    connection.execute(
        update(idempotency_keys).where(*_is(request)).values(status=answer.status, response=answer.response)
    )
    return answer


def _lock(connection: Connection, request: KeyedRequest) -> None:
    """Hold the request's lock until the transaction ends, without waiting for who holds it."""
    held = connection.execute(select(func.pg_try_advisory_xact_lock(request.lock))).scalar_one()
    if not held:
        raise IdempotencyInProgress(
            "the first request with this key is still running",
            field="Idempotency-Key",
            value=request.key,
            expected="the same request again, once the first one has ended",
        )


def _stored(connection: Connection, request: KeyedRequest) -> Answer:
    row = connection.execute(select(idempotency_keys).where(*_is(request))).one()
    if row.request_digest != request.digest:
        raise IdempotencyConflict(
            "this key was used for another request",
            field="Idempotency-Key",
            value=request.key,
            expected="a new key for a new request",
        )
    return Answer(row.status, row.response, replayed=True)


def _is(request: KeyedRequest) -> tuple[ColumnElement[bool], ...]:
    return idempotency_keys.c.account_id == request.owner, idempotency_keys.c.key == request.key
