"""Queries about fingerprints: sketches of texts by which copies are found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.index.rows import values

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlite_utils import Database


def put_fingerprints(db: Database, report: str, sketch: Iterable[int]) -> None:
    """Enter a report's sketch."""
    for shingle in sketch:
        db.execute("INSERT OR IGNORE INTO fingerprints (shingle, report) VALUES (?, ?)", (shingle, report))


def delete_fingerprints(db: Database, report: str) -> None:
    """Take out a report's sketch."""
    db.execute("DELETE FROM fingerprints WHERE report = ?", (report,))


def reports_sharing(db: Database, sketch: Sequence[int], *, at_least: int, most: int, each: int) -> list[str]:
    """Reports whose sketches share shingles with this one, those with most first.

    Args:
        at_least: How many shingles they share.
        most: How many reports are given.
        each: How many reports are looked at for each shingle: standard phrases stand in all of them.
    """
    alike = " UNION ALL ".join(
        "SELECT * FROM (SELECT report FROM fingerprints WHERE shingle = ? ORDER BY report LIMIT ?)" for _ in sketch
    )
    return values(
        db,
        f"SELECT report FROM ({alike}) GROUP BY report HAVING count(*) >= ? ORDER BY count(*) DESC, report LIMIT ?",
        (*(part for shingle in sketch for part in (shingle, each)), at_least, most),
    )
