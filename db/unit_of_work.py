"""One unit of work, one transaction, committed at the edge: a request, a batch, a chunk of a run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine


@contextmanager
def unit_of_work(engine: Engine) -> Iterator[Connection]:
    """Yield a connection in a transaction: committed on leaving, and nothing written if an error leaves it.

    Nobody else commits.  Locks are taken in one order: account, subscription, invoice.
    """
    with engine.begin() as connection:
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Yield a connection that sees one instant of the database and can write nothing."""
    with engine.connect() as connection:
        connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with connection.begin():
            yield connection


@contextmanager
def rehearsal(engine: Engine) -> Iterator[Connection]:
    """Yield a connection in a transaction that is never committed: what would happen is seen, and undone."""
    with engine.connect() as connection:
        transaction = connection.begin()
        try:
            yield connection
        finally:
            transaction.rollback()
