"""Which of the links in one row is the report's: [PDF], 附件, 打印, 图解 and 分享 beside a title are no rows of their own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from extract.lexicon.addresses import canonical, is_file, report_extensions
from extract.lexicon.titles import Judgement, judge_title, normalise
from extract.model import Link

if TYPE_CHECKING:
    from crawler.lists.anchors import Anchor
    from crawler.pages.markup import Element

_ENDING = re.compile(rf"\.(?:{'|'.join(report_extensions())}|zip|rar)\Z", re.IGNORECASE)
#: What a row may stand in where no list's or table's element holds it.
_WRAPPERS = frozenset({"p", "div", "td", "span", "h3", "h4", "h5", "h6"})
_MOST_IN_ROW = 12


def without_beside(
    anchors: Sequence[Anchor], row_of: Callable[[Element], Element]
) -> tuple[list[Anchor], tuple[tuple[str, Link], ...]]:
    """The links that are rows, in order, and the files that stand beside them: (address of the row, file).

    Args:
        row_of: The element that makes up the row of a link.
    """
    groups: dict[Element, list[Anchor]] = {}
    for anchor in anchors:
        row = anchor.row if anchor.row is not None else _row(anchor.element, row_of)
        groups.setdefault(row, []).append(anchor)
    beside = {id(anchor): main for group in groups.values() for anchor, main in _beside(group)}
    files = tuple(
        (beside[id(anchor)].url, Link(anchor.url, anchor.title, is_attachment=True))
        for anchor in anchors
        if id(anchor) in beside and is_file(anchor.url)
    )
    return [anchor for anchor in anchors if id(anchor) not in beside], files


def _beside(group: Sequence[Anchor]) -> Iterator[tuple[Anchor, Anchor]]:
    """The links of one row that stand beside the report's, each with that one."""
    main = _main(group) if 1 < len(group) <= _MOST_IN_ROW else None
    for anchor in group if main is not None else ():
        if main is None or anchor is main or canonical(anchor.url) == canonical(main.url):
            continue
        if not _names(anchor) or _stem(main.title) in _stem(anchor.title):
            yield anchor, main


def _row(element: Element, row_of: Callable[[Element], Element]) -> Element:
    row = row_of(element)
    parent = element.getparent()
    return parent if row is element and parent is not None and parent.tag in _WRAPPERS else row


def _names(anchor: Anchor) -> bool:
    """Whether a link names a report of its own."""
    title = judge_title(anchor.title)
    return title.judgement is not Judgement.UNSURE or (title.is_bare and title.year is not None)


def _stem(title: str) -> str:
    """A title without the ending of a file's name: one report as Word and PDF has one."""
    return _ENDING.sub("", normalise(title)).rstrip(".")


def _main(group: Sequence[Anchor]) -> Anchor | None:
    """The link that names the row's report, a page before a file; `None` if none does, or several name different ones."""
    named = [anchor for anchor in group if _names(anchor)]
    shortest = min((_stem(anchor.title) for anchor in named), key=len, default="")
    if not named or any(shortest not in _stem(anchor.title) for anchor in named):
        return None
    return min(named, key=lambda anchor: (is_file(anchor.url), len(anchor.title)))
