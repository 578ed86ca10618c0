"""Tables without rulings: rows of figures that stand in columns by nothing but their places.

Lines that are close together make a row, figures that overlap from row to row make a column. What the places don't show
is left open: a row without any figure gets no cells (never blanks), and where figures of one row fall into one column
there is no table.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from extract.document.joined import join_pieces
from extract.document.where import Box
from extract.layout.celltext import line_text
from extract.layout.geometry import union
from extract.layout.look import cell_look
from extract.layout.ruled import RuledTable
from extract.model import Cell, Grid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extract.document.limits import Budget
    from extract.layout.flow import TextLine
    from extract.layout.page import Char, PageInk

_FIGURE = re.compile(
    r"[-+－−＋]?[\d０-９][\d０-９,，.．]*(?:[%％]|[件条次项个份宗例起人]|[百千万亿]?元)?|[-—–－/／]{1,2}|无"
)
_ORDINAL = re.compile(
    r"[（(][一二三四五六七八九十\d]{1,3}[）)]|[一二三四五六七八九十]{1,3}[、.．]|\d{1,2}[、.．](?!\d)|第"
)
_HEADING = re.compile(r"[一二三四五六七八九十]{1,2}\s*、")
# Gaps and leading in widths of a full character.
_GAP, _LEADING, _FAR = 0.6, 1.45, 4.5
_LONG_RULING = 0.25
_INTERLEAVED, _SHORTEST_HEADING = 0.9, 5
_STRONG_ROW, _STRONG_ROWS, _WIDE_ROW = 3, 2, 7


@dataclass(frozen=True, slots=True)
class _Token:
    """Characters of a line without a wide gap between them."""

    text: str
    box: Box
    chars: tuple[Char, ...]

    @property
    def is_figure(self) -> bool:
        return _FIGURE.fullmatch(self.text.replace(" ", "")) is not None


@dataclass(frozen=True, slots=True)
class _Row:
    """One or more printed lines that belong to one row of the table, top to bottom."""

    tokens: tuple[_Token, ...]
    top: float
    bottom: float
    em: float

    @property
    def figures(self) -> list[_Token]:
        """The figures of the row: the numbers to the right of its label."""
        return [token for token in self.tokens if token.is_figure]


def find_unruled(lines: Sequence[TextLine], page: PageInk, budget: Budget) -> list[RuledTable]:
    """The unruled tables among the printed lines that no ruled table took, top to bottom."""
    tables = []
    for region in _regions(_rows(lines, page), page.width):
        for block in _blocks(region):
            table = _table(block, page, budget)
            if table is not None:
                tables.append(table)
    return tables


def _tokens(line: TextLine) -> list[_Token]:
    groups: list[list[Char]] = []
    for char in line.chars:
        if groups and _distance(groups[-1][-1], char, line.em) <= _GAP * line.em:
            groups[-1].append(char)
        else:
            groups.append([char])
    return [
        _Token(
            " ".join(line_text(group).split()),
            union(group),
            tuple(group),
        )
        for group in groups
    ]


def _distance(last: Char, char: Char, em: float) -> float:
    """The gap between two neighbours; full-width characters (punctuation is small in its place) count as one em wide."""
    right = (last.left + last.right) / 2 + em / 2 if last.text > "\u2e80" else last.right
    left = (char.left + char.right) / 2 - em / 2 if char.text > "\u2e80" else char.left
    return left - right


def _rows(lines: Sequence[TextLine], page: PageInk) -> list[_Row]:
    """Rows from lines: close lines that can be lines of the same cells belong together, unless a horizontal ruling parts them."""
    rulings = _row_rulings(page)
    rows: list[_Row] = []
    for line in lines:
        row = _Row(tuple(_tokens(line)), line.chars[0].baseline, line.chars[0].baseline, line.em)
        last = rows[-1] if rows else None
        if (
            last is not None
            and 0 <= row.bottom - last.bottom <= _LEADING * max(row.em, last.em)
            and not any(last.bottom <= at < row.bottom for at in rulings)
            and not _is_prose(last, page.width)
            and not _is_prose(row, page.width)
            and _may_be_one(last, row)
        ):
            rows[-1] = _Row(last.tokens + row.tokens, last.top, row.bottom, last.em)
        else:
            rows.append(row)
    return rows


def _is_prose(row: _Row, page_width: float) -> bool:
    """Whether a row is a line of running text or a heading."""
    if len(row.tokens) != 1:
        return False
    only = row.tokens[0]
    is_heading = len(only.text) >= _SHORTEST_HEADING and _HEADING.match(only.text) is not None
    return is_heading or only.box.right - only.box.left > 0.6 * page_width


def _may_be_one(upper: _Row, lower: _Row) -> bool:
    """Whether two close lines can be of one row.

    Figures and the lines of the label on their left can. Of two lines without figures, the lower one goes on with cells of the
    upper one and opens none of its own, or it stands less than a line below: a cell of one line beside cells of two.
    """
    if upper.figures and lower.figures:
        return False
    if upper.figures or lower.figures:
        label, first = (lower, upper.figures[0]) if upper.figures else (upper, lower.figures[0])
        return all(token.box.left < first.box.left for token in label.tokens)
    if lower.bottom - upper.bottom < _INTERLEAVED * upper.em:
        return True
    return all(
        not _ORDINAL.match(token.text)
        and any(token.box.left < over.box.right and over.box.left < token.box.right for over in upper.tokens)
        for token in lower.tokens
    )


def _row_rulings(page: PageInk) -> list[float]:
    """The heights at which long horizontal rulings stand: tables in the open style have them between the rows."""
    return [line.at for line in page.horizontal if line.end - line.start > _LONG_RULING * page.width]


def _regions(rows: list[_Row], page_width: float) -> list[list[_Row]]:
    """Runs of rows that hold figures in columns, with the headers above them."""
    regions: list[list[_Row]] = []
    run: list[_Row] = []
    for row in rows:
        is_prose = _is_prose(row, page_width)
        is_far = bool(run) and row.top - run[-1].bottom > _FAR * row.em
        if is_prose or is_far:
            regions.append(run)
            run = []
        if not is_prose:
            run.append(row)
    regions.append(run)
    return [region for region in regions if _is_tabular(region)]


def _is_tabular(region: list[_Row]) -> bool:
    """Several rows of several figures, or one of so many that no sentence has them."""
    counts = [len(row.figures) for row in region]
    return sum(count >= _STRONG_ROW for count in counts) >= _STRONG_ROWS or max(counts, default=0) >= _WIDE_ROW


def _blocks(region: list[_Row]) -> list[list[_Row]]:
    """Parts of a region with one set of columns: a row of headers after rows of figures begins a new one."""
    blocks: list[list[_Row]] = [[]]
    for row in region:
        is_header = not row.figures and len(row.tokens) >= 2
        if is_header and any(earlier.figures for earlier in blocks[-1]):
            blocks.append([])
        blocks[-1].append(row)
    return [block for block in blocks if any(row.figures for row in block)]


def _table(block: list[_Row], page: PageInk, budget: Budget) -> RuledTable | None:
    columns = _columns(block)
    if columns is None or len(columns) > budget.limits.max_columns:
        return None
    budget.add_cells(len(block) * (len(columns) + 4))
    first_figure = columns[0][0]
    labels = _label_edges(block, first_figure)
    rows = [_cells(row, labels, columns, page) for row in block]
    box = union([token.box for row in block for token in row.tokens])
    edges = (*labels, *(_middle(columns, number) for number in range(len(columns))), max(box.right, columns[-1][1]))
    taken = frozenset(char.serial for row in block for token in row.tokens for char in token.chars)
    return RuledTable(Grid(tuple(rows), page.where(box)), box, edges, taken, frozenset())


def _middle(columns: list[tuple[float, float]], number: int) -> float:
    """The left edge of a column: half-way to its neighbour."""
    return columns[number][0] if number == 0 else (columns[number - 1][1] + columns[number][0]) / 2


def _columns(block: list[_Row]) -> list[tuple[float, float]] | None:
    """Left and right of the columns of figures, headers of blank columns included; `None` if two figures share one."""
    spans = sorted((token.box.left - 1, token.box.right + 1) for row in block for token in row.figures)
    columns = _overlapping(spans)
    header = [token for row in block if not row.figures for token in row.tokens if len(row.tokens) >= 2]
    for token in header:
        center = (token.box.left + token.box.right) / 2
        if center > columns[0][0] and not any(
            left <= token.box.right and token.box.left <= right for left, right in columns
        ):
            columns = _overlapping(sorted([*columns, (token.box.left, token.box.right)]))
    for row in block:
        places = [_column_of(token, columns) for token in row.figures]
        if len(set(places)) < len(places):
            return None
    return columns


def _overlapping(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    columns: list[tuple[float, float]] = []
    for left, right in spans:
        if columns and left <= columns[-1][1]:
            columns[-1] = (columns[-1][0], max(columns[-1][1], right))
        else:
            columns.append((left, right))
    return columns


def _column_of(token: _Token, columns: list[tuple[float, float]]) -> int:
    center = (token.box.left + token.box.right) / 2
    return min(range(len(columns)), key=lambda number: abs(center - sum(columns[number]) / 2))


def _label_edges(block: list[_Row], right: float) -> list[float]:
    """Where the columns of labels begin, left of the figures."""
    starts = sorted(
        token.box.left for row in block for token in row.tokens if token.box.left < right and not token.is_figure
    )
    edges: list[float] = []
    for start in starts:
        if not edges or start - edges[-1] > 1.5 * block[0].em:
            edges.append(start)
    return edges or [right - 1]


def _cells(
    row: _Row, labels: list[float], columns: list[tuple[float, float]], page: PageInk
) -> tuple[Cell | None, ...]:
    """The cells of a row; blanks only in rows that show at least one figure."""
    inside: dict[int, list[_Token]] = {}
    for token in row.tokens:
        if not token.is_figure and token.box.left < columns[0][0]:
            place = max(number for number, edge in enumerate(labels) if number == 0 or token.box.left >= edge - 1)
        else:
            place = len(labels) + _column_of(token, columns)
        inside.setdefault(place, []).append(token)
    cells: list[Cell | None] = []
    for place in range(len(labels) + len(columns)):
        tokens = inside.get(place)
        if tokens:
            text = join_pieces(token.text for token in tokens)
            box = union([token.box for token in tokens])
            look = cell_look([char for token in tokens for char in token.chars], box, page)
            cells.append(Cell(text, page.where(box), unread="\ufffd" in text, look=look))
        elif place >= len(labels) and row.figures:
            left, right = columns[place - len(labels)]
            box = union([token.box for token in row.tokens])
            blank = Box(left, box.top, right, box.bottom)
            cells.append(Cell("", page.where(blank), look=cell_look((), blank, page)))
        else:
            cells.append(None)
    return tuple(cells)
