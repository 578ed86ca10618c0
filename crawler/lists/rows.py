"""Rows of a list in HTML: which of a page's many links are the list, and what each row says.

The list block is found by its content, not by class names, because these differ from site to site: the blocks around links whose
titles name reports; on a page without such titles, the block with most dated links of articles.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from archive.warc.context import Entry
from crawler.lists.anchors import anchors_of, with_title
from crawler.lists.reader import SubList
from crawler.lists.row_dates import RowDates, count_links
from crawler.lists.row_links import without_beside
from crawler.lists.vocabulary import leads_through_pages
from crawler.pages import markup
from crawler.pages.markup import Element, text_of
from extract.lexicon.addresses import (
    canonical,
    is_article,
    is_column,
    is_file,
    is_numeric_directory,
    same_host,
)
from extract.lexicon.dates import YEAR
from extract.lexicon.organs import is_organ, names_unit_class
from extract.lexicon.page_parts import SITE_TAGS, is_chrome
from extract.lexicon.titles import Judgement, is_year_label, judge_title, label_rank, normalise

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from crawler.lists.anchors import Anchor
    from crawler.pages.script_requests import ScriptCall
    from extract.model import Link

_BESIDE_ROWS = re.compile(r"更多|more|返回.*|跳转|go", re.IGNORECASE)
#: Labels of what holds the years before.
_EARLIER = re.compile(r"年以前|年及以前|年之前|历年")
_YEAR_SLUG = re.compile(
    rf"(?:\A|[a-z_]){YEAR}(?:n|nb|nd|nian)?(?:_\d+)?\Z|\A\d{{2}}[a-z]{{2,8}}\Z|\A[a-z]{{2,8}}{YEAR}\Z"
)


#: Characters that a row has besides its title: number, agency, date, summary.
_BESIDE_TITLE = 120


def _row_of(element: Element) -> Element:
    """The element that makes up the row: the nearest `li`, `tr` …, as long as it holds but this link's row."""
    for ancestor in (element, *element.iterancestors()):
        if ancestor.tag in ("li", "tr", "dd", "dt"):
            return ancestor
        if ancestor.tag in ("ul", "ol", "table", "tbody", "body", "dl"):
            break
    row = element
    if element.tag != "a":  # a row that is no link itself holds none either
        parent = element.getparent()
        return parent if parent is not None and parent.tag == "p" else element
    for ancestor in element.iterancestors():
        if ancestor.tag in ("body", "html") or count_links(ancestor) == 2:
            break
        row = ancestor
    return row


def block_of(element: Element) -> Element | None:
    """The container of the row's siblings."""
    row = _row_of(element)
    return row.getparent()


def is_within_chrome(element: Element) -> bool:
    """Whether an element belongs to the site around the page's own content, by names."""
    for ancestor in [element, *element.iterancestors()]:
        if ancestor.tag in SITE_TAGS:
            return True
        marks = f"{ancestor.get('class') or ''} {ancestor.get('id') or ''}"
        if ancestor.tag not in ("body", "html") and is_chrome(marks, "list"):
            return True
    return False


def date_of_row(element: Element, dates: RowDates) -> str | None:
    """The date printed in the row beside its link, ISO; `dates` are those of its page."""
    row = _row_of(element)
    parent = element.getparent()
    if (
        row is element
        and parent is not None
        and parent.tag == "p"
        and len(dates.words_of(parent)) <= _BESIDE_TITLE + len(text_of(element))
    ):
        row = parent  # a title and the files beside it
    return dates.beside(element, row)


def list_rows(root: Element, page_url: str, calls: Sequence[ScriptCall] = ()) -> tuple[Entry, ...]:
    """The rows of the list on a page; see `rows_with_files`."""
    return rows_with_files(root, page_url, calls)[0]


def rows_with_files(
    root: Element, page_url: str, calls: Sequence[ScriptCall] = ()
) -> tuple[tuple[Entry, ...], tuple[tuple[str, Link], ...]]:
    """The rows of the list on a page, in document order, each address once, and the files beside them: (address of the row, file).

    Args:
        calls: Requests of the page's scripts: a link may open its page by one of their functions.
    """
    base = markup.base_of(root, page_url)
    found = [with_title(anchor) for anchor in anchors_of(root, base, calls)]
    anchors, files = without_beside([anchor for anchor in found if not _is_no_row(anchor.title)], _row_of)
    own, dates = canonical(page_url), RowDates()
    blocks = _blocks_of_reports(anchors)
    if not blocks:
        best = _most_dated_block(anchors, dates)
        blocks = [best] if best is not None else []
    rows = _rows_in(blocks, anchors, own, dates)
    urls = {row.url for row in rows}
    return rows, tuple(file for file in files if file[0] in urls)


def _blocks_of_reports(anchors: Iterable[Anchor]) -> list[Element]:
    """The containers of links whose titles name reports, in the page's order."""
    blocks: dict[Element, None] = {}
    for anchor in anchors:
        title = judge_title(anchor.title)
        named = title.judgement is Judgement.ACCEPT or (title.is_bare and title.year is not None)
        if named and not _is_list_address(anchor.url) and not is_within_chrome(anchor.element):
            block = block_of(anchor.element)
            if block is not None:
                blocks.setdefault(block)
    return list(blocks)


def _rows_in(blocks: Sequence[Element], anchors: Iterable[Anchor], own: str, dates: RowDates) -> tuple[Entry, ...]:
    """The rows in some blocks of the page at `own`."""
    rows: dict[str, Entry] = {}
    for anchor in anchors:
        block = block_of(anchor.element)
        if block is None or not any(block is known for known in blocks):
            continue
        key = canonical(anchor.url)
        if (
            key == own
            or _is_list_address(anchor.url)
            or _names_column(anchor, dates)
            or (key in rows and len(rows[key].title) >= len(anchor.title))
        ):
            continue
        rows[key] = Entry(url=anchor.url, title=anchor.title, date=date_of_row(anchor.element, dates))
    return tuple(rows.values())


def _names_column(anchor: Anchor, dates: RowDates) -> bool:
    """Whether a link bears a column's name, 政府信息公开年报, without year, date or the address of an article: 更多, not a report."""
    if judge_title(anchor.title).year is not None:
        return False
    own = text_of(anchor.element)
    is_label = any(label_rank(name) is not None for name in (anchor.title, anchor.title.replace(own, "")))
    return is_label and not _is_page(anchor.url) and date_of_row(anchor.element, dates) is None


def row_elements(
    root: Element, base: str, rows: Iterable[Entry], calls: Sequence[ScriptCall] = ()
) -> frozenset[Element]:
    """The elements that make up the rows: what stands in them belongs to a row, and not to the page around the list.

    A table that lays out the whole page is no row, although each link stands in a `tr` of it.
    """
    keys = {canonical(row.url) for row in rows}
    within: dict[Element, set[str]] = {}
    lengths: dict[Element, int] = {}
    found = set()
    for anchor in anchors_of(root, base, calls):
        key = canonical(anchor.url)
        if key in keys:
            found.add(anchor.element)
            for ancestor in islice(anchor.element.iterancestors("li", "tr", "dd", "dt"), 2):
                if ancestor not in lengths:
                    lengths[ancestor] = len(text_of(ancestor))
                is_row = lengths[ancestor] <= len(anchor.title) + _BESIDE_TITLE
                within.setdefault(ancestor, set()).update({key} if is_row else {key, ""})
    found.update(element for element, inside in within.items() if len(inside) == 1)
    return frozenset(found)


def _is_list_address(url: str) -> bool:
    return is_column(url) and not is_numeric_directory(url)


def _is_page(url: str) -> bool:
    """Whether an address is a row's, not a list's."""
    return is_article(url) or is_file(url) or is_numeric_directory(url)


def _most_dated_block(anchors: Iterable[Anchor], dates: RowDates) -> Element | None:
    counts: list[tuple[Element, int]] = []
    for anchor in anchors:
        shaped = is_article(anchor.url) or is_file(anchor.url)
        if not shaped or is_within_chrome(anchor.element):
            continue
        block = block_of(anchor.element)
        if block is None:
            continue
        weight = 2 if date_of_row(anchor.element, dates) else 0
        for position, (known, count) in enumerate(counts):
            if known is block:
                counts[position] = (known, count + weight)
                break
        else:
            counts.append((block, weight))
    best = max(counts, key=lambda item: item[1], default=None)
    return best[0] if best is not None and best[1] > 0 else None


def fragment_rows(markup_text: str, base: str) -> tuple[Entry, ...]:
    """The rows of a fragment that holds nothing but rows: one `record` of a data store, an answer of a list service."""
    root = markup.parse(markup_text)
    if root is None:
        return ()
    rows: dict[str, Entry] = {}
    dates = RowDates()
    found = (anchor for anchor in anchors_of(root, base) if not _is_no_row(anchor.title))
    for anchor in without_beside(list(found), _row_of)[0]:
        rows.setdefault(
            canonical(anchor.url), Entry(url=anchor.url, title=anchor.title, date=date_of_row(anchor.element, dates))
        )
    return tuple(rows.values())


def _is_no_row(title: str) -> bool:
    return leads_through_pages(title) or _BESIDE_ROWS.fullmatch(title) is not None


def _folder(url: str) -> str:
    path = canonical(url).partition("?")[0]
    return path.rpartition("/")[0] + "/"


def sub_lists(root: Element, page_url: str, *, is_report_column: bool) -> tuple[SubList, ...]:
    """Further lists that a column page leads to: years, classes of units, units (field guide §10.2).

    Args:
        root: The column page.
        page_url: Its address.
        is_report_column: The column is known to hold annual reports, so any folder below it may hold more of them.
    """
    base = markup.base_of(root, page_url)
    own = canonical(page_url)
    found: dict[str, SubList] = {}
    for anchor in anchors_of(root, base):
        key = canonical(anchor.url)
        if key == own or key in found or not same_host(anchor.url, page_url) or _is_page(anchor.url):
            continue
        kind = _list_behind(anchor, _folder(page_url), is_report_column=is_report_column)
        if kind is None and is_report_column and _is_unit_beside(anchor, _folder(page_url)):
            kind = False
        if kind is not None:
            found[key] = SubList(anchor.url, anchor.title, is_sure=kind)
    return tuple(found.values())


def _list_behind(anchor: Anchor, folder: str, *, is_report_column: bool) -> bool | None:
    """Whether a link to a list surely leads to reports; `None` if nothing says that it leads to any."""
    label = normalise(anchor.title)
    is_year = is_year_label(label)
    title = judge_title(label)
    if (_is_no_row(label) and not is_year) or title.judgement is Judgement.REJECT:
        return None
    is_folder = is_column(anchor.url)
    is_nested = _is_below(_folder(anchor.url), folder)
    is_own = is_report_column and is_folder and not is_within_chrome(anchor.element)
    is_named = label_rank(label) == 0
    is_report = title.judgement is Judgement.ACCEPT
    if (is_year and (is_nested or is_own)) or (is_report and is_folder):
        return True
    is_unit = is_named and is_report_column and is_folder and _block_mentions_units(anchor, label)
    if is_unit or (is_nested and _may_hold_reports(anchor, label, is_folder, is_report_column=is_report_column)):
        return is_year or is_named or is_report
    return None


def _is_unit_beside(anchor: Anchor, folder: str) -> bool:
    """Whether a link bears a unit's name and leads to a page beside or below the column's: in a tree of units, each has a list."""
    place = _folder(anchor.url)
    is_near = folder.count("/") > 1 and place.startswith(folder)
    return is_near and is_organ(normalise(anchor.title), "row") and not is_within_chrome(anchor.element)


def _is_below(inner: str, folder: str) -> bool:
    """Whether a folder lies within another that is not the site's whole."""
    return folder.count("/") > 1 and inner != folder and inner.startswith(folder)


def _may_hold_reports(anchor: Anchor, label: str, is_folder: bool, *, is_report_column: bool) -> bool:
    """Whether a folder below the column's may hold reports: by its place, its name, or the class of units that it is called."""
    if is_report_column:
        return is_folder or names_unit_class(label) or _EARLIER.search(label) is not None or is_organ(label, "row")
    slug = _folder(anchor.url).rstrip("/").rpartition("/")[2]
    return is_folder and _YEAR_SLUG.search(slug) is not None


def _block_mentions_units(anchor: Anchor, label: str) -> bool:
    """A link "某局政府信息公开年报" beside others like it is a unit's list; a lone 政府信息公开年报 is the menu's link to this page."""
    return judge_title(label).agency is not None or len(label) > 12
