"""The columns of figures of a table without rulings: by the places of the figures and of the headers above them."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from extract.document.where import Box
from extract.layout.geometry import cluster, overlapping
from extract.layout.look import RULINGS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extract.layout.unruled_rows import PrintedRow, PrintedText

# Headers that begin within this many widths of a full character begin at the same edge.
_SAME_EDGE = 0.6
# Labels that begin so much apart are of different columns.
SAME_LABEL = 1.5


@dataclass(frozen=True, slots=True)
class FigureColumns:
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

    def of(self, token: PrintedText) -> int:
        """The column in which a figure or a header stands."""
        center = (token.box.left + token.box.right) / 2
        if self.starts:
            return max(0, bisect_right(self.starts, center) - 1)
        return min(range(len(self.spans)), key=lambda number: abs(center - sum(self.spans[number]) / 2))

    def holding(self, token: PrintedText) -> int | None:
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

    def headed_by(self, token: PrintedText) -> int:
        """The column that a text heads; of a group of columns the first, where headers stand flush left."""
        return max(0, bisect_right(self.starts, token.box.left + 1) - 1) if self.starts else self.of(token)

    def is_label(self, token: PrintedText) -> bool:
        """Whether a text stands left of the figures."""
        return not token.is_figure and token.box.left < self.left - (1 if self.starts else 0)


def figure_columns(block: list[PrintedRow]) -> FigureColumns | None:
    """The columns of figures, headers of blank columns included; `None` if two figures share one.

    Figures stand below their headers, or headers stand flush left in their columns, or there is a header for each column of figures:
    the columns are those of the view that leaves fewest headers without figures.
    """
    figures = overlapping(sorted((token.box.left - 1, token.box.right + 1) for row in block for token in row.figures))
    views = (_below_middle(block, figures), _flush_left(block, figures), _side_by_side(block, figures))
    columns = min((view for view in views if view is not None), key=lambda view: (view.is_open, len(view.spans)))
    for row in block:
        places = [columns.of(token) for token in row.figures]
        if len(set(places)) < len(places):
            return None
    return columns


def _headers(block: list[PrintedRow]) -> list[PrintedText]:
    """The texts of rows without figures, but for captions, which stand alone, and the headers of groups of columns."""
    texts = [token for row in block if not row.figures and row.width >= 2 for token in row.tokens]
    return [token for token in texts if not _heads_several(token, texts)]


def _labels_end(block: list[PrintedRow], figures: list[tuple[float, float]]) -> float:
    """Where the labels of the rows end, left of all figures."""
    first = next(number for number, row in enumerate(block) if row.figures)
    ends = [token.box.right for row in block[first:] for token in row.tokens if token.box.right < figures[0][0]]
    return max(ends, default=0.0)


def _heads_several(token: PrintedText, headers: Sequence[PrintedText]) -> bool:
    """Whether a header stands above two others that stand beside each other: that of a group of columns."""
    span = (token.box.left, token.box.right)
    below = sorted(
        (other.box.left, other.box.right)
        for other in headers
        if other.box.top >= token.box.bottom - 1 and _overlap(other, span)
    )
    return len(overlapping(below)) > 1


def _below_middle(block: list[PrintedRow], figures: list[tuple[float, float]]) -> FigureColumns:
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
            columns = overlapping(sorted([*columns, (token.box.left, token.box.right)]))
        elif over == columns[:1]:
            columns = [(min(columns[0][0], token.box.left), columns[0][1]), *columns[1:]]
    return FigureColumns(tuple(columns), is_open=not is_whole and len(columns) > len(figures))


def _are_headed(figures: list[tuple[float, float]], headers: Sequence[PrintedText]) -> bool:
    """Whether a header stands above each column of figures."""
    return all(any(_overlap(token, span) for token in headers) for span in figures)


def _overlap(token: PrintedText, span: tuple[float, float]) -> bool:
    return span[0] <= token.box.right and token.box.left <= span[1]


def _side_by_side(block: list[PrintedRow], figures: list[tuple[float, float]]) -> FigureColumns | None:
    """The columns if there are as many headers beside each other as columns of figures, each between its neighbours'."""
    labels = _labels_end(block, figures)
    headers = overlapping(
        sorted((token.box.left, token.box.right) for token in _headers(block) if token.box.left > labels)
    )
    if len(headers) != len(figures):
        return None
    spans = [(min(head[0], span[0]), max(head[1], span[1])) for head, span in zip(headers, figures, strict=True)]
    return FigureColumns(tuple(spans)) if len(overlapping(spans)) == len(spans) else None


def _flush_left(block: list[PrintedRow], figures: list[tuple[float, float]]) -> FigureColumns | None:
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
    return FigureColumns(tuple(spans[min(first, places[0]) :]), tuple(starts[min(first, places[0]) :]))


def label_edges(block: list[PrintedRow], columns: FigureColumns) -> list[float]:
    """Where the columns of labels begin, left of the figures."""
    starts = sorted(token.box.left for row in block for token in row.tokens if columns.is_label(token))
    edges: list[float] = []
    for start in starts:
        if not edges or start - edges[-1] > SAME_LABEL * block[0].em:
            edges.append(start)
    return edges or [columns.left - 1]


def fits(block: list[PrintedRow], columns: FigureColumns) -> bool:
    """Whether no header stands above the first figures of a block, and each figure in one column, two of a row never in the same."""
    first = next(number for number, row in enumerate(block) if row.figures)
    if any(token.box.right > columns.left for row in block[:first] for token in row.tokens):
        return False
    places = [[columns.holding(token) for token in row.figures] for row in block]
    return not any(None in place or len(set(place)) < len(place) for place in places)
