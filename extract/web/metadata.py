"""What a page says of itself: meta tags of the government website standard, titles, and the line of date and source."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from extract.document.clean import collapse, squeeze
from extract.lexicon.dates import YEAR
from extract.lexicon.furniture import BARE_DATE, info_pairs, information_label
from extract.lexicon.titles import is_report_title
from extract.web.elements import string_of

Element = Any  # lxml.etree._Element has no published type

#: Names of the standard as written there; pages write them in any case.
_NAMES = {
    name.lower(): name
    for name in [
        "SiteName",
        "SiteDomain",
        "SiteIDCode",
        "ColumnName",
        "ColumnDescription",
        "ColumnKeywords",
        "ColumnType",
        "ArticleTitle",
        "PubDate",
        "ContentSource",
        "Keywords",
        "Author",
        "Description",
        "Image",
        "Url",
    ]
}
_EMPTY = frozenset({"", "null", "undefined", "none", "nan", "无", "-"})
_DATED = etree.XPath(
    "descendant::text()[not(parent::a)][contains(., '日期') or contains(., '时间') or contains(., '来源') "
    "or (contains(., '索') and contains(., '号')) or (contains(., '机') and (contains(., '构') or contains(., '关'))) or contains(., '单位') "
    "or contains(., '公开主体')]"
)
_NAMING = etree.XPath("descendant::text()[not(parent::a)][contains(., '信息公开') or contains(., '政务公开')]")
_TITLE_LEVELS = 3
_LONGEST_LINE = 200
_TITLE_CLASS = re.compile(r"title|tit(?:\b|_)|\bbt\b|biaoti|heading", re.IGNORECASE)
_DATE = re.compile(rf"{YEAR}\s*[-./年]\s*\d{{1,2}}\s*[-./月]\s*\d{{1,2}}")
_TITLE_TAGS = frozenset({"h1", "h2", "ucaptitle"})
_LABEL_CELLS = frozenset({"td", "th", "dt"})
_VALUE_CELLS = frozenset({"td", "dd"})
_LIST = frozenset({"li", "ul", "ol", "a", "option", "select"})
_TIME_CLASS = re.compile(r"date|time|pub|info|source|laiyuan|riqi", re.IGNORECASE)


def meta_tags(root: Element) -> dict[str, str]:
    """Meta tags with a value, standard names in the standard's spelling; `null` and its kind count as empty."""
    found: dict[str, str] = {}
    for meta in root.iter("meta"):
        name = meta.get("name") or meta.get("property")
        value = collapse(meta.get("content") or "")
        if not name or value.lower() in _EMPTY:
            continue
        name = name.strip()
        standard = _NAMES.get(name.lower())
        if standard is not None:
            found.setdefault(standard, value)
    return found


def page_titles(root: Element, metadata: dict[str, str]) -> tuple[str, ...]:
    """What may be the document's title, the likeliest first: printed titles, `ArticleTitle`, `<title>`."""
    printed: list[str] = []
    for text in _NAMING(root):
        if len(text) > 120:
            continue
        element = text.getparent()
        for _ in range(_TITLE_LEVELS):
            if element is None:
                break
            names = f"{element.get('class') or ''} {element.get('id') or ''}"
            if element.tag in _TITLE_TAGS or _TITLE_CLASS.search(names):
                whole = collapse(string_of(element))
                if 4 <= len(whole) <= 120 and is_report_title(squeeze(whole)) and not _is_listed(element):
                    printed.append(whole)
                break
            element = element.getparent()
    heads = [collapse(string_of(title)) for title in root.iter("title")][:1]
    article = [metadata["ArticleTitle"]] if "ArticleTitle" in metadata else []
    first = [collapse(string_of(heading)) for heading in root.iter("h1")]
    order = [*printed, *article, *(text for text in first if len(text) <= 120), *heads]
    return tuple(dict.fromkeys(text for text in order if text and text.lower() not in _EMPTY))


def _is_listed(element: Element) -> bool:
    """Whether the element stands in a list or links elsewhere: the title of another document."""
    if element.tag in _LIST or element.find(".//a") is not None:
        return True
    return any(ancestor.tag in _LIST for ancestor in element.iterancestors())


def printed_information(body: Element, container: Element | None) -> dict[str, str]:
    """Labels and values of the lines of date and source that stand outside the container."""
    found: dict[str, str] = {}
    for text in _DATED(body):
        owner = text.getparent()
        if text.is_tail:
            owner = owner.getparent()
        if owner is None or len(text) > _LONGEST_LINE or owner.tag in ("script", "style", "title", "a", "option"):
            continue
        chain = [owner, *owner.iterancestors()]
        if container is not None and any(ancestor is container for ancestor in chain):
            continue
        for label, value in _pairs_at(chain, text):
            found.setdefault(label, value)
    return found


def _pairs_at(chain: list[Element], text: str) -> Iterator[tuple[str, str]]:
    """Labels with their values where a label stands: in the cell beside it, in the text itself, in its line."""
    for pairs in (_labelled_beside(chain, text), info_pairs(collapse(text)), info_pairs(_line_of(chain))):
        yield from ((label, value) for label, value in (pairs or {}).items() if value)


def _labelled_beside(chain: list[Element], text: str) -> dict[str, str]:
    """The label that a text is and what stands beside it, in the next cell of a table or item of a definition list."""
    label = information_label(text)
    cell = next((element for element in chain[:_TITLE_LEVELS] if element.tag in _LABEL_CELLS), None)
    if label is None or cell is None or information_label(string_of(cell)) != label:
        return {}
    beside = next((other for other in cell.itersiblings() if isinstance(other.tag, str)), None)
    value = _short_text(beside) if beside is not None and beside.tag in _VALUE_CELLS else None
    return {label: value} if value and information_label(value) is None else {}


def _line_of(chain: list[Element]) -> str:
    """The text of the smallest element that shows more than a label."""
    line = ""
    for element in chain[:3]:
        wider = _short_text(element)
        if wider is None:
            break
        line = wider
        if _DATE.search(line):
            break
    return line


def _short_text(element: Element) -> str | None:
    """An element's text if it is a line's, `None` if it is longer; a long one is not read to its end."""
    parts: list[str] = []
    size = 0
    for text in element.itertext():
        parts.append(text)
        size += len(text.strip())
        if size > _LONGEST_LINE:
            return None
    whole = collapse(" ".join(parts))
    return whole if len(whole) <= _LONGEST_LINE else None


def bare_date(body: Element, container: Element) -> str | None:
    """A date without a label, alone in its element or in one that its class calls a date, between the page's title and the container."""
    after_title = False
    for element in body.iter():
        if element is container:
            return None
        if not isinstance(element.tag, str):
            continue
        if element.tag in ("h1", "h2", "ucaptitle") or re.search(
            r"title|bt\b|tit\b", element.get("class") or "", re.IGNORECASE
        ):
            text = collapse(string_of(element))
            if len(text) <= 120 and is_report_title(squeeze(text)):
                after_title = True
                found = _DATE.search(text)
                if found is not None:
                    return found.group(0)
        elif after_title and element.tag not in _LIST:
            if _TIME_CLASS.search(element.get("class") or ""):
                text = collapse(string_of(element))
                found = _DATE.match(text)
                if len(text) <= 60 and found is not None:
                    return found.group(0)
            elif _is_bare_date(element):
                return collapse(element.text).strip("[]【】()（） ")
    return None


def _is_bare_date(element: Element) -> bool:
    """Whether an element shows a date and nothing else, and stands in no list of other documents."""
    text = element.text or ""
    if (
        len(text) > 60
        or len(element)
        or BARE_DATE.fullmatch(collapse(text).replace("[ ", "[").replace(" ]", "]")) is None
    ):
        return False
    return not any(ancestor.tag in _LIST for ancestor in element.iterancestors())
