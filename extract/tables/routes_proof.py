"""Proves where the fifteen figures of reconsideration and litigation stand when cells were added at the ends of their row.

As for the applications (`extract.tables.placement`), a place is allowed if the outcomes of every route make its total, or of all but one:
that is what one wrong figure can break. Three sums are few: a row that lost cells is not looked at, it may have lost figures.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from extract.tables.options import Row, aligned, are_counts, common
from extract.tables.place import adds_up, is_blank
from extract.tables.tokens import Token


def prove_routes(values: Sequence[Token], width: int, totals: Sequence[int]) -> Row | None:
    """The cells that every allowed placement has in common, `None` for those it leaves open; `None` if nothing is proved.

    Args:
        values: The row as printed between borders, blanks included.
        width: How many outcomes a route has.
        totals: For each route of the row the place of its total among its outcomes.
    """
    whole = width * len(totals)
    if len(totals) < 2 or len(values) < whole or all(map(is_blank, values)) or not are_counts(values):
        return None
    allowed = []
    is_solved = False
    for row in aligned(values, whole):
        failing = sum(not adds_up(group) for group in _groups(row, width, totals))
        is_solved = is_solved or not failing
        if failing <= 1:
            allowed.append(row)
    if not is_solved:
        return None
    return tuple(common(column, values[0].where) for column in zip(*allowed, strict=True))


def _groups(row: Row, width: int, totals: Sequence[int]) -> Iterator[list[Token | None]]:
    """The outcomes of each route, its total last."""
    for route, place in enumerate(totals):
        group = list(row[route * width : (route + 1) * width])
        yield [*group[:place], *group[place + 1 :], group[place]]
