"""The date that a list prints for a row. The question: which of a page's words belong to this link, and to no other?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from itertools import islice, takewhile
from typing import TYPE_CHECKING

from crawler.lists.anchors import DATED_END
from crawler.pages.markup import text_of
from extract.lexicon.dates import YEAR

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crawler.pages.markup import Element

_DATE = re.compile(rf"(?<!\d)({YEAR})(?:年|[-/.])(\d{{1,2}})(?:月|[-/.])(\d{{1,2}})(?!\d)")
_SPLIT = re.compile(r"(?:(?<!\s)\s++)?([-/.年月])\s*+")
_CELLS = ("td", "th", "div", "span", "dd", "p")
_TOLD = ("data-date", "data-time", "data-pubdate", "datetime")


def iso_date(printed: str) -> str | None:
    """The first printed date as ISO, `None` if it is no day of the calendar."""
    found = _found(printed)
    if found is None:
        return None
    try:
        return date(int(found.group(1)), int(found.group(2)), int(found.group(3))).isoformat()
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class _Shared:
    """What several links with several dates stand in: the links, each with its number, and the words between them (see `_parts`)."""

    around: Element
    numbers: dict[Element, int]
    parts: Sequence[str]


class RowDates:
    """The dates of the rows of one page. What many links share is read once: a list may be one paragraph of a thousand links."""

    def __init__(self) -> None:
        self._words: dict[Element, str] = {}
        self._shared: dict[Element, _Shared | None] = {}

    def words_of(self, element: Element) -> str:
        """The text of an element that is asked for by each of the links in it."""
        if element not in self._words:
            self._words[element] = text_of(element)
        return self._words[element]

    def beside(self, element: Element, row: Element) -> str | None:
        """The date printed beside a link, ISO; it may stand in any element, in brackets, or be split over lines.

        Args:
            element: The link.
            row: What makes up its row, as far as elements tell.
        """
        told = next((value for name in _TOLD if (value := element.get(name))), None)
        if told is not None:
            return iso_date(told)
        own = DATED_END.sub("", text_of(element))
        shared = self._shared_of(element, row)
        if shared is not None:
            return iso_date(_part_of(element, shared)) or iso_date(text_of(element)[len(own) :])
        whole = _words_of(row)
        rest = whole.replace(own, " ", 1) if own else whole
        return iso_date(rest) or (None if row is not element else iso_date(own))

    def _shared_of(self, element: Element, row: Element) -> _Shared | None:
        """The smallest element around a link that holds several links and several dates, or none: then not all of its words are this row's."""
        around = row if row is not element else element.getparent()
        if around is None or around.tag in ("body", "html", "ul", "ol", "table", "tbody"):
            return None
        if around not in self._shared:
            self._shared[around] = self._read(around)
        return self._shared[around]

    def _read(self, around: Element) -> _Shared | None:
        links = list(links_in(around))
        words = self.words_of(around)
        dates = len(_DATE.findall(_SPLIT.sub(r"\1", words)))
        if len({link.get("href") or link.get("onclick") for link in links}) < 2 or dates < 2:
            return None
        numbers = {link: number for number, link in enumerate(links)}
        return _Shared(around, numbers, _parts(words, [text_of(link) for link in links]))


def _found(printed: str) -> re.Match[str] | None:
    return _DATE.search(_SPLIT.sub(r"\1", printed))


def _words_of(row: Element) -> str:
    """The words of a row; what a list of terms says of a term belongs to it."""
    words = [text_of(row)]
    following = row.getnext() if row.tag == "dt" else None
    while following is not None and following.tag == "dd" and not count_links(following):
        words.append(text_of(following))
        following = following.getnext()
    return " ".join(words)


def _part_of(element: Element, shared: _Shared) -> str:
    """The words that belong to one of several links: those of its cell, else those up to the next link, or from the last one."""
    for cell in takewhile(lambda one: one is not shared.around, element.iterancestors()):
        if cell.tag in _CELLS and count_links(cell) == 1 and _found(text_of(cell)) is not None:
            return text_of(cell).replace(text_of(element), " ", 1)
    parts = shared.parts
    if element not in shared.numbers or not parts:
        return ""
    is_before = _found(parts[0]) is not None and _found(parts[-1]) is None
    return parts[shared.numbers[element] + (0 if is_before else 1)]


def links_in(around: Element) -> Iterator[Element]:
    """The links in an element that show words, in order."""
    return (link for link in around.iter("a") if text_of(link))


def count_links(around: Element) -> int:
    """How many links an element holds: none, one, or several (2)."""
    return len(list(islice(links_in(around), 2)))


def _parts(whole: str, links: Sequence[str]) -> list[str]:
    """What stands before the first link of a text, between each two, and behind the last; nothing if they are not found in it."""
    parts, start = [], 0
    for said in links:
        place = whole.find(said, start)
        if place < 0:
            return []
        parts.append(whole[start:place])
        start = place + len(said)
    return [*parts, whole[start:]]
