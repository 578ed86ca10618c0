"""How an OFD page draws the characters of figures (GB/T 33190-2016, 8 to 11): colours, opacity, clips, and what lies over them.

Nothing is rendered here: what the page description leaves open (pictures, shadings, composite objects) is a doubt.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from extract.document.colours import BLACK, WHITE, Colour, is_seen
from extract.document.drawn import Look
from extract.document.joined import FIGURE_CHARACTERS
from extract.document.where import Box
from extract.layout.page import Char
from extract.messages import localizable

if TYPE_CHECKING:
    from lxml.etree import _Element

_WHOLE, _NUMBERS = 255.0, re.compile(r"#[0-9A-Fa-f]+|\d+(?:\.\d+)?")
#: A shape less opaque than this lets through what is below it.
_OPAQUE = 0.6
# How far from a cell's edges its rulings reach, and how far a character may stand out of its clip, in points.
_MARGIN, _SLACK = 2.6, 1.0
# More filled shapes than any report has; each is compared with each digit.
_MOST_SHAPES = 3000


class Ink(NamedTuple):
    """How an object is painted; `colour` is `None` if that can't be determined."""

    colour: Colour | None
    is_painted: bool = True


class _Fill(NamedTuple):
    order: int
    box: Box
    ink: Ink


class _Text(NamedTuple):
    """The characters from `first` on, drawn by one object."""

    first: int
    order: int
    ink: Ink
    clip: Box | None
    unclear: str


@dataclass(slots=True)
class OfdLook:
    """What was drawn on a page, in order. Boxes in points, as displayed."""

    page: Box
    fills: list[_Fill] = field(default_factory=list)
    others: list[Box] = field(default_factory=list)
    texts: list[_Text] = field(default_factory=list)
    slants: list[Box] = field(default_factory=list)
    ticks: list[Box] = field(default_factory=list)
    order: int = 0

    def begin_text(self, first: int, ink: Ink, clip: Box | None, unclear: str) -> None:
        """A text object begins, with its first character's number."""
        self.order += 1
        self.texts.append(_Text(first, self.order, ink, clip, unclear))

    def add_fill(self, box: Box, ink: Ink) -> None:
        """A filled shape."""
        self.order += 1
        self.fills.append(_Fill(self.order, box, ink))

    def solid(self) -> list[Box]:
        """The filled shapes that are seen on white paper."""
        return [
            fill.box for fill in self.fills if fill.ink.colour is None or is_seen(fill.ink.colour.over(WHITE), WHITE)
        ]

    def judged(self, chars: Sequence[Char]) -> Iterator[Char]:
        """The characters, those of figures with the reasons for which they may not be seen."""
        if len(self.fills) > _MOST_SHAPES:
            doubt = (Look.OTHERWISE.because("more shapes on the page than can be compared with it"),)
            yield from (char._replace(why=doubt) if char.text in FIGURE_CHARACTERS else char for char in chars)
            return
        ends = [*(text.first for text in self.texts[1:]), len(chars)]
        for text, end in zip(self.texts, ends, strict=True):
            for char in chars[text.first : end]:
                if char.text in FIGURE_CHARACTERS:
                    yield char._replace(why=tuple(dict.fromkeys(self._reasons(char, text))))
                else:
                    yield char

    def _reasons(self, char: Char, text: _Text) -> Iterator[str]:
        x, y = char.middle
        if text.unclear:
            yield Look.OTHERWISE.because(text.unclear)
        if not text.ink.is_painted:
            yield Look.HIDDEN.because("text drawn without ink")
        for outer, what in ((self.page, "outside the page"), (text.clip, "clipped")):
            if outer is not None and not _holds(outer, x, y):
                yield Look.HIDDEN.because(what)
        below = [fill for fill in self.fills if fill.order < text.order and _holds(fill.box, x, y)]
        ground = below[-1].ink.colour if below else WHITE
        if text.ink.colour is None or ground is None:
            yield Look.OTHERWISE.because("its colour can't be told")
        elif not is_seen(text.ink.colour, ground.over(WHITE)):
            yield Look.HIDDEN.because("colour equals background")
        for fill in self.fills:
            covers = fill.ink.colour is None or fill.ink.colour.alpha >= _OPAQUE
            if fill.order > text.order and covers and _meets(fill.box, char):
                yield Look.COVERED.because("a filled shape lies over it")

    def at(self, box: Box) -> tuple[str, ...]:
        """Why a cell shows something besides its text."""
        inner = Box(box.left + _MARGIN, box.top + _MARGIN, box.right - _MARGIN, box.bottom - _MARGIN)
        if any(_meets(other, inner) for other in self.others):
            return (Look.PICTURE.because("a picture or drawing lies there"),)
        return ()


def _holds(box: Box, x: float, y: float) -> bool:
    return box.left - _SLACK <= x <= box.right + _SLACK and box.top - _SLACK <= y <= box.bottom + _SLACK


def _meets(one: Box, other: Box | Char) -> bool:
    return one.left < other.right and other.left < one.right and one.top < other.bottom and other.top < one.bottom


class Painting:
    """Works out colours from an object's own elements, the draw parameters that it and its layer name."""

    def __init__(self, parameters: Mapping[str, _Element]) -> None:
        self._parameters = parameters

    def ink(self, node: _Element, layer: str | None, *, of_text: bool) -> Ink:
        """How an object's inside is painted: text is filled unless it says no, shapes only if they say so."""
        fills = node.get("Fill", "true" if of_text else "false") == "true"
        strokes = node.get("Stroke", "false" if of_text else "true") == "true"
        if not fills and not (of_text and strokes):
            return Ink(BLACK, is_painted=False)
        name = "FillColor" if fills else "StrokeColor"
        colour = self._colour(node, name, layer)
        alpha = _number(node.get("Alpha"), _WHOLE) / _WHOLE
        return Ink(colour.faded(alpha) if colour is not None else None)

    def _colour(self, node: _Element, name: str, layer: str | None) -> Colour | None:
        for source in (node, *self._chain(node.get("DrawParam")), *self._chain(layer)):
            if source is None:
                return None
            found = next((child for child in source if _name(child) == name), None)
            if found is not None:
                return _colour(found)
        return BLACK

    def _chain(self, number: str | None) -> Iterator[_Element | None]:
        """A draw parameter and those it is relative to; `None` for one that isn't there."""
        seen: set[str] = set()
        while number and number not in seen:
            seen.add(number)
            found = self._parameters.get(number)
            yield found
            number = found.get("Relative") if found is not None else None


def _name(node: _Element) -> str:
    tag = node.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _number(text: str | None, default: float) -> float:
    try:
        return float(text) if text else default
    except ValueError:
        return default


def _colour(node: _Element) -> Colour | None:
    """A colour of one, three or four parts; `None` for patterns, shadings and palettes."""
    parts = [
        float(int(part[1:], 16)) if part[0] == "#" else float(part)
        for part in _NUMBERS.findall(node.get("Value") or "")
    ]
    alpha = _number(node.get("Alpha"), _WHOLE) / _WHOLE
    if len(node) or node.get("Index") is not None or any(part > _WHOLE for part in parts):
        return None
    if len(parts) == 4:
        dark = 1 - parts[3] / _WHOLE
        parts = [_WHOLE * (1 - part / _WHOLE) * dark for part in parts[:3]]
    elif len(parts) == 1:
        parts *= 3
    if not parts:
        return Colour(0, 0, 0, alpha)
    return Colour(parts[0], parts[1], parts[2], alpha) if len(parts) == 3 else None


def clip_of(node: _Element, points: Callable[[_Element], Sequence[tuple[float, float]]]) -> tuple[Box | None, str]:
    """The rectangle to which an object is clipped (`None`: it isn't), and what isn't known of it.

    `points` gives the points of a path of a clip on the page.
    """
    clips = [inner for child in node if _name(child) == "Clips" for inner in child]
    box: Box | None = None
    for clip in clips:
        found = [point for path in clip.iter() if _name(path) == "Path" for point in points(path)]
        if not found:
            return None, localizable("its clip can't be told")
        xs, ys = [x for x, _ in found], [y for _, y in found]
        here = Box(min(xs), min(ys), max(xs), max(ys))
        box = (
            here
            if box is None
            else Box(
                max(box.left, here.left),
                max(box.top, here.top),
                min(box.right, here.right),
                min(box.bottom, here.bottom),
            )
        )
    return box, ""
