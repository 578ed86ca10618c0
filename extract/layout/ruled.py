"""Tables drawn with rulings: strokes → grid of cells, merged cells included, → the characters inside each.

Rulings that touch form one table, so side-by-side tables and layout boxes stay apart. A cell grows right until a
vertical ruling and down until a horizontal one; that is all there is to merged cells. Vertical labels (one character a
line) need nothing special.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from extract.document.where import Box
from extract.errors import DocumentTooLarge
from extract.layout.celltext import cell_text, is_full
from extract.layout.geometry import Segment, cluster
from extract.layout.look import cell_look
from extract.layout.missing import missing_rulings
from extract.model import Cell, Grid

if TYPE_CHECKING:
    from extract.document.limits import Budget
    from extract.layout.page import Char, PageInk

# Rulings nearer than this are one: cells with borders of their own leave a gap between them.
_SNAP = 3.2
_TOUCH = 3.0
_OVERHANG = 6.0
# More rulings than this on a page are hatching or a chart; no official table has a tenth of them.
_MAX_RULINGS = 3000

#: Row and column of a grid.
_Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class RuledTable:
    """A grid with its box and column edges on the page, and the characters it took (their serial numbers).

    `full_at_end` names the columns in which the text of the last row fills its last line: it may go on overleaf.
    """

    grid: Grid
    box: Box
    edges: tuple[float, ...]
    taken: frozenset[int]
    full_at_end: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Frame:
    horizontal: tuple[Segment, ...]
    vertical: tuple[Segment, ...]
    box: Box
    is_mended: bool = False  # rulings that were not drawn are among them


def find_tables(page: PageInk, budget: Budget) -> list[RuledTable]:
    """The ruled tables of a page, innermost taken first, in no particular order."""
    tables: list[RuledTable] = []
    taken: set[int] = set()
    for frame in _frames(page):
        if any(_holds(frame.box, table.box) for table in tables):
            continue  # a layout box around a table: its other text is running text
        table = _table(frame, page, taken, budget)
        if table is not None:
            taken |= table.taken
            tables.append(table)
    return tables


def _holds(outer: Box, inner: Box) -> bool:
    return (
        outer.left <= inner.left + 1
        and outer.top <= inner.top + 1
        and outer.right >= inner.right - 1
        and outer.bottom >= inner.bottom - 1
    )


def _frames(page: PageInk) -> list[_Frame]:
    horizontal, vertical = page.horizontal, page.vertical
    if len(horizontal) < 2 or len(vertical) < 2 or len(horizontal) + len(vertical) > _MAX_RULINGS:
        return []
    offset = len(horizontal)
    parent = list(range(offset + len(vertical)))

    def find(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for v, (x, top, bottom) in enumerate(vertical):
        for h, (y, left, right) in enumerate(horizontal):
            if left - _TOUCH <= x <= right + _TOUCH and top - _TOUCH <= y <= bottom + _TOUCH:
                parent[find(offset + v)] = find(h)
    groups: dict[int, list[int]] = {}
    for node in range(len(parent)):
        groups.setdefault(find(node), []).append(node)
    frames = []
    for nodes in groups.values():
        across = tuple(horizontal[node] for node in nodes if node < offset)
        down = tuple(vertical[node - offset] for node in nodes if node >= offset)
        if len(across) >= 2 and len(down) >= 2:
            frames.append(_Frame(across, down, _outline(across, down)))
    return sorted(frames, key=lambda f: (f.box.right - f.box.left) * (f.box.bottom - f.box.top))


def _outline(across: tuple[Segment, ...], down: tuple[Segment, ...]) -> Box:
    """The border of a table. Where rulings clearly run past the last one that crosses them, the border isn't drawn.

    Browsers leave out the upper border on a new page; tables in the open style have none at the sides.
    """
    left, right = min(s.at for s in down), max(s.at for s in down)
    top, bottom = min(s.at for s in across), max(s.at for s in across)
    starts, ends = sorted(s.start for s in across), sorted(s.end for s in across)
    tops, bottoms = sorted(s.start for s in down), sorted(s.end for s in down)
    # The second furthest: one stray stroke alone extends nothing.
    return Box(
        starts[1] if starts[1] < left - _OVERHANG else left,
        tops[1] if tops[1] < top - _OVERHANG else top,
        ends[-2] if ends[-2] > right + _OVERHANG else right,
        bottoms[-2] if bottoms[-2] > bottom + _OVERHANG else bottom,
    )


def _with_border(places: list[float], first: float, last: float) -> list[float]:
    """Ruling places with the border put in where it isn't drawn."""
    return [
        *([first] if first < places[0] - _OVERHANG else []),
        *places,
        *([last] if last > places[-1] + _OVERHANG else []),
    ]


def _table(frame: _Frame, page: PageInk, taken: set[int], budget: Budget) -> RuledTable | None:
    box = frame.box
    xs = _with_border(cluster([segment.at for segment in frame.vertical], _SNAP), box.left, box.right)
    ys = _with_border(cluster([segment.at for segment in frame.horizontal], _SNAP), box.top, box.bottom)
    columns, rows = len(xs) - 1, len(ys) - 1
    if columns < 2 or rows < 1:
        return None
    if columns > budget.limits.max_columns:
        raise DocumentTooLarge(
            f"page {page.number} has a table of {columns} columns; the limit is the setting max_columns"
        )
    budget.add_cells(columns * rows)
    owner = _owners(frame, xs, ys)
    inside = _by_cell([char for char in page.chars if char.serial not in taken], owner, xs, ys)
    used = {char.serial for chars in inside.values() for char in chars}
    if not used:
        return None
    spans = _spans(owner)
    if not frame.is_mended:
        one_row = {
            (row, column, spans[row, column][1] + 1): chars
            for (row, column), chars in inside.items()
            if spans[row, column][0] == row
        }
        missing = missing_rulings(one_row, ys)
        if missing:
            return _table(replace(frame, vertical=(*frame.vertical, *missing), is_mended=True), page, taken, budget)
    lines: list[tuple[Cell | None, ...]] = []
    full: set[int] = set()
    for row in range(rows):
        cells: list[Cell | None] = []
        for column in range(columns):
            if owner[row][column] != (row, column):
                cells.append(None)
                continue
            last_row, last_column = spans[row, column]
            place = Box(xs[column], ys[row], xs[last_column + 1], ys[last_row + 1])
            chars = inside.get((row, column), [])
            cells.append(_cell(chars, place, page))
            if last_row == rows - 1 and is_full(chars, place):
                full.add(column)
        lines.append(tuple(cells))
    return RuledTable(Grid(tuple(lines), page.where(frame.box)), frame.box, tuple(xs), frozenset(used), frozenset(full))


def _by_cell(
    chars: list[Char], owner: list[list[_Place]], xs: list[float], ys: list[float]
) -> dict[_Place, list[Char]]:
    """The characters inside the frame by the cell that holds them."""
    inside: dict[_Place, list[Char]] = {}
    for char in chars:
        column = _slot(xs, (char.left + char.right) / 2)
        row = _slot(ys, (char.top + char.bottom) / 2) if column is not None else None
        if column is not None and row is not None:
            inside.setdefault(owner[row][column], []).append(char)
    return inside


def _cell(chars: list[Char], box: Box, page: PageInk) -> Cell:
    text = cell_text(chars, box)
    unread = "\ufffd" in text or (page.scan is not None and not page.scan.confirms(text, box))
    return Cell(text, page.where(box), unread=unread, look=cell_look(chars, box, page))


def _slot(edges: list[float], value: float) -> int | None:
    """The interval that holds a coordinate, with a little slack outside the frame."""
    if value < edges[0] - 1 or value > edges[-1] + 1:
        return None
    return bisect_left(edges, value, 1, len(edges) - 1) - 1


def _owners(frame: _Frame, xs: list[float], ys: list[float]) -> list[list[_Place]]:
    """For each grid position, the upper left position of the cell that covers it."""
    columns, rows = len(xs) - 1, len(ys) - 1
    down = list(zip(*_drawn(frame.vertical, xs, ys), strict=True))  # by row, then by edge
    across = _drawn(frame.horizontal, ys, xs)
    owner: list[list[_Place | None]] = [[None] * columns for _ in range(rows)]
    for row in range(rows):
        for column in range(columns):
            if owner[row][column] is not None:
                continue
            right = column + 1
            while right < columns and not down[row][right] and owner[row][right] is None:
                right += 1
            bottom = row + 1
            while (
                bottom < rows
                and not any(across[bottom][column:right])
                and not any(down[bottom][column + 1 : right])
                and all(owner[bottom][k] is None for k in range(column, right))
            ):
                bottom += 1
            for r in range(row, bottom):
                for c in range(column, right):
                    owner[r][c] = (row, column)
    return [[place if place is not None else (0, 0) for place in line] for line in owner]


def _drawn(segments: tuple[Segment, ...], edges: list[float], across: list[float]) -> list[list[bool]]:
    """For each edge, between which neighbours `across` it a ruling is drawn on it."""
    middles = [(start + end) / 2 for start, end in pairwise(across)]
    lines = [[segment for segment in segments if abs(segment.at - edge) <= _SNAP] for edge in edges]
    return [[any(s.start - 1 <= middle <= s.end + 1 for s in on_edge) for middle in middles] for on_edge in lines]


def _spans(owner: list[list[_Place]]) -> dict[_Place, _Place]:
    """The last row and column that each cell covers."""
    spans: dict[_Place, _Place] = {}
    for row, line in enumerate(owner):
        for column, place in enumerate(line):
            last_row, last_column = spans.get(place, (row, column))
            spans[place] = (max(last_row, row), max(last_column, column))
    return spans
