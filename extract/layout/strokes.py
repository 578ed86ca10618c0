"""What strokes say about figures: one crosses a figure out, parts it in two, or is itself a part of what is seen there.

A stroke that is no ruling can be a digit, a sign or a point that was drawn and not written: where it stands beside a figure, or in a cell
of figures away from the cell's border, nobody can say from the text what a person reads.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import chain, pairwise
from operator import attrgetter
from typing import TYPE_CHECKING

from extract.document.drawn import Look
from extract.document.joined import FIGURE_CHARACTERS
from extract.document.where import Box
from extract.layout.celltext import visual_lines
from extract.layout.geometry import Segment

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from extract.layout.page import Char

# Of the height of a digit: a line at its foot or its head is no stroke through it.
_RIM = 0.22
# Of the width of a digit, at either side: there a border stands beside it, further in it runs through it.
_SIDE = 0.2
# More slanted and short strokes than this are a drawing; each would be compared with each digit.
_MOST_STROKES = 5000
# The height of a digit of 20 points: no stroke of a drawn digit is longer, in points.
_LONGEST_PART = 14.0
# In heights of a digit: how far the centres of neighbours in one number are apart at most, cells' margins between them excluded.
_PITCH = 0.95
# In heights of a digit: how far beside a figure a drawn digit may stand, how much taller it may be, and how far above it.
_BESIDE, _TALLER, _ABOVE = 1.2, 1.5, 0.25
# How far from a cell's edges its own rulings reach, in points.
_EDGE = 2.6

_top = attrgetter("top")


@dataclass(frozen=True, slots=True)
class Strokes:
    """The strokes of a page.

    Attributes:
        level: What may cross a figure out, from top to bottom.
        upright: What may part one, from left to right.
        slants: Boxes of strokes that are neither.
        strays: Boxes of what isn't longer than a stroke of a digit, from top to bottom.
    """

    level: tuple[Segment, ...]
    upright: tuple[Segment, ...]
    slants: tuple[Box, ...]
    strays: tuple[Box, ...]

    def judged(self, chars: Sequence[Char]) -> Iterator[Char]:
        """The characters; those of figures say whether a stroke makes something else of them."""
        if len(self.slants) + len(self.strays) > _MOST_STROKES:
            yield from (_doubted(char) for char in chars)
            return
        parted = {serial for pair in self._parted(chars) for serial in pair}
        heights, tops = [line.at for line in self.level], [stray.top for stray in self.strays]
        for char in chars:
            why = self._why(char, parted, heights, tops) if char.text in FIGURE_CHARACTERS else ""
            yield char._replace(why=(*char.why, why)) if why else char

    def _why(self, char: Char, parted: Collection[int], heights: Sequence[float], tops: Sequence[float]) -> str:
        if self._is_struck(char, heights):
            return Look.STRUCK.because("a line is drawn through it")
        if char.serial in parted:
            return Look.OTHERWISE.because("a line parts it from the digit beside it")
        if tops and self._is_joined(char, tops):
            return Look.PICTURE.because("a stroke that may be a part of it is drawn beside it")
        return ""

    def _is_struck(self, char: Char, heights: Sequence[float]) -> bool:
        height = char.bottom - char.top
        if char.text.isdigit():
            middle = (char.left + char.right) / 2
            first = bisect_left(heights, char.top + _RIM * height)
            for line in self.level[first:]:
                if line.at > char.bottom - _RIM * height:
                    break
                if line.start <= middle <= line.end:
                    return True
        return any(_meet(slant, char) for slant in self.slants)

    def _parted(self, chars: Sequence[Char]) -> Iterator[tuple[int, int]]:
        """The serials of neighbours in one number between which, or through one of which, an upright line stands."""
        if not self.upright:
            return
        figures = [char for char in chars if char.text in FIGURE_CHARACTERS]
        places = [line.at for line in self.upright]
        for line in visual_lines(figures):
            for left, right in chain(pairwise(line), ((char, char) for char in line)):
                if left is right:
                    margin = _SIDE * (left.right - left.left)
                    start, end = left.left + margin, left.right - margin
                else:
                    start, end = (left.left + left.right) / 2, (right.left + right.right) / 2
                    if end - start > _PITCH * max(left.bottom - left.top, right.bottom - right.top):
                        continue
                middle = (left.top + left.bottom) / 2
                between = self.upright[bisect_right(places, start) : bisect_left(places, end)]
                if any(upright.start < middle < upright.end for upright in between):
                    yield left.serial, right.serial

    def _is_joined(self, char: Char, tops: Sequence[float]) -> bool:
        """Whether something that is no taller than a digit stands beside a character, above its foot: what is below underlines it."""
        height = char.bottom - char.top if char.text.isdigit() else char.right - char.left
        first = bisect_left(tops, char.top - _LONGEST_PART)
        last = bisect_right(tops, char.bottom)
        return any(
            char.top - _ABOVE * height < (stray.top + stray.bottom) / 2 < char.bottom
            and stray.bottom - stray.top <= _TALLER * height
            and stray.left < char.right + _BESIDE * height
            and char.left < stray.right + _BESIDE * height
            for stray in self.strays[first:last]
        )


def strokes_of(
    horizontal: Sequence[Segment],
    vertical: Sequence[Segment],
    ticks: Sequence[Box],
    slants: Sequence[Box],
    blots: Sequence[Box],
) -> Strokes:
    """The strokes of a page that is held upright.

    Args:
        horizontal: Its level rulings, strokes on one line joined.
        vertical: Its upright ones.
        ticks: Boxes of what is too short or too stout for a ruling.
        slants: Boxes of strokes that are neither level nor upright.
        blots: Boxes of filled shapes that are seen.
    """
    level = [Segment((box.top + box.bottom) / 2, box.left, box.right) for box in ticks if _is_level(box)]
    upright = [Segment((box.left + box.right) / 2, box.top, box.bottom) for box in ticks if not _is_level(box)]
    lines = [Box(line.start, line.at, line.end, line.at) for line in horizontal if _is_short(line)]
    lines += [Box(line.at, line.start, line.at, line.end) for line in vertical if _is_short(line)]
    strays = (box for box in (*lines, *ticks, *slants, *blots) if _is_part_of_digit(box))
    return Strokes(
        level=tuple(sorted([*horizontal, *level])),
        upright=tuple(sorted([*vertical, *upright])),
        slants=tuple(slants),
        strays=tuple(sorted(strays, key=_top)),
    )


def are_strays_in(strays: Sequence[Box], cell: Box) -> bool:
    """Whether something that may be a digit is drawn inside a cell; what is level is a dash or underlines."""
    for stray in strays:
        x, y = (stray.left + stray.right) / 2, (stray.top + stray.bottom) / 2
        if (
            cell.left + _EDGE < x < cell.right - _EDGE
            and cell.top + _EDGE < y < cell.bottom - _EDGE
            and not _is_level(stray)
        ):
            return True
    return False


def _is_short(line: Segment) -> bool:
    return line.end - line.start <= _LONGEST_PART


def _is_part_of_digit(box: Box) -> bool:
    return max(box.right - box.left, box.bottom - box.top) <= _LONGEST_PART


def _doubted(char: Char) -> Char:
    if char.text not in FIGURE_CHARACTERS:
        return char
    return char._replace(
        why=(*char.why, Look.OTHERWISE.because("more strokes on the page than can be compared with it"))
    )


def _is_level(box: Box) -> bool:
    return box.right - box.left > box.bottom - box.top


def _meet(one: Box, char: Char) -> bool:
    return one.left < char.right and char.left < one.right and one.top < char.bottom and char.top < one.bottom
