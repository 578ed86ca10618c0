"""How a web page draws its cells: what their text inherits, and the reasons for which a figure isn't seen as it is stored.

Asked only for cells and short lines that may be figures. What an element inherits is remembered by its parent's, so that rows and
tables cost once; what is laid over a cell from outside of it is `overlaid`'s. Known limits: sheets that a page only links to, and scripts that name
no cell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from extract.document.colours import BLACK, WHITE, Colour, is_seen
from extract.document.drawn import APART, LEAST_SIZE, LONGEST_FIGURE, Look, Run, asks, has_digit, verdict
from extract.web.elements import SILENT, string_of
from extract.web.facts import PLAIN, Facts, aside
from extract.web.lengths import points

if TYPE_CHECKING:
    from lxml.etree import _Element

    from extract.web.styles import Styles

#: Without one of these in its lower-case markup a page draws every cell as it is stored.
_MARKS = (
    "style", "<sup", "<sub", "<s>", "<s ", "<strike", "<del", "<bdo", "<rt", "<font", "dir=", "color", "<input", "<textarea", "<select",
    "<meter", "<progress", "<img", "<svg", "<canvas", "<math", "<object", "<embed", "<iframe", "<video", "<audio", "<ol",
    "<hr", "<marquee", "<dialog", "<button", "type=1", 'type="1"', "type='1'", "background=", "link=", "data:text/css",
    "\u202b", "\u202e", "\u2067", "\u200f", "\u061c", "&rlm;", "&#8", "&#x2", "&#x6",
)  # fmt: skip
#: Digits are about half as wide as high; in a box that is narrower than this share of theirs, some are cut off.
_NARROWEST = 0.45
_LOWEST = 0.6
_LEAST_OPACITY = 0.15
_FIELDS = frozenset({"input", "button", "textarea", "select", "meter", "progress"})
_WITHOUT_TEXT = frozenset({"hidden", "checkbox", "radio", "image", "file"})
_PICTURES = frozenset({"img", "svg", "canvas", "object", "embed", "video", "audio", "iframe", "math"})
#: Smaller pictures, in points, keep cells apart.
_SPACER = 3.0


class Drawn(NamedTuple):
    """How text directly inside an element is drawn, with all that it inherits."""

    why: tuple[str, ...] = ()
    ink: Colour = BLACK
    fill: Colour | None = None
    paper: Colour = WHITE
    size: float = 12.0
    visible: bool = True
    opacity: float = 1.0
    place: tuple[object, ...] = ()
    width: float | None = None
    height: float | None = None
    always: tuple[str, ...] = ()

    def run(self, text: str) -> Run:
        """Characters that stand there."""
        why = self.always
        if self.width is not None or self.height is not None:
            longest = max(map(len, text.split()), default=0)
            if (self.width is not None and longest * _NARROWEST * self.size > self.width) or (
                self.height is not None and self.height < _LOWEST * self.size
            ):
                why = (*why, Look.HIDDEN.because("cut off by its box"))
        return Run(text, why, self.size, self.place or None)


_PAGE = Drawn()


def may_differ(lowered: str) -> bool:
    """Whether anything in a page's lower-case markup can make a cell look other than it is stored."""
    return any(mark in lowered for mark in _MARKS)


class PageView(NamedTuple):
    """What of a page is shown: the elements that are left out, how the others are drawn (`None`: as they are stored), and the tables and
    rows over whose figures something from elsewhere may be drawn, each with the reason."""

    hidden: Set[_Element] = frozenset()
    drawing: PageDrawing | None = None
    overlaid: Mapping[_Element, str] = MappingProxyType({})

    def look(self, cell: _Element, text: str, boxes: Set[_Element] = frozenset()) -> tuple[str, ...]:
        """Why a cell's figure isn't seen as it is stored."""
        return () if self.drawing is None else self.drawing.look(cell, text, self.hidden, boxes)


class PageDrawing:
    """How the elements of a page are drawn."""

    def __init__(self, styles: Styles) -> None:
        self.styles = styles
        self._drawn: dict[_Element, Drawn] = {}
        self._combined: dict[tuple[int, int], tuple[Drawn, Facts, Drawn]] = {}

    def drawn(self, element: _Element) -> Drawn:
        """How text directly inside an element is drawn."""
        known = self._drawn.get(element)
        if known is not None:
            return known
        chain = [element]
        for ancestor in element.iterancestors():
            if ancestor in self._drawn:
                break
            chain.append(ancestor)
        parent = chain[-1].getparent()
        drawn = _PAGE if parent is None else self._drawn[parent]
        for inner in reversed(chain):
            drawn = self._drawn[inner] = self._inherit(drawn, self.styles.facts(inner))
        return drawn

    def start_at(self, element: _Element) -> None:
        """Take an element for shown: templates keep a whole page hidden until a script runs."""
        drawn = self.drawn(element)
        self._drawn[element] = drawn._replace(
            why=(),
            visible=True,
            opacity=1.0,
            place=(),
            width=None,
            height=None,
            always=tuple(_always(Drawn(ink=drawn.ink, fill=drawn.fill, paper=drawn.paper, size=drawn.size))),
        )

    def _inherit(self, parent: Drawn, facts: Facts) -> Drawn:
        if facts is PLAIN:
            return parent
        key = (id(parent), id(facts))  # both are kept alive by the entry itself
        known = self._combined.get(key)
        if known is None:
            known = self._combined[key] = (parent, facts, _below(parent, facts))
        return known[2]

    def look(
        self, cell: _Element, text: str, hidden: Set[_Element], boxes: Set[_Element] = frozenset()
    ) -> tuple[str, ...]:
        """Why a cell's figure isn't seen as it is stored; `()` for an ordinary cell, and for a label."""
        if len(text) > LONGEST_FIGURE or (text and not asks(text)):
            return ()
        if not len(cell) and not self.styles.facts(cell).adds:
            return verdict((self.drawn(cell).run(cell.text or ""),)) if text else ()
        return verdict(self._runs(cell, hidden, boxes))

    def are_moved(self, row: _Element, cells: Sequence[_Element]) -> bool:
        """Whether cells of one row are moved against each other, out of the columns in which they stand in the markup."""
        return len({aside(self.styles.facts(cell)) for cell in cells}) > 1 or self.styles.facts(row).grows

    def flow(self, row: _Element, cells: Sequence[_Element]) -> tuple[str, ...]:
        """How a row and its cells leave the columns of their table, empty where they don't."""
        flows = (self.styles.facts(row).flow, *(self.styles.facts(cell).flow for cell in cells[:1]))
        return flows if any(flows) else ()

    def look_of_line(self, pieces: Sequence[tuple[_Element, str]], text: str) -> tuple[str, ...]:
        """The same for a line, given the pieces of its text with the elements that they stand in."""
        if len(text) > LONGEST_FIGURE or not asks(text):
            return ()
        return verdict(self.drawn(element).run(piece) for element, piece in pieces)

    def _runs(self, element: _Element, hidden: Set[_Element], boxes: Set[_Element]) -> Iterator[Run]:
        drawn = self.drawn(element)
        if element.text:
            yield drawn.run(element.text)
        facts = self.styles.facts(element)
        if facts.adds:
            yield Run("", facts.adds)
        for child in element:
            if isinstance(child.tag, str) and child not in hidden:
                is_apart = facts.spreads or self.styles.facts(child).apart
                if is_apart:
                    yield APART
                yield from self._inside(child, hidden, boxes)
                if is_apart:
                    yield APART
            if child.tail:
                yield drawn.run(child.tail)

    def _inside(self, child: _Element, hidden: Set[_Element], boxes: Set[_Element]) -> Iterator[Run]:
        tag = str(child.tag)
        if tag in _PICTURES:
            yield from _picture(child)
        elif tag in _FIELDS:
            yield from _field(child)
        elif tag not in SILENT and (tag != "table" or child in boxes):
            if tag == "ol":
                yield Run("", (Look.ADDED.because("the number of a list"),))
            facts = self.styles.facts(child)
            if facts.covers or (facts.lies and not string_of(child).strip()):
                yield Run("", (Look.COVERED.because("an element is laid over the text"),))
            yield from self._runs(child, hidden, boxes)


def _below(parent: Drawn, facts: Facts) -> Drawn:
    """What an element with these facts hands down to its text."""
    paper = parent.paper if facts.paper is None else facts.paper.over(parent.paper)
    size = parent.size
    if facts.size is not None:
        size = facts.size[0] * (parent.size if facts.size[1] else 1.0)
    drawn = Drawn(
        why=parent.why if not facts.why else tuple(dict.fromkeys((*parent.why, *facts.why))),
        ink=parent.ink if facts.ink is None else facts.ink,
        fill=parent.fill if facts.fill is None else facts.fill,
        paper=paper,
        size=size,
        visible=parent.visible if facts.visible is None else facts.visible,
        opacity=parent.opacity * facts.opacity,
        place=parent.place + facts.place,
        width=_narrower(parent.width, facts.width),
        height=_narrower(parent.height, facts.height),
    )
    return drawn._replace(always=tuple(_always(drawn)))


def _narrower(outer: float | None, inner: float | None) -> float | None:
    return inner if outer is None else outer if inner is None else min(outer, inner)


def _always(drawn: Drawn) -> Iterator[str]:
    """The reasons that hold for any text there."""
    yield from drawn.why
    if not drawn.visible:
        yield Look.HIDDEN.because("visibility")
    if drawn.size < LEAST_SIZE:
        yield Look.HIDDEN.because(f"{drawn.size:g} points high")
    if drawn.opacity < _LEAST_OPACITY:
        yield Look.HIDDEN.because("transparent")
    if not is_seen(drawn.ink if drawn.fill is None else drawn.fill, drawn.paper):
        yield Look.HIDDEN.because("colour equals background")


def _picture(element: _Element) -> Iterator[Run]:
    sizes = [points(element.get(side) or "") for side in ("width", "height")]
    if not any(size is not None and size <= _SPACER for size in sizes):
        yield Run("", (Look.PICTURE.because(f"<{element.tag!s}>"),))


def _field(element: _Element) -> Iterator[Run]:
    if element.tag == "button" and not has_digit(string_of(element)):
        return  # 复制, 打印
    if element.tag != "input":
        yield Run("", (Look.FIELD.because(f"<{element.tag!s}>"),))
        return
    value = (element.get("value") or element.get("placeholder") or "").strip()
    if value and (element.get("type") or "text").strip().lower() not in _WITHOUT_TEXT:
        yield Run("", (Look.FIELD.because(f"value {value[:20]!r}"),))
