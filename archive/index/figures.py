"""Figures of versions in the wide tables: written, and read as they were."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from archive.index.figure_tables import FIGURE_TABLES
from archive.index.rows import value
from extract.model import Figure, State, number_to_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlite_utils import Database


def store_figures(db: Database, report: str, version: int, figures: Iterable[Figure]) -> None:
    """Write a version's figures; those that it had are replaced."""
    for table in FIGURE_TABLES:
        db.execute(f"DELETE FROM {table} WHERE report = ? AND version = ?", (report, version))
    for table, row_code, numbers, cells in wide_rows(figure for figure in figures if figure.table in FIGURE_TABLES):
        columns = FIGURE_TABLES[table]
        names = ", ".join(f'"{column}"' for column in columns)
        marks = ", ".join("?" for _ in columns)
        db.execute(
            f'INSERT INTO {table} (report, version, "row", {names}, cells) VALUES (?, ?, ?, {marks}, ?)',
            (report, version, row_code, *numbers, cells),
        )


def load_figures(db: Database, report: str, version: int) -> tuple[Figure, ...]:
    """The figures of any version, as they were read."""
    figures: list[Figure] = []
    for table, columns in FIGURE_TABLES.items():
        for _, _, row_code, *numbers, text in db.execute(
            f"SELECT * FROM {table} WHERE report = ? AND version = ?", (report, version)
        ).fetchall():
            prefix, *cells = json.loads(text)
            for column, number, cell in zip(columns, numbers, cells, strict=True):
                if cell is not None:
                    figures.append(_figure(table, row_code, column, number, prefix, cell))
    return tuple(figures)


def figure_count(db: Database) -> int:
    """How many figures all versions have."""
    return sum(
        value(db, f"SELECT count(*) FROM {table} w, json_each(w.cells) c WHERE c.key > 0 AND c.type <> 'null'")
        for table in FIGURE_TABLES
    )


def wide_rows(figures: Iterable[Figure]) -> Iterator[tuple[str, str, list[int | float | None], str]]:
    """Rows of the wide tables: table, row code, values by column, and `cells` (see `archive.index.figure_tables`)."""
    grouped: dict[tuple[str, str], dict[str, Figure]] = {}
    for figure in figures:
        grouped.setdefault((figure.table, figure.row), {}).setdefault(figure.column, figure)
    for (table, row_code), found in grouped.items():
        columns = FIGURE_TABLES[table]
        numbers = [number_to_json(found[column].value) if column in found else None for column in columns]
        prefix = _common_start([figure.where for figure in found.values()])
        cells = [prefix, *(_cell(found.get(column), len(prefix)) for column in columns)]
        yield table, row_code, numbers, json.dumps(cells, ensure_ascii=False, separators=(",", ":"))


def _common_start(texts: Sequence[str]) -> str:
    """What all texts begin with."""
    first, last = min(texts), max(texts)
    same = 0
    while same < len(first) and first[same] == last[same]:
        same += 1
    return first[:same]


def _cell(figure: Figure | None, skipped: int) -> Any:
    """A member of `cells`: the rest of the place, with text, state and confidence where they don't follow from the value."""
    if figure is None:
        return None
    where = figure.where[skipped:]
    number = number_to_json(figure.value)
    if isinstance(number, int | None) and (figure.raw, figure.state, figure.confidence) == (*_plain(number), 1.0):
        return where
    placed = [figure.placed] if figure.placed else []
    return [where, figure.raw, figure.state.value, figure.confidence, *placed]


def _plain(number: float | None) -> tuple[str, State]:
    """Text and state of a figure that is printed as its value."""
    if number is None:
        return "", State.BLANK
    return str(number), State.ZERO if number == 0 else State.VALUE


def _figure(table: str, row_code: str, column: str, number: Any, prefix: str, cell: Any) -> Figure:
    decimal = None if number is None else Decimal(str(number))
    if isinstance(cell, str):
        return Figure(table, row_code, column, decimal, *_plain(number), 1.0, prefix + cell)
    where, raw, state, confidence, *placed = cell
    return Figure(table, row_code, column, decimal, raw, State(state), confidence, prefix + where, *placed)
