"""Where the figures of a row belong when there are more or fewer of them than columns.

Used only for rows that are reported as doubtful: the sums of the form choose the most plausible place, the figures themselves
stay as printed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

from extract.model import State
from extract.tables.tokens import Token, token_of

_ZERO = Decimal(0)
# What it costs to put a lone figure into a column: natural persons file most requests, then businesses.
_COSTS = (0.0, 1.0, 2.2, 2.0, 1.8, 1.6)
_MOST_EXTRA = 3
_MOST_TOKENS = 16


@dataclass(frozen=True, slots=True)
class Placed:
    """Tokens by column, `None` where nothing was printed or the place isn't known; `confidence` is for the whole row."""

    cells: tuple[Token | None, ...]
    confidence: float
    how: str


def number(token: Token | None) -> Decimal:
    """A cell in arithmetic: blank, dash and unread count as 0."""
    if token is None or token.printed is None or token.printed.value is None:
        return _ZERO
    return token.printed.value


def adds_up(cells: Sequence[Token | None]) -> bool:
    """Whether the last cell is the sum of the others."""
    return sum((number(cell) for cell in cells[:-1]), _ZERO) == number(cells[-1])


def is_blank(token: Token | None) -> bool:
    """Whether a cell prints nothing."""
    return token is None or (token.printed is not None and token.printed.state is State.BLANK)


def place(values: Sequence[Token], width: int, *, has_total: bool) -> Placed:
    """The most plausible cells of a row with the wrong number of values."""
    if len(values) > width:
        return _too_many(values, width, has_total=has_total)
    return _too_few(values, width, has_total=has_total)


def _too_many(values: Sequence[Token], width: int, *, has_total: bool) -> Placed:
    extra = len(values) - width
    figures = [value for value in values if not is_blank(value)]
    if len(figures) == width:
        return Placed(tuple(figures), 0.75 if not has_total or adds_up(figures) else 0.6, "blank cells left out")
    if has_total and extra <= _MOST_EXTRA and len(values) <= _MOST_TOKENS:
        for left_out in combinations(range(len(values)), extra):
            kept = [value for index, value in enumerate(values) if index not in left_out]
            if adds_up(kept) and number(kept[-1]) != 0:
                return Placed(tuple(kept), 0.7, "surplus values left out by the total")
        glued = _glued(values, extra)
        if glued is not None:
            return Placed(glued, 0.6, "broken numbers joined by the total")
    return Placed(tuple(values[:width]), 0.4, "the first values taken")


def _glued(values: Sequence[Token], extra: int) -> tuple[Token, ...] | None:
    for joints in combinations(range(len(values) - 1), extra):
        tokens: list[Token] = []
        for index, value in enumerate(values):
            if index - 1 in joints and tokens:
                last = tokens.pop()
                tokens.append(token_of(last.text + value.text, last.where))
            else:
                tokens.append(value)
        if all(token.printed is not None for token in tokens) and adds_up(tokens) and number(tokens[-1]) != 0:
            return tuple(tokens)
    return None


def _too_few(values: Sequence[Token], width: int, *, has_total: bool) -> Placed:
    figures = [value for value in values if not is_blank(value)]
    if not figures:
        return Placed((None,) * width, 0.5, "no figure in the row")
    if has_total and len(figures) > 1 and adds_up(figures):
        best: tuple[float, tuple[Token | None, ...]] | None = None
        for places in combinations(range(width - 1), len(figures) - 1):
            cost = sum(_COSTS[place] if width == len(_COSTS) + 1 else 0.5 * place for place in places)
            if best is None or cost < best[0]:
                cells: list[Token | None] = [None] * width
                for index, value in zip(places, figures, strict=False):
                    cells[index] = value
                cells[-1] = figures[-1]
                best = (cost, tuple(cells))
        if best is not None:
            return Placed(best[1], 0.6, "columns chosen by the total")
    padded: tuple[Token | None, ...] = (*values, *([None] * (width - len(values))))
    return Placed(padded, 0.3, "columns unknown")
