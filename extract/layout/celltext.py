"""The text of one cell from its characters: lines put together as a reader would."""

from __future__ import annotations

from operator import attrgetter
from statistics import median
from typing import TYPE_CHECKING

from extract.document.joined import FIGURE_CHARACTERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extract.document.where import Box
    from extract.layout.page import Char

# The inner margins of a cell, left and right together; word processors default to 5.4 points each.
_MARGINS = 13.0
# How far apart the centres of neighbouring digits may be, in their heights; full-width digits stand a whole em apart.
_PITCH, _WIDE_PITCH = 1.3, 1.8
# Digits of one size differ in height by a tenth at most; a raised mark has two thirds of the size.
_OTHER_SIZE = 1.3
_FULL_WIDTH = "\uff01"
# Characters behind this one are an em wide; so are quotation marks beside them.
_NARROW = "\u2e80"
_QUOTES = frozenset("“‘”’")
# A line is at least so high, in points: dots and dashes have hardly any height.
_LEAST_HEIGHT = 4.0
# Of the height of its neighbours, the gap that a blank of the file leaves; so small a one stands between no words of any size.
_LEAST_SIZE, _BLANK = 6.0, 0.1
_NO_GAP = _LEAST_SIZE * _BLANK


def visual_lines(chars: Sequence[Char]) -> list[list[Char]]:
    """Characters grouped into printed lines, top to bottom, each from left to right.

    Lines are distinguished by baselines, which digits, Han characters and punctuation of one line share.
    """
    lines: list[list[Char]] = []
    line: list[Char] = []
    tallest = baseline = 0.0
    for char in sorted(chars, key=_place):
        height = char.bottom - char.top
        if height < _LEAST_HEIGHT:
            height = _LEAST_HEIGHT
        if line and char.baseline - baseline <= 0.45 * (height if height > tallest else tallest):
            line.append(char)
            if height > tallest:
                tallest = height
        else:
            line = [char]
            lines.append(line)
            tallest, baseline = height, char.baseline
    for line in lines:
        line.sort(key=_left)
    return lines


_place = attrgetter("baseline", "left")
_left = attrgetter("left")


def em_of(chars: Sequence[Char]) -> float:
    """The width of a full character, in points, guessed from the larger side of the boxes."""
    sizes = [max(char.right - char.left, char.bottom - char.top) for char in chars]
    return max(4.0, median(sizes) if sizes else 10.0)


def line_text(line: Sequence[Char]) -> str:
    """One printed line; white space is kept where the file has it or where a wide gap shows it."""
    pieces: list[str] = []
    last: Char | None = None
    for char in line:
        if last is not None and (
            char.left - last.right > _NO_GAP or (char.text in FIGURE_CHARACTERS and last.text in FIGURE_CHARACTERS)
        ):
            height = max(char.bottom - char.top, last.bottom - last.top, _LEAST_SIZE)
            if _apart(last, char, height) or _differ_in_size(last, char):
                pieces.append(" ")
        pieces.append(char.text)
        last = char
    return "".join(pieces)


def _differ_in_size(last: Char, char: Char) -> bool:
    """Whether two digits are set in sizes so different that one of them is a note's mark or a watermark."""
    if not (last.text.isdigit() and char.text.isdigit()):
        return False
    low, high = sorted((last.bottom - last.top, char.bottom - char.top))
    return high > _OTHER_SIZE * low


def _apart(last: Char, char: Char, height: float) -> bool:
    """Whether a blank stands between two neighbours on a line."""
    gap = char.left - last.right
    if char.spaced and gap > _BLANK * height:
        return True
    if char.text in FIGURE_CHARACTERS and last.text in FIGURE_CHARACTERS:
        # Digits are narrow in their places (a 1 most of all), so their centres are compared, not their edges.
        pitch = _WIDE_PITCH if char.text >= _FULL_WIDTH and last.text >= _FULL_WIDTH else _PITCH
        return (char.left + char.right - last.left - last.right) / 2 > pitch * height
    return gap > 1.4 * height


def distance(last: Char, char: Char, em: float) -> float:
    """The gap between two neighbours; full-width characters (punctuation is small in its place) count as one em wide.

    So do quotation marks, which stand at either side of it.
    """
    right = (last.left + last.right) / 2 + em / 2 if last.text > _NARROW else last.right
    left = (char.left + char.right) / 2 - em / 2 if char.text > _NARROW else char.left
    if last.text in _QUOTES:
        right = max(right, last.left + em)
    if char.text in _QUOTES:
        left = min(left, char.right - em)
    return left - right


def cell_text(chars: Sequence[Char], box: Box) -> str:
    """The text of a cell as printed, white space collapsed.

    Lines of a label are joined without a blank. Two pieces of figures on neighbouring lines are one figure only if the
    first line was full; otherwise they are two figures in one cell (a ruling that isn't there) and a blank keeps them
    apart, so that nobody reads 1 and 0 as 10.
    """
    lines = visual_lines(chars)
    text = ""
    for number, line in enumerate(lines):
        piece = line_text(line)
        if (
            number
            and text[-1:] in FIGURE_CHARACTERS
            and piece[:1] in FIGURE_CHARACTERS
            and not _was_full(lines[number - 1], line, box)
        ):
            text += " "
        text += piece
    return " ".join(text.split())


def is_full(chars: Sequence[Char], box: Box) -> bool:
    """Whether the last line of a cell has no room for another character like its last one."""
    lines = visual_lines(chars)
    if not lines:
        return False
    last = lines[-1][-1]
    reaches_border = box.right - last.right < (last.right - last.left) + _MARGINS / 2
    return reaches_border or _was_full(lines[-1], [last], box)


def _was_full(line: Sequence[Char], following: Sequence[Char], box: Box) -> bool:
    """Whether the next character would not have fitted on the line, with the usual inner margin of a cell."""
    used = line[-1].right - line[0].left
    needed = following[0].right - following[0].left
    return used + needed > box.right - box.left - _MARGINS
