"""How a spreadsheet draws its cells, whatever the file format: fonts, grounds, number formats, hidden rows and columns."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import NamedTuple

from extract.document.colours import NAMED, WHITE, Colour, is_seen
from extract.document.drawn import Look, Run, verdict
from extract.document.numerals import is_whole
from extract.lexicon.numbers import parse_printed
from extract.model import State
from extract.office.fonts import PLAIN, Font, font_reasons
from extract.office.number_formats import ShownNumber, show_number, show_text

#: Row and column, from 0.
Place = tuple[int, int]
_GENERAL = frozenset({"", "General", "general", "@", "0", "G/通用格式", "GENERAL"})
#: The eight colours of formats and the first of the palette, `[Color 1]` and so on.
_FORMAT_COLOURS = ("black", "white", "red", "lime", "blue", "yellow", "magenta", "cyan")
#: A column shows so many characters less than its width says, before a number gives way to `###`.
_SLACK = 1.0


@dataclass(frozen=True, slots=True)
class Style:
    """How a cell prints its content; `odd` are reasons that the rest of it gives (`fill` alignment, turned text)."""

    code: str = "General"
    font: Font = PLAIN
    paper: Colour = WHITE
    odd: tuple[str, ...] = ()


class SheetCell(NamedTuple):
    """A cell that isn't simply what is stored: the text that it shows, if that is certain, and why it isn't."""

    text: str | None
    look: tuple[str, ...]


@dataclass(slots=True)
class SheetLooks:
    """What is known of one sheet; `cells` holds the odd ones alone, `merged` the first and last place of ranges that are one cell."""

    cells: dict[Place, SheetCell] = field(default_factory=dict)
    merged: list[tuple[Place, Place]] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    unread: list[str] = field(default_factory=list)

    def add(self, place: Place, *reasons: str) -> None:
        """Note reasons for a cell."""
        before = self.cells.get(place, SheetCell(None, ()))
        if reasons:
            self.cells[place] = before._replace(look=tuple(dict.fromkeys((*before.look, *reasons))))


@lru_cache(maxsize=4096)
def style_reasons(style: Style) -> tuple[str, ...]:
    """Why whatever stands in a cell of this style isn't seen as it is stored."""
    return (*style.odd, *font_reasons(style.font, style.paper))


def number_cell(stored: str, style: Style, *, shows_zeros: bool = True, width: float | None = None) -> SheetCell | None:
    """A cell with a number, `None` for the ordinary one that shows what it stores.

    Args:
        stored: The number as the file has it.
        style: How it is printed.
        shows_zeros: Whether the sheet shows zeros at all.
        width: The width of its column in characters, where that is set.
    """
    reasons = style_reasons(style)
    try:
        value = Decimal(stored)
    except InvalidOperation:
        return SheetCell(None, reasons) if reasons else None
    if value == 0 and not shows_zeros:
        return SheetCell("", reasons)
    text: str | None = None
    shown = (
        ShownNumber(plain(value))
        if style.code in _GENERAL and _is_plain(value, style.code)
        else show_number(value, style.code)
    )
    if shown is None:
        reasons = (*reasons, Look.OTHERWISE.because(f"by format {style.code}"))
    else:
        text, more = compared(value, shown, style)
        reasons = (*reasons, *more)
        if width is not None and len(shown.text) > width + _SLACK:
            reasons = (*reasons, Look.HIDDEN.because("its column is too narrow"))
    return SheetCell(text, reasons) if reasons or text is not None else None


def _is_plain(value: Decimal, code: str) -> bool:
    return code != "0" or value == value.to_integral_value()


def plain(value: Decimal) -> str:
    """A number in digits."""
    return format(value.normalize(), "f") if value else "0"


def compared(value: Decimal, shown: ShownNumber, style: Style) -> tuple[str | None, tuple[str, ...]]:
    """The text to take for a number instead of its digits, and the reasons against it."""
    colour = _format_colour(shown.colour)
    if colour is not None and not is_seen(colour, style.paper):
        return None, (Look.HIDDEN.because(f"format {style.code}"),)
    printed = parse_printed(shown.text)
    if printed.state is State.BLANK:
        return ("", ()) if value == 0 else (None, (Look.HIDDEN.because(f"format {style.code}"),))
    if value == 0 and printed.state is State.DASH:
        # Accounting formats print their zeros as a dash, and mean nothing else by it; / and 无 are what a person chose to say.
        return None if _is_line(shown.text) else shown.text.strip(), ()
    factor = printed.amount_factor
    if printed.value is not None and printed.value == _as_drawn(value) and not (printed.is_change and value >= 0):
        return (shown.text if factor is not None else None), ()
    return None, (Look.OTHERWISE.because(f"shown {shown.text!r} by format {style.code}"),)


def _is_line(text: str) -> bool:
    """Whether nothing but dashes is printed."""
    return all(unicodedata.category(sign) in ("Pd", "Sm") for sign in text.strip())


def _as_drawn(value: Decimal) -> Decimal:
    """A stored number without the noise behind its fifteenth digit, as spreadsheets show it."""
    return Decimal(f"{value:.15g}")


def _format_colour(name: str) -> Colour | None:
    if not name:
        return None
    number = name.removeprefix("color").strip()
    if is_whole(number):
        name = _FORMAT_COLOURS[int(number) - 1] if 0 < int(number) <= len(_FORMAT_COLOURS) else "black"
    return NAMED.get("lime" if name == "green" else name)


def text_cell(text: str, style: Style, runs: Sequence[Run] = (), *, width: float | None = None) -> SheetCell | None:
    """A cell with text; `runs` are its parts where they have fonts of their own."""
    shown = show_text(text, style.code)
    reasons = style_reasons(style) if not runs else (*style.odd, *verdict(runs))
    drawn: str | None = None
    if shown is not None and shown.text.strip() != text.strip():
        if shown.text.strip():
            drawn = shown.text
        else:
            reasons = (*reasons, Look.HIDDEN.because(f"format {style.code}"))
    colour = _format_colour(shown.colour) if shown is not None else None
    if colour is not None and not is_seen(colour, style.paper):
        reasons = (*reasons, Look.HIDDEN.because(f"format {style.code}"))
    if width is not None and max(map(len, text.split()), default=0) > width + _SLACK:
        reasons = (*reasons, Look.HIDDEN.because("its column is too narrow"))
    return SheetCell(drawn, reasons) if reasons or drawn is not None else None


def hidden_by_size(size: float | None) -> bool:
    """Whether a row's height (points) or a column's width (characters) shows nothing."""
    return size is not None and size < 0.1
