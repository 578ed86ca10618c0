"""Versions: the content states of a report, their figures in wide rows, and what differs between two of them."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from archive.index.figure_tables import FIGURE_TABLES
from archive.index.rows import rows
from extract.document.clean import squeeze
from extract.lexicon.addresses import file_name
from extract.model import Figure, State, number_to_json
from extract.report.content import Content, TextDiff, diff_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlite_utils import Database

    from archive.history.item import ItemReading, Part
    from extract.model import Section

Address = tuple[str, str, str]

#: Kind of the rows of `report_text` that hold the lines in front of the first chapter.
PREAMBLE = "preamble"

#: Sentences kept with a change on each side; the counts are always whole.
KEPT_SENTENCES = 200


@dataclass(frozen=True, slots=True)
class FigureChange:
    """One figure before and after; `None` stands for a blank and for a figure that wasn't there."""

    table: str
    row: str
    column: str
    before: Decimal | None
    after: Decimal | None

    def to_json(self) -> dict[str, Any]:
        """The contract's object."""
        return {
            "table": self.table,
            "row": self.row,
            "column": self.column,
            "before": number_to_json(self.before),
            "after": number_to_json(self.after),
        }


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs between two states of a report. `details` holds title, published_on and attachments, where they changed."""

    figures: tuple[FigureChange, ...] = ()
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Nothing that belongs to the report differs."""
        return not (self.figures or self.added or self.removed or self.details)


def compare_figures(before: Iterable[Figure], after: Iterable[Figure]) -> tuple[FigureChange, ...]:
    """Figures whose value differs, in the order of their addresses."""
    old = {(figure.table, figure.row, figure.column): figure.value for figure in before}
    new = {(figure.table, figure.row, figure.column): figure.value for figure in after}
    return tuple(
        FigureChange(*address, old.get(address), new.get(address))
        for address in sorted(old.keys() | new.keys())
        if old.get(address) != new.get(address)
    )


def compare(before: ItemReading, after: ItemReading, *, same_document: bool = True) -> Difference:
    """What differs between two readings of one report; empty where one of them can't be compared.

    With `same_document` False they come from different carriers (a PDF beside a page): titles, dates and files are then
    their own, and only figures and running text count. A printed date that differs is told, but is no difference alone: see
    `redated`.
    """
    old, new = before.content, after.content
    if old is None or new is None:
        return Difference()
    figures = compare_figures(before.extraction.figures, after.extraction.figures)
    is_bare = _is_bare(old) or _is_bare(
        new
    )  # a template whose cover text couldn't be told from the page, or could again
    text = TextDiff((), ()) if is_bare else diff_text(old, new)
    if not same_document:
        return Difference(figures, text.added, text.removed)
    if not text.added and not text.removed:
        text = diff_text(_sections_as_text(before), _sections_as_text(after))  # those of a file that hangs on the page
    if not figures and not text.added and not text.removed and not is_bare:
        text = diff_text(_grids_as_text(old), _grids_as_text(new))
    details: dict[str, Any] = {}
    if squeeze(old.title or "") != squeeze(new.title or ""):
        details["title"] = {"before": old.title, "after": new.title}
    files = compare_attachments(before.files, after.files)
    if files:
        details["attachments"] = files
    found = Difference(figures, text.added, text.removed, details)
    dates = _iso(before.extraction.published), _iso(after.extraction.published)
    if found.is_empty or None in dates or dates[0] == dates[1]:
        return found
    return replace(found, details={**details, "published_on": {"before": dates[0], "after": dates[1]}})


def redated(before: ItemReading, after: ItemReading, fetched_on: str) -> Difference:
    """What differs where only the printed day of publication may: empty unless the page prints another day in the same place.

    A day that is the one of the visit (`fetched_on`) may be the portal's clock: it counts once it stays.
    """
    places = before.extraction.published_label, after.extraction.published_label
    dates = _iso(before.extraction.published), _iso(after.extraction.published)
    if None in dates or dates[0] == dates[1] or places[0] != places[1] or dates[1] == fetched_on:
        return Difference()
    return Difference(details={"published_on": {"before": dates[0], "after": dates[1]}})


def _is_bare(content: Content) -> bool:
    """Whether a report is known by its title and files alone."""
    return bool(content.attachments) and not content.lines and not content.grids


def _grids_as_text(content: Content) -> Content:
    rows_of_cells = tuple(" | ".join(cells) for grid in content.grids for cells in grid)
    return Content(None, None, rows_of_cells, (), text=rows_of_cells)


def _sections_as_text(reading: ItemReading) -> Content:
    lines = tuple(line for section in reading.extraction.sections for line in section.text.split("\n"))
    return Content(None, None, lines, (), text=lines)


def compare_attachments(before: Sequence[Part], after: Sequence[Part]) -> dict[str, list[str]]:
    """Names of files added, removed and replaced; empty if the payloads are the same, whatever their addresses."""
    if Counter(part.digest for part in before) == Counter(part.digest for part in after):
        return {}
    old = {file_name(part.url): part.digest for part in before}
    new = {file_name(part.url): part.digest for part in after}
    gone, come = set(old.values()) - set(new.values()), set(new.values()) - set(old.values())
    found = {
        "added": sorted(name for name in new.keys() - old.keys() if new[name] in come),
        "removed": sorted(name for name in old.keys() - new.keys() if old[name] in gone),
        "replaced": sorted(name for name in old.keys() & new.keys() if old[name] != new[name]),
    }
    return {key: names for key, names in found.items() if names}


def _iso(day: Any) -> str | None:
    return day.isoformat() if day is not None else None


def wide_rows(figures: Iterable[Figure]) -> Iterator[tuple[str, str, dict[str, Any], str]]:
    """Rows of the wide tables: table, row code, value by column, and `cells` (see `archive.index.figure_tables`)."""
    grouped: dict[tuple[str, str], dict[str, Figure]] = {}
    for figure in figures:
        grouped.setdefault((figure.table, figure.row), {}).setdefault(figure.column, figure)
    for (table, row_code), found in grouped.items():
        columns = FIGURE_TABLES[table]
        values = {column: number_to_json(found[column].value) if column in found else None for column in columns}
        prefix = _common_start([figure.where for figure in found.values()])
        cells = [prefix, *(_cell(found.get(column), len(prefix)) for column in columns)]
        yield table, row_code, values, json.dumps(cells, ensure_ascii=False, separators=(",", ":"))


def _common_start(texts: Sequence[str]) -> str:
    """What all texts begin with."""
    first, last = min(texts), max(texts)
    same = 0
    while same < len(first) and first[same] == last[same]:
        same += 1
    return first[:same]


def _cell(figure: Figure | None, skipped: int) -> Any:
    if figure is None:
        return None
    where = figure.where[skipped:]
    number = number_to_json(figure.value)
    raw = "" if number is None else str(number)
    state = State.BLANK if number is None else State.ZERO if number == 0 else State.VALUE
    if isinstance(number, int | None) and (figure.raw, figure.state, figure.confidence) == (raw, state, 1.0):
        return where
    return [where, figure.raw, figure.state.value, figure.confidence]


def store_figures(db: Database, report: str, version: int, figures: Sequence[Figure]) -> None:
    """Write a version's figures; those that it had are replaced."""
    for table in FIGURE_TABLES:
        db.execute(f"DELETE FROM {table} WHERE report = ? AND version = ?", (report, version))
    for table, row_code, values, cells in wide_rows(figure for figure in figures if figure.table in FIGURE_TABLES):
        columns = FIGURE_TABLES[table]
        names = ", ".join(f'"{column}"' for column in columns)
        marks = ", ".join("?" for _ in columns)
        db.execute(
            f'INSERT INTO {table} (report, version, "row", {names}, cells) VALUES (?, ?, ?, {marks}, ?)',
            (report, version, row_code, *values.values(), cells),
        )


def load_figures(db: Database, report: str, version: int) -> tuple[Figure, ...]:
    """The figures of any version, as they were read."""
    figures: list[Figure] = []
    for table, columns in FIGURE_TABLES.items():
        for found in rows(db, f"SELECT * FROM {table} WHERE report = ? AND version = ?", (report, version)):
            prefix, *cells = json.loads(found["cells"])
            for column, cell in zip(columns, cells, strict=True):
                if cell is not None:
                    figures.append(_figure(table, found["row"], column, found[column], prefix, cell))
    return tuple(figures)


def _figure(table: str, row_code: str, column: str, number: Any, prefix: str, cell: Any) -> Figure:
    value = None if number is None else Decimal(str(number))
    if isinstance(cell, str):
        state = State.BLANK if number is None else State.ZERO if number == 0 else State.VALUE
        return Figure(table, row_code, column, value, "" if number is None else str(number), state, 1.0, prefix + cell)
    where, raw, state, confidence = cell
    return Figure(table, row_code, column, value, raw, State(state), confidence, prefix + where)


def store_text(db: Database, report: str, version: int, reading: ItemReading) -> str:
    """Write a version's text by section and give it whole, for the full-text table."""
    db.execute("DELETE FROM report_text WHERE report = ? AND version = ?", (report, version))
    parts: list[tuple[str, str, str]] = [(PREAMBLE, "", "\n".join(reading.preamble))] if reading.preamble else []
    parts += [(section.kind, section.heading, section.text) for section in _sections(reading)]
    for position, (kind, heading, text) in enumerate(parts):
        db.execute(
            "INSERT INTO report_text (report, version, position, kind, heading, text) VALUES (?, ?, ?, ?, ?, ?)",
            (report, version, position, kind, heading, text),
        )
    return "\n".join(f"{heading}\n{text}" for _, heading, text in parts)


def _sections(reading: ItemReading) -> Sequence[Section]:
    """The sections, or the whole text as one where the report has none."""
    from extract.model import Section

    if any(section.text for section in reading.extraction.sections):
        return reading.extraction.sections
    lines = reading.content.lines if reading.content is not None else ()
    return [Section("other", "", "\n".join(lines))] if lines else []
