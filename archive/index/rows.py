"""Rows of a query as dictionaries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlite_utils import Database

if TYPE_CHECKING:
    pass


def rows(db: Database, sql: str, parameters: Any = ()) -> list[dict[str, Any]]:
    """All rows of a query as dictionaries."""
    return list(db.query(sql, parameters))


def row(db: Database, sql: str, parameters: Any = ()) -> dict[str, Any] | None:
    """The first row of a query, `None` if there is none."""
    return next(iter(db.query(sql, parameters)), None)


def value(db: Database, sql: str, parameters: Any = ()) -> Any:
    """The first column of the first row, `None` if there is none."""
    found = db.execute(sql, parameters).fetchone()
    return None if found is None else found[0]
