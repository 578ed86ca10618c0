"""Tables without rulings: rows of figures that stand in columns by nothing but their places.

Lines that are close together make a row, figures that overlap from row to row make a column. What the places don't show
is left open: a row without any figure gets no cells (never blanks), and where figures of one row fall into one column
there is no table.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from extract.document.drawn import has_digit
from extract.document.joined import join_pieces
from extract.document.where import Box
from extract.layout.celltext import distance, em_of, line_text
from extract.layout.flow import numbers_page
from extract.layout.geometry import cluster, union
from extract.layout.look import RULINGS, cell_look
from extract.layout.ruled import RuledTable
from extract.model import Cell, Grid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

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
# Characters behind this one fill an em; a line of dashes doesn't tell how wide that is.
_FULL_WIDTH = "\u2e80"
# Gaps and leading in widths of a full character.
_GAP, _LEADING, _FAR = 0.6, 1.45, 4.5
# Han characters of one text stand up to 0.16 apart on real pages; headers that fill their columns from 0.3 on.
_HEADER_GAP, _WIDER = 0.22, 0.15
_LONG_RULING = 0.25
_INTERLEAVED, _SHORTEST_HEADING = 0.9, 5
_STRONG_ROW, _STRONG_ROWS, _WIDE_ROW, _WIDE_HEADER = 3, 2, 7, 5
# Headers that begin within this many widths of a full character begin at the same edge.
_SAME_EDGE = 0.6
# Labels that begin so much apart are of different columns.
_SAME_LABEL = 1.5
# The characters of a label set apart over the width of its cell stand so far apart at most.
_SPREAD, _ALSO_WORDS = 1.5, frozenset({"无"})


@dataclass(frozen=True, slots=True)
class _Token:
    """Characters of a line without a wide gap between them."""

    text: str
    box: Box
    chars: tuple[Char, ...]
    is_word: bool = False  # part of a label, whatever it looks like

    @property
    def is_figure(self) -> bool:
        return not self.is_word and _FIGURE.fullmatch(self.text.replace(" ", "")) is not None


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

    @property
    def width(self) -> int:
        """How many texts stand beside each other, those of one cell's lines being one."""
        return len(_overlapping(sorted((token.box.left, token.box.right) for token in self.tokens)))


@dataclass(frozen=True, slots=True)
class _Columns:
    """The columns of figures from left to right.

    Attributes:
        spans: Left and right of what stands in each.
        starts: The left edges of their headers, where these stand flush left in their columns; else empty.
        is_open: Some figures have no header above them, while some headers have no figures below: nobody can tell whose they are.
    """

    spans: tuple[tuple[float, float], ...]
    starts: tuple[float, ...] = ()
    is_open: bool = False

    @property
    def left(self) -> float:
        """Where the labels end."""
        return self.starts[0] if self.starts else self.spans[0][0]

    def of(self, token: _Token) -> int:
        """The column in which a figure or a header stands."""
        center = (token.box.left + token.box.right) / 2
        if self.starts:
            return max(0, bisect_right(self.starts, center) - 1)
        return min(range(len(self.spans)), key=lambda number: abs(center - sum(self.spans[number]) / 2))

    def holding(self, token: _Token) -> int | None:
        """The only column in whose width a figure stands."""
        found = [number for number, span in enumerate(self.spans) if _overlap(token, span)]
        return found[0] if len(found) == 1 and found[0] == self.of(token) else None

    def around(self, number: int, box: Box) -> Box:
        """The room of a cell of a column (below 0: of labels), up to half-way to its neighbours, with what rulings would take of it."""
        if number < 0:
            return box
        ends = [span[1] for span in self.spans[:number]]
        starts = [span[0] for span in self.spans[number + 1 :]]
        left = (ends[-1] + box.left) / 2 if ends else box.left - RULINGS
        right = (starts[0] + box.right) / 2 if starts else box.right + RULINGS
        return Box(
            min(left, box.left - RULINGS), box.top - RULINGS, max(right, box.right + RULINGS), box.bottom + RULINGS
        )

    def headed_by(self, token: _Token) -> int:
        """The column that a text heads; of a group of columns the first, where headers stand flush left."""
        return max(0, bisect_right(self.starts, token.box.left + 1) - 1) if self.starts else self.of(token)

    def is_label(self, token: _Token) -> bool:
        """Whether a text stands left of the figures."""
        return not token.is_figure and token.box.left < self.left - (1 if self.starts else 0)


@dataclass(frozen=True, slots=True)
class OpenTable:
    """A table that ends a page and may go on overleaf: its columns, where those of its labels begin, its right edge."""

    columns: _Columns
    labels: tuple[float, ...]
    right: float


def find_unruled(
    lines: Sequence[TextLine], page: PageInk, budget: Budget, before: OpenTable | None = None
) -> tuple[list[RuledTable], OpenTable | None]:
    """The unruled tables among the printed lines that no ruled table took, top to bottom, and the one that ends the page.

    `before`: the table that ends the page before; it goes on if the page begins with rows without headers whose figures stand in its
    columns.
    """
    body = [line for line in lines if not numbers_page(line, page)]
    found: list[tuple[RuledTable, OpenTable | None]] = []
    gone_on = _gone_on(body, page, before, budget) if before is not None and body else None
    if gone_on is not None:
        found.append(gone_on)
        body = [line for line in body if line.chars[0].serial not in gone_on[0].taken]
    found += _new_tables(body, page, budget)
    tables = [table for table, _ in found]
    return tables, found[-1][1] if tables and _ends_page(*found[-1], body) else None


def _ends_page(table: RuledTable, goes_on: OpenTable | None, lines: Sequence[TextLine]) -> bool:
    """Whether nothing stands below a table but the beginning of a label that goes on overleaf."""
    below = [line for line in lines if line.box.top > table.box.bottom and line.chars[0].serial not in table.taken]
    return goes_on is not None and all(line.box.right <= goes_on.columns.left for line in below)


def _new_tables(
    lines: Sequence[TextLine], page: PageInk, budget: Budget
) -> Iterator[tuple[RuledTable, OpenTable | None]]:
    """The tables that begin among some lines, and how each goes on overleaf if it ends the page."""
    for region in _regions(_rows(lines, page), page.width):
        for block in _blocks(region):
            columns = _columns(block)
            table = _table(block, columns, page, budget) if columns is not None else None
            if columns is not None and table is not None:
                goes_on = OpenTable(columns, tuple(_label_edges(block, columns)), table.edges[-1])
                yield table, goes_on if not columns.is_open else None


def _gone_on(
    lines: Sequence[TextLine], page: PageInk, before: OpenTable, budget: Budget
) -> tuple[RuledTable, OpenTable] | None:
    """The part of a table that a page begins with, and the whole as it goes on; `None` if the rows aren't its rows for sure."""
    columns = before.columns
    (run, _), *others = _runs_parted(_rows(lines, page, columns.left), page.width)
    for other, parting in others:
        if parting is None or not _is_label_within(parting, other, columns):
            break
        run += [parting, *other]
    blocks = _blocks(run)
    if not blocks or not _fits(blocks[0], columns):
        return None
    whole = OpenTable(columns, _labels_with(before.labels, blocks[0], columns), before.right)
    table = _table(blocks[0], columns, page, budget, whole)
    return (table, whole) if table is not None else None


def _fits(block: list[_Row], columns: _Columns) -> bool:
    """Whether no header stands above the first figures of a block, and each figure in one column, two of a row never in the same."""
    first = next(number for number, row in enumerate(block) if row.figures)
    if any(token.box.right > columns.left for row in block[:first] for token in row.tokens):
        return False
    places = [[columns.holding(token) for token in row.figures] for row in block]
    return not any(None in place or len(set(place)) < len(place) for place in places)


def _labels_with(known: tuple[float, ...], block: list[_Row], columns: _Columns) -> tuple[float, ...]:
    """Where the columns of labels begin: those of the page before, and others that a block has."""
    apart = _SAME_LABEL * block[0].em
    own = [edge for edge in _label_edges(block, columns) if edge < columns.left - 1]
    return tuple(sorted([*known, *(edge for edge in own if all(abs(edge - other) > apart for other in known))]))


def _em(line: TextLine) -> float:
    return em_of([char for char in line.chars if char.text > _FULL_WIDTH] or line.chars)


def _tokens(line: TextLine, em: float, labels_end: float) -> list[_Token]:
    """The texts of a line, parted by wide gaps; what begins left of `labels_end` is no figure.

    Headers fill their columns: in a line without figures, much narrower gaps part them too, if there are several of them.
    """
    groups = _grouped(line.chars, lambda left, right: distance(left, right, em) <= _GAP * em)
    tokens = [_token(group, labels_end) for group in groups]
    if len(tokens) > 1 and not any(token.is_figure for token in tokens):
        finer = [piece for group in groups for piece in _parted(group, em)]
        if len(finer) >= _STRONG_ROW:
            tokens = [_token(group, labels_end) for group in finer]
    return _worded(tokens, em)


def _worded(tokens: list[_Token], em: float) -> list[_Token]:
    """The texts of a line, told apart from figures: a label whose characters are set apart may begin with its number, or with 无."""
    spread = [
        tokens[at].text in _ALSO_WORDS or _ORDINAL.fullmatch(tokens[at].text) is not None
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


def _token(group: Sequence[Char], labels_end: float) -> _Token:
    box = union(group)
    return _Token(" ".join(line_text(group).split()), box, tuple(group), box.left < labels_end - 1)


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


def _goes_on(token: _Token, following: _Token, em: float) -> bool:
    """Whether a word follows so closely that it is of the same cell."""
    return not following.is_figure and following.box.left - token.box.right <= _SPREAD * em


def _rows(lines: Sequence[TextLine], page: PageInk, labels_end: float = -math.inf) -> list[_Row]:
    """Rows from lines: close lines that can be lines of the same cells belong together, unless a horizontal ruling parts them.

    What begins left of `labels_end` is no figure.
    """
    rulings = _row_rulings(page)
    rows: list[_Row] = []
    for line in lines:
        em = _em(line)
        row = _Row(tuple(_tokens(line, em, labels_end)), line.chars[0].baseline, line.chars[0].baseline, em)
        last = rows[-1] if rows else None
        if (
            last is not None
            and 0 <= row.bottom - last.bottom <= _LEADING * max(row.em, last.em)
            and not any(last.bottom <= at < row.bottom for at in rulings)
            and (_is_beside(last, row) or not (_is_prose(last, page.width) or _is_prose(row, page.width)))
            and _may_be_one(last, row)
        ):
            rows[-1] = _Row(last.tokens + row.tokens, last.top, row.bottom, last.em)
        else:
            rows.append(row)
    return rows


def _is_beside(upper: _Row, lower: _Row) -> bool:
    """Whether a line stands less than a line below another that ends left of it: a cell of two lines beside one of one line."""
    left = min(token.box.left for token in lower.tokens)
    return lower.bottom - upper.bottom < _INTERLEAVED * upper.em and upper.tokens[-1].box.right < left


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
    if upper.figures and _opens_row(upper, lower):
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


def _opens_row(upper: _Row, lower: _Row) -> bool:
    """Whether a label below a row that has one at the same place begins with a number of its own."""
    labels = [token for token in upper.tokens if not token.is_figure]
    return any(
        _ORDINAL.match(token.text) and any(abs(over.box.left - token.box.left) <= 1 for over in labels)
        for token in lower.tokens
    )


def _row_rulings(page: PageInk) -> list[float]:
    """The heights at which long horizontal rulings stand: tables in the open style have them between the rows."""
    return [line.at for line in page.horizontal if line.end - line.start > _LONG_RULING * page.width]


def _regions(rows: list[_Row], page_width: float) -> list[list[_Row]]:
    """Runs of rows that hold figures in columns, with the headers above them.

    A label may look like a heading; then the rows below it go on in the columns of those above.
    """
    regions: list[list[_Row]] = []
    for run, parting in _runs_parted(rows, page_width):
        if (
            regions
            and parting is not None
            and (_is_wide_header(regions[-1]) or _goes_on_below(regions[-1], parting, run))
        ):
            regions[-1] += [parting, *run]
        else:
            regions.append(run)
    return [region for region in regions if _is_tabular(region)]


def _runs_parted(rows: list[_Row], page_width: float) -> list[tuple[list[_Row], _Row | None]]:
    """Runs of rows that no running text and no wide gap parts, each with the line of running text that stands right above it."""
    regions: list[tuple[list[_Row], _Row | None]] = []
    run: list[_Row] = []
    parting: _Row | None = None
    last: _Row | None = None
    for row in rows:
        is_prose = _is_prose(row, page_width)
        is_far = last is not None and row.top - last.bottom > _FAR * row.em
        if is_prose or is_far:
            regions.append((run, parting))
            run, parting = [], row if is_prose and not is_far else None
        if not is_prose:
            run.append(row)
        last = row
    regions.append((run, parting))
    return regions


def _is_wide_header(region: list[_Row]) -> bool:
    """Whether a region is nothing but headers, of so many columns that it is no text: what stands right below is a label."""
    return not any(row.figures for row in region) and any(row.width >= _WIDE_HEADER for row in region)


def _goes_on_below(region: list[_Row], parting: _Row, run: list[_Row]) -> bool:
    """Whether what looks like a heading is a label of the table above it."""
    above = _blocks(region)
    columns = _columns(above[-1]) if above and _is_tabular(above[-1]) else None
    return columns is not None and not columns.is_open and _is_label_within(parting, run, columns)


def _is_label_within(parting: _Row, run: list[_Row], columns: _Columns) -> bool:
    """Whether what looks like a heading stands where labels do, and the rows below it have no headers and stand in the columns."""
    blocks = _blocks(run)
    return bool(blocks) and parting.tokens[-1].box.right <= columns.left and _fits(blocks[0], columns)


def _is_tabular(region: list[_Row]) -> bool:
    """Several rows of several figures, or one of so many that no sentence has them, or rows below several headers."""
    counts = [len(row.figures) for row in region]
    if sum(count >= _STRONG_ROW for count in counts) >= _STRONG_ROWS or max(counts, default=0) >= _WIDE_ROW:
        return True
    return _is_headed(region)


def _is_headed(region: list[_Row]) -> bool:
    """Whether figures stand below a row of several headers: in several rows, one of which has more than one, or in one below many."""
    headers = [row.width for row in region if not row.figures]
    counts = [len(row.figures) for row in region if row.figures]
    if max(headers, default=0) < _STRONG_ROW or max(counts, default=0) < 2:
        return False
    return max(headers) >= _WIDE_HEADER or len(counts) >= _STRONG_ROWS


def _blocks(region: list[_Row]) -> list[list[_Row]]:
    """Parts of a region with one set of columns: a row of headers after rows of figures begins a new one."""
    blocks: list[list[_Row]] = [[]]
    for row in region:
        is_header = not row.figures and row.width >= 2 and not any(_ORDINAL.match(token.text) for token in row.tokens)
        if is_header and any(earlier.figures for earlier in blocks[-1]):
            blocks.append([])
        blocks[-1].append(row)
    return [block for block in blocks if any(row.figures for row in block)]


def _table(
    block: list[_Row], columns: _Columns, page: PageInk, budget: Budget, whole: OpenTable | None = None
) -> RuledTable | None:
    """The table of some rows; `whole` is the one that they go on with."""
    if len(columns.spans) > budget.limits.max_columns:
        return None
    budget.add_cells(len(block) * (len(columns.spans) + 4))
    labels = list(whole.labels) if whole is not None else _label_edges(block, columns)
    rows = [
        _doubted(_cells(row, labels, columns, page), _columns_beside(block, number, columns), len(labels))
        for number, row in enumerate(block)
    ]
    box = union([token.box for row in block for token in row.tokens])
    spans = columns.spans
    right = whole.right if whole is not None else max(box.right, spans[-1][1])
    edges = (*labels, *(_middle(spans, number) for number in range(len(spans))), right)
    taken = frozenset(char.serial for row in block for token in row.tokens for char in token.chars)
    return RuledTable(Grid(tuple(rows), page.where(box)), box, edges, taken, frozenset())


def _columns_beside(block: list[_Row], number: int, columns: _Columns) -> set[int]:
    """The columns in which a line right above or below a row prints something that may be a part of the row's own figure.

    So it may if the line has no label, or stands less than a line away: then it is beside the row.
    """
    row = block[number]
    if not row.figures:
        return set()
    found: set[int] = set()
    for other in block[max(0, number - 1) : number] + block[number + 1 : number + 2]:
        pieces = [token for token in other.tokens if not columns.is_label(token)]
        if _may_be_lines_of(row, pieces, has_label=len(pieces) < len(other.tokens)):
            found.update(columns.of(token) for token in pieces)
    return found


def _may_be_lines_of(row: _Row, pieces: Sequence[_Token], *, has_label: bool) -> bool:
    """Whether texts beside, above or below the figures of a row may be lines of the same cells; those above without a digit are headers."""
    gap = min((_gap(row, token) for token in pieces), default=math.inf)
    if gap < _INTERLEAVED * row.em:
        return True
    is_header = pieces and pieces[0].box.top < row.figures[0].box.top and not any(has_digit(t.text) for t in pieces)
    return gap <= _LEADING * row.em and not has_label and not is_header


def _gap(row: _Row, token: _Token) -> float:
    """How far a text stands above or below the figures of a row."""
    return min(abs(token.chars[0].baseline - figure.chars[0].baseline) for figure in row.figures)


def _doubted(cells: tuple[Cell | None, ...], columns: set[int], labels: int) -> tuple[Cell | None, ...]:
    """The cells of a row, those of some columns of figures unread."""
    return tuple(
        replace(cell, unread=True) if cell is not None and place - labels in columns else cell
        for place, cell in enumerate(cells)
    )


def _middle(spans: Sequence[tuple[float, float]], number: int) -> float:
    """The left edge of a column: half-way to its neighbour."""
    return spans[number][0] if number == 0 else (spans[number - 1][1] + spans[number][0]) / 2


def _columns(block: list[_Row]) -> _Columns | None:
    """The columns of figures, headers of blank columns included; `None` if two figures share one.

    Figures stand below their headers, or headers stand flush left in their columns, or there is a header for each column of figures:
    the columns are those of the view that leaves fewest headers without figures.
    """
    figures = _overlapping(sorted((token.box.left - 1, token.box.right + 1) for row in block for token in row.figures))
    views = (_below_middle(block, figures), _flush_left(block, figures), _side_by_side(block, figures))
    columns = min((view for view in views if view is not None), key=lambda view: (view.is_open, len(view.spans)))
    for row in block:
        places = [columns.of(token) for token in row.figures]
        if len(set(places)) < len(places):
            return None
    return columns


def _headers(block: list[_Row]) -> list[_Token]:
    """The texts of rows without figures, but for captions, which stand alone, and the headers of groups of columns."""
    texts = [token for row in block if not row.figures and row.width >= 2 for token in row.tokens]
    return [token for token in texts if not _heads_several(token, texts)]


def _labels_end(block: list[_Row], figures: list[tuple[float, float]]) -> float:
    """Where the labels of the rows end, left of all figures."""
    first = next(number for number, row in enumerate(block) if row.figures)
    ends = [token.box.right for row in block[first:] for token in row.tokens if token.box.right < figures[0][0]]
    return max(ends, default=0.0)


def _heads_several(token: _Token, headers: Sequence[_Token]) -> bool:
    """Whether a header stands above two others that stand beside each other: that of a group of columns."""
    span = (token.box.left, token.box.right)
    below = sorted(
        (other.box.left, other.box.right)
        for other in headers
        if other.box.top >= token.box.bottom - 1 and _overlap(other, span)
    )
    return len(_overlapping(below)) > 1


def _below_middle(block: list[_Row], figures: list[tuple[float, float]]) -> _Columns:
    """The columns if each header stands above its figures, or above a column without any.

    What stands between the labels and the first figures heads a blank column only if all figures have a header above them: else the
    headers have moved.
    """
    columns = figures
    headers = _headers(block)
    is_whole = _are_headed(figures, headers)
    labels = _labels_end(block, figures) if is_whole else figures[0][0]
    for token in headers:
        over = [span for span in columns if _overlap(token, span)]
        if not over and token.box.left > labels:
            columns = _overlapping(sorted([*columns, (token.box.left, token.box.right)]))
        elif over == columns[:1]:
            columns = [(min(columns[0][0], token.box.left), columns[0][1]), *columns[1:]]
    return _Columns(tuple(columns), is_open=not is_whole and len(columns) > len(figures))


def _are_headed(figures: list[tuple[float, float]], headers: Sequence[_Token]) -> bool:
    """Whether a header stands above each column of figures."""
    return all(any(_overlap(token, span) for token in headers) for span in figures)


def _overlap(token: _Token, span: tuple[float, float]) -> bool:
    return span[0] <= token.box.right and token.box.left <= span[1]


def _side_by_side(block: list[_Row], figures: list[tuple[float, float]]) -> _Columns | None:
    """The columns if there are as many headers beside each other as columns of figures, each between its neighbours'."""
    labels = _labels_end(block, figures)
    headers = _overlapping(
        sorted((token.box.left, token.box.right) for token in _headers(block) if token.box.left > labels)
    )
    if len(headers) != len(figures):
        return None
    spans = [(min(head[0], span[0]), max(head[1], span[1])) for head, span in zip(headers, figures, strict=True)]
    return _Columns(tuple(spans)) if len(_overlapping(spans)) == len(spans) else None


def _flush_left(block: list[_Row], figures: list[tuple[float, float]]) -> _Columns | None:
    """The columns if each begins where its headers do; `None` if the figures of two would stand in one, or beyond its edge."""
    tolerance = _SAME_EDGE * block[0].em
    headers = _headers(block)
    starts = cluster([token.box.left for token in headers], tolerance)
    places = [bisect_right(starts, left + tolerance) - 1 for left, _ in figures]
    if not starts or places[0] < 0 or len(set(places)) < len(places):
        return None
    ends = [*starts[1:], figures[-1][1]]
    if any(right > ends[place] + 1 for place, (_, right) in zip(places, figures, strict=True)):
        return None
    spans = list(zip(starts, ends, strict=True))
    for place, figure in zip(places, figures, strict=True):
        spans[place] = figure
    first = bisect_right(starts, _labels_end(block, figures)) if _are_headed(figures, headers) else places[0]
    return _Columns(tuple(spans[min(first, places[0]) :]), tuple(starts[min(first, places[0]) :]))


def _overlapping(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    columns: list[tuple[float, float]] = []
    for left, right in spans:
        if columns and left <= columns[-1][1]:
            columns[-1] = (columns[-1][0], max(columns[-1][1], right))
        else:
            columns.append((left, right))
    return columns


def _label_edges(block: list[_Row], columns: _Columns) -> list[float]:
    """Where the columns of labels begin, left of the figures."""
    starts = sorted(token.box.left for row in block for token in row.tokens if columns.is_label(token))
    edges: list[float] = []
    for start in starts:
        if not edges or start - edges[-1] > _SAME_LABEL * block[0].em:
            edges.append(start)
    return edges or [columns.left - 1]


def _cells(row: _Row, labels: list[float], columns: _Columns, page: PageInk) -> tuple[Cell | None, ...]:
    """The cells of a row; blanks only in rows that show at least one figure."""
    inside: dict[int, list[_Token]] = {}
    for token in row.tokens:
        if columns.is_label(token):
            place = max(number for number, edge in enumerate(labels) if number == 0 or token.box.left >= edge - 1)
        else:
            place = len(labels) + (columns.of(token) if token.is_figure else columns.headed_by(token))
        inside.setdefault(place, []).append(token)
    cells: list[Cell | None] = []
    for place in range(len(labels) + len(columns.spans)):
        tokens = inside.get(place)
        if tokens:
            text = join_pieces(token.text for token in tokens)
            box = union([token.box for token in tokens])
            around = columns.around(place - len(labels), box)
            look = cell_look([char for token in tokens for char in token.chars], around, page)
            unread = "\ufffd" in text or (columns.is_open and any(token.is_figure for token in tokens))
            cells.append(Cell(text, page.where(box), unread=unread, look=look))
        elif place >= len(labels) and row.figures:
            left, right = columns.spans[place - len(labels)]
            box = union([token.box for token in row.tokens])
            blank = Box(left, box.top, right, box.bottom)
            cells.append(
                Cell(
                    "",
                    page.where(blank),
                    unread=columns.is_open,
                    look=cell_look((), columns.around(place - len(labels), blank), page),
                )
            )
        else:
            cells.append(None)
    return tuple(cells)
