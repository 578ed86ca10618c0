"""The data dictionary and the accuracy statement, as the program that serves the site carries them."""

from __future__ import annotations

import asyncio
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from archive.site.markdown import to_html
from archive.site.view import render


@cache
def _dictionary() -> str:
    from archive.index.dictionary import render as dictionary

    return to_html(dictionary())


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
    html = await asyncio.to_thread(_dictionary)
    return await render(datasette, request, "reference.html", {"page": "data.dictionary", "body": html}, section="data")


async def accuracy(datasette: Any, request: Any) -> Any:
    """What the reader makes of documents with known figures, by carrier and table."""
    html = await asyncio.to_thread(_accuracy)
    return await render(datasette, request, "reference.html", {"page": "data.accuracy", "body": html}, section="data")


ROUTES = ((r"^/data/dictionary$", dictionary), (r"^/data/accuracy$", accuracy))
