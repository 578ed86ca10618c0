"""Tables that stand on their side: applicants, outcomes or items down the first columns, the form's rows across the top."""

from __future__ import annotations

from itertools import islice, zip_longest

from extract.forms import FORMS
from extract.model import Cell, Grid
from extract.tables.labels import Meaning, meaning_of

#: Labels stand within so many columns from the left and rows from the top: groups have cells of their own before and above them.
_LABEL_COLUMNS, _LABEL_ROWS = 3, 4
#: So many different columns of the form down one column, and rows of the form across one row, are a table on its side.
_FEWEST = {"applications": (4, 5), "challenges": (3, 2), "disclosure": (3, 2)}
_TABLES = tuple(FORMS["2021"].tables)


def upright(grid: Grid) -> Grid:
    """The grid with the form's rows as rows."""
    if len(grid.rows) < min(_FEWEST["challenges"]) or not _is_on_its_side(grid):
        return grid
    return Grid(tuple(zip_longest(*grid.rows)), grid.where)


def _is_on_its_side(grid: Grid) -> bool:
    down = [_meanings(column) for column in islice(zip_longest(*grid.rows), _LABEL_COLUMNS)]
    across = [_meanings(row) for row in grid.rows[:_LABEL_ROWS]]
    for table in _TABLES:
        columns, rows = _FEWEST[table]
        if max(len(_codes(meanings, table, of_rows=False)) for meanings in down) < columns:
            continue
        if max(len(_codes(meanings, table, of_rows=True)) for meanings in across) >= rows:
            return True
    return False


def _meanings(cells: tuple[Cell | None, ...]) -> list[Meaning]:
    found = (meaning_of(cell.text) for cell in cells if cell is not None and cell.text)
    return [meaning for meaning in found if meaning.exact]


def _codes(meanings: list[Meaning], table: str, *, of_rows: bool) -> set[str]:
    """The codes of rows or columns that are named; a word that may be either (其他, 总计) says nothing."""
    named = (meaning.rows if of_rows else meaning.columns for meaning in meanings)
    both = {meaning.key for meaning in meanings if table in meaning.rows and table in meaning.columns}
    return {
        codes[table]
        for codes, meaning in zip(named, meanings, strict=True)
        if table in codes and meaning.key not in both
    }
