"""Reading the markup of portal pages: charset, tree, visible text, links; and addresses in a form that can be compared."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

import lxml.html
from lxml import etree

from crawler.pages import tags
from extract.document.clean import to_its_end, without_tags
from extract.document.detect import decode_text, page_charset
from extract.lexicon.addresses import join
from extract.lexicon.page_parts import NO_TEXT
from extract.lexicon.resolve import Base, resolve

if TYPE_CHECKING:
    from collections.abc import Iterator

Element = lxml.html.HtmlElement

_MAX_DEPTH_GUARD = 255
#: Real lists have some hundred links a page; a page of a million is meant to keep us busy.
MAX_LINKS = 20_000
_SPACE = re.compile(r"[\s\u00a0\u3000\u200b-\u200f\u2028\u2029\ufeff]+")
_META_NAME = re.compile(r"""\bname\s*+=\s*+["']?\s*+([\w.:-]+)""", re.IGNORECASE)
_META_CONTENT = re.compile(r"""\bcontent\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d+|#x[0-9a-f]+|[a-z]+);", re.IGNORECASE)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)


def charset_of(headers: tuple[tuple[str, str], ...]) -> str | None:
    """The charset that a `Content-Type` header declares."""
    for name, value in headers:
        if name.lower() == "content-type":
            found = _CHARSET.search(value)
            return found.group(1) if found else None
    return None


def decode(body: bytes, headers: tuple[tuple[str, str], ...] = ()) -> str:
    """The page as text: byte order mark, `<meta>`, header, UTF-8, GB18030, in this order."""
    return decode_text(body, charset_of(headers))


def base_address(url: str, body: bytes, headers: tuple[tuple[str, str], ...] = ()) -> Base:
    """The page's address with the charset in which its links are written."""
    return Base(url, page_charset(body, charset_of(headers)))


def parse(text: str) -> Element | None:
    """The tree of a page or fragment, `None` if there is nothing in it. Unclosed elements are mended as browsers do."""
    cleaned = to_its_end(text.replace("\x00", "")).strip()
    if cleaned.startswith("<?xml"):
        cleaned = cleaned.partition("?>")[2]
    if not cleaned:
        return None
    # No huge_tree: lxml's own bounds on depth and size keep a hostile page from costing more than a page.
    parser = lxml.html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        root = lxml.html.document_fromstring(cleaned.encode("utf-8", "surrogatepass"), parser=parser)
    except etree.XMLSyntaxError as error:
        if error.code == etree.ErrorTypes.ERR_NO_MEMORY:  # a page that can't be read is not one without content
            raise MemoryError from error
        return None
    except (etree.ParserError, ValueError):
        return None
    return root


def collapse(text: str) -> str:
    """White space of every kind, zero-width included, as single blanks; none at the ends."""
    return _SPACE.sub(" ", text).strip()


def text_of(element: Element) -> str:
    """The text inside an element without scripts and styles, white space collapsed."""
    parts: list[str] = []
    _collect(element, parts, 0)
    return collapse("".join(parts))


def _collect(element: Element, parts: list[str], depth: int) -> None:
    if element.tag in NO_TEXT or not isinstance(element.tag, str):
        return
    if element.text:
        parts.append(element.text)
    if depth < _MAX_DEPTH_GUARD:
        for child in element:
            _collect(child, parts, depth + 1)
            if child.tail:
                parts.append(child.tail)


def visible_text(markup: str, *, with_links: bool = True) -> str:
    """What a reader sees of a page, cheaply and without a tree; optionally without the text of links (menus, lists)."""
    bare = tags.without_comments(tags.without(markup, *NO_TEXT, to_end=True))
    bare = tags.without(bare, "title")
    if not with_links:
        bare = tags.without(bare, "a")
    return collapse(_ENTITY.sub(" ", without_tags(bare)))


def title_of(markup: str) -> str:
    """The text of `<title>`, empty without one."""
    found = next(tags.elements(markup, "title"), None)
    return collapse(_unescape(without_tags(found.content, ""))) if found else ""


def meta_of(markup: str, name: str) -> str:
    """The content of a `<meta name=…>` in any case and attribute order; `null`, `undefined` and blanks count as empty."""
    wanted = name.lower()
    for tag in tags.tags(markup, "meta"):
        named = _META_NAME.search(tag.attributes)
        if named and named.group(1).lower() == wanted:
            content = _META_CONTENT.search(tag.attributes)
            value = collapse(_unescape((content.group(1) or content.group(2) or "") if content else ""))
            if value and value.lower() not in ("null", "undefined"):
                return value
    return ""


def _unescape(text: str) -> str:
    import html

    return html.unescape(text)


def base_of(root: Element, url: str) -> str:
    """The address that relative links of the page refer to: `<base href>` where it stands, else the page's own."""
    for element in root.iter("base"):
        href = (element.get("href") or "").strip()
        if href:
            return Base(resolve(url, href) or url, getattr(url, "charset", "utf-8"))
    return url


def iter_links(root: Element, base: str) -> Iterator[tuple[Element, str]]:
    """Every `<a>` with an address, in document order; of more than `MAX_LINKS` the first ones."""
    for anchor in islice(root.iter("a"), MAX_LINKS):
        href = anchor.get("href")
        url = join(base, href) if href else None
        if url is not None:
            yield anchor, url
