"""Is a cell or a line of a page drawn as its characters say? What they say against each other, and what lies beside them."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from extract.document.drawn import LEAST_SIZE, Look
from extract.document.joined import FIGURE_CHARACTERS
from extract.document.where import Box
from extract.layout.celltext import visual_lines
from extract.layout.strokes import are_strays_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from extract.layout.page import Char, PageInk

# Digits have two thirds of the height of their size.
_LEAST_HEIGHT = LEAST_SIZE * 2 / 3
# Of its height, the ink of a digit that is drawn at its width is wider; a 1 may be a bare stroke.
_NARROWEST, _NARROWEST_ONE, _ONES = 0.2, 0.04, "1１"
#: What is left out at the edges of a cell, where its rulings are, in points.
RULINGS = 2.6
# In heights of a digit: neighbours stand half of one apart at least, and all on one line.
_TOO_NEAR, _OFF_LINE = 0.3, 0.15
# Of the width of the narrower of two neighbours: the ink of digits set side by side doesn't meet.
_LAPPED = 0.25


def cell_look(chars: Sequence[Char], box: Box, page: PageInk) -> tuple[str, ...]:
    """Why a person may see another figure in a cell than its characters say, `()` for nearly all."""
    beside = page.overlay.at(page.on_display(box)) if page.overlay is not None else ()
    if page.strays and are_strays_in(page.strays, box):
        beside = (*beside, Look.PICTURE.because("strokes that may be a digit, or a slanting one, are drawn there"))
    return tuple(dict.fromkeys((*beside, *chars_look(chars, page))))


def line_look(chars: Sequence[Char], box: Box, page: PageInk) -> tuple[str, ...]:
    """The same for a line of text; it has no rulings around it, so its box is looked at to the edges."""
    around = Box(box.left - RULINGS, box.top - RULINGS, box.right + RULINGS, box.bottom + RULINGS)
    return cell_look(chars, around, page) if page.overlay is not None else chars_look(chars, page)


def chars_look(chars: Iterable[Char], page: PageInk) -> tuple[str, ...]:
    """Why the figures among some characters may not be what is seen."""
    if page.scan is not None:
        return ()
    figures = [char for char in chars if char.text in FIGURE_CHARACTERS]
    return tuple(dict.fromkeys(_reasons(figures))) if figures else ()


def _reasons(figures: Sequence[Char]) -> Iterator[str]:
    for char in figures:
        yield from char.why
        if char.text.isdigit():
            height = char.bottom - char.top
            if height < _LEAST_HEIGHT:
                yield Look.HIDDEN.because(f"{height:.1f} points high")
            elif char.right - char.left < (_NARROWEST_ONE if char.text in _ONES else _NARROWEST) * height:
                yield Look.HIDDEN.because(f"{char.right - char.left:.1f} points wide")
    if len(figures) > 1:
        for line in visual_lines(figures):
            yield from _between(line)


def _between(line: Sequence[Char]) -> Iterator[str]:
    """What neighbours on a line say against each other."""
    for left, right in pairwise(line):
        if not (left.text.isdigit() and right.text.isdigit()):
            continue
        height = max(left.bottom - left.top, right.bottom - right.top)
        if (right.left + right.right - left.left - left.right) / 2 < _TOO_NEAR * height:
            yield Look.OTHERWISE.because("digits are printed over each other")
        elif left.right - right.left > _LAPPED * min(left.right - left.left, right.right - right.left):
            yield Look.OTHERWISE.because("digits overlap")
        if abs(left.baseline - right.baseline) > _OFF_LINE * height:
            yield Look.MOVED.because("digits stand at different heights")
