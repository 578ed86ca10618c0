"""What a carrier leaves open of the places of a row's figures, and what all that the sums allow has in common."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from extract.lexicon.numbers import Printed
from extract.model import State
from extract.tables.binding import COUNTED_WITHOUT_SUM
from extract.tables.place import is_blank, number
from extract.tables.tokens import Token, token_of

#: What is proved may be relied on, but is not certain as what the carrier shows.
PROVED = COUNTED_WITHOUT_SUM
_NOTHING = Printed(None, State.NOTHING)

#: The cells of a row, column by column; `None` where nothing is printed.
Row = tuple[Token | None, ...]


def are_counts(values: Sequence[Token]) -> bool:
    """Whether every cell was read, and shows a count, a dash or nothing."""
    return all(
        value.printed is not None
        and value.printed.state is not State.UNREAD
        and value.printed.is_plain
        and (count := number(value)) >= 0
        and count == int(count)
        for value in values
    )


def in_order(figures: Sequence[Token], width: int) -> Iterator[Row]:
    """Every placement that keeps the order: which cells are blank was lost."""
    for places in combinations(range(width), len(figures)):
        row: list[Token | None] = [None] * width
        for place, figure in zip(places, figures, strict=True):
            row[place] = figure
        yield tuple(row)


def aligned(values: Sequence[Token], width: int) -> Iterator[Row]:
    """Every place that the row as it is printed, blanks included, can begin at: cells were added or cut off at its ends."""
    figures = [(place, value) for place, value in enumerate(values) if not is_blank(value)]
    if not figures:
        yield (None,) * width
        return
    for start in range(-figures[0][0], width - figures[-1][0]):
        row: list[Token | None] = [None] * width
        for place, figure in figures:
            row[start + place] = figure
        yield tuple(row)


def common(cells: Sequence[Token | None], where: str, label: str = "") -> Token | None:
    """The cell that all options have: a figure, a blank, or nothing (0 or a blank); `None` if they differ in more.

    A label that ends in a digit holds what a cell behind it printed: what looks blank may be that 0.
    """
    printed = {(cell.text, number(cell)) if not is_blank(cell) and cell is not None else None for cell in cells}
    if printed == {None} and not label.rstrip()[-1:].isdigit():
        return token_of("", where)
    if len(printed) == 1:
        return cells[0]
    if not any(number(cell) for cell in cells):
        return Token("", where, _NOTHING, None)
    return None
