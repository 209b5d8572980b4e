"""The schema: every package's tables, gathered in one place for migrations and tests.

``db`` may not import the packages above it; they are named here and imported by name.
"""

from __future__ import annotations

from importlib import import_module

from sqlalchemy import MetaData

from db.metadata import metadata

#: The modules that declare rows, in the order of the layers.
TABLE_MODULES = (
    "db.tables",
    "contracts.tables",
    "metering.tables",
    "receivables.tables",
    "invoicing.tables",
    "payments.tables",
    "dunning.tables",
)


def whole_schema() -> MetaData:
    """Import every module of tables and return the MetaData that they filled."""
    for module in TABLE_MODULES:
        import_module(module)
    return metadata
