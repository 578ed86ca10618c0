"""Ready queries: page by page with their total, as JSON with `next`, and whole as CSV."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from archive.publish.spreadsheet import CONTENT_TYPE, attachment
from archive.site.errors import BadRequest
from archive.site.params import integer
from archive.site.ready import ReadyQuery, ready_queries
from archive.site.streams import RowStream, array_end, array_piece, csv_piece, open_rows
from archive.site.view import render, rows

SHOWN, MOST = 100, 1000


async def ready(datasette: Any, request: Any) -> Any:
    """A page of a ready query."""
    query = ready_queries()[request.url_vars["query"]]
    parameters = _parameters(request, query)
    found, following = await _page(datasette, request, query, parameters, SHOWN)
    title, description = query.words("zh"), query.words("en")
    return await render(
        datasette,
        request,
        "ready.html",
        {
            "query": query,
            "words": {"zh": title, "en": description},
            "parameters": parameters,
            "rows": found,
            "columns": list(found[0]) if found else [],
            "following": following,
            "is_first": not request.args.get("_next"),
            "total": await _total(datasette, query, parameters),
            "arguments": urlencode({name: value for name, value in parameters.items() if value}),
        },
        section="data",
    )


async def as_json(datasette: Any, request: Any) -> Any:
    """A page as JSON with how many rows there are and where the next page begins; with `_shape=array` all rows, without anything around."""
    from datasette import Response

    query = ready_queries()[request.url_vars["query"]]
    parameters = _parameters(request, query)
    if request.args.get("_shape") == "array":
        return RowStream(
            lambda: open_rows(datasette, query.ordered, parameters),
            array_piece,
            content_type="application/json; charset=utf-8",
            end=array_end,
        )
    size = integer(request.args.get("_size"), least=1, most=MOST, default=SHOWN)
    found, following = await _page(datasette, request, query, parameters, size)
    content = {
        "ok": True,
        "query": query.name,
        "total": await _total(datasette, query, parameters),
        "returned": len(found),
        "truncated": following is not None,
        "next": following,
        "rows": found,
    }
    return Response(json.dumps(content, ensure_ascii=False) + "\n", content_type="application/json; charset=utf-8")


async def as_csv(datasette: Any, request: Any) -> Any:
    """All rows as CSV."""
    query = ready_queries()[request.url_vars["query"]]
    parameters = _parameters(request, query)
    return RowStream(
        lambda: open_rows(datasette, query.ordered, parameters),
        csv_piece,
        content_type=CONTENT_TYPE,
        headers={
            "content-disposition": attachment(f"{query.name}.csv"),
            "x-ogi-rows": str(await _total(datasette, query, parameters)),
        },
    )


def _parameters(request: Any, query: ReadyQuery) -> dict[str, str]:
    return {name: (request.args.get(name) or "").strip()[:200] for name in query.parameters}


async def _total(datasette: Any, query: ReadyQuery, parameters: dict[str, str]) -> int:
    found = await rows(datasette, f"select count(*) as n from ({query.sql})", parameters)
    return int(found[0]["n"])


async def _page(
    datasette: Any, request: Any, query: ReadyQuery, parameters: dict[str, str], size: int
) -> tuple[list[dict[str, object]], str | None]:
    """Rows of the page that the address asks for, and where the next one begins."""
    try:
        sql, after = query.page(request.args.get("_next") or None)
    except ValueError as error:
        raise BadRequest(f"_next: {error}") from error
    found = await rows(datasette, sql, {**parameters, **after, "most": size + 1})
    return found[:size], query.end_of(found[size - 1]) if len(found) > size else None


_NAMES = "|".join(ready_queries())
ROUTES = (
    (rf"^/ogi/(?P<query>{_NAMES})$", ready),
    (rf"^/ogi/(?P<query>{_NAMES})\.json$", as_json),
    (rf"^/ogi/(?P<query>{_NAMES})\.csv$", as_csv),
)
