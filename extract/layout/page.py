"""A page as characters with places and rulings: what PDF and OFD files, and the search for tables, agree on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

from extract.document.where import Box, format_page_box

if TYPE_CHECKING:
    from extract.layout.geometry import Segment, Turn


class Char(NamedTuple):
    """One printed character: its tight box, its baseline, and whether white space stood before it in the stream.

    `why` says why a person may not see it as it is stored (`extract.document.drawn`); only characters of figures are asked.
    """

    text: str
    left: float
    top: float
    right: float
    bottom: float
    baseline: float
    serial: int
    spaced: bool
    why: tuple[str, ...] = ()

    @property
    def middle(self) -> tuple[float, float]:
        """Centre of the box."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2


class Scan(Protocol):
    """A page that was read from pixels, for asking a second time what a cell shows."""

    def confirms(self, text: str, box: Box) -> bool:
        """Whether a second reading of the box gives the same text; for no text, whether the box is empty paper."""


class Overlay(Protocol):
    """What a page shows besides its text: pictures, curves, notes, form fields."""

    def at(self, box: Box) -> tuple[str, ...]:
        """Why a cell shows something else than its text, `()` for most; the box is that on the page as displayed."""


@dataclass(frozen=True, slots=True)
class PageInk:
    """A page turned so that its text is upright. Lengths in points, origin upper left.

    `strays` are boxes of strokes that aren't rulings and may be parts of drawn digits.
    """

    number: int
    width: float
    height: float
    chars: tuple[Char, ...]
    horizontal: tuple[Segment, ...]
    vertical: tuple[Segment, ...]
    picture_share: float
    outlines: int
    reading: Turn
    displayed: Turn
    scan: Scan | None = None
    overlay: Overlay | None = None
    strays: tuple[Box, ...] = ()

    def where(self, box: Box) -> str:
        """The place of a box of this (upright) page on the page as displayed."""
        return format_page_box(self.number, self.on_display(box))

    def on_display(self, box: Box) -> Box:
        """A box of this (upright) page on the page as displayed."""
        if self.reading.quarters == self.displayed.quarters:
            return box
        return self.displayed.box(*self.reading.back(box))
