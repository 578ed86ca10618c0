"""The words of RTF that say how characters are printed, with the tables of colours, fonts and styles that they name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from extract.document.colours import BLACK, Colour
from extract.document.drawn import SPACED, WIDE_SPACING, Look
from extract.office.fonts import Font
from extract.office.story import StoryRun

#: How characters are printed after `\\plain`.
DEFAULT = StoryRun("", Font(size=12.0))
# Raised by less is a fine adjustment, in half-points; narrower or nearer letters can't be read.
_LEAST_POSITION, _NARROW, _OVERLAP = 3, 20, -80
_TWIPS = 20


class ColourTable:
    """The colours of a file in their order; an entry without parts is the automatic one (`None`)."""

    def __init__(self) -> None:
        self._colours: list[Colour | None] = []
        self._parts: dict[str, int] = {}

    def word(self, name: str, number: int | None) -> None:
        """A part of the colour under way."""
        if name in ("red", "green", "blue") and number is not None:
            self._parts[name] = max(0, min(number, 255))

    def end(self, count: int) -> None:
        """Signs that end a colour."""
        for _ in range(count):
            part = self._parts.get
            self._colours.append(Colour(part("red", 0), part("green", 0), part("blue", 0)) if self._parts else None)
            self._parts = {}

    def at(self, number: int) -> Colour | None:
        """The colour of a number, `None` for the automatic one."""
        return self._colours[number] if 0 <= number < len(self._colours) else None


class StyleSheet:
    """The words that a style stands for; writers repeat most of them where they name the style."""

    def __init__(self) -> None:
        self._words: dict[tuple[str, int], list[tuple[str, int | None]]] = {}
        self._now: list[tuple[str, int | None]] = []

    def word(self, name: str, number: int | None) -> None:
        """A word of the style sheet."""
        if name in ("s", "cs", "ds", "ts"):
            self._now = self._words[name, number or 0] = []
        elif name in _STYLED:
            self._now.append((name, number))

    def of(self, kind: str, number: int) -> Sequence[tuple[str, int | None]]:
        """What a style says of how text is printed."""
        return self._words.get((kind, number), ())


def _is_on(number: int | None) -> bool:
    return number != 0


_FONT_CHANGES: Mapping[str, Callable[[Font, int | None], Font]] = {
    "strike": lambda font, number: replace(font, struck=_is_on(number)),
    "striked": lambda font, number: replace(font, struck=_is_on(number)),
    "super": lambda font, number: replace(font, raised=_is_on(number)),
    "sub": lambda font, number: replace(font, raised=_is_on(number)),
    "nosupersub": lambda font, _: replace(font, raised=False),
    "fs": lambda font, number: replace(font, size=(number or 24) / 2),
}
#: Dots that cover so much of a ground, in hundredths of a percent, are taken for their colour.
_DENSE = 5000
_RAISED = Look.RAISED.because("position")


def _is_raised(number: int | None) -> bool:
    return number is None or abs(number) >= _LEAST_POSITION


_DARK = (Look.HIDDEN.because("a dark ground"), lambda number: number is not None and number >= _DENSE)


def _spaced(twips: int) -> tuple[tuple[str, Callable[[int | None], bool]], ...]:
    """What a word says that spaces letters in units of so many twips."""
    return (
        (
            Look.HIDDEN.because("letters lie on each other"),
            lambda number: number is not None and number * twips <= _OVERLAP,
        ),
        (SPACED, lambda number: number is not None and number * twips >= WIDE_SPACING * _TWIPS),
    )


#: Words that give a reason, and with which numbers; without a number, `\\up` and `\\dn` move by three points.
_REASONS: Mapping[str, tuple[tuple[str, Callable[[int | None], bool]], ...]] = {
    "up": ((_RAISED, _is_raised),),
    "dn": ((_RAISED, _is_raised),),
    "webhidden": ((Look.HIDDEN.because("hidden in web pages"), _is_on),),
    "charscalex": ((Look.HIDDEN.because("drawn too narrow"), lambda number: number is not None and number < _NARROW),),
    "chshdng": (_DARK,),
    "shading": (_DARK,),
    "expndtw": _spaced(1),
    "expnd": _spaced(_TWIPS // 4),
}
#: Grounds of characters and of paragraphs.
_GROUNDS = ("highlight", "chcbpat", "cb", "cbpat")
PRINTS = frozenset({*_FONT_CHANGES, *_REASONS, "f", "cf", *_GROUNDS})
_STYLED = frozenset({*_FONT_CHANGES, *_REASONS, "cf", *_GROUNDS, "v"})


class PrintWords:
    """What the words of a file mean."""

    def __init__(self) -> None:
        self.colours = ColourTable()
        self.styles = StyleSheet()
        self.fonts: dict[int, str] = {}

    def changed(self, now: StoryRun, name: str, number: int | None) -> StoryRun:
        """The print after a word, the same if the word says nothing of it."""
        if name == "f" and number is not None:
            return now._replace(font=replace(now.font, name=self.fonts.get(number, "")))
        if name in _FONT_CHANGES:
            return now._replace(font=_FONT_CHANGES[name](now.font, number))
        if name == "cf":
            return now._replace(font=replace(now.font, ink=self.colours.at(number or 0) or BLACK))
        if name in _GROUNDS:
            return now._replace(paper=self.colours.at(number or 0))
        for reason, holds in _REASONS.get(name, ()):
            why = tuple(other for other in now.why if other != reason)
            now = now._replace(why=(*why, reason) if holds(number) else why)
        return now
