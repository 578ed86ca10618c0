"""The project's own reference pages as HTML: Markdown by markdown-it-py, with what these pages need of tables, headings and links."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from html import escape
from typing import TYPE_CHECKING, Any

from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from markdown_it.renderer import RendererHTML
    from markdown_it.token import Token

#: Addresses that the site can lead to; others are pages of the documentation, which it does not show.
_LEADS = ("https://", "http://", "/", "#")


def to_html(text: str) -> str:
    """HTML of a page without its first heading and comments. Markup in it is escaped; only web and relative addresses become links.

    Headings have an `id`; a table stands in a region that scrolls, named after its heading, and its first column names its rows.
    """
    tokens = list(_with_row_names(_without_title(_markdown().parse(text))))
    return str(_markdown().renderer.render(tokens, _markdown().options, {}))


@cache
def _markdown() -> MarkdownIt:
    # Raw HTML is recognised, so that comments can be left out and all other is escaped.
    made = MarkdownIt("commonmark", {"html": True}).enable("table")
    for name, rule in (
        ("html_block", _raw), ("html_inline", _raw), ("heading_open", _heading), ("table_open", _table), ("table_close", _end_of_table),
    ):  # fmt: skip
        made.add_render_rule(name, rule)
    made.core.ruler.push("own_links", lambda state: _keep_leading_links(state.tokens))
    return made


def _without_title(tokens: Sequence[Token]) -> Iterator[Token]:
    """The tokens without headings of the first level: the site has its own."""
    is_title = False
    for token in tokens:
        is_title = is_title or (token.type == "heading_open" and token.tag == "h1")
        if not is_title:
            yield token
        is_title = is_title and token.type != "heading_close"


def _with_row_names(tokens: Iterator[Token]) -> Iterator[Token]:
    """The tokens with the first cell of each row as its head; columns of numbers have the site's class for them."""
    is_first = False
    for token in tokens:
        if token.attrs.pop("style", None) == "text-align:right":
            token.attrSet("class", "n")
        is_first = is_first or token.type == "tr_open"
        if token.type == "th_open":
            token.attrSet("scope", "col")
        elif is_first and token.type in ("td_open", "td_close"):
            token.tag = "th"
            if token.type == "td_open":
                token.attrSet("scope", "row")
        is_first = is_first and token.type not in ("td_close", "th_close")
        yield token


def _keep_leading_links(tokens: Sequence[Token]) -> None:
    """Take away the links that lead to nothing on the site; their words stay."""
    for token in tokens:
        if token.children is None:
            continue
        kept, is_within = [], False
        for child in token.children:
            if child.type == "link_open":
                is_within = not str(child.attrGet("href")).startswith(_LEADS)
            if child.type not in ("link_open", "link_close") or not is_within:
                kept.append(child)
        token.children = kept


def _raw(renderer: RendererHTML, tokens: Sequence[Token], number: int, options: Any, env: Any) -> str:
    text = tokens[number].content
    return "" if text.lstrip().startswith("<!--") else escape(text)


def _heading(renderer: RendererHTML, tokens: Sequence[Token], number: int, options: Any, env: Any) -> str:
    title = tokens[number + 1].content
    env["title"], env["tables"] = title, 0
    anchor = re.sub(r"[^\w]+", "-", title.lower()).strip("-")
    return f'<{tokens[number].tag} id="{escape(anchor)}">'


def _table(renderer: RendererHTML, tokens: Sequence[Token], number: int, options: Any, env: Any) -> str:
    env["tables"] = env.get("tables", 0) + 1
    title = env.get("title") or "table"
    label = f"{title} {env['tables']}" if env["tables"] > 1 else title  # each region that scrolls has a name of its own
    return f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(label)}"><table class="plain">\n'


def _end_of_table(renderer: RendererHTML, tokens: Sequence[Token], number: int, options: Any, env: Any) -> str:
    return "</table></div>\n"
