"""Vertical rulings that a ruled table should have and doesn't: in the cells of a column stand the figures of two.

Figures of one column overlap from row to row. Where the figures of a few cells of one width fall apart into columns that share no place, and
no cell has two in one of them, a ruling was not drawn; what stands in the cells above (two headers) is parted at the same place. One cell
with two figures is enough if the header above it falls apart in the same way.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from itertools import chain, pairwise
from operator import itemgetter
from typing import TYPE_CHECKING

from extract.layout.celltext import distance, em_of, line_text, visual_lines
from extract.layout.geometry import Segment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from extract.layout.page import Char

_FIGURE = re.compile(r"[-+－＋]?[\d０-９][\d０-９,，.．]*|[-—–－/／]{1,2}|无")
_IN_FIGURES = frozenset("-+－＋,，.．—–/／无")
#: The figures of two columns stand so far apart, in heights of a digit: those of one number never do.
_GAP = 1.4
#: Two headers beside each other stand so far apart.
_HEADER_GAP = 1.0
#: So many cells with the figures of two columns: fewer may be a number printed with a wide blank, or a note.
_FEWEST = 3

#: A cell: its row, the first column that it covers, and the one behind its last.
Place = tuple[int, int, int]
_Span = tuple[float, float]
_left, _right = itemgetter(0), itemgetter(1)


def missing_rulings(cells: Mapping[Place, Sequence[Char]], ys: Sequence[float]) -> list[Segment]:
    """The rulings to add, cell by cell.

    Args:
        cells: The characters of each cell of one row in height.
        ys: The edges of the rows.
    """
    by_columns: dict[tuple[int, int], dict[int, Sequence[Char]]] = {}
    for (row, first, behind), chars in cells.items():
        if chars:
            by_columns.setdefault((first, behind), {})[row] = chars
    return [Segment(at, ys[row], ys[row + 1]) for rows in by_columns.values() for at, row in _rulings(rows)]


def _rulings(rows: Mapping[int, Sequence[Char]]) -> Iterator[tuple[float, int]]:
    """Where rulings are missing in the cells of some rows that cover the same columns."""
    figures = {row: found for row, chars in rows.items() if (found := _figures(chars))}
    for at in _missing_edges(rows, figures):
        for row, some in rows.items():
            if row in figures or not any(char.left < at < char.right for char in some):
                yield at, row


def _missing_edges(rows: Mapping[int, Sequence[Char]], figures: Mapping[int, Sequence[_Span]]) -> list[float]:
    """The edges between the columns of figures: as the header above them tells, or enough cells with two figures; else none."""
    twice = sum(len(spans) > 1 for spans in figures.values())
    if not twice:
        return []
    columns = _columns([*chain.from_iterable(figures.values())])
    if not _fall_apart(rows, figures, columns):
        return []
    edges = _below_header([_pieces(some) for row, some in rows.items() if row not in figures], columns)
    if edges or twice < _FEWEST:
        return edges
    chars = [*chain.from_iterable(rows.values())]
    return [_free(left, right, chars) for (_, left), (right, _) in pairwise(columns)]


def _fall_apart(
    rows: Mapping[int, Sequence[Char]], figures: Mapping[int, Sequence[_Span]], columns: Sequence[_Span]
) -> bool:
    """Whether no cell has two figures in one column, and the columns stand as far apart as those of a table do."""
    gap = _GAP * em_of([char for row in figures for char in rows[row]])
    places = [[_column_of(span, columns) for span in spans] for spans in figures.values()]
    if any(len(set(place)) < len(place) for place in places):
        return False
    return not any(right[0] - left[1] < gap for left, right in pairwise(columns))


def _below_header(headers: Sequence[Sequence[_Span]], columns: Sequence[_Span]) -> list[float]:
    """The edges between the pieces of the header that falls apart most, if each belongs to one column of figures; else none.

    Figures stand below their header, or between its left edge and that of the next one, or between its right edge and that of the
    one before: the views that hold must agree.
    """
    pieces = max(headers, key=len, default=())
    if len(pieces) != len(columns):
        return []
    below = [
        [place for place, piece in enumerate(pieces) if piece[0] <= end and start <= piece[1]] for start, end in columns
    ]
    flush_left = [[bisect_right(pieces, start + 1, key=_left) - 1] for start, _ in columns]
    flush_right = [[bisect_left(pieces, end - 1, key=_right)] for _, end in columns]
    views = {edges for view in (below, flush_left, flush_right) if (edges := _edges(pieces, columns, view))}
    return list(views.pop()) if len(views) == 1 else []


def _edges(pieces: Sequence[_Span], columns: Sequence[_Span], view: list[list[int]]) -> tuple[float, ...]:
    """The edges between pieces that each hold a column of figures or none; empty if a view leaves that open."""
    if any(len(places) != 1 or not 0 <= places[0] < len(pieces) for places in view):
        return ()
    places = [places[0] for places in view]
    if len(set(places)) < len(places):
        return ()
    widest = list(pieces)
    for place, (start, end) in zip(places, columns, strict=True):
        widest[place] = (min(start, widest[place][0]), max(end, widest[place][1]))
    if any(right[0] <= left[1] for left, right in pairwise(widest)):
        return ()
    return tuple((left[1] + right[0]) / 2 for left, right in pairwise(widest))


def _pieces(chars: Sequence[Char]) -> list[_Span]:
    """Left and right of the texts of a cell that stand beside each other, their lines put together."""
    spans = []
    for line in visual_lines(chars):
        spans += [(group[0].left, group[-1].right) for group in _groups(line, _HEADER_GAP)]
    return _columns(spans)


def _groups(line: Sequence[Char], gap: float) -> list[list[Char]]:
    """Characters of a line without a wide gap between them."""
    em = em_of(line)
    groups: list[list[Char]] = []
    for char in line:
        if groups and distance(groups[-1][-1], char, em) <= gap * em:
            groups[-1].append(char)
        else:
            groups.append([char])
    return groups


def _figures(chars: Sequence[Char]) -> list[_Span]:
    """Left and right of the figures of a cell; none if it shows anything else."""
    if any(char.text[:1] not in _IN_FIGURES and not char.text[:1].isdecimal() for char in chars):
        return []  # of labels, the first character tells
    lines = visual_lines(chars)
    if len(lines) != 1:
        return []
    groups = _groups(lines[0], _GAP)
    if not all(_FIGURE.fullmatch(line_text(group).replace(" ", "")) for group in groups):
        return []
    return [(group[0].left, group[-1].right) for group in groups]


def _columns(spans: Sequence[_Span]) -> list[_Span]:
    columns: list[_Span] = []
    for left, right in sorted(spans):
        if columns and left <= columns[-1][1]:
            columns[-1] = (columns[-1][0], max(columns[-1][1], right))
        else:
            columns.append((left, right))
    return columns


def _column_of(span: _Span, columns: Sequence[_Span]) -> int:
    return next(number for number, (left, right) in enumerate(columns) if left <= span[0] and span[1] <= right)


def _free(left: float, right: float, chars: Sequence[Char]) -> float:
    """A place between two columns that no character crosses, the nearest to their middle; the middle if there is none."""
    middle = (left + right) / 2
    inside = sorted((char.left, char.right) for char in chars if char.right > left and char.left < right)
    free: list[_Span] = []
    edge = left
    for start, end in inside:
        if start > edge:
            free.append((edge, start))
        edge = max(edge, end)
    if right > edge:
        free.append((edge, right))
    centers = [(start + end) / 2 if not start <= middle <= end else middle for start, end in free]
    return min(centers, key=lambda center: abs(center - middle), default=middle)
