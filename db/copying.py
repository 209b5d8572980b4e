"""COPY: the bulk path in, on the connection of the unit of work."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from psycopg import sql
from sqlalchemy import Connection, Table

#: What begins and ends a stream of rows in COPY's binary format (PostgreSQL, "COPY", Binary Format).
_BINARY_HEAD: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_BINARY_TAIL: Final = b"\xff\xff"


def copy_rows(
    connection: Connection, table: Table | str, columns: Sequence[str], rows: Iterable[Sequence[object]]
) -> int:
    """Copy rows into a table within the running transaction; return how many.

    Values are given in the order of ``columns``; text that stands for JSON is a string.
    """
    name = table if isinstance(table, str) else table.name
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(name), sql.SQL(", ").join(sql.Identifier(column) for column in columns)
    )
    driver = connection.connection.driver_connection
    count = 0
    with driver.cursor() as cursor, cursor.copy(statement) as copy:  # type: ignore[union-attr]
        for row in rows:
            copy.write_row(row)
            count += 1
    return count


def copy_packed(connection: Connection, table: str, columns: Sequence[str], packed: Iterable[bytes]) -> None:
    """Copy rows that are packed in COPY's binary format already into a table within the transaction.

    Each row is its number of fields, and of each field its length and its bytes.  A row so packed costs
    PostgreSQL and its driver a third of what they take for the same row as text.
    """
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(
        sql.Identifier(table), sql.SQL(", ").join(sql.Identifier(column) for column in columns)
    )
    driver = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(statement) as copy:  # type: ignore[union-attr]
        copy.write(b"".join((_BINARY_HEAD, *packed, _BINARY_TAIL)))
