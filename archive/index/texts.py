"""Texts of versions by section, and what a version says as a whole, for checks that need several reports."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from archive.index.figures import load_figures
from archive.index.rows import first, read
from extract.model import Extraction, Scope, Section

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlite_utils import Database

#: Kind of the part that holds the lines in front of the first chapter.
PREAMBLE = "preamble"


@dataclass(frozen=True, slots=True)
class TextPart:
    """A part of a report's text in reading order: the preamble, a chapter, or all of it."""

    kind: str
    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class _Current:
    """A report's current version, as far as other reports are compared with it."""

    report: str
    version: int
    url: str
    media_type: str | None
    title: str | None
    published_on: str | None
    form: str | None
    scope: str | None
    coverage: str
    year: int
    agency: str


def store_text(db: Database, report: str, version: int, parts: Sequence[TextPart]) -> None:
    """Write a version's text; what it had is replaced."""
    db.execute("DELETE FROM report_text WHERE report = ? AND version = ?", (report, version))
    for position, part in enumerate(parts):
        db.execute(
            "INSERT INTO report_text (report, version, position, kind, heading, text) VALUES (?, ?, ?, ?, ?, ?)",
            (report, version, position, part.kind, part.heading, part.text),
        )


def load_text(db: Database, report: str, version: int) -> list[TextPart]:
    """A version's text, the preamble included."""
    return read(
        db,
        TextPart,
        "SELECT kind, heading, text FROM report_text WHERE report = ? AND version = ? ORDER BY position",
        (report, version),
    )


def load_extraction(db: Database, report: str) -> Extraction | None:
    """What the current version of a report says, from the index; `None` if it has no version."""
    found = first(
        db,
        _Current,
        "SELECT v.report, v.version, v.url, v.media_type, v.title, v.published_on, v.form, v.scope, v.coverage, r.year, "
        "a.name AS agency FROM reports r JOIN versions v ON v.report = r.id AND v.version = r.version "
        "JOIN agencies a ON a.id = r.agency WHERE r.id = ?",
        (report,),
    )
    if found is None:
        return None
    parts = [part for part in load_text(db, report, found.version) if part.kind != PREAMBLE]
    return Extraction(
        source=found.url,
        media_type=found.media_type or "",
        title=found.title,
        agency=found.agency,
        year=found.year,
        form=found.form,
        published=date.fromisoformat(found.published_on) if found.published_on else None,
        scope=Scope(found.scope) if found.scope else None,
        sections=tuple(Section(part.kind, part.heading, part.text) for part in parts),
        figures=load_figures(db, report, found.version),
        coverage={table: (made, of) for table, (made, of) in json.loads(found.coverage).items()},
    )
