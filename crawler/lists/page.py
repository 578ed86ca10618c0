"""One page of a list in HTML, read once: its rows, what marks further pages, and the ways to the next one. Values only, no tree is kept."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from crawler.lists import pager
from crawler.lists.anchors import called_names
from crawler.lists.beside import Near, beside, beside_marks, unscripted_marks
from crawler.lists.choices import ShownRows
from crawler.lists.counts import (
    header_counts,
    meta_counts,
    near_counts,
    option_texts,
    script_marks,
    scroll_marks,
    styled_marks,
    text_marks,
)
from crawler.lists.drawn import Said, drawn_places, unfilled_marks
from crawler.lists.further import further_lists, left_links, off_site_marks
from crawler.lists.marks import (
    Control,
    Mark,
    Scene,
    attribute_marks,
    find_controls,
    form_marks,
    is_elsewhere,
    is_within_row,
    option_marks,
)
from crawler.lists.nowhere import rows_without_address
from crawler.lists.reader import SubList
from crawler.lists.rows import is_within_chrome, list_rows, row_elements, rows_with_files, sub_lists
from crawler.lists.sources import Around, Sources, note_writes, sources_of, unread_languages
from crawler.lists.stated import stated_marks
from crawler.lists.styled import styled_words
from crawler.lists.vocabulary import vocabulary
from crawler.lists.ways import SERVICE, Way, WayFinder
from crawler.pages import markup
from crawler.pages.exchange import NextRequest
from crawler.pages.script import Script, read_scripts
from crawler.pages.script_kinds import is_data
from crawler.pages.script_requests import ScriptCall
from crawler.pages.script_values import HOLE_BEGIN
from crawler.pages.script_writes import read_writes
from extract.lexicon.addresses import canonical, is_counter, join, same_host, same_site, slug_rank
from extract.lexicon.titles import label_rank
from extract.messages import localizable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence, Set

    from archive.warc.context import Entry
    from crawler.pages.exchange import PageBytes
    from crawler.pages.markup import Element
    from crawler.pages.script_writes import Writes
    from extract.model import Link

_MOST_WRITTEN, _MOST_PIECES = 20, 2_000
#: What a server should have put in: Apache's `#include` and its kin, sent as they are written.
_NOT_INCLUDED = re.compile(r"<!--\s{0,3}#\s?include[^>]{1,80}>", re.IGNORECASE)
_NEXT_LINK = re.compile(
    r"<([^<>\s]{1,500})>\s{0,3};[^,<>]{0,100}?\brel\s{0,3}=\s{0,3}\"?[\w ]{0,40}?\bnext\b", re.IGNORECASE
)
_COMMENT = re.compile(r"<!--([^<>]{1,300})-->")
_MOST_HANDLERS = 200
_EMPTY_LIST = re.compile(
    r"暂无(?:相关)?(?:信息|数据|内容|记录)|没有(?:相关|找到)?(?:信息|数据|记录)|无相关(?:信息|数据)|共\s*0\s*[条篇]"
)


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of a list.

    Attributes:
        url: Its address.
        title: Its `<title>` without numbers: further pages have the same.
        rows: Its rows, in order.
        lists: Further lists that it leads to; only of a first page.
        marks: What marks further pages.
        ways: Requests that may bring the next page, the surest first.
        services: Requests of its scripts that may bring rows.
        frames: Pages that stand inside it.
        scripts: Addresses of its own host's scripts, the likeliest first.
        says_empty: It says itself that it has no rows.
        places: Where a script draws pagers, on a page whose rows are drawn by scripts too.
        files: Files that stand beside its rows: (address of the row, file).
        sources: What else may bring rows, on a page without any; on others it is among the marks.
    """

    url: str
    title: str
    rows: tuple[Entry, ...]
    lists: tuple[SubList, ...] = ()
    marks: tuple[Mark, ...] = ()
    ways: tuple[Way, ...] = ()
    services: tuple[ScriptCall, ...] = ()
    frames: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    says_empty: bool = False
    places: tuple[Mark, ...] = ()
    files: tuple[tuple[str, Link], ...] = ()
    sources: tuple[Mark, ...] = ()


def read_list_page(
    text: str, page: PageBytes, *, number: int = 1, first: str = "", scripts: Sequence[str] = ()
) -> ListPage | None:
    """Read one page.

    Args:
        text: The page as text.
        page: The answer that it came with.
        number: Which page of the list it is.
        first: The address of the first page; by default the page is the first one.
        scripts: Texts of scripts that the page loads, as far as they were fetched.

    Returns:
        `None` if there is nothing in it.
    """
    root = markup.parse(text)
    if root is None:
        return None
    url = page.url
    base = markup.base_of(root, url)
    inline = _inline_scripts(root)
    sources = [*inline, *scripts]
    read = read_scripts(sources)
    calls = [call for script in read for call in script.calls]
    rows, files = rows_with_files(root, url, calls)
    rows = rows or _rows_written(read, url)
    scene = Scene(root, url, base, number, row_elements(root, base, rows, calls), has_scripts=_has_scripts(root))
    near = beside(scene)
    writes = _writes(scene, sources)
    controls = _controls(scene, text, near, read, Said("\n".join(sources), writes.filled))
    told = _next_by_header(page, base)
    marks = [control.mark for control in controls] + [*_marks_of_header(page, told, len(rows))]
    marks += [*rows_without_address(root, base, rows, calls), *_marks_of_words(scene, near, controls, text, len(rows))]
    marks += _marks_of_scripts(root, text, read, sources, len(rows))
    ways = _ways(WayFinder(scene, controls, read, sources, first or url, number + 1).find(), scene)
    brought = _brought(scene, rows, ways, read)
    if scene.rows:  # where scripts draw the list itself, what they ask for is judged by its answers
        note_writes(writes, brought)
    ways = (*(Way("link", NextRequest(target), is_given=True) for target in told), *ways)
    found = ListPage(
        url,
        title_of_list(text),
        rows,
        marks=_distinct(marks, text, ways),
        ways=ways,
        services=_services(read),
        frames=_frames(root, base, url),
        scripts=tuple(dict.fromkeys((*_own_scripts(root, base, url), *brought.scripts))),
        says_empty=says_empty(text),
        files=files,
    )
    found = _with_sources(found, brought)
    if number == 1:
        further = _further(scene, near, controls, brought if rows else Sources())
        found = replace(found, lists=_lists(scene, text, rows, ways, further))
    return found if scene.rows else _with_places(found, tuple(drawn_places(scene)))


def _brought(scene: Scene, rows: Sequence[Entry], ways: Sequence[Way], read: Sequence[Script]) -> Sources:
    """What else may bring rows of the list: scripts, what elements do, data."""
    known = {canonical(row.url) for row in rows} | {canonical(way.request.url) for way in ways}
    around = Around(scene.root, scene.url, scene.base, [row.title for row in rows], known)
    handlers = read_scripts(_handlers(scene.root, scene.rows))
    return sources_of(around, (*read, *handlers), _data_texts(scene.root))


def _writes(scene: Scene, sources: Sequence[str]) -> Writes:
    """What the page's scripts write into it."""
    named = [one for one in scene.root.iter() if isinstance(one.tag, str) and one.get("id")]
    ids = {one.get("id") or "" for one in named}
    apart = {one.get("id") or "" for one in named if is_elsewhere(one) or is_within_chrome(one)}
    return read_writes([*sources, *_handlers(scene.root, scene.rows), _called_by_links(scene.root)], ids, apart)


def _called_by_links(root: Element) -> str:
    """What `javascript:` links do, as one script."""
    hrefs = ((one.get("href") or "").strip() for one in islice(root.iter("a"), _MOST_PIECES))
    return "\n;\n".join(href.partition(":")[2] for href in hrefs if href[:11].lower() == "javascript:")


def _with_sources(found: ListPage, brought: Sources) -> ListPage:
    """A page with what else may bring rows: marks of its list, if it has one."""
    marks = tuple(dict.fromkeys(brought.marks))
    return replace(found, marks=(*found.marks, *marks)) if found.rows else replace(found, sources=marks)


def _marks_of_header(page: PageBytes, told: Sequence[str], rows: int) -> Iterator[Mark]:
    """What the head of an answer says of further rows."""
    yield from (Mark("next", f"Link: <{target}>; rel=next") for target in told)
    yield from header_counts(page.headers, rows)


def _with_places(found: ListPage, places: tuple[Mark, ...]) -> ListPage:
    """A page whose rows stand in no element: where scripts draw pagers is a mark, or kept for the rows that a service brings."""
    if not found.rows:
        return replace(found, places=places)
    return replace(found, marks=tuple(dict.fromkeys((*found.marks, *places))))


def _marks_of_words(scene: Scene, near: Near, controls: Sequence[Control], text: str, rows: int) -> Iterator[Mark]:
    """Marks that are no elements: counts and promises."""
    yield from off_site_marks(scene, near)
    yield from left_links(scene, near, {control.element for control in controls})
    yield from attribute_marks(scene)
    yield from text_marks(scene)
    yield from near_counts(scene, (*near.before, *near.after), rows)
    yield from stated_marks(scene, (*near.before, *near.after), rows, ShownRows(scene).years)
    yield from styled_marks(styled_words(scene.root), rows)
    yield from unfilled_marks(scene)
    yield from option_texts(scene)
    yield from meta_counts(scene, rows)
    yield from unscripted_marks(scene)
    yield from (Mark("place", included) for included in _NOT_INCLUDED.findall(text)[:1])


def _marks_of_scripts(
    root: Element, text: str, read: Sequence[Script], sources: Sequence[str], rows: int
) -> Iterator[Mark]:
    """What scripts, and data in the page, say of further rows."""
    yield from script_marks(read, sources, [*_all_scripts(root), *_COMMENT.findall(text)], rows).marks
    yield from scroll_marks(read, sources, _body_handlers(root))
    yield from unread_languages(root)


def _further(scene: Scene, near: Near, controls: Sequence[Control], brought: Sources) -> list[SubList]:
    """What may be a further list: what stands beside this one, and what scripts ask for."""
    loaded = (SubList(one, "", is_sure=False, is_maybe=True) for one in brought.asked)
    return [*further_lists(scene, near, {control.element for control in controls}), *loaded]


def _next_by_header(page: PageBytes, base: str) -> list[str]:
    """The address of the next page that the answer's `Link` header gives (RFC 8288)."""
    values = (value[:2_000] for name, value in page.headers if name.lower() == "link")
    written = (found.group(1) for value in values if (found := _NEXT_LINK.search(value)) is not None)
    targets = (join(base, address) for address in written)
    return [target for target in targets if target is not None and same_host(target, page.url)]


def _ways(found: Sequence[Way], scene: Scene) -> tuple[Way, ...]:
    """The ways without those that open a row's page: these lead to none of the list."""
    opened = {f"address in {name}()" for row in scene.rows for name in called_names(row)}
    return tuple(way for way in found if way.via not in opened)


def _lists(
    scene: Scene, text: str, rows: Sequence[Entry], ways: Sequence[Way], further: Sequence[SubList]
) -> tuple[SubList, ...]:
    """Further lists that the column's page leads to."""
    lists = sub_lists(scene.root, scene.url, is_report_column=is_report_column(text, scene.url))
    known = {canonical(sub.url) for sub in lists} | {canonical(row.url) for row in rows}
    known |= {canonical(way.request.url) for way in ways}
    return (*lists, *(one for one in further if canonical(one.url) not in known))


def _controls(scene: Scene, text: str, near: Near, scripts: Sequence[Script], said: Said) -> list[Control]:
    controls = [*find_controls(scene), *option_marks(scene), *form_marks(scene)]
    known = {control.element for control in controls}
    controls += [control for control in beside_marks(scene, near, said) if control.element not in known]
    for hidden in (*pager.hidden_pagers(scene.root, text), *_written_by_scripts(scripts)):
        inside = Scene(hidden, scene.url, scene.base, scene.number, frozenset(), has_scripts=True)
        controls += find_controls(inside)
    return controls


def _written_by_scripts(scripts: Sequence[Script]) -> list[Element]:
    """Markup of links that stands in a script as a text: what it writes into the page."""
    texts = dict.fromkeys(
        text for script in scripts for text in script.texts if "<a" in text and HOLE_BEGIN not in text
    )
    trees = (markup.parse(text) for text in islice(texts, _MOST_WRITTEN))
    return [tree for tree in trees if tree is not None]


def _rows_written(scripts: Sequence[Script], url: str) -> tuple[Entry, ...]:
    """Rows of a list that a script writes as markup: `document.write('<li><a href=…')`."""
    pieces = [text for script in scripts for text in script.texts if "<a" in text and HOLE_BEGIN not in text]
    tree = markup.parse("".join(pieces[:_MOST_PIECES])) if pieces else None
    return list_rows(tree, url) if tree is not None else ()


def _distinct(marks: Sequence[Mark], text: str, ways: Sequence[Way]) -> tuple[Mark, ...]:
    """Each mark once. A list that scrolls on by a script has a mark that is no element."""
    found: dict[tuple[str, int | None, str], Mark] = {}
    for mark in marks:
        found.setdefault((mark.kind, mark.number, mark.quote), mark)
    for way in ways:
        if way.via == SERVICE:
            quote = localizable(f"a script asks {way.request.method} {way.request.url}")
            found.setdefault(("service", None, "service"), Mark("service", quote))
        elif way.via.startswith(("address in", "form of a script", "plugin's address")) and not found:
            found.setdefault(("plugin", None, "address"), Mark("plugin", f"a script leads to {way.request.url}"))
    return tuple(found.values())


def title_of_list(text: str) -> str:
    """A page's title as the titles of a list's pages are compared: without numbers and without 第 … 页."""
    return re.sub(r"第?\s*\d+\s*页?|[\s\-_—|]+", "", markup.title_of(text))


def says_empty(text: str) -> bool:
    """Whether a list says itself that it has no rows: silence is no emptiness."""
    return _EMPTY_LIST.search(markup.visible_text(text)) is not None


def is_report_column(text: str, url: str) -> bool:
    """Whether the page says by name or address that it is a column of annual reports."""
    return slug_rank(url) is not None or is_named_column(text)


def is_named_column(text: str) -> bool:
    """Whether a page's name says that it is a column of annual reports."""
    names = (markup.meta_of(text, "ColumnName"), *re.split(r"[-_—|]", markup.title_of(text)))
    return any(label_rank(name) is not None for name in names if name)


def _inline_scripts(root: Element) -> list[str]:
    found = []
    for script in root.iter("script"):
        if script.text and not is_data(script):
            found.append(script.text)
    return found


def _all_scripts(root: Element) -> list[str]:
    return [script.text for script in root.iter("script") if script.text]


def _data_texts(root: Element) -> list[str]:
    """Scripts that are no programs but data."""
    scripts = (script for script in root.iter("script") if script.text)
    return [script.text or "" for script in scripts if is_data(script)]


def _body_handlers(root: Element) -> str:
    """What the page itself does when it is loaded, scrolled, touched."""
    body = next(iter(root.iter("body")), None)
    written = body.attrib.items() if body is not None else ()
    return ";".join(value for name, value in written if name.startswith("on"))


def _handlers(root: Element, rows: Set[Element]) -> list[str]:
    """What elements outside of the rows do when something happens, as one script."""
    outside = (one for one in root.iter() if isinstance(one.tag, str) and not is_within_row(one, rows))
    written = (value for one in outside for name, value in one.attrib.items() if name.startswith("on") and "(" in value)
    return ["\n;\n".join(islice(written, _MOST_HANDLERS))]


def _has_scripts(root: Element) -> bool:
    for script in root.iter("script"):
        if script.get("src") or (script.text and "json" not in (script.get("type") or "").lower()):
            return True
    return False


def _services(scripts: Sequence[Script]) -> tuple[ScriptCall, ...]:
    calls = (call for script in scripts for call in script.calls)
    return tuple(call for call in calls if call.kind not in ("location", "submit", "open"))


def _frames(root: Element, base: str, url: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for frame in root.iter("iframe", "frame"):
        target = join(base, frame.get("src") or "")
        if target is not None and same_host(target, url) and canonical(target) != canonical(url):
            found.setdefault(target)
    return tuple(found)[:3]


def _own_scripts(root: Element, base: str, url: str) -> tuple[str, ...]:
    """Scripts of the page's own host that may draw its list; libraries by name are never asked for."""
    patterns = vocabulary().script
    found: dict[str, bool] = {}
    for script in root.iter("script"):
        source = (script.get("src") or "").strip()
        target = join(base, source) if source and not _is_library_by_name(source) else None
        if target is not None and same_site(target, url) and not is_counter(target):
            name = target.partition("?")[0].rpartition("/")[2]
            found.setdefault(target, patterns["likely"].search(name) is not None)
    return tuple(sorted(found, key=lambda target: not found[target]))


def _is_library_by_name(source: str) -> bool:
    """Whether a script's address is that of a well-known library, which asks for nothing of its own."""
    return vocabulary().script["library"].search(source) is not None


def own_scripts_of(text: str, url: str) -> tuple[str, ...]:
    """Addresses of the scripts that a page loads from its own host, the likeliest first."""
    root = markup.parse(text)
    return _own_scripts(root, markup.base_of(root, url), url) if root is not None else ()
