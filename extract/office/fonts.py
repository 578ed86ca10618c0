"""How characters are printed, and why they aren't seen as they are stored: what workbooks, binary Word files and RTF share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from extract.document.colours import BLACK, Colour, is_seen
from extract.document.drawn import LEAST_SIZE, PICTURE_FONTS, Look
from extract.document.marks import raised, struck


@dataclass(frozen=True, slots=True)
class Font:
    """How characters are printed; size in points."""

    struck: bool = False
    raised: bool = False
    size: float = 11.0
    ink: Colour = BLACK
    name: str = ""


#: What characters are printed in where nothing says otherwise.
PLAIN = Font()


@lru_cache(maxsize=4096)
def font_reasons(font: Font, paper: Colour) -> tuple[str, ...]:
    """Why characters of a font on a ground aren't seen as they are stored."""
    return tuple(_font_reasons(font, paper))


def _font_reasons(font: Font, paper: Colour) -> Iterator[str]:
    if font.struck:
        yield Look.STRUCK.because("strike")
    if font.raised:
        yield Look.RAISED.because("superscript or subscript")
    if font.size < LEAST_SIZE:
        yield Look.HIDDEN.because(f"{font.size:g} points high")
    if not is_seen(font.ink, paper):
        yield Look.HIDDEN.because("colour equals background")
    if PICTURE_FONTS.match(font.name):
        yield Look.OTHERWISE.because(f"font {font.name}")


def as_printed(text: str, font: Font) -> str:
    """The text with the marks that show it struck out or raised."""
    if font.struck:
        return struck(text)
    return raised(text) if font.raised else text
