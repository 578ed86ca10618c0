"""What a page says of itself, in a few of its own words: for reasons that a person reads, when the page is not what was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.pages import markup
from extract.lexicon.addresses import join
from extract.messages import localizable

if TYPE_CHECKING:
    from collections.abc import Iterable

#: So many characters of a page's own text are quoted.
QUOTED = 80
#: A notice stands within so many bytes; no more of a page is parsed for a reason.
_HEAD_BYTES = 1 << 16
#: A notice that leads on has so few links; more are a menu.
_NOTICE_LINKS = 3


def page_says(content: bytes, url: str, headers: Iterable[tuple[str, str]] = ()) -> str:
    """The page's title and the beginning of its text outside links, and where a notice leads; empty for a page without words."""
    text = markup.decode(content[:_HEAD_BYTES], tuple(headers))
    title = markup.title_of(text)
    seen = markup.visible_text(text, with_links=False) or markup.visible_text(text)
    words = [title[:QUOTED], seen[:QUOTED] + ("…" if len(seen) > QUOTED else "")]
    said = " – ".join(dict.fromkeys(word for word in words if word))
    if not said:
        return ""
    return f"the page says: {said}" + _leads_to(text, url)


def _leads_to(text: str, url: str) -> str:
    root = markup.parse(text)
    hrefs = [str(href) for href in root.xpath("//a/@href")] if root is not None else []
    places = dict.fromkeys(place for href in hrefs if (place := join(url, href)) is not None and place != url)
    return localizable(f" (it leads to {', '.join(places)})") if 0 < len(places) <= _NOTICE_LINKS else ""
