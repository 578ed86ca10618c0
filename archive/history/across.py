"""Checks that need several reports: carried over, stocks, units, and copied texts. Run for the reports that a pass gave new versions."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

from archive.history.findings import store_findings
from archive.history.versions import PREAMBLE, load_figures
from archive.index.rows import row, rows, value
from extract.audit import across_years, boilerplate
from extract.audit.boilerplate import fingerprint
from extract.model import Extraction, Scope, Section

if TYPE_CHECKING:
    from sqlite_utils import Database

#: Checks that `across_years` gives; their findings are made anew whenever a neighbouring report gets a version.
ACROSS_CHECKS = ("carry_over", "stock", "unit", "narrative")
#: Of a text's shingles the smallest so many are kept, to find texts that may be copies.
SKETCH = 24
_SHARED = 12
_CANDIDATES = 3
#: Of the reports that share a shingle the first so many are looked at: a standard phrase may stand in all of them, while a copy shares
#: most of its shingles, the rare ones too.
MOST_ALIKE = 200


def load_extraction(db: Database, report: str) -> Extraction | None:
    """What the current version of a report says, from the index; `None` if it has no version."""
    found = row(
        db,
        "SELECT v.*, r.year, a.name AS agency FROM reports r JOIN versions v ON v.report = r.id AND v.version = r.version "
        "JOIN agencies a ON a.id = r.agency WHERE r.id = ?",
        (report,),
    )
    if found is None:
        return None
    sections = rows(
        db,
        "SELECT kind, heading, text FROM report_text WHERE report = ? AND version = ? AND kind <> ? ORDER BY position",
        (report, found["version"], PREAMBLE),
    )
    return Extraction(
        source=found["url"],
        media_type=found["media_type"],
        title=found["title"],
        agency=found["agency"],
        year=found["year"],
        form=found["form"],
        published=date.fromisoformat(found["published_on"]) if found["published_on"] else None,
        scope=Scope(found["scope"]) if found["scope"] else None,
        sections=tuple(Section(**section) for section in sections),
        figures=load_figures(db, report, found["version"]),
        coverage={table: tuple(counts) for table, counts in json.loads(found["coverage"]).items()},
    )


class CheckAcross:
    """Collects the reports with new versions and checks them, and the next year's, against the agency's others."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._touched: list[str] = []

    def touch(self, report: str) -> None:
        """A report has a new version."""
        if report not in self._touched:
            self._touched.append(report)

    def run(self) -> None:
        """Make the findings anew."""
        agencies = {value(self._db, "SELECT agency FROM reports WHERE id = ?", (report,)) for report in self._touched}
        for agency in sorted(agencies):
            self._check_agency(agency)
        for report in self._touched:
            self._check_copies(report)

    def _check_agency(self, agency: str) -> None:

        found = rows(
            self._db, "SELECT id, year, version FROM reports WHERE agency = ? AND version > 0 ORDER BY year", (agency,)
        )
        if len(found) < 2:
            return
        extractions = {report["id"]: load_extraction(self._db, report["id"]) for report in found}
        by_year = {report["year"]: extractions[report["id"]] for report in found}
        for report in found:
            current = extractions[report["id"]]
            if current is None:
                continue
            others = [other for key, other in extractions.items() if key != report["id"] and other is not None]
            findings = across_years(by_year.get(report["year"] - 1), current, others)
            marks = ", ".join("?" for _ in ACROSS_CHECKS)
            self._db.execute(
                f'DELETE FROM findings WHERE report = ? AND version = ? AND "check" IN ({marks}) AND is_across = 1',
                (report["id"], report["version"], *ACROSS_CHECKS),
            )
            store_findings(self._db, report["id"], report["version"], findings, is_across=True)

    def _check_copies(self, report: str) -> None:

        db = self._db
        db.execute("DELETE FROM fingerprints WHERE report = ?", (report,))
        extraction = load_extraction(db, report)
        own = fingerprint(extraction) if extraction is not None else frozenset()
        if not own:
            return
        sketch = sorted(own)[:SKETCH]
        alike = " UNION ALL ".join(
            "SELECT * FROM (SELECT report FROM fingerprints WHERE shingle = ? ORDER BY report LIMIT ?)" for _ in sketch
        )
        candidates = rows(
            db,
            f"SELECT report, count(*) AS shared FROM ({alike}) GROUP BY report "
            "HAVING shared >= ? ORDER BY shared DESC, report LIMIT ?",
            (*(part for shingle in sketch for part in (shingle, MOST_ALIKE)), _SHARED, _CANDIDATES),
        )
        current = row(db, "SELECT version FROM reports WHERE id = ?", (report,))
        name = f"{extraction.agency} {extraction.year}" if extraction is not None else ""
        if current is not None and current["version"] > 1:
            # What others were said to share with the text before is said anew, if it is still so.
            db.execute(
                "DELETE FROM findings WHERE \"check\" = 'boilerplate' AND message LIKE ? AND report <> ?",
                (f"%「{name}」%", report),
            )
        for candidate in candidates:
            other = load_extraction(db, candidate["report"])
            if other is None or current is None:
                continue
            print_of_other = fingerprint(other)
            found = boilerplate(own, [(f"{other.agency} {other.year}", print_of_other)])
            store_findings(db, report, current["version"], found)
            if found:  # a copy is one of both, whichever the archive saw first
                version = value(db, "SELECT version FROM reports WHERE id = ?", (candidate["report"],))
                store_findings(db, candidate["report"], version, boilerplate(print_of_other, [(name, own)]))
        for shingle in sketch:
            db.execute("INSERT OR IGNORE INTO fingerprints (shingle, report) VALUES (?, ?)", (shingle, report))
