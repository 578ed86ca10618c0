"""The data dictionary and the accuracy statement, as the program that serves the site carries them."""

from __future__ import annotations

import asyncio
from functools import cache
from typing import Any

from archive.site.accuracy import statement
from archive.site.i18n import language_of
from archive.site.markdown import to_html
from archive.site.view import render


@cache
def _dictionary(language: str) -> str:
    from archive.index.dictionary import render as dictionary

    return to_html(dictionary(language))


@cache
def _accuracy(language: str) -> str:
    return to_html(statement(language))


async def dictionary(datasette: Any, request: Any) -> Any:
    """Tables and columns, rows of the forms, checks, kinds of change: made from the schema itself."""
    language = language_of(request)
    html = await asyncio.to_thread(_dictionary, language)
    context = {"page": "data.dictionary", "body": html, "language": language}
    return await render(datasette, request, "reference.html", context, section="data")


async def accuracy(datasette: Any, request: Any) -> Any:
    """What the reader makes of documents with known figures, by carrier and table."""
    language = language_of(request)
    html = await asyncio.to_thread(_accuracy, language)
    context = {"page": "data.accuracy", "body": html, "language": language}
    return await render(datasette, request, "reference.html", context, section="data")


ROUTES = ((r"^/data/dictionary$", dictionary), (r"^/data/accuracy$", accuracy))
