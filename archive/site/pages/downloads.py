"""Whole tables as CSV and NDJSON: read inside one snapshot, complete or visibly broken off."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from datasette.database import QueryInterrupted
from sqlite_utils import Database

from archive.index.database import DatabaseError
from archive.index.figure_rows import FIGURE_COLUMNS, figure_rows
from archive.publish.spreadsheet import CONTENT_TYPE, attachment
from archive.site.errors import BadRequest, not_found
from archive.site.memory import steady
from archive.site.streams import ROWS, Rows, RowStream, csv_piece, exact_csv_piece, ndjson_end, ndjson_piece, open_rows
from archive.site.tables import TABLES
from archive.site.view import database

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

#: Arguments that are no columns.
_OPTIONS = frozenset({"for", "lang"})


async def download(datasette: Any, request: Any) -> Any:
    """A table, or its rows with the given values in some columns."""
    table, form = request.url_vars["table"], request.url_vars["format"]
    if table not in TABLES:
        return await not_found(datasette, request)
    wanted = {name: request.args[name] for name in request.args if name not in _OPTIONS and not name.startswith("_")}
    columns = FIGURE_COLUMNS if table == "figures" else await database(datasette).table_columns(table)
    unknown = sorted(set(wanted) - set(columns))
    if unknown:
        raise BadRequest(f"no column {', '.join(unknown)} in {table}; it has {', '.join(columns)}")
    headers = {"content-disposition": attachment(f"{table}.{form}")}
    rows: Callable[[], Iterator[tuple[list[str], Rows]]]
    if table == "figures":
        rows = partial(_figures, datasette, wanted)
    else:
        where, parameters = _conditions(wanted)
        headers |= await _counted(datasette, f"select count(*) as n from {table}{where}", parameters)
        rows = partial(open_rows, datasette, f"select * from {table}{where}", parameters)
    if form == "ndjson":
        return RowStream(
            rows, ndjson_piece, content_type="application/x-ndjson; charset=utf-8", headers=headers, end=ndjson_end
        )
    piece = exact_csv_piece if request.args.get("for") == "programs" else csv_piece
    return RowStream(rows, piece, content_type=CONTENT_TYPE, headers=headers)


async def _counted(datasette: Any, sql: str, parameters: dict[str, str]) -> dict[str, str]:
    """The header that says how many rows there are, nothing where that isn't known: the end of the answer shows whether it is whole."""
    try:
        return {"x-ogi-rows": str((await steady(datasette, sql, parameters))[0]["n"])}
    except (DatabaseError, QueryInterrupted):
        return {}


def _conditions(wanted: dict[str, str]) -> tuple[str, dict[str, str]]:
    """A WHERE of equalities. Values of addresses are text; the columns' affinity makes numbers of them."""
    names = {f"v{number}": name for number, name in enumerate(wanted)}
    where = " and ".join(f'"{name}" = :{key}' for key, name in names.items())
    return (f" where {where}" if where else ""), {key: wanted[name] for key, name in names.items()}


def _figures(datasette: Any, wanted: dict[str, str]) -> Iterator[tuple[list[str], Rows]]:
    """Figures of current versions; of one report from the view, which is quick for it."""
    if "report" in wanted:
        where, parameters = _conditions(wanted)
        columns = ", ".join(f'"{name}"' for name in FIGURE_COLUMNS)
        yield from open_rows(datasette, f"select {columns} from figures{where}", parameters)
        return
    places = [(FIGURE_COLUMNS.index(name), value) for name, value in wanted.items()]
    connection = database(datasette).open_connection()
    try:
        connection.execute("begin")
        some: Rows = []
        is_first = True
        for row in figure_rows(Database(connection, execute_plugins=False)):
            if _is_wanted(row, places):
                some.append(row)
            if len(some) >= ROWS:
                yield list(FIGURE_COLUMNS), some
                some, is_first = [], False
        if some or is_first:
            yield list(FIGURE_COLUMNS), some
    finally:
        connection.close()


def _is_wanted(row: Sequence[Any], places: list[tuple[int, str]]) -> bool:
    return all(str(row[place] if row[place] is not None else "") == value for place, value in places)


ROUTES = ((r"^/data/(?P<table>[a-z_]+)\.(?P<format>csv|ndjson)$", download),)
