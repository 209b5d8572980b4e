"""Fixtures that all tests share: a real PostgreSQL, and an empty, migrated database for each test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import Engine, text

from db.embedded import EmbeddedServer, temporary_server
from db.engine import engine_of
from db.migrate import upgrade

#: How fast inputs are drawn says something of the machine, and nothing of the code that is tried on them.
settings.register_profile("house", suppress_health_check=[HealthCheck.too_slow], deadline=None)
settings.load_profile("house")

_numbers = count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedServer]:
    """One embedded server for the session, removed at its end."""
    with temporary_server() as running:
        yield running


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
    with _fresh_database(server, template_database) as fresh:
        yield fresh


@pytest.fixture(scope="module")
def module_engine(server: EmbeddedServer, template_database: str) -> Iterator[Engine]:
    """An engine over one database for all tests of a module: for a story that is long to tell, told once."""
    with _fresh_database(server, template_database) as fresh:
        yield fresh


@contextmanager
def _fresh_database(server: EmbeddedServer, template: str) -> Iterator[Engine]:
    name = f"test_{next(_numbers)}"
    _execute(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
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
