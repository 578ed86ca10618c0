"""What an article on a page shows and the page does not hold: frames, pictures that stand for themselves, embedded objects."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from typing import TYPE_CHECKING

from extract.document.clean import squeeze
from extract.document.drawn import has_digit
from extract.lexicon.addresses import is_counter, mentions_document
from extract.lexicon.page_parts import is_noise_name
from extract.lexicon.report_marks import count_markers
from extract.model import UnreadKind, UnreadPart
from extract.web.elements import string_of

if TYPE_CHECKING:
    from lxml.etree import _Element

    from extract.web.drawn import PageView

_FRAMES = {"iframe": "src", "frame": "src"}
_OBJECTS = {"embed": "src", "object": "data"}
#: A picture of less than this in either direction, by what the page declares, holds no table (CSS pixels).
_SMALLEST = 120
#: So many marks of the official forms make an article a report.
_A_REPORT = 2
_INLINE = frozenset({"a", "span", "b", "strong", "font", "em", "i", "u", "img"})
_LENGTH = re.compile(r"\s*+(\d{1,5})(?:\.\d++)?\s*+(?:px)?\s*+\Z")
_STYLED = {
    side: re.compile(rf"(?:\A|[;\s]){side}\s*:\s*(\d{{1,5}})(?:\.\d+)?px", re.IGNORECASE)
    for side in ("width", "height")
}


def unread_parts(container: _Element, view: PageView) -> tuple[UnreadPart, ...]:
    """The parts of an article that are not in its markup. Files that it links or shows are among its links."""
    parts = [*_parts(container, view.hidden), *_drawn_parts(container, view)]
    if count_markers(squeeze(string_of(container))) >= _A_REPORT:
        parts += [*_hidden_tables(container, view.hidden), *_unfilled(container, view.hidden)]
    return tuple(dict.fromkeys(parts))


def _is_hidden(element: _Element, hidden: Set[_Element]) -> bool:
    return bool(hidden) and (element in hidden or any(ancestor in hidden for ancestor in element.iterancestors()))


def _drawn_parts(container: _Element, view: PageView) -> Iterator[UnreadPart]:
    """Pictures that are no `<img>`: drawings, films, the grounds of empty boxes."""
    for element in container.iter("svg", "canvas", "video", "picture", "div", "p", "span"):
        tag = str(element.tag)
        if tag in ("div", "p", "span"):
            is_picture = not len(element) and not (element.text or "").strip() and _has_ground(element, view)
        else:
            is_picture = _is_drawing(element)
        if is_picture and not _is_hidden(element, view.hidden):
            yield UnreadPart(UnreadKind.PICTURE, f"<{tag}>")


def _is_drawing(element: _Element) -> bool:
    """Whether a drawing stands for itself and is large enough for a table. An `<svg>` that gives no size is an icon mostly."""
    if _is_small(element) or not _stands_alone(element):
        return False
    if element.tag == "picture":
        return element.find("img") is None
    return element.tag != "svg" or _sizes(element, {}) is not None


def _has_ground(element: _Element, view: PageView) -> bool:
    """Whether an empty box shows a picture as its ground, as large as a table is."""
    if view.drawing is None or not element.attrib:
        return False
    style = view.drawing.styles.style_of(element)
    return "url(" in style.get("background-image", "") and _sizes(element, style) is not None


def _sizes(element: _Element, style: Mapping[str, str]) -> tuple[float, ...] | None:
    """Width and height in pixels, if both are declared and no smaller than a table's."""
    found = [_LENGTH.match(style.get(side) or element.get(side) or "") for side in ("width", "height")]
    sizes = tuple(float(one.group(1)) for one in found if one is not None)
    return sizes if len(sizes) == len(found) and min(sizes) >= _SMALLEST else None


def _hidden_tables(container: _Element, hidden: Set[_Element]) -> Iterator[UnreadPart]:
    for table in container.iter("table") if hidden else ():
        if _is_hidden(table, hidden) and has_digit(text := squeeze(string_of(table))):
            yield UnreadPart(UnreadKind.HIDDEN, f"a table that the page does not show ({text[:40]}…)")


def _unfilled(container: _Element, hidden: Set[_Element]) -> Iterator[UnreadPart]:
    """Empty places with a name between paragraphs of the report: what a script puts there is not in the page."""
    for element in container.iter("div", "section"):
        name = element.get("id")
        if (
            name
            and not len(element)
            and _is_place(element)
            and _is_between(element, container)
            and not _is_hidden(element, hidden)
        ):
            yield UnreadPart(UnreadKind.UNFILLED, f"#{name[:60]}")


def _is_place(element: _Element) -> bool:
    return not (element.text or "").strip() and not is_noise_name(f"{element.get('id')} {element.get('class') or ''}")


def _is_between(element: _Element, container: _Element) -> bool:
    """Whether text of the article stands before and behind an empty element, or the boxes in which it stands alone."""
    box = element
    while (around := box.getparent()) is not None and box is not container and not string_of(around).strip():
        box = around
    if box is container:
        return False
    return all(any(string_of(one).strip() for one in box.itersiblings(preceding=way)) for way in (True, False))


def _parts(container: _Element, hidden: Set[_Element]) -> Iterator[UnreadPart]:
    for element in container.iter(*_FRAMES, *_OBJECTS, "img"):
        if _is_hidden(element, hidden) or _is_small(element):
            continue
        tag = str(element.tag)
        source = (element.get({**_FRAMES, **_OBJECTS}.get(tag, "src")) or "").strip()
        if tag == "img":
            if source and not is_counter(source) and _stands_alone(element):
                yield UnreadPart(UnreadKind.PICTURE, source[:200])
        elif (
            source
            and not source.startswith(("about:", "javascript:"))
            and not mentions_document(source)
            and not is_counter(source)
        ):
            kind = UnreadKind.FRAME if tag in _FRAMES else UnreadKind.EMBEDDED
            yield UnreadPart(kind, source[:200])


def _stands_alone(picture: _Element) -> bool:
    """Whether a picture has its paragraph for itself; one beside text or a link's words is an icon."""
    around = picture
    while around.tag in _INLINE:
        parent = around.getparent()
        if parent is None:
            break
        around = parent
    return not string_of(around).strip() or around.tag in ("body", "html", "div", "td")


def _is_small(element: _Element) -> bool:
    style = element.get("style") or ""
    for side in ("width", "height"):
        found = _LENGTH.match(element.get(side) or "") or _STYLED[side].search(style)
        if found is not None and int(found.group(1)) < _SMALLEST:
            return True
    return False
