"""Printed lines without rulings → rows: the texts of a line, parted by wide gaps, and the close lines that make one row.

Only the places of characters decide here; in which column a figure stands is the question of `unruled_columns`.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from extract.layout.celltext import distance, em_of, line_text
from extract.layout.geometry import overlapping, union

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from extract.document.where import Box
    from extract.layout.flow import TextLine
    from extract.layout.page import Char, PageInk

_FIGURE = re.compile(
    r"[-+－−＋]?[\d０-９][\d０-９,，.．]*(?:[%％]|[件条次项个份宗例起人]|[百千万亿]?元)?|[-—–－/／]{1,2}|无"
)
ORDINAL = re.compile(
    r"[（(][一二三四五六七八九十\d]{1,3}[）)]|[一二三四五六七八九十]{1,3}[、.．]|\d{1,2}[、.．](?!\d)|第"
)
_HEADING = re.compile(r"[一二三四五六七八九十]{1,2}\s*、")
# Characters behind this one fill an em; a line of dashes doesn't tell how wide that is.
_FULL_WIDTH = "\u2e80"
# Gaps and leading in widths of a full character.
_GAP, LEADING = 0.6, 1.45
# Han characters of one text stand up to 0.16 apart on real pages; headers that fill their columns from 0.3 on.
_HEADER_GAP, _WIDER = 0.22, 0.15
_LONG_RULING = 0.25
# Lines less than this part of a character's width apart stand beside each other.
INTERLEAVED = 0.9
_SHORTEST_HEADING = 5
# A row of so many figures, or of so many headers, is no sentence.
STRONG_ROW = 3
# The characters of a label set apart over the width of its cell stand so far apart at most.
_SPREAD, _ALSO_WORDS = 1.5, frozenset({"无"})


@dataclass(frozen=True, slots=True)
class PrintedText:
    """Characters of a line without a wide gap between them."""

    text: str
    box: Box
    chars: tuple[Char, ...]
    is_word: bool = False  # part of a label, whatever it looks like

    @property
    def is_figure(self) -> bool:
        """Whether it is a printed value: a number, a dash or 无, that is no part of a label."""
        return not self.is_word and _FIGURE.fullmatch(self.text.replace(" ", "")) is not None


@dataclass(frozen=True, slots=True)
class PrintedRow:
    """One or more printed lines that belong to one row of the table, top to bottom."""

    tokens: tuple[PrintedText, ...]
    top: float
    bottom: float
    em: float

    @property
    def figures(self) -> list[PrintedText]:
        """The figures of the row: the numbers to the right of its label."""
        return [token for token in self.tokens if token.is_figure]

    @property
    def width(self) -> int:
        """How many texts stand beside each other, those of one cell's lines being one."""
        return len(overlapping(sorted((token.box.left, token.box.right) for token in self.tokens)))


def _em(line: TextLine) -> float:
    return em_of([char for char in line.chars if char.text > _FULL_WIDTH] or line.chars)


def _tokens(line: TextLine, em: float, labels_end: float) -> list[PrintedText]:
    """The texts of a line, parted by wide gaps; what begins left of `labels_end` is no figure.

    Headers fill their columns: in a line without figures, much narrower gaps part them too, if there are several of them.
    """
    groups = _grouped(line.chars, lambda left, right: distance(left, right, em) <= _GAP * em)
    tokens = [_token(group, labels_end) for group in groups]
    if len(tokens) > 1 and not any(token.is_figure for token in tokens):
        finer = [piece for group in groups for piece in _parted(group, em)]
        if len(finer) >= STRONG_ROW:
            tokens = [_token(group, labels_end) for group in finer]
    return _worded(tokens, em)


def _worded(tokens: list[PrintedText], em: float) -> list[PrintedText]:
    """The texts of a line, told apart from figures: a label whose characters are set apart may begin with its number, or with 无."""
    spread = [
        tokens[at].text in _ALSO_WORDS or ORDINAL.fullmatch(tokens[at].text) is not None
        for at in range(len(tokens) - 1)
    ]
    return [
        replace(token, is_word=True)
        if at < len(spread) and spread[at] and _goes_on(token, tokens[at + 1], em)
        else token
        for at, token in enumerate(tokens)
    ]


def _grouped(chars: Sequence[Char], belong: Callable[[Char, Char], bool]) -> list[list[Char]]:
    groups: list[list[Char]] = []
    for char in chars:
        if groups and belong(groups[-1][-1], char):
            groups[-1].append(char)
        else:
            groups.append([char])
    return groups


def _token(group: Sequence[Char], labels_end: float) -> PrintedText:
    box = union(group)
    return PrintedText(" ".join(line_text(group).split()), box, tuple(group), box.left < labels_end - 1)


def _parted(group: Sequence[Char], em: float) -> list[list[Char]]:
    """The headers of a group of characters: where two Han characters stand clearly further apart than most of it do, one ends."""
    gaps = [distance(left, right, em) / em for left, right in pairwise(group) if _is_han(left) and _is_han(right)]
    if not gaps:
        return [[*group]]
    widest = max(_HEADER_GAP, median(gaps) + _WIDER) * em
    return _grouped(
        group,
        lambda left, right: not (_is_han(left) and _is_han(right)) or distance(left, right, em) <= widest,
    )


def _is_han(char: Char) -> bool:
    return "\u4e00" <= char.text <= "\u9fff"


def _goes_on(token: PrintedText, following: PrintedText, em: float) -> bool:
    """Whether a word follows so closely that it is of the same cell."""
    return not following.is_figure and following.box.left - token.box.right <= _SPREAD * em


def printed_rows(lines: Sequence[TextLine], page: PageInk, labels_end: float = -math.inf) -> list[PrintedRow]:
    """Rows from lines: close lines that can be lines of the same cells belong together, unless a horizontal ruling parts them.

    What begins left of `labels_end` is no figure.
    """
    rulings = _row_rulings(page)
    rows: list[PrintedRow] = []
    for line in lines:
        em = _em(line)
        row = PrintedRow(tuple(_tokens(line, em, labels_end)), line.chars[0].baseline, line.chars[0].baseline, em)
        last = rows[-1] if rows else None
        if (
            last is not None
            and 0 <= row.bottom - last.bottom <= LEADING * max(row.em, last.em)
            and not any(last.bottom <= at < row.bottom for at in rulings)
            and (_is_beside(last, row) or not (is_running_text(last, page.width) or is_running_text(row, page.width)))
            and _may_be_one(last, row)
        ):
            rows[-1] = PrintedRow(last.tokens + row.tokens, last.top, row.bottom, last.em)
        else:
            rows.append(row)
    return rows


def _is_beside(upper: PrintedRow, lower: PrintedRow) -> bool:
    """Whether a line stands less than a line below another that ends left of it: a cell of two lines beside one of one line."""
    left = min(token.box.left for token in lower.tokens)
    return lower.bottom - upper.bottom < INTERLEAVED * upper.em and upper.tokens[-1].box.right < left


def is_running_text(row: PrintedRow, page_width: float) -> bool:
    """Whether a row is a line of running text or a heading."""
    if len(row.tokens) != 1:
        return False
    only = row.tokens[0]
    is_heading = len(only.text) >= _SHORTEST_HEADING and _HEADING.match(only.text) is not None
    return is_heading or only.box.right - only.box.left > 0.6 * page_width


def _may_be_one(upper: PrintedRow, lower: PrintedRow) -> bool:
    """Whether two close lines can be of one row.

    Figures and the lines of the label on their left can. Of two lines without figures, the lower one goes on with cells of the
    upper one and opens none of its own, or it stands less than a line below: a cell of one line beside cells of two.
    """
    if upper.figures and lower.figures:
        return False
    if upper.figures and _opens_row(upper, lower):
        return False
    if upper.figures or lower.figures:
        label, first = (lower, upper.figures[0]) if upper.figures else (upper, lower.figures[0])
        return all(token.box.left < first.box.left for token in label.tokens)
    if lower.bottom - upper.bottom < INTERLEAVED * upper.em:
        return True
    return all(
        not ORDINAL.match(token.text)
        and any(token.box.left < over.box.right and over.box.left < token.box.right for over in upper.tokens)
        for token in lower.tokens
    )


def _opens_row(upper: PrintedRow, lower: PrintedRow) -> bool:
    """Whether a label below a row that has one at the same place begins with a number of its own."""
    labels = [token for token in upper.tokens if not token.is_figure]
    return any(
        ORDINAL.match(token.text) and any(abs(over.box.left - token.box.left) <= 1 for over in labels)
        for token in lower.tokens
    )


def _row_rulings(page: PageInk) -> list[float]:
    """The heights at which long horizontal rulings stand: tables in the open style have them between the rows."""
    return [line.at for line in page.horizontal if line.end - line.start > _LONG_RULING * page.width]
