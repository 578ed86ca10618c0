"""What a `<script>` is, by its type: a program, data that the page's scripts may read, or in a language that nothing here reads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crawler.pages.markup import Element

_JAVASCRIPT = re.compile(
    r"(?:(?:text|application)/)?(?:x-)?(?:javascript|ecmascript|jscript|livescript)[\d.]*(?:;.*)?|module|", re.I
)
#: Parts of the types of data and templates.
_DATA = (
    "json", "template", "xml", "html", "tmpl", "tpl", "mustache", "handlebars", "ejs", "plain", "ng", "shader", "map", "rules",
)  # fmt: skip
#: Parts of types that no browser runs: those, and some that hold neither rows nor what is made of them.
_NOT_RUN = (*_DATA, "templ", "x-", "glsl", "markdown", "css")


def is_data(script: Element) -> bool:
    """Whether a script is no program but data, or a template."""
    kind = (script.get("type") or "").lower()
    return any(word in kind for word in _DATA)


def unread_language(script: Element) -> str:
    """The language of a script that browsers may run and that isn't read here; empty for every other one."""
    kind = (script.get("type") or script.get("language") or "").strip().lower()
    is_known = _JAVASCRIPT.fullmatch(kind) is not None or any(word in kind for word in _NOT_RUN)
    return "" if is_known else kind
