"""Which digits of a PDF page may be drawn as others: asked of their fonts' outlines, and of the boxes of what is drawn."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium

from extract.paged.pdf_objects import TextPlace, address_of
from extract.paged.pdf_shapes import outline_doubt, segments_of, size_of

Bounds = tuple[float, float, float, float]

# Between the box of a digit and that of its font's outline: 2.6 % of its size at most on real pages, where boxes are rounded.
_TOLERANCE = 0.06

_DIGITS = {**{digit: digit for digit in "0123456789"}, **{chr(0xFF10 + value): str(value) for value in range(10)}}


class Glyph(NamedTuple):
    """A digit of a page: its number among the page's characters, what it stands for, its box in user space."""

    number: int
    digit: str
    bounds: Bounds


class DigitShapes:
    """Asks the fonts of one page for the outlines of its digits. `doubtful` are those that must be looked at as they are drawn.

    `all_doubtful`: outlines prove nothing, since a font may have one digit for two codes.
    """

    def __init__(self, texts: Mapping[int, TextPlace], *, all_doubtful: bool) -> None:
        self._texts = texts
        self._all_doubtful = all_doubtful
        self._boxes: dict[tuple[int, str], tuple[float, float] | None] = {}
        self._sizes: dict[tuple[int, str], tuple[float, float] | None] = {}
        self.doubtful: list[Glyph] = []

    def ask(self, item: Any, address: int, number: int, text: str, bounds: Bounds) -> None:
        """Ask for the shape of a digit that a text object draws, if the character is one."""
        digit = _DIGITS.get(text)
        if digit is None:
            return
        key = (address, text)
        if key not in self._boxes:
            self._boxes[key] = None if self._all_doubtful else self._box_of(item, address, text, digit)
        box = self._boxes[key]
        if box is not None:
            width, height = box
            slack = _TOLERANCE * (width if width > height else height)
            if abs(bounds[2] - bounds[0] - width) <= slack and abs(bounds[3] - bounds[1] - height) <= slack:
                return
        self.doubtful.append(Glyph(number, digit, bounds))

    def _box_of(self, item: Any, address: int, text: str, digit: str) -> tuple[float, float] | None:
        """Width and height that a digit's outline has on the page; `None` if it isn't that digit's for sure."""
        place, font, em = self._texts.get(address), pdfium.FPDFTextObj_GetFont(item), ctypes.c_float()
        if place is None or not font or not pdfium.FPDFTextObj_GetFontSize(item, em):
            return None
        key = (address_of(font), text)
        if key not in self._sizes:
            self._sizes[key] = _size_of(font, text, digit)
        size = self._sizes[key]
        if size is None:
            return None
        a, b, c, d = (abs(part) * em.value for part in place.matrix)
        return size[0] * a + size[1] * c, size[0] * b + size[1] * d


def _is_of_drawings(font: Any) -> bool:
    """Whether a font's characters are drawings (Type 3): it has no name, and the outlines that PDFium gives aren't its own."""
    return not pdfium.FPDFFont_GetIsEmbedded(font) and pdfium.FPDFFont_GetBaseFontName(font, None, 0) <= 1


def _size_of(font: Any, text: str, digit: str) -> tuple[float, float] | None:
    """Width and height of a digit's outline in its font's em, `None` if it isn't that digit's for sure."""
    segments = () if _is_of_drawings(font) else segments_of(font, text)
    return size_of(segments) if segments and not outline_doubt(segments, digit) else None
