"""Rows that name a report and lead nowhere: no link, or one whose address nobody can ask for. Each is a row of the list all the same."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from crawler.lists.anchors import anchors_of
from crawler.lists.marks import Mark, quote_of
from crawler.lists.rows import block_of, is_within_chrome
from crawler.pages.markup import text_of
from extract.lexicon.titles import Judgement, judge_title, normalise

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence, Set

    from archive.warc.context import Entry
    from crawler.pages.markup import Element
    from crawler.pages.script_requests import ScriptCall

_ROWS = frozenset({"li", "tr", "dd", "dt", "p", "div", "a", "span", "article", "section"})
#: A row has a title and a few words beside it; the longest titles have some eighty characters.
_MOST_TEXT = 200
_MOST_ROWS = 2_000


def rows_without_address(
    root: Element, base: str, rows: Collection[Entry], calls: Sequence[ScriptCall] = ()
) -> Iterator[Mark]:
    """Marks for what stands among the rows, or as a link anywhere in the page's own part, names a report and has no address."""
    urls, titles = {row.url for row in rows}, {normalise(row.title) for row in rows}
    every = anchors_of(root, base, calls)
    known = {anchor.element for anchor in every if anchor.url in urls}
    blocks = dict.fromkeys(block for element in known if (block := block_of(element)) is not None)
    for block in blocks:
        yield from (
            Mark("row", quote_of(child)) for child in islice(block, _MOST_ROWS) if _is_left_out(child, known, titles)
        )
    yield from _elsewhere(root, {anchor.element for anchor in every}, blocks)


def _elsewhere(root: Element, usable: Set[Element], blocks: Collection[Element]) -> Iterator[Mark]:
    """Links without an address outside of the rows' own elements."""
    for link in islice(root.iter("a"), _MOST_ROWS):
        if link not in usable and _is_row_elsewhere(link, blocks):
            yield Mark("row", quote_of(link))


def _is_row_elsewhere(link: Element, blocks: Collection[Element]) -> bool:
    """Whether a link outside of the rows' own elements, and of the site's frame, names a report."""
    is_in_block = any(one in blocks for one in islice(link.iterancestors(), 8))
    return not is_in_block and _names_report(link) and not is_within_chrome(link)


def _is_left_out(child: Element, known: Set[Element], titles: Set[str]) -> bool:
    """Whether something among the rows names a report and neither holds a row that is read nor is what names one."""
    if child.tag not in _ROWS or not _names_report(child) or any(one in known for one in child.iter()):
        return False
    said = normalise(text_of(child))
    return not any(title in said for title in titles)


def _names_report(element: Element) -> bool:
    text = text_of(element)
    if not text or len(text) > _MOST_TEXT:
        return False
    title = judge_title(text)
    return title.judgement is Judgement.ACCEPT and title.year is not None
