"""Which database, and the engine over it.

``CLAUSULA_DATABASE_URL`` names a server; without it, the embedded one under ``CLAUSULA_HOME`` (``.clausula``)
is started on demand and stopped by the last process that leaves.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from psycopg import sql
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from db.embedded import DEFAULT_HOME, HOME_VARIABLE, EmbeddedServer, running_server
from kernel.errors import DatabaseUnavailable

URL_VARIABLE = "CLAUSULA_DATABASE_URL"
DEFAULT_DATABASE = "clausula"

#: Connections that one process keeps: one for a command, a few for the API's threads.
POOL_CONNECTIONS = 8
POOL_WAIT_SECONDS = 30


def home_folder() -> Path:
    """Return the folder of the installation's own state."""
    return Path(os.environ.get(HOME_VARIABLE) or DEFAULT_HOME).resolve()


@contextmanager
def database(name: str = "", *, fresh: bool = False) -> Iterator[Engine]:
    """Yield an engine over a database of the configured server and close its connections at the end.

    Without a name it is the configured one.  A named one is made where it is missing;
    ``fresh`` drops it first.
    Raises :class:`DatabaseUnavailable` when no server can be started or reached.
    """
    configured = os.environ.get(URL_VARIABLE, "")
    if configured:
        yield from _engine_over(_psycopg_url(configured), name, fresh=fresh)
        return
    with running_server(home_folder()) as server:
        yield from _engine_over(_psycopg_url(server.url(DEFAULT_DATABASE)), name, fresh=fresh)


def engine_of(server: EmbeddedServer, name: str = DEFAULT_DATABASE) -> Engine:
    """Return an engine over a database of a server that the caller keeps running, and disposes of."""
    return create_engine(_psycopg_url(server.url(name)))


def _engine_over(url: URL, name: str, *, fresh: bool) -> Iterator[Engine]:
    if name and name != url.database:
        _make_database(url, name, fresh=fresh)
        url = url.set(database=name)
    engine = create_engine(
        url,
        pool_size=POOL_CONNECTIONS,
        pool_timeout=POOL_WAIT_SECONDS,
        pool_pre_ping=True,
        hide_parameters=True,  # what customers sent does not belong into a log
    )
    event.listen(engine, "connect", _set_session)
    try:
        _check(engine)
        yield engine
    finally:
        engine.dispose()


def _make_database(url: URL, name: str, *, fresh: bool) -> None:
    """Make a sister of the configured database, after dropping what was there if it is to be fresh."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    _check(engine)
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        if driver is None:
            raise DatabaseUnavailable("the connection was lost", field="database", value=name)
        if fresh:
            driver.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        exists = connection.execute(text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": name})
        if exists.scalar_one_or_none() is None:
            driver.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    engine.dispose()


def _set_session(connection: object, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]  # the pool hands out psycopg's own connection
    # Instants are read as UTC whatever the server's own zone is.
    cursor.execute("SET TIME ZONE 'UTC'")
    cursor.close()
    connection.commit()  # type: ignore[attr-defined]


def _check(engine: Engine) -> None:
    try:
        engine.connect().close()
    except OperationalError as error:
        raise DatabaseUnavailable(
            "the database does not answer",
            field=URL_VARIABLE,
            value=engine.url.render_as_string(hide_password=True),
            expected="a running PostgreSQL 18 server; " + str(error.orig).strip(),
        ) from error


def _psycopg_url(text: str) -> URL:
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise DatabaseUnavailable(
            "not a database address", field=URL_VARIABLE, expected="postgresql://user:password@host/name"
        ) from error
    if url.get_backend_name() not in ("postgresql", "postgres"):
        raise DatabaseUnavailable(
            "only PostgreSQL is spoken here",
            field=URL_VARIABLE,
            value=url.get_backend_name(),
            expected="postgresql",
        )
    return url.set(drivername="postgresql+psycopg")
