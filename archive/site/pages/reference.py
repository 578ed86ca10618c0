"""The data dictionary and the accuracy statement, as the program that serves the site carries them."""

from __future__ import annotations

import asyncio
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from archive.site.i18n import Translator, language_of
from archive.site.markdown import to_html
from archive.site.view import render


@cache
def _dictionary(language: str) -> str:
    from archive.index.dictionary import render as dictionary

    return to_html(dictionary(language))


@cache
def _accuracy() -> str:
    """`docs/accuracy.md`: within the installed package, or beside the packages in a checkout."""
    packed = resources.files("archive.site").joinpath("docs", "accuracy.md")
    text = packed.read_text("utf-8") if packed.is_file() else (_docs() / "accuracy.md").read_text("utf-8")
    return to_html(text)


def _docs() -> Path:
    return Path(__file__).parents[3] / "docs"


async def dictionary(datasette: Any, request: Any) -> Any:
    """Tables and columns, rows of the forms, checks, kinds of change: made from the schema itself."""
    language = language_of(request)
    html = await asyncio.to_thread(_dictionary, language)
    context = {"page": "data.dictionary", "body": html, "language": language}
    return await render(datasette, request, "reference.html", context, section="data")


async def accuracy(datasette: Any, request: Any) -> Any:
    """What the reader makes of documents with known figures, by carrier and table."""
    html = await asyncio.to_thread(_accuracy)
    note = Translator(language_of(request))("data.accuracy_key")
    context = {"page": "data.accuracy", "body": html, "language": "en", "note": note}
    return await render(datasette, request, "reference.html", context, section="data")


ROUTES = ((r"^/data/dictionary$", dictionary), (r"^/data/accuracy$", accuracy))
