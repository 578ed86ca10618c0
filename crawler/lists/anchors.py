"""Links of a page that may be rows: in whatever element they stand, by whatever attribute or function they open their page."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from crawler.pages import markup
from crawler.pages.markup import collapse, text_of
from crawler.pages.script_values import fill, holes_of
from extract.lexicon.addresses import is_file, join, report_extensions
from extract.lexicon.dates import YEAR, years_in
from extract.lexicon.organs import is_organ
from extract.lexicon.titles import Judgement, is_year_label, judge_title, normalise

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence, Set

    from crawler.pages.markup import Element
    from crawler.pages.script_requests import ScriptCall

_OPENED = rf"s?html?|{'|'.join(report_extensions())}"
_ONCLICK_URL = re.compile(
    rf"""['"]((?:https?:)?//[^'"\s]+|\.{{0,2}}/[\w./-]*(?:\?[^'"\s]*)?|[^'"\s()/][^'"\s()]*\.(?:{_OPENED}))['"]"""
)
DATED_END = re.compile(
    rf"(?<!\s)\s*+[\[(（【]?\s*+{YEAR}\s*[-/.年]\s*\d{{1,2}}\s*[-/.月]\s*\d{{1,2}}\s*日?\s*[\])）】]?\s*\Z"
)
_CALLED = re.compile(r"\A\s*+(?:javascript:)?\s*+(?:return\s++)?([\w.$]++)\s*+\(([^()]{0,200})\)", re.IGNORECASE)
#: Elements besides links that may open a row's page.
_CARRIERS = ("a", "area", "option", "li", "tr", "td", "dd", "div", "p", "span", "button", "input")
_ADDRESSES = ("onclick", "data-href", "data-url", "data-link")
_TITLES = ("alt", "title", "data-title", "data-name", "value")
_MOST_TITLE = 160
_ROW_DEPTH, _MOST_ROW = 4, 400
#: What a link says that opens the report of its row.
_OPENS = re.compile(
    r"查看|浏览|阅读|详[情细]|全文|正文|附表|附件|下载|点击|打开|预览|网页|版\Z|word|pdf|excel|doc|wps|ofd|html",
    re.IGNORECASE,
)
_AROUND = " \t()（）[]【】:：|｜、，,·•"
_MOST_CELLS = 200


@dataclass(frozen=True, slots=True)
class Anchor:
    """A link of a page that may be a row; `row` is what names it, if that isn't the link itself."""

    element: Element
    url: str
    title: str
    row: Element | None = None


def effective_url(element: Element, base: str) -> str | None:
    """The address of a link: its `href`, or the one that its `onclick` opens (rows and pagers without `href` exist)."""
    href = (element.get("href") or "").strip()
    url = join(base, href) if href else None
    if url is not None:
        return url
    for attribute in (
        element.get("onclick") or "",
        href if href.lower().startswith("javascript:") else "",
        element.get("data-href") or "",
    ):
        found = _ONCLICK_URL.search(attribute) or (
            re.fullmatch(r"\s*(\S+)\s*", attribute) if attribute and "(" not in attribute else None
        )
        if found:
            return join(base, found.group(1))
    return None


def title_of_link(element: Element) -> str:
    """The full title: lists cut the visible text and keep the whole in `title`."""
    shown = text_of(element)
    given = markup.collapse(element.get("title") or "")
    if not given:
        image = next(iter(element.iter("img")), None)
        return shown or (markup.collapse(image.get("alt") or "") if image is not None else "")
    return given if _is_cut_of(shown, given) else shown


def _is_cut_of(shown: str, given: str) -> bool:
    """Whether the words on a link are the beginning of its full title, or say less of a report than that."""
    bare_shown, bare_given = normalise(shown), normalise(given)
    if not bare_shown or bare_shown in bare_given:
        return True
    start = re.sub(r"(?:(?<!\.)\.{2,}+|(?<!…)…++)\Z", "", bare_shown)
    is_named = judge_title(given).judgement is Judgement.ACCEPT
    if start != bare_shown and (is_named or bare_given.startswith(start)):
        return True
    return is_named and judge_title(shown).judgement is not Judgement.ACCEPT


def anchors_of(root: Element, base: str, calls: Sequence[ScriptCall] = ()) -> list[Anchor]:
    """Every link of a page that leads to a page or file, with its title; of other elements those that name a report.

    Args:
        calls: Requests of the page's scripts, for links that call a function.
    """
    opening = [call for call in calls if call.kind in ("location", "open") and call.function and call.url]
    found = []
    for element in root.iter(*_CARRIERS):
        anchor = _link(element, base, opening) if element.tag == "a" else _carrier(element, base, opening)
        if anchor is not None:
            found.append(anchor)
    return found


def _link(element: Element, base: str, calls: Sequence[ScriptCall]) -> Anchor | None:
    url = effective_url(element, base)
    if url is None and calls:
        url = _opened_by_call(element, base, calls)
    if url is None:
        return None
    whole = title_of_link(element)
    title = DATED_END.sub("", whole) or whole
    return Anchor(element, url, title) if title else None


def _carrier(element: Element, base: str, calls: Sequence[ScriptCall]) -> Anchor | None:
    """A row that is no link itself: `<li onclick="open('/nb/1.html')">`, `<tr data-url>`, an option, an area."""
    attribute = {"option": "value", "area": "href"}.get(str(element.tag))
    value = element.get(attribute) if attribute is not None else next(filter(None, map(element.get, _ADDRESSES)), None)
    if not value:
        return None
    title = _title_in(element)
    if not title or element.find(".//a[@href]") is not None:
        return None
    is_plain = attribute is not None or value != element.get("onclick")
    url = join(base, value) if is_plain and re.search(r"[/.?]", value) else None
    url = url or effective_url(element, base) or _opened_by_call(element, base, calls)
    return Anchor(element, url, title) if url is not None else None


def _title_in(element: Element) -> str:
    """The report that an element names, in a part of its own if it can be; empty if it names none."""
    said = (text_of(element), *(element.get(name) or "" for name in _TITLES))
    whole = next(filter(None, said), "")
    if len(whole) > _MOST_TITLE or judge_title(whole).judgement is not Judgement.ACCEPT:
        return ""
    parts = [text_of(part) for part in islice(element, _MOST_CELLS) if isinstance(part.tag, str)]
    named = (part for part in parts if judge_title(part).judgement is Judgement.ACCEPT)
    return DATED_END.sub("", next(named, whole))


def called_names(element: Element) -> list[str]:
    """The functions that pressing an element calls."""
    texts = (element.get("onclick") or "", element.get("href") or "")
    return [called.group(1).rpartition(".")[2] for text in texts if (called := _CALLED.match(text)) is not None]


def _opened_by_call(element: Element, base: str, calls: Sequence[ScriptCall]) -> str | None:
    """The page that a function of the page's scripts opens, called as the element calls it: `show('900')`."""
    for text in (element.get("onclick") or "", element.get("href") or ""):
        called = _CALLED.match(text)
        if called is None:
            continue
        name = called.group(1).rpartition(".")[2]
        given = [part.strip().strip("'\"") for part in called.group(2).split(",")]
        for call in calls:
            if call.function == name:
                url = fill(call.url, dict(zip(call.parameters, given, strict=False)))
                if isinstance(url, str) and not holes_of(url):
                    return join(base, url)
    return None


def with_title(anchor: Anchor) -> Anchor:
    """A link 查看 is named by the row that it stands in, or in a table of units and years by its row's and column's heads.

    One report is what one title names: the links Word and PDF behind it are two of its files.
    """
    own = judge_title(anchor.title)
    if own.judgement is not Judgement.UNSURE or own.year is not None:
        return _named_by_heads(anchor)
    return _named_by_row(anchor) or _named_by_term(anchor) or _named_by_heads(anchor)


def _named_by_row(anchor: Anchor) -> Anchor | None:
    for around in islice(anchor.element.iterancestors(), _ROW_DEPTH):
        links = _links_of_row(around)
        if links is None or not _is_one_report(anchor, links):
            break
        title = _title_beside(around, links) or (_title_in(around) if len(links) == 1 else "")
        if title:
            return replace(anchor, title=title, row=around)
    return None


def _is_one_report(anchor: Anchor, links: Sequence[Element]) -> bool:
    """Whether the links of a row may all be of the report that its words name, and this one opens it."""
    if any(_names_report(link) for link in links):
        return False
    return len({text_of(link) for link in links}) <= 1 or _opens_report(anchor)


def _links_of_row(around: Element) -> list[Element] | None:
    """The links in something that may be a row; `None` for what is larger."""
    if around.tag in ("body", "html", "table", "tbody", "ul", "ol", "dl"):
        return None
    length = 0
    for text in around.itertext():
        length += len(text.strip())
        if length > _MOST_ROW:
            return None
    return list(islice(around.iter("a"), _MOST_CELLS))


def _names_report(link: Element) -> bool:
    return judge_title(title_of_link(link)).judgement is Judgement.ACCEPT


def _opens_report(anchor: Anchor) -> bool:
    """Whether one of several links of a row opens its report: a file, or 查看, 下载, Word版."""
    return is_file(anchor.url) or _OPENS.search(anchor.title) is not None


def _title_beside(around: Element, links: Sequence[Element]) -> str:
    """The one report that the words of a row name outside of its links; empty if there is none, or more than one."""
    inside = {one for link in links for one in link.iter()}
    pieces = (DATED_END.sub("", collapse(piece)).strip(_AROUND) for piece in _words_outside(around, inside))
    named = {piece for piece in pieces if len(piece) > 5 and judge_title(piece).judgement is Judgement.ACCEPT}
    return named.pop() if len(named) == 1 else ""


def _words_outside(around: Element, inside: Set[Element]) -> Iterator[str]:
    """The words of a row, some elements left out, each text by itself."""
    yield around.text or ""
    for one in islice(around.iterdescendants(), _MOST_CELLS):
        if isinstance(one.tag, str) and one not in inside:
            yield one.text or ""
        yield one.tail or ""


def _named_by_term(anchor: Anchor) -> Anchor | None:
    """A link in what a list says of a term, `<dt>…年度报告</dt><dd><a>`, is named by the term."""
    told = next((one for one in islice(anchor.element.iterancestors(), _ROW_DEPTH) if one.tag == "dd"), None)
    term = told.getprevious() if told is not None else None
    while term is not None and term.tag == "dd":
        term = term.getprevious()
    if term is None or term.tag != "dt" or term.find(".//a") is not None or not _opens_report(anchor):
        return None
    title = _title_in(term)
    return replace(anchor, title=title, row=term) if title else None


def _named_by_heads(anchor: Anchor) -> Anchor:
    cell = next((one for one in islice(anchor.element.iterancestors(), 4) if one.tag in ("td", "th")), None)
    own = judge_title(anchor.title)
    if cell is None or own.judgement is Judgement.ACCEPT or own.agency is not None:
        return anchor
    title = _heads_of(cell, anchor.title)
    judged = judge_title(title)
    is_named = judged.is_bare and (judged.agency is not None or (judged.year is not None and _opens_report(anchor)))
    return replace(anchor, title=title, row=cell.getparent()) if is_named else anchor


def _heads_of(cell: Element, own: str) -> str:
    """The unit that a cell's row names and the year of its column, or of its own words; empty if one of them is not there."""
    row = cell.getparent()
    cells = list(islice(row, _MOST_CELLS)) if row is not None else []
    unit = next((text for one in cells if one is not cell and is_organ(text := text_of(one), "row")), "")
    beside = next((text for one in cells if one is not cell and is_year_label(text := text_of(one))), "")
    year = _first_year(own, _column_head(cell, cells), beside)
    return " ".join(filter(None, (unit, f"{year}年"))) if year and (unit or beside) else ""


def _first_year(*texts: str) -> int:
    return next((found[0] for text in texts if (found := years_in(text))), 0)


def _column_head(cell: Element, cells: Sequence[Element]) -> str:
    """The text of the first row's cell above a cell, by place; empty if the rows have different widths."""
    table = next((one for one in cell.iterancestors() if one.tag == "table"), None)
    first = next(iter(table.iter("tr")), None) if table is not None else None
    heads = list(islice(first, _MOST_CELLS)) if first is not None else []
    is_level = len(heads) == len(cells) and not any(one.get("colspan") for one in (*heads, *cells))
    return text_of(heads[list(cells).index(cell)]) if is_level and heads[0] not in cells else ""
