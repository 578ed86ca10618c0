"""Is a cell or a line of a page drawn as its characters say? What they say against each other, and what lies beside them."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from extract.document.drawn import LEAST_SIZE, Look
from extract.document.joined import FIGURE_CHARACTERS
from extract.document.where import Box
from extract.layout.celltext import visual_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from extract.layout.page import Char, PageInk

# Digits have two thirds of the height of their size.
_LEAST_HEIGHT = LEAST_SIZE * 2 / 3
# What an overlay leaves out at the edges of a cell, where its rulings are, in points.
_RULINGS = 2.6
# In heights of a digit: neighbours stand half of one apart at least, and all on one line.
_TOO_NEAR, _OFF_LINE = 0.3, 0.15


def cell_look(chars: Sequence[Char], box: Box, page: PageInk) -> tuple[str, ...]:
    """Why a person may see another figure in a cell than its characters say, `()` for nearly all."""
    beside = page.overlay.at(page.on_display(box)) if page.overlay is not None else ()
    return tuple(dict.fromkeys((*beside, *chars_look(chars, page))))


def line_look(chars: Sequence[Char], box: Box, page: PageInk) -> tuple[str, ...]:
    """The same for a line of text; it has no rulings around it, so its box is looked at to the edges."""
    around = Box(box.left - _RULINGS, box.top - _RULINGS, box.right + _RULINGS, box.bottom + _RULINGS)
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
        if char.text.isdigit() and char.bottom - char.top < _LEAST_HEIGHT:
            yield Look.HIDDEN.because(f"{char.bottom - char.top:.1f} points high")
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
        if abs(left.baseline - right.baseline) > _OFF_LINE * height:
            yield Look.MOVED.because("digits stand at different heights")
