"""Rows of a query: as values of a row type, as dictionaries, or the first value alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import MISSING, fields
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sqlite_utils import Database

Row = TypeVar("Row")
#: What a column may hold.
SqlValue = str | int | float | bytes | None
#: Values of a query's named parameters.
Parameters = Mapping[str, SqlValue]


class RowMismatch(TypeError):
    """Raised when a query and the row type that it is read into disagree about the columns, by `read`: a programming error."""


def among(column: str, some: Iterable[str] | None) -> tuple[str, tuple[str, ...]]:
    """A condition that narrows a query to some values of a column, and its parameters; none for all of them."""
    return ("1", ()) if some is None else (f"{column} IN (SELECT value FROM json_each(?))", (json.dumps(list(some)),))


def read(db: Database, kind: type[Row], sql: str, parameters: Any = ()) -> list[Row]:
    """All rows of a query as values of a row type (see `archive.index.types`), by column names. Whole numbers become truth values where it says so.

    Raises:
        RowMismatch: A column that the type lacks, or one without a default that the query doesn't give.
    """
    return list(stream(db, kind, sql, parameters))


def stream(db: Database, kind: type[Row], sql: str, parameters: Any = ()) -> Iterator[Row]:
    """The rows of `read` one after the other, for what doesn't fit into memory."""
    cursor = db.conn.execute(sql, parameters)
    columns = tuple(column[0] for column in cursor.description)
    make: Callable[[Sequence[Any]], Row] = _maker(kind, columns)  # type: ignore[arg-type]  # mypy takes a type variable for unhashable
    return map(make, cursor)


def first(db: Database, kind: type[Row], sql: str, parameters: Any = ()) -> Row | None:
    """The first row of `read`, `None` if there is none."""
    return next(stream(db, kind, sql, parameters), None)


@lru_cache(maxsize=256)
def _maker(kind: type[Any], columns: tuple[str, ...]) -> Callable[[Sequence[Any]], Any]:
    """What makes a value of the type out of a row with these columns."""
    known = {field.name: field for field in fields(kind)}
    unknown = sorted(set(columns) - known.keys())
    lacking = sorted(
        name
        for name, field in known.items()
        if name not in columns and field.default is MISSING and field.default_factory is MISSING
    )
    if unknown or lacking:
        raise RowMismatch(f"{kind.__name__}: unknown columns {unknown}, missing columns {lacking}")
    truths = [place for place, name in enumerate(columns) if known[name].type in ("bool", bool)]
    in_order = columns == tuple(known)[: len(columns)]

    def make(found: Sequence[Any]) -> Any:
        if truths:
            values = list(found)
            for place in truths:
                values[place] = bool(values[place])
            found = values
        return kind(*found) if in_order else kind(**dict(zip(columns, found, strict=True)))

    return make


def of_type(kind: type[Row], found: list[dict[str, Any]]) -> list[Row]:
    """Rows that a query gave as dictionaries, as values of a `TypedDict`; members of a part that is not total may be lacking.

    Raises:
        RowMismatch: The query gives other columns than the type has members.
    """
    if found:
        required, optional = kind.__required_keys__, kind.__optional_keys__  # type: ignore[attr-defined]
        if not required <= found[0].keys() <= required | optional:
            raise RowMismatch(f"{kind.__name__}: {sorted(found[0].keys() ^ required)}")
    return cast("list[Row]", found)


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


def values(db: Database, sql: str, parameters: Any = ()) -> list[Any]:
    """The first column of all rows."""
    return list(map(itemgetter(0), db.execute(sql, parameters).fetchall()))
