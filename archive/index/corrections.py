"""Figures that came out differently when everything was read again, and those that were recorded as corrections."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from archive.index.figure_tables import FIGURE_TABLES
from archive.index.rows import value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from sqlite_utils import Database

#: A value of a figure: NULL for a blank.
Number = float | None
#: report, version, table, row, column, before, after
Correction = tuple[str, int, str, str, str, Number, Number]


@contextmanager
def old_index(db: Database, path: Path) -> Iterator[None]:
    """Another index at a path as `old` beside this one."""
    db.execute("ATTACH DATABASE ? AS old", (str(path),))
    try:
        yield
    finally:
        db.execute("DETACH DATABASE old")


def old_extractor(db: Database) -> str:
    """Which extractor read the versions of `old`, the newest if there are several; empty if it has none."""
    return str(value(db, "SELECT max(extractor) FROM old.versions") or "")


def differing_figures(db: Database) -> Iterator[Correction]:
    """Figures of the same version and payloads whose value is another one than in `old`, in the order of reports and forms."""
    for table, columns in FIGURE_TABLES.items():
        old = _columns(db, table)
        columns = tuple(column for column in columns if column in old)
        both = (
            'SELECT coalesce(n.report, o.report), coalesce(n.version, o.version), coalesce(n."row", o."row"), '
            + ", ".join(f'o."{column}", n."{column}"' for column in columns)
            + f" FROM (SELECT * FROM main.{table}) n FULL JOIN (SELECT * FROM old.{table}) o "
            'ON o.report = n.report AND o.version = n.version AND o."row" = n."row" '
            "JOIN main.versions mv ON mv.report = coalesce(n.report, o.report) AND mv.version = coalesce(n.version, o.version) "
            "JOIN old.versions ov ON ov.report = mv.report AND ov.version = mv.version AND ov.state = mv.state WHERE "
            + " OR ".join(f'o."{column}" IS NOT n."{column}"' for column in columns)
            + " ORDER BY 1, 2, 3"
        )
        for report, version, row_code, *numbers in db.execute(both).fetchall():
            for number, column in enumerate(columns):
                before, after = numbers[2 * number], numbers[2 * number + 1]
                if before != after:
                    yield report, version, table, row_code, column, before, after


def _columns(db: Database, table: str) -> set[str]:
    """The columns of a table of `old`: an index of an earlier release may lack some."""
    return {column[1] for column in db.execute(f'PRAGMA old.table_info("{table}")').fetchall()}


def put_correction(db: Database, found: Sequence[object], *, extractors: tuple[str, str], at: str) -> None:
    """Enter a correction in the order of `Correction`; `extractors` are the releases that read before and after."""
    db.execute(
        'INSERT OR IGNORE INTO corrections (report, version, "table", "row", "column", before, after, '
        "from_extractor, to_extractor, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*found, *extractors, at),
    )
