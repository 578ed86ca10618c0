"""What the words beside a list state of it: the years that it holds, how many reports there are, how much of it has been shown.

The question is not which words these are but whether the rows bear them out: a year, a number or a share that the rows don't have keeps the
list open. Words about other things (visits, a law's date, when a duty began) state nothing of the list.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from crawler.lists.marks import Mark, is_within_row
from crawler.lists.vocabulary import label_of, vocabulary
from crawler.pages.markup import text_of
from extract.lexicon.dates import YEAR, han_number
from extract.lexicon.page_parts import NO_TEXT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence, Set

    from crawler.lists.marks import Scene
    from crawler.pages.markup import Element

_MOST_ELEMENTS = 200
_SENTENCE = 60
_MOST_COUNT = 5_000
_STOPS = re.compile(r"[。；;！!？?\n\r]")
_NO_WORDS = frozenset({*NO_TEXT, "option", "button"})
_YEAR = rf"(?<!\d)({YEAR})(?!\d)"
_DASH = r"(?:[-—–－~～]{1,2}|至|到)"
_RANGE = re.compile(rf"{_YEAR}年?度?{_DASH}(?:{_YEAR}|今)")
_SINCE = re.compile(rf"(?:自|从)?{_YEAR}年?度?(?:以来|以后|至今|起|开始)")
_LISTED = re.compile(
    rf"({_YEAR}年?度?(?:[、,，和及与/]+{_YEAR}年?度?)+)(?:的?政府信息公开)?(?:的?工作)?(?:年报|年度报告|报告)"
)
_NAMED = re.compile(rf"{_YEAR}年?度?的?(?:政府信息公开)?(?:工作)?(?:年报|年度报告|报告)(?:均|都|也)?(?:已|可|现|在此)")
_YEARS = re.compile(_YEAR)
_N = r"(\d{1,4}|[一二三四五六七八九十]{1,3})"
_HOLDINGS = re.compile(
    rf"(?<![\d第每前近新年月.:：/-]){_N}(?:个|家|件|份|篇|条|项|部|本|册|期)"
    rf"|(?:共计?|合计|总计|连续|收录|提供|累计)(?:了|有)?{_N}年"
)
_SHOWN_OF = re.compile(
    r"(?<![\d/／.-])(\d{1,4})[/／](\d{1,4})(?![\d/／.-])|\d[-–—~至到](\d{1,4})(?:条|份|篇|项)?(?:outof|of)(\d{1,5})"
)
_LEFT = re.compile(r"(?<!\d)[1-9]\d{0,4}(?:(?:items?|reports?)?(?:togo|remaining|left)\b|more(?:reports?|items?)?\Z)")
_PARTS = re.compile(rf"共{_N}(?:屏|批|组|卷|个?部分|版)")
_SHARE = re.compile(
    r"(?:浏览|阅读|加载|载入|显示|展示|读取|列出|看|read|loaded|viewed|shown)[^\d。，,；;%％]{0,6}(\d{1,3})(?:\.\d+)?[%％]"
    r"|(?:浏览|阅读|加载|载入|显示|展示|读取|列出|看)[^。，,；;]{0,6}(?:[一二三四五六七八九]分之[一二三四五六七八九]|一半|过半|半数)"
)


def stated_marks(scene: Scene, tops: Sequence[Element], rows: int, years: Set[int]) -> Iterator[Mark]:
    """Marks for what the words beside a list state and its rows don't bear out.

    Args:
        tops: What stands beside the rows.
        rows: How many there are.
        years: Those that the rows show.
    """
    for said in dict.fromkeys(_sentences(scene, tops)):
        for year in sorted(_years_stated(said) - years):
            yield Mark("years", said, year)
        yield from _numbers_stated(said, rows)
        if _is_part_shown(said):
            yield Mark("promise", said)


def _sentences(scene: Scene, tops: Sequence[Element]) -> Iterator[str]:
    """Short sentences beside the list and in the page's headings, as labels are compared."""
    headings = islice(scene.root.iter("h1", "h2", "h3", "h4", "h5", "h6"), _MOST_ELEMENTS)
    inside = (one for top in tops for one in islice(top.iter(), _MOST_ELEMENTS))
    for element in (*headings, *inside):
        if isinstance(element.tag, str) and element.tag not in _NO_WORDS and not _is_row(element, scene):
            for text in _texts_of(element):
                yield from _short_sentences(text)


def _is_row(element: Element, scene: Scene) -> bool:
    return element in scene.rows or is_within_row(element, scene.rows)


def _texts_of(element: Element) -> Iterator[str]:
    """An element's own words, and all of its words if they are few and none is a link."""
    yield "".join([element.text or "", *(child.tail or "" for child in element)])
    if len(element) and element.find(".//a") is None:
        every = text_of(element)
        if len(every) <= 2 * _SENTENCE:
            yield every


def _short_sentences(text: str) -> Iterator[str]:
    for sentence in _STOPS.split(text):
        said = label_of(sentence) if len(sentence) <= 2 * _SENTENCE else ""
        if 0 < len(said) <= _SENTENCE:
            yield said


def _years_stated(said: str) -> set[int]:
    """Years of which a sentence says that their reports are here."""
    words = vocabulary()
    if not words.speaks_of("reports", said) or words.speaks_of("duty", said):
        return set()
    found: set[int] = set()
    for ranged in _RANGE.finditer(said):
        found |= {int(year) for year in ranged.groups() if year}
    if words.speaks_of("holds", said):
        found |= {int(since.group(1)) for since in _SINCE.finditer(said)}
    for listed in _LISTED.finditer(said):
        found |= {int(year) for year in _YEARS.findall(listed.group(1))}
    return found | {int(named.group(1)) for named in _NAMED.finditer(said)}


def _numbers_stated(said: str, rows: int) -> Iterator[Mark]:
    """Numbers of reports, units or parts of which a sentence says that they are here, larger than what is shown."""
    words = vocabulary()
    if words.speaks_of("duty", said):
        return
    if words.speaks_of("reports", said) or words.speaks_of("holds", said):
        for found in _HOLDINGS.finditer(said):
            yield from _more_than(rows, found.group(1) or found.group(2), found.group(0))
    for found in _SHOWN_OF.finditer(said):
        shown, of = (found.group(1), found.group(2)) if found.group(1) else (found.group(3), found.group(4))
        if int(shown) == rows:
            yield from _more_than(rows, of, found.group(0))
    for found in _PARTS.finditer(said):
        if _number(found.group(1)) > 1:
            yield Mark("pages", found.group(0), _number(found.group(1)))


def _more_than(rows: int, written: str, quote: str) -> Iterator[Mark]:
    number = _number(written)
    if rows < number < _MOST_COUNT and not _YEARS.fullmatch(written):
        yield Mark("total", quote, number)


def _number(written: str) -> int:
    return int(written) if written.isascii() else han_number(written)


def _is_part_shown(said: str) -> bool:
    """Whether a sentence says that only a share of the list has been shown, or how much is left."""
    share = _SHARE.search(said)
    is_share = share is not None and (share.group(1) is None or int(share.group(1)) < 100)
    return is_share or _LEFT.search(said) is not None or _ELLIPSIS.fullmatch(said) is not None


#: The sign that something was left out, alone.
_ELLIPSIS = re.compile(r"[…⋯]{1,4}|[.．。·]{3,6}")
