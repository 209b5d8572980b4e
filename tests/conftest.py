"""Fixtures that all tests share: a real PostgreSQL, and an empty, migrated database for each test."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text

from db.embedded import EmbeddedServer, remove, running_server
from db.migrate import upgrade

_numbers = count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedServer]:
    """One embedded server for the session, in a folder of its own."""
    home = Path(tempfile.mkdtemp(prefix="clausula-test-"))
    try:
        with running_server(home) as running:
            yield running
    finally:
        remove(home)
        shutil.rmtree(home, ignore_errors=True)


def engine_of(server: EmbeddedServer, database: str) -> Engine:
    """Return an engine over a database of the session's server."""
    return create_engine(server.url(database).replace("postgresql://", "postgresql+psycopg://", 1))


@pytest.fixture(scope="session")
def template_database(server: EmbeddedServer) -> str:
    """One database that holds the schema, for the others to be copied from."""
    name = "template_schema"
    _execute(server, f'CREATE DATABASE "{name}"')
    engine = engine_of(server, name)
    upgrade(engine)
    engine.dispose()
    return name


@pytest.fixture
def engine(server: EmbeddedServer, template_database: str) -> Iterator[Engine]:
    """An engine over a fresh database with the whole schema."""
    name = f"test_{next(_numbers)}"
    _execute(server, f'CREATE DATABASE "{name}" TEMPLATE "{template_database}"')
    engine = engine_of(server, name)
    try:
        yield engine
    finally:
        engine.dispose()
        _execute(server, f'DROP DATABASE "{name}" WITH (FORCE)')


def _execute(server: EmbeddedServer, statement: str) -> None:
    admin = engine_of(server, "postgres").execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(statement))
    admin.dispose()
