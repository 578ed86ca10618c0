"""Pages that say what is not there or went wrong, and what to do."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from archive.site.http.addresses import path_of
from archive.site.i18n import Translator, language_of
from archive.site.limits import ResultTooLarge
from archive.site.metadata import DATABASE
from archive.site.readers import is_interrupted
from archive.site.streams import StreamBroken
from archive.site.view import render

try:  # as in archive.index.database
    import pysqlite3 as sqlite3
except ImportError:  # pragma: no cover
    import sqlite3

logger = logging.getLogger(__name__)


class BadRequest(Exception):
    """Raised by pages for an address that asks for what makes no sense; the text says what."""

    status = 400


@dataclass(frozen=True, slots=True)
class _Said:
    """The page that a reader gets for an exception."""

    status: int
    heading: str
    hint: str = ""
    details: str = ""
    shows_sql: bool = False


async def not_found(datasette: Any, request: Any) -> Any:
    """A 404 page in the site's own words; JSON where JSON was asked for."""
    if request.path.endswith((".json", ".csv", ".ndjson")):
        from datasette import Response

        return Response.json({"ok": False, "error": "not found", "status": 404}, status=404)
    return await render(datasette, request, "not_found.html", {}, status=404)


async def gone(datasette: Any, request: Any, reason: str) -> Any:
    """A 410 page: what was given out once and is withheld now, and why."""
    context = {
        "heading": Translator(language_of(request))("error.withheld"),
        "hint": Translator(language_of(request))("error.withheld_hint"),
        "details": reason,
        "status": 410,
        "sql": "",
    }
    return await render(datasette, request, "failed.html", context, status=410)


#: What Datasette's views raise for arguments that they can't parse (`_size=²`), where they should say so.
_UNPARSED = (ValueError, TypeError, LookupError, AssertionError, sqlite3.Error)


def _said(exception: Exception, request: Any, *, has_sql: bool) -> _Said:
    """What an exception means, as keys of messages. Datasette's own are known by their status, not by their class, which releases rename."""
    status = getattr(exception, "status", None)
    if is_interrupted(exception) or getattr(exception, "title", None) == "SQL Interrupted":
        hint = "error.slow_sql_hint" if has_sql else "error.slow_hint"
        return _Said(status or (400 if has_sql else 503), "error.slow", hint, shows_sql=True)
    if isinstance(exception, MemoryError | ResultTooLarge):
        return _Said(400, "error.large", "error.large_hint", shows_sql=True)
    if type(exception).__name__ == "Forbidden":
        return _Said(403, "error.forbidden")
    if isinstance(status, int):
        # Datasette says 500 of a sort by a column that isn't there
        return _Said(400 if status == 500 else status, "error.bad_request", details=_words(exception))
    if has_sql and isinstance(exception, sqlite3.Error):
        return _Said(400, "error.bad_request", details=_words(exception), shows_sql=True)
    if path_of(request).startswith(f"/{DATABASE}/") and request.query_string and isinstance(exception, _UNPARSED):
        logger.warning("%s: %r", request.path, exception)
        return _Said(400, "error.bad_request")
    logger.error("%s failed", request.path, exc_info=exception)
    return _Said(500, "error.other")


def _words(exception: Exception) -> str:
    if getattr(exception, "message_is_html", False):
        return ""
    return str(getattr(exception, "message", None) or (exception.args[0] if exception.args else ""))


async def failed(datasette: Any, request: Any, exception: Exception) -> Any:
    """The page for an exception: what it means for the reader, never what is inside the program; JSON where JSON was asked for.

    Raises:
        StreamBroken: The exception itself, if it is one.
    """
    from datasette import Response

    if isinstance(exception, StreamBroken):
        raise exception  # the answer has begun: there is no page to put in its place
    translate = Translator(language_of(request))
    sql = (request.args.get("sql") or "")[:10_000]
    if type(exception).__name__ == "NotFound" or getattr(exception, "status", None) == 404:
        return await not_found(datasette, request)
    said = _said(exception, request, has_sql=bool(sql))
    heading = translate(said.heading)
    if request.path.endswith((".json", ".csv", ".ndjson")):
        content = {"ok": False, "error": said.details or heading, "status": said.status, "title": heading}
        return Response.json(content, status=said.status)
    context = {
        "heading": heading,
        "hint": translate(said.hint) if said.hint else "",
        "details": said.details,
        "status": said.status,
        "sql": sql if said.shows_sql else "",
    }
    return await render(datasette, request, "failed.html", context, status=said.status)
