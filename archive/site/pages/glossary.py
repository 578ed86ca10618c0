"""Terms in both languages, with an address each."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any

from archive.site.i18n import language_of
from archive.site.view import render


@cache
def terms() -> dict[str, list[str]]:
    """Term and meaning in both languages by anchor; the data is `glossary.toml`."""
    found: dict[str, list[str]] = tomllib.loads(
        resources.files("archive.site").joinpath("glossary.toml").read_text("utf-8")
    )
    return found


async def glossary(datasette: Any, request: Any) -> Any:
    """All terms."""
    is_zh = language_of(request) == "zh"
    shown = [
        (code, zh if is_zh else en, "" if is_zh else zh, in_zh if is_zh else in_en)
        for code, (zh, en, in_zh, in_en) in terms().items()
    ]
    return await render(datasette, request, "glossary.html", {"terms": shown}, section="data")


ROUTES = ((r"^/glossary$", glossary),)
