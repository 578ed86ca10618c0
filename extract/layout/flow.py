"""Running text of a PDF page: printed lines, paragraphs, page numbers."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from extract.document.drawn import Look
from extract.document.joined import FIGURE_CHARACTERS
from extract.document.where import Box
from extract.layout.celltext import em_of, line_text, visual_lines
from extract.layout.geometry import union

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from extract.layout.page import Char, PageInk

# A dash on both sides, or words: a lone "-4" is a figure (the year's change in items), never a page number.
_PAGE_NUMBER = re.compile(r"[-—–－‐−·•]\s*\d{1,4}\s*[-—–－‐−·•]|第\s*\d{1,4}\s*页(?:\s*[/，,]?\s*共\s*\d{1,4}\s*页)?")
_LONE_NUMBER = re.compile(r"\d{1,4}(?:\s*/\s*\d{1,4})?")
_OPENS_PARAGRAPH = re.compile(
    r"[一二三四五六七八九十]{1,3}\s*[、.．]|[（(]\s*[一二三四五六七八九十\d]{1,3}\s*[）)]|\d{1,2}\s*[、.．](?!\d)|第[一二三四五六七八九十]+[章条]"
)

#: The share of a page's height at its top and its bottom that holds nothing but running heads and feet.
_RIM = 0.065
_TELLS_LINE = 4
#: Of half a page's height, from its middle: page numbers stand further out.
_OUTSIDE = 0.8
_DIGITS = re.compile(r"[\d\s]+")

#: In heights of a digit, the lines of one cell stand so far apart at most: 1.5 times the size of the type.
_NEXT_LINE = 2.3

#: A title that fills its line is not the beginning of the text below: it is set so much larger.
_OTHER_SIZE = 1.3
_TELLS_SIZE = 6


@dataclass(frozen=True, slots=True)
class TextLine:
    """A printed line outside the ruled tables."""

    text: str
    box: Box
    chars: tuple[Char, ...]
    em: float

    @property
    def order(self) -> float:
        """Vertical place for sorting among the tables of the page."""
        return (self.box.top + self.box.bottom) / 2


def text_lines(chars: Iterable[Char]) -> list[TextLine]:
    """Printed lines of the given characters, top to bottom."""
    return [_text_line(line) for line in visual_lines(list(chars))]


def stream_lines(chars: Sequence[Char]) -> list[TextLine]:
    """Lines in the order of the file's stream: a new one where the pen moves to another line or back.

    Word processors write a table cell by cell, row by row, so this order is a second, independent reading of tables.
    """
    lines: list[list[Char]] = []
    for char in chars:
        if lines:
            last = lines[-1][-1]
            height = max(last.bottom - last.top, char.bottom - char.top, 4.0)
            same_line = abs(char.baseline - last.baseline) <= 0.45 * height
            if same_line and -0.5 * height <= char.left - last.right <= 1.5 * height:
                lines[-1].append(char)
                continue
        lines.append([char])
    return [_text_line(line) for line in lines]


def wrapped_figures(lines: Sequence[TextLine]) -> dict[int, tuple[str, ...]]:
    """Which lines of a stream may be pieces of one figure, and why: one stands right below the other, so they aren't of two columns."""
    found: dict[int, tuple[str, ...]] = {}
    for at, (upper, lower) in enumerate(pairwise(lines)):
        if not FIGURE_CHARACTERS.issuperset(lower.text) or not FIGURE_CHARACTERS.issuperset(upper.text):
            continue
        height = max(char.bottom - char.top for char in (*upper.chars, *lower.chars))
        is_below = 0 < lower.chars[0].baseline - upper.chars[0].baseline <= _NEXT_LINE * height
        if is_below and lower.box.left < upper.box.right and upper.box.left < lower.box.right:
            found[at] = found[at + 1] = (Look.MOVED.because("it may be one figure with the line above or below it"),)
    return found


def _text_line(line: list[Char]) -> TextLine:
    box = union(line)
    return TextLine(" ".join(line_text(line).split()), box, tuple(line), em_of(line))


def page_number_lines(pages: Sequence[tuple[PageInk, Sequence[TextLine]]]) -> set[tuple[int, int]]:
    """Page number and position of the lines that only number the pages.

    `- 4 -` and `第4页` count wherever they stand at the edge of a page. A bare `4` counts only when every page that has
    one at its edge (at least two of them) shows it growing with the pages.
    """
    found: set[tuple[int, int]] = set()
    lone: list[tuple[int, int, int]] = []
    for page, lines in pages:
        for position, line in enumerate(lines):
            if 0.12 * page.height < line.order < 0.88 * page.height:
                continue
            text = line.text.strip()
            if _PAGE_NUMBER.fullmatch(text):
                found.add((page.number, position))
            elif _LONE_NUMBER.fullmatch(text) and (
                position in (0, len(lines) - 1) and abs(2 * line.order - page.height) > _OUTSIDE * page.height
            ):
                lone.append((page.number, position, int(text.partition("/")[0].rstrip())))
    if len(lone) >= 2 and len({number - shown for number, _, shown in lone}) == 1:
        found |= {(number, position) for number, position, _ in lone}
    return found | _running_lines(pages)


def numbers_page(line: TextLine, page: PageInk) -> bool:
    """Whether a line may be the number of its page: a number alone at the edge of the page."""
    at_edge = abs(2 * line.order - page.height) > _OUTSIDE * page.height
    text = line.text.strip()
    return at_edge and (_PAGE_NUMBER.fullmatch(text) or _LONE_NUMBER.fullmatch(text)) is not None


def _running_lines(pages: Sequence[tuple[PageInk, Sequence[TextLine]]]) -> set[tuple[int, int]]:
    """Running heads and feet: lines at the rim of the paper that stand at the same height on most pages, but for their digits.

    Browsers print the date, the title and the address there.
    """
    alike: dict[tuple[str, int], list[tuple[int, int]]] = defaultdict(list)
    for page, lines in pages:
        for position, line in enumerate(lines):
            if _RIM * page.height < line.order < (1 - _RIM) * page.height:
                continue
            words = _DIGITS.sub("", line.text)
            if len(words) >= _TELLS_LINE:
                alike[words, round(line.order)].append((page.number, position))
    return {
        place for places in alike.values() if len(places) >= 2 and 2 * len(places) >= len(pages) for place in places
    }


class ParagraphJoiner:
    """Joins wrapped lines: a line that reaches the right margin goes on in the next one unless that opens anew."""

    def __init__(self, left_margin: float, right_margin: float) -> None:
        self._right = right_margin
        self._left = left_margin

    def continues(self, line: TextLine, previous: TextLine | None) -> bool:
        """Whether `line` goes on with the paragraph that `previous` ends so far."""
        if previous is None or not self._is_full(previous) or _differ_in_size(line, previous):
            return False
        indented = line.box.left > self._left + 1.2 * line.em
        return not indented and not _OPENS_PARAGRAPH.match(line.text)

    def _is_full(self, line: TextLine) -> bool:
        """Whether the line ends at the right margin, so that its sentence may go on."""
        return line.box.right >= self._right - 1.6 * line.em


def _differ_in_size(line: TextLine, other: TextLine) -> bool:
    """Whether two lines are set in sizes as different as a title's and its text's; too few characters tell nothing."""
    if min(len(line.chars), len(other.chars)) < _TELLS_SIZE:
        return False
    return max(line.em, other.em) > _OTHER_SIZE * min(line.em, other.em)


def margins(lines: Sequence[TextLine]) -> tuple[float, float]:
    """Left and right margin of the running text: where its longest lines begin and end."""
    if not lines:
        return 0.0, 0.0
    widest = sorted(lines, key=lambda line: line.box.right - line.box.left, reverse=True)[: max(1, len(lines) // 3)]
    return min(line.box.left for line in widest), max(line.box.right for line in widest)
