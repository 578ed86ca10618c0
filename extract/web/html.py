"""Web pages → `Document`: the report's own lines and grids, found on the portal's page around it.

The container is recognised by the publishing families' names, else by the report's own words, else by where the running text
is; trafilatura is asked only where none of these finds one, and then the page can't be compared with later ones
(`container` is `None`). `where` is an XPath: `(//p)[12]` for a line, of the cell for a cell (see `page_grid`).
"""

from __future__ import annotations

import codecs
import json
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from lxml import etree

from extract.document.clean import squeeze, to_its_end, without_tags
from extract.document.detect import HTML, decode_text, page_charset
from extract.document.limits import Budget, check_size
from extract.errors import DocumentTooLarge, UnreadableDocument
from extract.lexicon.page_parts import NO_TEXT
from extract.lexicon.report_marks import count_markers
from extract.lexicon.resolve import Base
from extract.messages import localizable
from extract.model import Block, Document, Grid, Limits, Line, Link
from extract.web.blocks import PageWalk
from extract.web.container import Found, find_container, shown_beside, visible_text
from extract.web.drawn import PageDrawing, PageView, may_differ
from extract.web.elements import imply_bodies, string_of
from extract.web.grid import hidden_elements
from extract.web.links import absolute, page_links
from extract.web.metadata import bare_date, meta_tags, page_titles, printed_information
from extract.web.overlaid import laid_over
from extract.web.scripts import with_written
from extract.web.styles import Styles, style_sheets
from extract.web.unread import unread_parts

if TYPE_CHECKING:
    from lxml.etree import _Element

#: A page with more elements than this is no report; the largest report pages have some ten thousand.
MAX_ELEMENTS = 400_000
#: Markup left after embedded pictures are taken out.
MAX_MARKUP = 24 * 1024 * 1024
#: The parser compares each attribute of a tag with all others: a tag with a million would keep it busy for minutes.
_SPANS = re.compile(r"\b(?:col|row)span\s*+=\s*+[\"']?\s*+\d++[\"']?", re.IGNORECASE)
_LONGEST_TAG = 100_000
_ENDLESS_TAG = re.compile(rf"<[^<>]{{{_LONGEST_TAG}}}")
_EMBEDDED = re.compile(r"data:(?!text/css)[\w/+.-]{0,40};base64,[A-Za-z0-9+/=\s]+")
_ESCAPED_DETAIL = re.compile(r"""["']?content["']?\s*:\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""")
# Without it in the lower-case markup nothing is hidden; patterns with a fixed beginning are searched many times faster.
_MAY_HIDE = (
    re.compile(r"display\s*:\s*none"),
    re.compile(r"hidden(?=[\s>=/;!\"'])|collapse"),
    re.compile(r"font-size\s*:\s*0|<dialog|popover"),
)
_OWN_VARIABLE = re.compile(r"\bstyle\s*=\s*(?:\"[^\"<>]*|'[^'<>]*|[^\s\"'<>=]*)(?<![-\w])--[-\w]+\s*:")
_SHOWS_FILE = re.compile(r"<(?:iframe|embed|object|img|a)\b", re.IGNORECASE)
_DOCTYPE = re.compile(r"<!doctype\s([^>]*)>")
_NEAR = 3
#: Labels that a report prints once.
_ONCE_A_REPORT = ("本年新收", "结转下年", "复议后起诉")
_TWICE = 2
_DATED = ("发布日期", "发布时间", "日期", "时间")


def read(data: bytes, limits: Limits, url: str | None = None) -> Document:
    """Read a web page.

    Raises:
        DocumentTooLarge: Too many bytes, elements, levels of nesting or cells.
        UnreadableDocument: There is no element in it.
    """
    check_size(data, limits)
    return read_markup(decode_text(data), limits, url=url and Base(url, page_charset(data)))


def read_markup(
    markup: str,
    limits: Limits,
    *,
    url: str | None = None,
    media_type: str = HTML,
    prefix: str = "",
    whole: bool = False,
    sheets: Sequence[str] = (),
) -> Document:
    """Read decoded markup; `whole` says that it is the report's own (a field of a JSON answer), without a page around.

    `sheets` are style sheets that the page links to and that came with it.
    """
    budget = Budget(limits)
    root = parse(markup.replace("--!>", "-->"), limits)
    body = _body_of(root)
    metadata = meta_tags(root)
    base = _base(root, url)
    detail = _gkmlpt_detail(root) if not whole and "_CONFIG" in markup else None
    lowered = with_written(root, markup.lower())
    sheets = _all_sheets(root, sheets)
    etree.strip_elements(root, *NO_TEXT, with_tail=False)
    view = _page_view(body, lowered, sheets, budget, quirks=not whole and _is_quirky(lowered))
    found = Found(body, "whole") if whole else find_container(body, view.hidden)
    if detail is not None and (found is None or _says_less(found.element, detail)):
        inner = read_markup(detail, limits, url=base, prefix="_CONFIG.DETAIL.content: ", whole=True)
        return _with_page(inner, metadata, root, body, base, "_CONFIG.DETAIL.content", media_type)
    start = found.element if found is not None else body
    view = view._replace(overlaid=laid_over(body, start, view, lowered))
    walk = _walked(root, prefix, budget, view, start)
    information = walk.metadata if whole else _information(walk.metadata, body, found, budget)
    return Document(
        media_type=media_type,
        blocks=tuple(walk.blocks) if found is not None else _main_text(markup, tuple(walk.blocks)),
        titles=page_titles(root, metadata),
        metadata={**information, **metadata},
        links=_links(body, start, base),
        container=found.name if found is not None else None,
        warnings=tuple(_warnings(walk, found)),
        unread=unread_parts(start, view),
        further=_further(root, budget, view, found, lowered, media_type),
    )


def _all_sheets(root: _Element, linked: Sequence[str]) -> list[str]:
    """The page's own style sheets and those that came with it; for their selectors the tree gets the elements that browsers add."""
    sheets = [*style_sheets(root), *linked]
    if sheets:
        imply_bodies(root)
    return sheets


def _body_of(root: _Element) -> _Element:
    body = root.find("body") if root.tag == "html" else root
    return root if body is None else body


def _further(
    root: _Element, budget: Budget, view: PageView, found: Found | None, lowered: str, media_type: str
) -> tuple[Document, ...]:
    """What a page shows of a report beside its container: another one, or the same again in other words or figures."""
    if found is None or all(lowered.count(label) < _TWICE for label in _ONCE_A_REPORT):
        return ()
    walk = PageWalk(root, "", budget, view)
    for element in shown_beside(_body_of(root), found, view.hidden):
        walk.run(element)
    return (Document(media_type=media_type, blocks=tuple(walk.blocks), container=found.name),) if walk.blocks else ()


def _information(own: Mapping[str, str], body: _Element, found: Found | None, budget: Budget) -> dict[str, str]:
    """Labels and values: what the report says itself, then what is printed beside it, a bare date, the tables above it."""
    information = dict(own)
    _complete(information, printed_information(body, found.element if found is not None else None))
    if found is not None and not any(label in information for label in _DATED):
        dated = bare_date(body, found.element)
        if dated is not None:
            information["发布日期"] = dated
    _complete(information, _information_tables(body, found, budget))
    return information


def _complete(information: dict[str, str], further: Mapping[str, str]) -> None:
    """Add the labels that are not there yet."""
    for label, value in further.items():
        information.setdefault(label, value)


def _warnings(walk: PageWalk, found: Found | None) -> Iterator[str]:
    """What a reader should know of how the page was read."""
    if walk.left_out:
        yield localizable(f"{walk.left_out} rows or tables with figures are hidden on the page and were left out")
    if found is None:
        yield localizable("the report could not be told from the page around it: its text may hold parts of the page")


def _page_view(body: _Element, lowered: str, sheets: Sequence[str], budget: Budget, *, quirks: bool) -> PageView:
    """What of the page is shown. Pages that can't hide anything, or draw anything otherwise, cost a look at their markup."""
    drawing = PageDrawing(Styles(sheets, budget, quirks=quirks)) if may_differ(lowered) else None
    if drawing is not None and "var(" in lowered and _OWN_VARIABLE.search(lowered):
        drawing.styles.scope_variables()
    unhides = drawing is not None and drawing.styles.unhides
    hidden = hidden_elements(body, unhides=unhides) if _may_hide(lowered) else frozenset()
    if drawing is not None:
        hidden |= frozenset(drawing.styles.hidden_by_sheet(body))
    return PageView(hidden, drawing)


def _walked(root: _Element, prefix: str, budget: Budget, view: PageView, start: _Element) -> PageWalk:
    """A walk over what is shown; if that has no table, also over what the page hides, whose figures are then in doubt."""
    if view.drawing is not None:
        view.drawing.start_at(start)
    walk = PageWalk(root, prefix, budget, view)
    walk.run(start)
    if walk.left_out and not any(isinstance(block, Grid) for block in walk.blocks):
        walk = PageWalk(root, prefix, budget, view._replace(hidden=frozenset()))
        walk.run(start)
    return walk


def _is_quirky(lowered: str) -> bool:
    """Whether browsers show the page by their old rules: it has no document type, or one of before 1999."""
    found = _DOCTYPE.search(lowered, 0, 2000)
    return found is None or not (found.group(1).strip() == "html" or "http://" in found.group(1))


def _may_hide(lowered: str) -> bool:
    return any(pattern.search(lowered) for pattern in _MAY_HIDE)


def parse(markup: str, limits: Limits) -> _Element:
    """Markup → element tree, within the limits."""
    if ";base64," in markup:
        markup = _EMBEDDED.sub("data:,", markup)
    if len(markup) > min(MAX_MARKUP, limits.max_bytes):
        raise DocumentTooLarge(
            f"the page has {len(markup)} characters of markup; {MAX_MARKUP} are the most that are read"
        )
    if markup.count("<") > MAX_ELEMENTS:
        raise DocumentTooLarge(f"the page has more than {MAX_ELEMENTS} elements; no report is that large")
    if len(markup) > _LONGEST_TAG and _ENDLESS_TAG.search(markup):
        raise DocumentTooLarge(f"the page has a tag of more than {_LONGEST_TAG} characters; no report has one")
    markup = to_its_end(markup)
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    try:
        root = etree.fromstring(codecs.encode(markup.replace("\0", ""), "utf-8", "replace"), parser)
    except etree.XMLSyntaxError as error:
        if "depth" in str(error).lower():
            raise _too_deep() from error
        raise UnreadableDocument(f"the page has no content that can be read ({error}); save it again") from error
    if root is None:
        raise UnreadableDocument("the page has no element in it; save it again")
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log.filter_from_fatals()):
        raise _too_deep()
    return root


def _too_deep() -> DocumentTooLarge:
    return DocumentTooLarge(
        "the page's elements are nested deeper than 255 levels, or hold one text of more than 10 MB"
    )


def _base(root: _Element, url: str | None) -> str | None:
    for base in root.iter("base"):
        href = base.get("href")
        if href:
            base_url = absolute(href, url)
            return base_url and Base(base_url, getattr(url, "charset", "utf-8"))
    return url


def _says_less(container: _Element, detail: str) -> bool:
    """Whether the server-rendered container holds clearly less of the report than the script's copy of it."""
    plain = squeeze(without_tags(detail, ""))
    shown = len(visible_text(container))
    return shown < 0.6 * len(plain) or (not shown and _SHOWS_FILE.search(detail) is not None)


def _gkmlpt_detail(root: _Element) -> str | None:
    """The article as the gkmlpt platform also gives it: an escaped string in `window._CONFIG.DETAIL.content`."""
    for script in root.iter("script"):
        source = script.text
        if not source or "_CONFIG" not in source or "DETAIL" not in source:
            continue
        found = _ESCAPED_DETAIL.search(source, source.index("DETAIL"))
        if found is None:
            continue
        literal = found.group(1)
        if literal.startswith("'"):
            literal = '"' + literal[1:-1].replace("\\'", "'").replace('"', '\\"') + '"'
        try:
            content = json.loads(literal, strict=False)
        except ValueError:
            continue
        if isinstance(content, str) and content.strip():
            return content
    return None


def _with_page(
    inner: Document,
    metadata: dict[str, str],
    root: _Element,
    body: _Element,
    base: str | None,
    name: str,
    media_type: str,
) -> Document:
    """A document whose text came out of a script, with what the page around it says."""
    information = printed_information(body, None)
    links = dict.fromkeys((*inner.links, *(link for link in page_links(body, base) if link.is_attachment)))
    return Document(
        media_type=media_type,
        blocks=inner.blocks,
        titles=tuple(dict.fromkeys((*page_titles(root, metadata), *inner.titles))),
        metadata={**information, **inner.metadata, **metadata},
        links=tuple(links),
        container=name,
        warnings=inner.warnings,
        unread=inner.unread,
    )


def _information_tables(body: _Element, found: Found | None, budget: Budget) -> dict[str, str]:
    """The information table above the container, where templates put it."""
    if found is None:
        return {}
    information: dict[str, str] = {}
    for table in body.iter("table"):
        if any(ancestor is found.element for ancestor in table.iterancestors()) or table is found.element:
            continue
        if not 10 <= len(text := string_of(table)) <= 3000 or not ("索引号" in squeeze(text) or "发布" in text):
            continue
        walk = PageWalk(table, "", budget, PageView())
        walk.run(table)
        for label, value in walk.metadata.items():
            information.setdefault(label, value)
    return information


def _links(body: _Element, container: _Element, base: str | None) -> tuple[Link, ...]:
    """The container's links, then the files that hang beside it (the list of attachments below the article)."""
    links = list(page_links(container, base))
    known = {link.url for link in links}
    around = container
    for _ in range(_NEAR):
        parent = around.getparent()
        if parent is None or parent is body or parent.tag in ("body", "html"):
            break
        around = parent
    if around is not container:
        for link in page_links(around, base):
            if link.is_attachment and link.url not in known and not _is_picture(link.url):
                known.add(link.url)
                links.append(link)
    return tuple(links)


def _is_picture(url: str) -> bool:
    return re.search(r"\.(?:jpe?g|png|gif|bmp)$", url, re.IGNORECASE) is not None


def _main_text(markup: str, blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """The blocks that trafilatura takes for the page's main text, and every grid; all blocks if it finds none."""
    if count_markers(squeeze(markup[:200_000])) == 0 and len(blocks) < 5:
        return blocks
    import trafilatura

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # its troubles with odd pages are none of the user's
    # Grids are kept as they are; trafilatura would fill every position that a span covers with an element.
    text = trafilatura.extract(_SPANS.sub("", markup), include_tables=True, include_comments=False, favor_recall=True)
    if not text:
        return blocks
    main = squeeze(text)
    kept = tuple(block for block in blocks if not isinstance(block, Line) or squeeze(block.text) in main)
    return kept or blocks
