"""API keys: least privilege by scope, secrets kept only as digests, compared in constant time.

A key reads ``clk_<id>_<secret>``.  The secret has 256 random bits, so a plain SHA-256 of it cannot be
searched; a slow password hash would only slow the API.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from hmac import compare_digest

from sqlalchemy import Connection, select, update

from db.tables import api_keys
from kernel.errors import Denied, NotAuthenticated, NotFound

PREFIX = "clk"
ID_BYTES = 6
SECRET_BYTES = 32

#: What a key looks like, in which nothing can stand that the database could not hold.
_SHAPE = re.compile(
    rf"{PREFIX}_(?P<key_id>[0-9a-f]{{{2 * ID_BYTES}}})_(?P<secret>[0-9a-f]{{{2 * SECRET_BYTES}}})"
)


class Scope(StrEnum):
    """What a key may do; it may do nothing else."""

    USAGE_WRITE = "usage:write"
    USAGE_BACKFILL = "usage:backfill"
    INVOICES_READ = "invoices:read"
    RECEIVABLES_READ = "receivables:read"
    ENTITLEMENTS_READ = "entitlements:read"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, by the id of the key, and what the key allows."""

    key_id: str
    name: str
    scopes: frozenset[Scope]

    def require(self, scope: Scope) -> None:
        """Refuse a caller whose key does not allow something."""
        if scope not in self.scopes:
            raise Denied(
                "this key does not allow that",
                field="scope",
                value=", ".join(sorted(self.scopes)) or "none",
                expected=scope.value,
            )


def create_key(connection: Connection, name: str, scopes: Sequence[Scope], *, at: datetime) -> str:
    """Make a key and return it; it cannot be shown again."""
    key_id, secret = secrets.token_hex(ID_BYTES), secrets.token_hex(SECRET_BYTES)
    connection.execute(
        api_keys.insert().values(
            key_id=key_id,
            name=name,
            secret_digest=sha256(secret.encode()).digest(),
            scopes=sorted(set(scopes)),
            created_at=at,
        )
    )
    return f"{PREFIX}_{key_id}_{secret}"


def caller_of(connection: Connection, key: str) -> Caller:
    """Return whose key it is; :class:`NotAuthenticated` does not say which half of a key was wrong."""
    shaped = _SHAPE.fullmatch(key)
    key_id, secret = shaped.group("key_id", "secret") if shaped else ("", "")
    row = connection.execute(
        select(api_keys).where(api_keys.c.key_id == key_id, api_keys.c.revoked_at.is_(None))
    ).one_or_none()
    # A digest is compared even where no key was found, so that the time of an answer tells nothing.
    known = row.secret_digest if row is not None else bytes(32)
    same = compare_digest(known, sha256(secret.encode()).digest())
    if row is None or not same:
        raise NotAuthenticated("not a valid key", field="Authorization", expected="Bearer clk_...")
    return Caller(row.key_id, row.name, frozenset(Scope(scope) for scope in row.scopes))


def revoke_key(connection: Connection, key_id: str, *, at: datetime) -> None:
    """Revoke a key at once."""
    done = connection.execute(
        update(api_keys)
        .where(api_keys.c.key_id == key_id, api_keys.c.revoked_at.is_(None))
        .values(revoked_at=at)
    )
    if done.rowcount != 1:
        raise NotFound("no valid key has this id", field="key_id", value=key_id)
