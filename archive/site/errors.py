"""Pages that say what is not there or went wrong, and what to do."""

from __future__ import annotations

import logging
from typing import Any

from archive.site.i18n import Translator, language_of
from archive.site.limits import ResultTooLarge
from archive.site.view import render

logger = logging.getLogger(__name__)


async def not_found(datasette: Any, request: Any) -> Any:
    """A 404 page in the site's own words; JSON where JSON was asked for."""
    if request.path.endswith((".json", ".csv")):
        from datasette import Response

        return Response.json({"ok": False, "error": "not found", "status": 404}, status=404)
    return await render(datasette, request, "not_found.html", {}, status=404)


async def failed(datasette: Any, request: Any, exception: Exception) -> Any:
    """The page for an exception: what it means for the reader, never what is inside the program; JSON where JSON was asked for."""
    from datasette import Response
    from datasette.database import QueryInterrupted
    from datasette.utils.asgi import Base400, Forbidden, NotFound
    from datasette.views.base import DatasetteError

    translate = Translator(language_of(request))
    details, sql = "", ""
    if isinstance(exception, NotFound):
        return await not_found(datasette, request)
    if isinstance(exception, QueryInterrupted) or getattr(exception, "title", None) == "SQL Interrupted":
        status = getattr(exception, "status", None) or 503
        heading = translate("error.slow")
        sql = (request.args.get("sql") or "")[:10_000]
        hint = translate("error.slow_sql_hint" if sql else "error.slow_hint")
    elif isinstance(exception, MemoryError | ResultTooLarge):
        status, heading, hint = 400, translate("error.large"), translate("error.large_hint")
        sql = (request.args.get("sql") or "")[:10_000]
    elif isinstance(exception, Forbidden):
        status, heading, hint = 403, translate("error.forbidden"), ""
    elif isinstance(exception, DatasetteError | Base400):
        # Datasette says 500 of a sort by a column that isn't there
        status = 400 if exception.status == 500 else exception.status
        heading, hint = translate("error.bad_request"), ""
        details = str(getattr(exception, "message", None) or (exception.args[0] if exception.args else ""))
        if getattr(exception, "message_is_html", False):
            details = ""
    else:
        logger.error("%s failed", request.path, exc_info=exception)
        status, heading, hint = 500, translate("error.other"), ""
    if request.path.endswith((".json", ".csv")):
        return Response.json(
            {"ok": False, "error": details or heading, "status": status, "title": heading}, status=status
        )
    return await render(
        datasette,
        request,
        "failed.html",
        {"heading": heading, "hint": hint, "details": details, "status": status, "sql": sql},
        status=status,
    )
