"""Figures that a line crosses out."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from extract.document.drawn import Look
from extract.document.joined import FIGURE_CHARACTERS
from extract.layout.geometry import Segment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from extract.document.where import Box
    from extract.layout.page import Char

# Of the height of a digit: a line at its foot or its head is no stroke through it.
_RIM = 0.22
# More slanted and short strokes than this are a drawing; each would be compared with each digit.
_MOST_STROKES = 5000


def struck_out(
    chars: Sequence[Char], horizontal: Sequence[Segment], ticks: Sequence[Box], slants: Sequence[Box]
) -> Iterator[Char]:
    """The characters; those of figures that a line crosses say so.

    Args:
        chars: Of one page.
        horizontal: Its level rulings.
        ticks: Boxes of strokes that are too short for rulings.
        slants: Boxes of strokes that are neither level nor upright.
    """
    if len(slants) + len(ticks) > _MOST_STROKES:
        yield from (_doubted(char) for char in chars)
        return
    level = [Segment((box.top + box.bottom) / 2, box.left, box.right) for box in ticks if _is_level(box)]
    lines = sorted([*horizontal, *level])
    heights = [line.at for line in lines]
    for char in chars:
        if char.text in FIGURE_CHARACTERS and _is_struck(char, lines, heights, slants):
            yield char._replace(why=(*char.why, Look.STRUCK.because("a line is drawn through it")))
        else:
            yield char


def _doubted(char: Char) -> Char:
    if char.text not in FIGURE_CHARACTERS:
        return char
    return char._replace(
        why=(*char.why, Look.OTHERWISE.because("more strokes on the page than can be compared with it"))
    )


def _is_level(box: Box) -> bool:
    return box.right - box.left > box.bottom - box.top


def _is_struck(char: Char, lines: Sequence[Segment], heights: Sequence[float], slants: Sequence[Box]) -> bool:
    height = char.bottom - char.top
    if char.text.isdigit():
        middle = (char.left + char.right) / 2
        first = bisect_left(heights, char.top + _RIM * height)
        for line in lines[first:]:
            if line.at > char.bottom - _RIM * height:
                break
            if line.start <= middle <= line.end:
                return True
    return any(
        slant.left < char.right and char.left < slant.right and slant.top < char.bottom and char.top < slant.bottom
        for slant in slants
    )
