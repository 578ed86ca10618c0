"""Checks that need several reports: carried over, stocks, units, and copied texts. Run for the reports that a pass gave new versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.history.findings import store_findings
from archive.index import fingerprints, reports
from archive.index.texts import load_extraction
from extract.audit import across_years, boilerplate
from extract.audit.boilerplate import fingerprint

if TYPE_CHECKING:
    from sqlite_utils import Database

    from extract.model import Extraction

#: Checks that `across_years` gives; their findings are made anew whenever a neighbouring report gets a version.
ACROSS_CHECKS = ("carry_over", "stock", "unit", "narrative")
#: Of a text's shingles the smallest so many are kept, to find texts that may be copies.
SKETCH = 24
_SHARED = 12
_CANDIDATES = 3
#: Of the reports that share a shingle the first so many are looked at: a standard phrase may stand in all of them, while a copy shares
#: most of its shingles, the rare ones too.
MOST_ALIKE = 200


class CheckAcross:
    """Collects the reports with new versions and checks them, and the next year's, against the agency's others."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._touched: dict[str, None] = {}
        #: Of touched reports that were read for the checks across years: whose they are, and the sketches of their texts.
        self._sketches: dict[str, tuple[str, list[int]]] = {}

    def touch(self, report: str) -> None:
        """A report has a new version."""
        self._touched[report] = None

    def run(self) -> None:
        """Make the findings anew."""
        agencies = {found.agency for report in self._touched if (found := reports.find_report(self._db, report))}
        for agency in sorted(agencies):
            self._check_agency(agency)
        for report in self._touched:
            self._check_copies(report)

    def _check_agency(self, agency: str) -> None:
        found = reports.reports_of_agency(self._db, agency)
        if len(found) < 2:
            return
        extractions = {report.id: load_extraction(self._db, report.id) for report in found}
        for touched in extractions.keys() & self._touched.keys():
            self._sketches[touched] = _sketch(extractions[touched])
        by_year = {report.year: extractions[report.id] for report in found}
        for report in found:
            current = extractions[report.id]
            if current is None:
                continue
            others = [other for key, other in extractions.items() if key != report.id and other is not None]
            findings = across_years(by_year.get(report.year - 1), current, others)
            reports.delete_findings_across(self._db, report.id, report.version, ACROSS_CHECKS)
            store_findings(self._db, report.id, report.version, findings, is_across=True)

    def _check_copies(self, report: str) -> None:
        db = self._db
        fingerprints.delete_fingerprints(db, report)
        known = self._sketches.get(report)
        name, sketch = known if known is not None else _sketch(load_extraction(db, report))
        current = reports.find_report(db, report)
        if current is None or not sketch:
            return
        candidates = fingerprints.reports_sharing(db, sketch, at_least=_SHARED, most=_CANDIDATES, each=MOST_ALIKE)
        if current.version > 1:
            # Findings about the old text are made anew, where they still hold.
            reports.delete_findings_naming(db, "boilerplate", name, but=report)
        extraction = load_extraction(db, report) if candidates else None
        if extraction is not None:
            own = fingerprint(extraction)
            for candidate in candidates:
                self._compare(report, current.version, (name, own), candidate)
        fingerprints.put_fingerprints(db, report, sketch)

    def _compare(self, report: str, version: int, own: tuple[str, frozenset[int]], candidate: str) -> None:
        """Write findings about two reports whose texts are nearly the same: a copy is one of both, whichever the archive saw first."""
        other = load_extraction(self._db, candidate)
        about = reports.find_report(self._db, candidate)
        if other is None or about is None:
            return
        print_of_other = fingerprint(other)
        found = boilerplate(own[1], [(_name(other), print_of_other)])
        store_findings(self._db, report, version, found)
        if found:
            store_findings(self._db, candidate, about.version, boilerplate(print_of_other, [own]))


def _sketch(extraction: Extraction | None) -> tuple[str, list[int]]:
    """Whose report it is, and the sketch of its text; an empty one of a report without a version, or without text."""
    return (_name(extraction), sorted(fingerprint(extraction))[:SKETCH]) if extraction is not None else ("", [])


def _name(extraction: Extraction) -> str:
    return f"{extraction.agency} {extraction.year}"
