"""What a release is made of: the shown reports by year and province, and a key of each such part that says whether its rows are the same.

Read from a connection that shows what anybody may see (`archive.index.hidden.open_shown`).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from archive.index.rows import read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlite_utils import Database

#: The province of a report whose region nobody knows.
NOWHERE = "00"
_REPORTS = (
    f"SELECT r.year, coalesce(nullif(substr(r.region, 1, 2), ''), '{NOWHERE}') AS province, r.id AS report, r.version, r.agency AS agency_id, "
    "a.name AS agency, a.kind, r.region, r.form, r.scope, r.published_on, r.status, v.figures_capture, v.extractor FROM reports r "
    "JOIN agencies a ON a.id = r.agency LEFT JOIN versions v ON v.report = r.id AND v.version = r.version ORDER BY 1, 2, 3"
)
_FINDINGS = (
    'SELECT f.report, f."check", f.severity, f.status, f."where", f.figures FROM findings f '
    "JOIN reports r ON r.id = f.report AND r.version = f.version ORDER BY f.report, f.id"
)
_CORRECTIONS = (
    'SELECT report, version, "table", "row", "column", before, after FROM corrections WHERE at > ? '
    "AND report IN (SELECT id FROM reports) ORDER BY 1, 2, 3, 4, 5"
)
_DECISIONS = "SELECT report, url, reason, at FROM withheld ORDER BY report, url"


@dataclass(frozen=True, slots=True)
class ReleasedReport:
    """A shown report, as the wide rows of a release begin."""

    year: int
    province: str
    report: str
    version: int
    agency_id: str
    agency: str
    kind: str | None
    region: str | None
    form: str | None
    scope: str | None
    published_on: str | None
    status: str
    figures_capture: str | None
    extractor: str | None


@dataclass(frozen=True, slots=True)
class ReleasePart:
    """The reports of a year and province, in the order of their ids; parts with the same key have the same rows."""

    year: int
    province: str
    reports: tuple[ReleasedReport, ...]
    key: str


@dataclass(frozen=True, slots=True)
class Withholding:
    """That a report, or one address of it (`url`), is withheld, since when (UTC) and why."""

    report: str
    url: str
    reason: str
    at: str


def parts(db: Database, program: str) -> Iterator[ReleasePart]:
    """All parts, the oldest year first. `program` is what decides how rows are made of the index, for the keys."""
    against = _findings(db)
    found = read(db, ReleasedReport, _REPORTS)
    for (year, province), some in groupby(found, key=lambda one: (one.year, one.province)):
        reports = tuple(some)
        digest = hashlib.sha256(program.encode())
        for one in reports:
            about = [getattr(one, name) for name in ReleasedReport.__slots__]
            digest.update(json.dumps([about, against.get(one.report)]).encode())
        yield ReleasePart(year, province, reports, digest.hexdigest())


def _findings(db: Database) -> dict[str, str]:
    """A digest of what a release holds of each report's current version."""
    return {
        report: hashlib.sha256(json.dumps([list(row) for row in rows]).encode()).hexdigest()
        for report, rows in groupby(db.execute(_FINDINGS), key=lambda row: row[0])
    }


def corrections_since(db: Database, at: str) -> list[tuple[Any, ...]]:
    """Figures that a better reader read otherwise since: report, version, table, row, column, before, after."""
    return list(db.execute(_CORRECTIONS, (at,)).fetchall())


def decisions(db: Database) -> list[Withholding]:
    """What is withheld."""
    return read(db, Withholding, _DECISIONS)
