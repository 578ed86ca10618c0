"""Which rows are a table: runs of rows that hold figures in columns, and the parts of a run that have one set of columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from extract.layout.unruled_columns import figure_columns, fits
from extract.layout.unruled_rows import ORDINAL, STRONG_ROW, is_running_text

if TYPE_CHECKING:
    from extract.layout.unruled_columns import FigureColumns
    from extract.layout.unruled_rows import PrintedRow

# A gap between rows that ends a run, in widths of a full character.
_FAR = 4.5
_STRONG_ROWS, _WIDE_ROW, _WIDE_HEADER = 2, 7, 5


def regions_of(rows: list[PrintedRow], page_width: float) -> list[list[PrintedRow]]:
    """Runs of rows that hold figures in columns, with the headers above them.

    A label may look like a heading; then the rows below it go on in the columns of those above.
    """
    regions: list[list[PrintedRow]] = []
    for run, parting in runs_parted(rows, page_width):
        if (
            regions
            and parting is not None
            and (_is_wide_header(regions[-1]) or _goes_on_below(regions[-1], parting, run))
        ):
            regions[-1] += [parting, *run]
        else:
            regions.append(run)
    return [region for region in regions if _is_tabular(region)]


def runs_parted(rows: list[PrintedRow], page_width: float) -> list[tuple[list[PrintedRow], PrintedRow | None]]:
    """Runs of rows that no running text and no wide gap parts, each with the line of running text that stands right above it."""
    regions: list[tuple[list[PrintedRow], PrintedRow | None]] = []
    run: list[PrintedRow] = []
    parting: PrintedRow | None = None
    last: PrintedRow | None = None
    for row in rows:
        is_prose = is_running_text(row, page_width)
        is_far = last is not None and row.top - last.bottom > _FAR * row.em
        if is_prose or is_far:
            regions.append((run, parting))
            run, parting = [], row if is_prose and not is_far else None
        if not is_prose:
            run.append(row)
        last = row
    regions.append((run, parting))
    return regions


def _is_wide_header(region: list[PrintedRow]) -> bool:
    """Whether a region is nothing but headers, of so many columns that it is no text: what stands right below is a label."""
    return not any(row.figures for row in region) and any(row.width >= _WIDE_HEADER for row in region)


def _goes_on_below(region: list[PrintedRow], parting: PrintedRow, run: list[PrintedRow]) -> bool:
    """Whether what looks like a heading is a label of the table above it."""
    above = blocks_of(region)
    columns = figure_columns(above[-1]) if above and _is_tabular(above[-1]) else None
    return columns is not None and not columns.is_open and is_label_within(parting, run, columns)


def is_label_within(parting: PrintedRow, run: list[PrintedRow], columns: FigureColumns) -> bool:
    """Whether what looks like a heading stands where labels do, and the rows below it have no headers and stand in the columns."""
    blocks = blocks_of(run)
    return bool(blocks) and parting.tokens[-1].box.right <= columns.left and fits(blocks[0], columns)


def _is_tabular(region: list[PrintedRow]) -> bool:
    """Several rows of several figures, or one of so many that no sentence has them, or rows below several headers."""
    counts = [len(row.figures) for row in region]
    if sum(count >= STRONG_ROW for count in counts) >= _STRONG_ROWS or max(counts, default=0) >= _WIDE_ROW:
        return True
    return _is_headed(region)


def _is_headed(region: list[PrintedRow]) -> bool:
    """Whether figures stand below a row of several headers: in several rows, one of which has more than one, or in one below many."""
    headers = [row.width for row in region if not row.figures]
    counts = [len(row.figures) for row in region if row.figures]
    if max(headers, default=0) < STRONG_ROW or max(counts, default=0) < 2:
        return False
    return max(headers) >= _WIDE_HEADER or len(counts) >= _STRONG_ROWS


def blocks_of(region: list[PrintedRow]) -> list[list[PrintedRow]]:
    """Parts of a region with one set of columns: a row of headers after rows of figures begins a new one."""
    blocks: list[list[PrintedRow]] = [[]]
    for row in region:
        is_header = not row.figures and row.width >= 2 and not any(ORDINAL.match(token.text) for token in row.tokens)
        if is_header and any(earlier.figures for earlier in blocks[-1]):
            blocks.append([])
        blocks[-1].append(row)
    return [block for block in blocks if any(row.figures for row in block)]
