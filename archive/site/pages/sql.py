"""A visitor's own SQL: a page, and the same as JSON and CSV at addresses that stay, whatever Datasette calls its own."""

from __future__ import annotations

import json
from typing import Any

from archive.publish.spreadsheet import CONTENT_TYPE, attachment, csv_text
from archive.site.params import integer
from archive.site.sql_text import parameters_of
from archive.site.view import database, render

#: Rows shown on the page, and in JSON where nothing else is asked for; a CSV has all.
SHOWN = 1000
LONGEST = 20_000
SHAPES = ("objects", "arrays", "array", "arrayfirst")


async def sql(datasette: Any, request: Any) -> Any:
    """The page with an editor and the first rows of the result."""
    text = _text(request)
    context: dict[str, object] = {"sql": text, "parameters": _parameters(request, text), "result": None, "shown": SHOWN}
    if text:
        context["result"] = await _ask(datasette, request, text, SHOWN)
    return await render(datasette, request, "sql.html", context, section="data")


async def as_json(datasette: Any, request: Any) -> Any:
    """The rows as JSON: `_shape` as in Datasette, `_size` rows at most; `truncated` says whether there are more."""
    from datasette import Response

    shape = request.args.get("_shape") or "objects"
    if shape not in SHAPES:
        return Response.json(
            {"ok": False, "error": f"unknown _shape; one of {', '.join(SHAPES)}", "status": 400}, status=400
        )
    size = integer(request.args.get("_size"), least=1, most=SHOWN, default=SHOWN)
    text = _text(request)
    if not text:
        return Response.json({"ok": False, "error": "no sql", "status": 400}, status=400)
    result = await _ask(datasette, request, text, size)
    found = [list(row) for row in result.rows]
    content: Any = {
        "ok": True,
        "columns": result.columns,
        "rows": found if shape == "arrays" else [dict(zip(result.columns, row, strict=True)) for row in found],
        "returned": len(found),
        "truncated": result.truncated,
    }
    if shape == "array":
        content = content["rows"]
    elif shape == "arrayfirst":
        content = [row[0] for row in found]
    headers = {"x-ogi-truncated": str(result.truncated).lower(), "x-ogi-rows": str(len(found))}
    body = json.dumps(content, ensure_ascii=False, default=_plain)
    return Response(body, headers=headers, content_type="application/json; charset=utf-8")


async def as_csv(datasette: Any, request: Any) -> Any:
    """All rows as CSV; an error where they are too many, never a part of them."""
    from datasette import Response

    result = await _ask(datasette, request, _text(request) or "select 'no sql' as error", None)
    body = csv_text(result.columns, ([_plain(value) for value in row] for row in result.rows))
    return Response(body, headers={"content-disposition": attachment("query.csv")}, content_type=CONTENT_TYPE)


def _text(request: Any) -> str:
    return (request.args.get("sql") or "").strip().rstrip(";")[:LONGEST]


def _parameters(request: Any, text: str) -> dict[str, str]:
    return {name: request.args.get(name) or "" for name in parameters_of(text)}


async def _ask(datasette: Any, request: Any, text: str, most: int | None) -> Any:
    limit = integer(request.args.get("_timelimit"), least=1, most=1_000_000, default=1_000_000)
    return await database(datasette).visit(text, _parameters(request, text), most, limit)


def _plain(value: Any) -> Any:
    """Bytes as hexadecimal text; everything else as it is."""
    return value.hex() if isinstance(value, bytes) else value


ROUTES = (
    (r"^/ogi/sql$", sql),
    (r"^/ogi/sql\.json$", as_json),
    (r"^/ogi/sql\.csv$", as_csv),
)
