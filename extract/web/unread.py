"""What an article on a page shows and the page does not hold: frames, pictures that stand for themselves, embedded objects."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from typing import TYPE_CHECKING

from extract.lexicon.addresses import is_counter, mentions_document
from extract.model import UnreadKind, UnreadPart
from extract.web.elements import string_of

if TYPE_CHECKING:
    from lxml.etree import _Element

_FRAMES = {"iframe": "src", "frame": "src"}
_OBJECTS = {"embed": "src", "object": "data"}
#: A picture of less than this in either direction, by what the page declares, holds no table (CSS pixels).
_SMALLEST = 120
_INLINE = frozenset({"a", "span", "b", "strong", "font", "em", "i", "u", "img"})
_LENGTH = re.compile(r"\s*+(\d{1,5})(?:\.\d++)?\s*+(?:px)?\s*+\Z")
_STYLED = {
    side: re.compile(rf"(?:\A|[;\s]){side}\s*:\s*(\d{{1,5}})(?:\.\d+)?px", re.IGNORECASE)
    for side in ("width", "height")
}


def unread_parts(container: _Element, hidden: Set[_Element] = frozenset()) -> tuple[UnreadPart, ...]:
    """The parts of an article that are not in its markup. Files that it links or shows are among its links."""
    return tuple(dict.fromkeys(_parts(container, hidden)))


def _parts(container: _Element, hidden: Set[_Element]) -> Iterator[UnreadPart]:
    for element in container.iter(*_FRAMES, *_OBJECTS, "img"):
        if hidden and (element in hidden or any(ancestor in hidden for ancestor in element.iterancestors())):
            continue
        if _is_small(element):
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
