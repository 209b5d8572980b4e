"""Every query of what is known of price indices: figures are added, and none is ever changed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by, distinct_on

from contracts.indices import Figure, IndexFigure, IndexSeries
from contracts.tables import index_values


def series_by_code(connection: Connection) -> dict[str, IndexSeries]:
    """Return all indices by their code, each month as it was published last."""
    # One row an index and kind: a row a month would cost more than all the rest of the catalog.
    newest = _newest_figures().subquery().c
    months = func.array_agg(aggregate_order_by(newest.month, newest.month))
    percents = func.array_agg(aggregate_order_by(newest.variation_percent, newest.month))
    rows = connection.execute(
        select(newest.index_code, newest.kind, months, percents).group_by(newest.index_code, newest.kind)
    )
    figures = {(row[0], row[1]): dict(zip(row[2], row[3], strict=True)) for row in rows}
    return {
        code: IndexSeries(code, *(figures.get((code, kind), {}) for kind in Figure)) for code, _ in figures
    }


def _newest_figures() -> Select[tuple[Any, ...]]:
    own = index_values.c
    key = own.index_code, own.kind, own.month
    return select(index_values).ext(distinct_on(*key)).order_by(*key, own.revision.desc())


def figures_of(connection: Connection, code: str) -> tuple[IndexFigure, ...]:
    """Return all that was recorded of an index, oldest month first and newest revision last."""
    own = index_values.c
    rows = connection.execute(
        select(index_values).where(own.index_code == code).order_by(own.kind, own.month, own.revision)
    )
    return tuple(
        IndexFigure(
            kind=Figure(row.kind),
            month=row.month,
            revision=row.revision,
            percent=row.variation_percent,
            recorded_at=row.recorded_at,
        )
        for row in rows
    )
