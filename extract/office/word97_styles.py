"""How a binary Word file prints its characters: styles, fonts and colours ([MS-DOC] 2.9.271, 2.9.284, 2.6.1)."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from extract.document.colours import BLACK, WHITE, Colour
from extract.document.drawn import SPACED, WIDE_SPACING, Look
from extract.office.fonts import Font

#: Codes and operands of single property modifiers.
Modifiers = tuple[tuple[int, bytes], ...]

_DELETED, _HIDDEN, _WEB_HIDDEN = 0x0800, 0x083C, 0x0811
_STRUCK, _STRUCK_TWICE, _RAISED, _POSITION = 0x0837, 0x2A53, 0x2A48, 0x4845
_SIZE, _COLOUR, _OLD_COLOUR, _FONT = 0x4A43, 0x6870, 0x2A42, 0x4A4F
_STYLE, _HIGHLIGHT, _SHADE, _OLD_SHADE = 0x4A30, 0x2A0C, 0xCA71, 0x4866
_SCALE, _SPACING, _RIGHT_TO_LEFT = 0x4852, 0x8840, 0x085A
_NUMBERED = 0x460B
# Raised by less is a fine adjustment, in half-points; narrower or nearer letters can't be read.
_LEAST_POSITION, _NARROW, _OVERLAP = 3, 20, -80
_TWIPS = 20
_PARAGRAPH_STYLE, _CHARACTER_STYLE = 1, 2
_NONE = 0xFFF
_MOST_LEVELS = 20
#: The colours that files number, 1 to 16.
_INDEXED = ("000000", "0000FF", "00FFFF", "00FF00", "FF00FF", "FF0000", "FFFF00", "FFFFFF", "000080", "008080", "008000", "800080",
            "800000", "808000", "808080", "C0C0C0")  # fmt: skip


#: What characters are printed in before styles say otherwise.
DEFAULT = Font(size=10.0)


@dataclass(frozen=True, slots=True)
class Print:
    """How a character is printed; `gone`: not at all, as hidden or deleted."""

    font: Font = DEFAULT
    paper: Colour | None = None
    gone: bool = False
    why: tuple[str, ...] = ()


class _StoredStyle(NamedTuple):
    kind: int
    base: int
    paragraph: Modifiers
    characters: Modifiers


class Word97Styles:
    """The style sheet and the fonts of a file. What can't be read of them is taken for missing."""

    def __init__(self, styles: bytes, fonts: bytes, modifiers: Callable[[bytes], Iterator[tuple[int, bytes]]]) -> None:
        self._modifiers = modifiers
        self._fonts = _font_names(fonts)
        self._styles = _read_styles(styles, modifiers)
        self._known: dict[tuple[int, bytes], Print] = {}

    def print_of(self, paragraph_style: int, direct: bytes) -> Print:
        """How characters with these properties of their own are printed in a paragraph of a style."""
        key = (paragraph_style, direct)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._work_out(paragraph_style, tuple(self._modifiers(direct)))
        return found

    def is_numbered(self, paragraph_style: int, direct: Iterable[tuple[int, bytes]]) -> bool:
        """Whether a paragraph shows an automatic number."""
        number = 0
        levels = [style.paragraph for style in self._chain(paragraph_style)]
        for code, operand in (*(pair for level in levels for pair in level), *direct):
            if code == _NUMBERED and len(operand) >= 2:
                number = int.from_bytes(operand[:2], "little")
        return number not in (0, 0xF801)

    def _work_out(self, paragraph_style: int, direct: Modifiers) -> Print:
        found = Print()
        for style in self._chain(paragraph_style):
            found = self._changed(found, style.characters, found)
        named = [int.from_bytes(operand[:2], "little") for code, operand in direct if code == _STYLE]
        for style in self._chain(named[-1]) if named else ():
            found = self._changed(found, style.characters, found)
        return self._changed(found, direct, found)

    def _chain(self, number: int) -> list[_StoredStyle]:
        """A style with those it is based on, the lowest first."""
        chain: list[_StoredStyle] = []
        while number in self._styles and len(chain) < _MOST_LEVELS:
            chain.insert(0, self._styles[number])
            number = chain[0].base
        return chain

    def _changed(self, now: Print, modifiers: Modifiers, below: Print) -> Print:
        for code, operand in modifiers:
            change = _CHANGES.get(code)
            if change is not None and operand:
                now = change(now, operand, below)
            elif code == _FONT and len(operand) >= 2:
                name = self._fonts.get(int.from_bytes(operand[:2], "little"), "")
                now = replace(now, font=replace(now.font, name=name))
        return now


def _switch(operand: bytes, *, below: bool) -> bool:
    """A switch: on, off, as the style has it, or the contrary."""
    return {0: False, 1: True, 0x80: below, 0x81: not below}.get(operand[0], True)


def _gone(now: Print, operand: bytes, below: Print) -> Print:
    return replace(now, gone=_switch(operand, below=below.gone))


def _struck(now: Print, operand: bytes, below: Print) -> Print:
    return replace(now, font=replace(now.font, struck=_switch(operand, below=below.font.struck)))


def _raised(now: Print, operand: bytes, below: Print) -> Print:
    return replace(now, font=replace(now.font, raised=operand[0] in (1, 2)))


def _position(now: Print, operand: bytes, below: Print) -> Print:
    half_points = int.from_bytes(operand[:2], "little", signed=True)
    return _because(now, Look.RAISED.because("position"), holds=abs(half_points) >= _LEAST_POSITION)


def _sized(now: Print, operand: bytes, below: Print) -> Print:
    return replace(now, font=replace(now.font, size=int.from_bytes(operand[:2], "little") / 2))


def _inked(now: Print, operand: bytes, below: Print) -> Print:
    return replace(now, font=replace(now.font, ink=colour_of(operand) or BLACK))


def _inked_by_number(now: Print, operand: bytes, below: Print) -> Print:
    return replace(now, font=replace(now.font, ink=_numbered_colour(operand[0]) or BLACK))


def _highlighted(now: Print, operand: bytes, below: Print) -> Print:
    return replace(now, paper=_numbered_colour(operand[0]))


def _shaded(now: Print, operand: bytes, below: Print) -> Print:
    # A count, then the two colours and the pattern.
    return replace(now, paper=shade_of(operand[1:]))


def _shaded_by_number(now: Print, operand: bytes, below: Print) -> Print:
    return replace(now, paper=old_shade_of(operand))


def _turned(now: Print, operand: bytes, below: Print) -> Print:
    return _because(now, Look.TURNED.because("from right to left"), holds=operand[0] == 1)


def _scaled(now: Print, operand: bytes, below: Print) -> Print:
    return _because(now, Look.HIDDEN.because("drawn too narrow"), holds=int.from_bytes(operand[:2], "little") < _NARROW)


def _spaced(now: Print, operand: bytes, below: Print) -> Print:
    twips = int.from_bytes(operand[:2], "little", signed=True)
    tight = _because(now, Look.HIDDEN.because("letters lie on each other"), holds=twips <= _OVERLAP)
    return _because(tight, SPACED, holds=twips >= WIDE_SPACING * _TWIPS)


def _hidden_in_web_pages(now: Print, operand: bytes, below: Print) -> Print:
    return _because(now, Look.HIDDEN.because("hidden in web pages"), holds=operand[0] == 1)


_CHANGES: Mapping[int, Callable[[Print, bytes, Print], Print]] = {
    _DELETED: _gone, _HIDDEN: _gone, _WEB_HIDDEN: _hidden_in_web_pages, _STRUCK: _struck, _STRUCK_TWICE: _struck, _RAISED: _raised,
    _POSITION: _position, _SIZE: _sized, _COLOUR: _inked, _OLD_COLOUR: _inked_by_number, _HIGHLIGHT: _highlighted, _SHADE: _shaded,
    _OLD_SHADE: _shaded_by_number, _RIGHT_TO_LEFT: _turned, _SCALE: _scaled, _SPACING: _spaced,
}  # fmt: skip


def _because(now: Print, reason: str, *, holds: bool) -> Print:
    """The print with a reason, or without it."""
    why = tuple(other for other in now.why if other != reason)
    return replace(now, why=(*why, reason) if holds else why)


def colour_of(raw: bytes) -> Colour | None:
    """A colour reference: red, green, blue, and 255 for the automatic colour (`None`)."""
    return Colour(*raw[:3]) if len(raw) >= 4 and raw[3] != 0xFF else None


def _numbered_colour(number: int) -> Colour | None:
    if not 0 < number <= len(_INDEXED):
        return None
    return Colour(*bytes.fromhex(_INDEXED[number - 1]))


def shade_of(raw: bytes) -> Colour | None:
    """The ground of a shading: foreground, background, pattern."""
    if len(raw) < 10:
        return None
    front, back, pattern = colour_of(raw[:4]) or BLACK, colour_of(raw[4:8]), int.from_bytes(raw[8:10], "little")
    return _patterned(front, back, pattern)


def old_shade_of(raw: bytes) -> Colour | None:
    """The ground of a shading of Word 97: five bits a colour, six for the pattern."""
    if len(raw) < 2:
        return None
    bits = int.from_bytes(raw[:2], "little")
    return _patterned(_numbered_colour(bits & 31) or BLACK, _numbered_colour(bits >> 5 & 31), bits >> 10)


#: Patterns by number that are a share of the foreground, in percent; 1 is all of it.
_SHARES = {2: 5, 3: 10, 4: 20, 5: 25, 6: 30, 7: 40, 8: 50, 9: 60, 10: 70, 11: 75, 12: 80, 13: 90}


def _patterned(front: Colour, back: Colour | None, pattern: int) -> Colour | None:
    if pattern in (0, 0xFFFF, 0x3F):
        return back if pattern == 0 else None
    if pattern == 1:
        return front
    return front.faded(_SHARES.get(pattern, 50) / 100).over(back or WHITE)


def _read_styles(raw: bytes, modifiers: Callable[[bytes], Iterator[tuple[int, bytes]]]) -> dict[int, _StoredStyle]:
    """The styles of a style sheet by number; it ends where it is cut."""
    found: dict[int, _StoredStyle] = {}
    try:
        head = struct.unpack_from("<H", raw)[0]
        count, base_size = struct.unpack_from("<HH", raw, 2)
        at = 2 + head
        for number in range(count):
            size = struct.unpack_from("<H", raw, at)[0]
            if size:
                found[number] = _read_style(raw[at + 2 : at + 2 + size], base_size, modifiers)
            at += 2 + size
    except (struct.error, IndexError):
        return found
    return found


def _read_style(raw: bytes, base_size: int, modifiers: Callable[[bytes], Iterator[tuple[int, bytes]]]) -> _StoredStyle:
    second = struct.unpack_from("<H", raw, 2)[0]
    third = struct.unpack_from("<H", raw, 4)[0]
    kind, base, parts = second & 15, second >> 4, third & 15
    at = base_size + 2 + 2 * struct.unpack_from("<H", raw, base_size)[0] + 2
    pieces = []
    for _ in range(parts):
        at += at % 2
        size = struct.unpack_from("<H", raw, at)[0]
        pieces.append(raw[at + 2 : at + 2 + size])
        at += 2 + size
    paragraph: Modifiers = ()
    characters: Modifiers = ()
    if kind == _PARAGRAPH_STYLE and len(pieces) >= 2:
        paragraph, characters = tuple(modifiers(pieces[0][2:])), tuple(modifiers(pieces[1]))
    elif kind == _CHARACTER_STYLE and pieces:
        characters = tuple(modifiers(pieces[0]))
    return _StoredStyle(kind, base if base != _NONE else -1, paragraph, characters)


def _font_names(raw: bytes) -> dict[int, str]:
    """The names of fonts by number; the list ends where it is cut."""
    found: dict[int, str] = {}
    if len(raw) < 4:
        return found
    at = 4
    for number in range(int.from_bytes(raw[:2], "little")):
        size = raw[at] + 1 if at < len(raw) else 0
        if size < 40:
            return found
        name = raw[at + 40 : at + size]
        found[number] = name[: len(name) // 2 * 2].decode("utf-16-le", "replace").partition("\0")[0]
        at += size
    return found
