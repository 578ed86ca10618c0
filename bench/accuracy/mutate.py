"""Damage to tables, at random: what a careless copy, a broken page or a bad scan does to them."""

from __future__ import annotations

import random
from dataclasses import replace

from bench.accuracy.layout import Sheet, Slot

KINDS = ("delete-cell", "merge-cells", "drop-row", "unreadable-digit", "cut-column", "merge-down", "blank-cell")
_MARKS = "?□■*�？#"


#: Damage that leaves no trace where covered cells are printed as blanks: the merged cell looks like a figure beside a blank.
TRACELESS_WHERE_COVERED = frozenset({"merge-cells"})
#: Damage that needs a carrier with cells that span rows.
NEEDS_SPANS = frozenset({"merge-down"})


def mutate(sheets: list[Sheet], kind: str, rng: random.Random) -> list[Sheet]:
    """The sheets with one piece of damage."""
    index = rng.randrange(len(sheets))
    rows = [list(row) for row in sheets[index].rows]
    _KINDS[kind](rows, rng)
    changed = Sheet(tuple(tuple(row) for row in rows if row), sheets[index].code)
    return [*sheets[:index], changed, *sheets[index + 1 :]]


def _row(rows: list[list[Slot]], rng: random.Random, least: int = 1) -> list[Slot]:
    return rng.choice([row for row in rows if len(row) >= least] or [rows[0]])


def _delete_cell(rows: list[list[Slot]], rng: random.Random) -> None:
    row = _row(rows, rng)
    del row[rng.randrange(len(row))]


def _merge_cells(rows: list[list[Slot]], rng: random.Random) -> None:
    row = _row(rows, rng, 2)
    if len(row) < 2:
        return
    at = rng.randrange(len(row) - 1)
    first, second = row[at], row[at + 1]
    joiner = rng.choice(["", "", " "])
    row[at : at + 2] = [
        Slot(f"{first.text}{joiner}{second.text}", first.rows, first.columns + second.columns * rng.randint(0, 1))
    ]


def _merge_down(rows: list[list[Slot]], rng: random.Random) -> None:
    if len(rows) < 2:
        return
    at = rng.randrange(len(rows) - 1)
    upper, lower = rows[at], rows[at + 1]
    back = rng.randint(1, min(len(upper), len(lower)))
    first, second = upper[-back], lower[-back]
    upper[-back] = Slot(first.text + second.text, 2, first.columns)
    del lower[-back]


def _drop_row(rows: list[list[Slot]], rng: random.Random) -> None:
    if len(rows) > 1:
        del rows[rng.randrange(len(rows))]


def _unreadable_digit(rows: list[list[Slot]], rng: random.Random) -> None:
    found = [(row, at) for row in rows for at, slot in enumerate(row) if slot.address and slot.text.strip()]
    if not found:
        return
    row, at = rng.choice(found)
    text = row[at].text
    place = rng.randrange(len(text))
    row[at] = replace(row[at], text=text[:place] + rng.choice(_MARKS) + text[place + 1 :])


def _blank_cell(rows: list[list[Slot]], rng: random.Random) -> None:
    """A figure of an application or a challenge vanishes, its cell stays; the sums are the only sign of it."""
    found = [
        (row, at)
        for row in rows
        for at, slot in enumerate(row)
        if slot.address and slot.address[0] != "disclosure" and slot.text.strip("0０-—/无 \u00a0")
    ]
    if found:
        row, at = rng.choice(found)
        row[at] = replace(row[at], text="")


def _cut_column(rows: list[list[Slot]], rng: random.Random) -> None:
    if rng.random() < 0.5:
        for row in rows:
            row.pop()
    elif rng.random() < 0.5:
        at = rng.randint(1, 6)
        for row in rows:
            if len(row) >= at:
                del row[-at]
    else:
        at = rng.randrange(3)
        for row in rows:
            if len(row) > at:
                del row[at]


_KINDS = {
    "delete-cell": _delete_cell,
    "merge-cells": _merge_cells,
    "drop-row": _drop_row,
    "unreadable-digit": _unreadable_digit,
    "cut-column": _cut_column,
    "merge-down": _merge_down,
    "blank-cell": _blank_cell,
}
