"""Links of a page, absolute, and which of them are files that belong to the report (field guide §11.4).

Counters are never among them: asking for one would falsify it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, unquote

from lxml import etree

from extract.document.clean import collapse
from extract.lexicon.addresses import is_counter, is_download, mentions_document, names_file, names_image, parts_of
from extract.lexicon.resolve import resolve
from extract.model import Link
from extract.web.elements import string_of

Element = Any  # lxml.etree._Element has no published type

_CARRYING = ("a", "iframe", "embed", "object", "frame", "img")
_ELSEWHERE = etree.XPath("descendant-or-self::*[@onclick or @data-value or @data-pdf or @data-file]")
_QUOTED = re.compile(r"""['"]([^'"]{4,500})['"]""")
_UNUSABLE = re.compile(r"\s*(?:javascript:|mailto:|tel:|data:|about:|#)", re.IGNORECASE)
_SOURCES = {"iframe": "src", "embed": "src", "object": "data", "frame": "src"}


def page_links(area: Element, base: str | None) -> Iterator[Link]:
    """Every link of an element in document order, each address once."""
    seen: set[str] = set()
    for element in (*area.iter(*_CARRYING), *(other for other in _ELSEWHERE(area) if other.tag not in _CARRYING)):
        for raw, text, surely in _targets(element):
            url = absolute(raw, base)
            if url is None or url in seen or is_counter(url):
                continue
            seen.add(url)
            yield Link(url, text, surely or is_file(url, element))


def absolute(raw: str, base: str | None) -> str | None:
    """An address joined to its base as browsers do; `None` for what is no address. Without a base it stays as written."""
    if not raw.strip() or _UNUSABLE.match(raw):
        return None
    if base is not None:
        return resolve(base, raw)
    url = re.sub(r"[\t\r\n]", "", raw).strip().partition("#")[0]
    return url if url and resolve("http://document.invalid/", url) is not None else None


def is_file(url: str, element: Element | None = None) -> bool:
    """Whether an address, or what its link says of itself, names a document or an image file."""
    parts = parts_of(url)
    if names_file(unquote(parts.path)) or is_download(url):
        return True
    if any(mentions_document(value) for values in parse_qs(parts.query).values() for value in values):
        return True
    if element is None or element.tag != "a":
        return False
    said = [element.get("title"), element.get("download"), element.get("alt"), string_of(element)]
    if element.get("appendix") == "true" or element.get("needdownload") == "true" or element.get("attachment-id"):
        return True
    return any(names_file(value) for value in said if value)


def _targets(element: Element) -> Iterator[tuple[str, str, bool]]:
    """Addresses that one element gives: raw address, its text, and whether it is surely a file."""
    yield from _of_data(element)
    if element.tag == "a":
        yield from _of_anchor(element)
    elif element.tag in _SOURCES:
        yield from _of_frame(element)
    elif element.tag == "img":
        yield from _of_picture(element)
    else:
        yield from (
            (quoted, _label(element), True) for quoted in _quoted(element, "onclick") if mentions_document(quoted)
        )


def _of_data(element: Element) -> Iterator[tuple[str, str, bool]]:
    """What an attribute for the page's script names: a viewer's or a player's document."""
    for attribute in ("data-value", "data-pdf", "data-file"):
        value = element.get(attribute)
        if value and mentions_document(value):
            yield value, _label(element), True


def _of_anchor(element: Element) -> Iterator[tuple[str, str, bool]]:
    """An anchor's address, or the files that it opens by script if it has none."""
    href = element.get("href")
    if href and not _UNUSABLE.match(href):
        viewed = _viewed(href)
        yield (viewed, _label(element), True) if viewed else (href, _label(element), False)
        return
    for quoted in (*_quoted(element, "href"), *_quoted(element, "onclick")):
        if mentions_document(quoted) or is_download(quoted):
            yield quoted, _label(element), True


def _of_frame(element: Element) -> Iterator[tuple[str, str, bool]]:
    """The document that a frame or an embedded object shows, itself or by a viewer."""
    source = element.get(_SOURCES[element.tag])
    viewed = _viewed(source) if source else None
    if source and (viewed or mentions_document(source)):
        yield viewed or source, _label(element), True


def _of_picture(element: Element) -> Iterator[tuple[str, str, bool]]:
    source = element.get("src")
    if source and names_image(parts_of(source).path):
        yield source, collapse(element.get("alt") or element.get("title") or ""), True


def _quoted(element: Element, attribute: str) -> list[str]:
    """The quoted words of a script in an attribute."""
    return _QUOTED.findall(element.get(attribute) or "")


def _viewed(address: str) -> str | None:
    """The file that a viewer page shows: `viewer.html?file=/a.pdf`."""
    if "file=" not in address.lower() and "url=" not in address.lower():
        return None
    try:
        query = parse_qs(parts_of(address).query)
    except ValueError:
        return None
    for name, values in query.items():
        if name.lower() in ("file", "url", "pdfurl", "fileurl", "src") and mentions_document(values[0]):
            return values[0]
    return None


def _label(element: Element) -> str:
    shown = collapse(string_of(element))
    said = element.get("download") or element.get("title") or element.get("alt") or ""
    if said and names_file(said) and not names_file(shown):
        return collapse(said)
    return shown or collapse(said)
