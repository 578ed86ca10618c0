"""Queries about reports: their versions, changes, findings and notices."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from archive.index.rows import first, read, rows, value, values
from archive.index.types import (
    ChangeRow,
    FindingRow,
    NoticeRow,
    ReportRow,
    VersionRow,
)
from extract.document.clean import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlite_utils import Database

#: Status of a report that was found in the pass at hand and isn't judged yet; no other pass sees it.
NEW = "new"
_VERSION_COLUMNS = (
    "report, version, first_seen, capture, figures_capture, url, media_type, title, published_on, form, "
    "scope, index_number, content_digest, state, attachments, coverage, warnings, extractor"
)


def find_report(db: Database, report: str) -> ReportRow | None:
    """A report by its id."""
    return first(db, ReportRow, "SELECT * FROM reports WHERE id = ?", (report,))


def report_of(db: Database, agency: str, year: int) -> str | None:
    """The id of an agency's report for a year."""
    found: str | None = value(db, "SELECT id FROM reports WHERE agency = ? AND year = ?", (agency, year))
    return found


def reports_of_year(db: Database, portal: str, year: int) -> list[tuple[str, str]]:
    """A portal's reports for a year, each with its agency's name."""
    found = rows(
        db,
        "SELECT r.id, a.name FROM reports r JOIN agencies a ON a.id = r.agency WHERE r.portal = ? AND r.year = ? "
        "ORDER BY r.id",
        (portal, year),
    )
    return [(str(one["id"]), str(one["name"])) for one in found]


def is_told_of(db: Database, report: str, kind: str, from_url: str) -> bool:
    """Whether a report has a change of a kind that came from an address."""
    return (
        value(db, "SELECT 1 FROM changes WHERE report = ? AND kind = ? AND from_url = ?", (report, kind, from_url))
        is not None
    )


def year_of(db: Database, report: str) -> int | None:
    """The year of a report."""
    found: int | None = value(db, "SELECT year FROM reports WHERE id = ?", (report,))
    return found


def is_taken(db: Database, report: str) -> bool:
    """Whether a report bears this id."""
    return value(db, "SELECT 1 FROM reports WHERE id = ?", (report,)) is not None


def put_report(
    db: Database, report: str, *, agency: str, year: int, url: str, portal: str, region: str | None, at: str
) -> None:
    """Enter a report that was found in a pass, to be judged at its end."""
    db.execute(
        "INSERT INTO reports (id, agency, year, url, portal, region, first_seen, last_seen, status, is_delisted, version, "
        "search_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, ?)",
        (report, agency, year, url, portal, region, at, at, NEW, _search_id(db, report, year)),
    )


def _search_id(db: Database, report: str, year: int) -> int:
    """A number for the full-text table: later years are higher, so that the newest come first for free. Safe in JavaScript."""
    number = (max(0, min(255, year - 1900)) << 44) | int(hashlib.sha256(report.encode()).hexdigest()[:11], 16)
    while value(db, "SELECT 1 FROM reports WHERE search_id = ?", (number,)) is not None:
        number += 1
    return number


def delete_new_report(db: Database, report: str) -> None:
    """Forget a report that was never judged."""
    db.execute("DELETE FROM reports WHERE id = ? AND version = 0 AND status = ?", (report, NEW))


def set_seen(db: Database, report: str, at: str) -> None:
    """A report was observed unchanged."""
    db.execute("UPDATE reports SET last_seen = max(last_seen, ?) WHERE id = ?", (at, report))


def set_version(db: Database, report: str, version: int) -> None:
    """From now on this version of a report is the current one."""
    db.execute("UPDATE reports SET version = ? WHERE id = ?", (version, report))


def set_status(db: Database, report: str, *, status: str, is_delisted: bool, url: str) -> None:
    """Take over what was judged of a report, and from its documents when it was seen."""
    db.execute(
        "UPDATE reports SET status = ?, is_delisted = ?, url = ?, "
        "last_seen = (SELECT max(last_seen) FROM documents d WHERE d.report = reports.id), "
        "first_seen = min(first_seen, (SELECT min(first_seen) FROM documents d WHERE d.report = reports.id)) WHERE id = ?",
        (status, int(is_delisted), url, report),
    )


def rename_report(db: Database, report: str, to: str, year: int) -> None:
    """A report bears another year, and the id that goes with it, in every table that names it."""
    db.execute("PRAGMA defer_foreign_keys = ON")
    db.execute("UPDATE reports SET id = ?, year = ? WHERE id = ?", (to, year, report))
    tables = values(
        db,
        "SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND c.name = 'report' "
        "AND m.name NOT LIKE 'report_fts%'",
    )
    for table in tables:
        db.execute(f'UPDATE "{table}" SET report = ? WHERE report = ?', (to, report))


def set_replaced(db: Database, report: str) -> None:
    """No address shows a report any more: they show others."""
    db.execute("UPDATE reports SET status = 'vanished' WHERE id = ?", (report,))


def describe_by_version(db: Database, report: str, version: VersionRow) -> None:
    """Let a report be described by its current version."""
    db.execute(
        "UPDATE reports SET form = ?, scope = ?, title = ?, published_on = ? WHERE id = ?",
        (version.form, version.scope, version.title, version.published_on, report),
    )


def describe_by_list(db: Database, report: str, title: str | None, date: str | None) -> None:
    """Let a report without a readable version be described by the list that names it."""
    db.execute("UPDATE reports SET title = ?, published_on = ? WHERE id = ?", (title, date, report))


def set_absent_at(db: Database, report: str, at: str | None) -> None:
    """Note the last complete reading of the list that did not name a report."""
    db.execute("UPDATE reports SET absent_at = ? WHERE id = ?", (at, report))


def current_version(db: Database, report: str) -> VersionRow | None:
    """The current version of a report."""
    return first(
        db,
        VersionRow,
        "SELECT v.* FROM versions v JOIN reports r ON r.id = v.report AND r.version = v.version WHERE r.id = ?",
        (report,),
    )


def version_of(db: Database, report: str, number: int) -> VersionRow | None:
    """One version of a report."""
    return first(db, VersionRow, "SELECT * FROM versions WHERE report = ? AND version = ?", (report, number))


def put_version(db: Database, version: VersionRow) -> None:
    """Enter a version."""
    db.execute(
        f"INSERT INTO versions ({_VERSION_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            version.report,
            version.version,
            version.first_seen,
            version.capture,
            version.figures_capture,
            version.url,
            version.media_type,
            version.title,
            version.published_on,
            version.form,
            version.scope,
            version.index_number,
            version.content_digest,
            version.state,
            version.attachments,
            version.coverage,
            version.warnings,
            version.extractor,
        ),
    )


def delete_version(db: Database, report: str, number: int) -> None:
    """Take out a version that is entered again, and the findings about it."""
    for table in ("versions", "findings"):
        db.execute(f"DELETE FROM {table} WHERE report = ? AND version = ?", (report, number))


def search_entry(db: Database, report: str) -> tuple[int, str]:
    """A report's number in the full-text table, and its agency's name."""
    number, name = db.execute(
        "SELECT r.search_id, a.name FROM reports r JOIN agencies a ON a.id = r.agency WHERE r.id = ?", (report,)
    ).fetchone()
    return number, name


def put_change(db: Database, change: ChangeRow, figures: Iterable[Sequence[object]]) -> None:
    """Enter a change with the figures that differ: table, row, column, before, after."""
    db.execute(
        "INSERT INTO changes (id, report, kind, at, from_version, to_version, url, from_url, text_added, text_removed, "
        "details, run, position, is_false_alarm) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            change.id,
            change.report,
            change.kind,
            change.at,
            change.from_version,
            change.to_version,
            change.url,
            change.from_url,
            change.text_added,
            change.text_removed,
            change.details,
            change.run,
            change.position,
            int(change.is_false_alarm),
        ),
    )
    for figure in figures:
        db.execute(
            'INSERT INTO figure_changes (change, "table", "row", "column", before, after) VALUES (?, ?, ?, ?, ?, ?)',
            (change.id, *figure),
        )


def put_finding(db: Database, finding: FindingRow) -> None:
    """Enter a finding, unless it is there."""
    db.execute(
        'INSERT OR IGNORE INTO findings (id, report, version, "check", severity, "where", expected, actual, message, figures, quote, '
        "is_across, status, note) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            finding.id,
            finding.report,
            finding.version,
            finding.check,
            finding.severity,
            finding.where,
            finding.expected,
            finding.actual,
            finding.message,
            finding.figures,
            finding.quote,
            int(finding.is_across),
            finding.status,
            finding.note,
        ),
    )


def delete_findings_across(db: Database, report: str, version: int, checks: Sequence[str]) -> None:
    """Take out what comparisons with other reports said about a version."""
    marks = ", ".join("?" for _ in checks)
    db.execute(
        f'DELETE FROM findings WHERE report = ? AND version = ? AND "check" IN ({marks}) AND is_across = 1',
        (report, version, *checks),
    )


def delete_findings_naming(db: Database, check: str, name: str, but: str) -> None:
    """Take out findings of a check about other reports whose message has a name in it."""
    db.execute(
        'DELETE FROM findings WHERE "check" = ? AND message LIKE ? AND report <> ?',
        (check, f"%「{name}」%", but),
    )


def put_notice(db: Database, notice: NoticeRow) -> None:
    """Enter a notice."""
    db.execute(
        "INSERT OR REPLACE INTO notices (run, url, at, report, code, message) VALUES (?, ?, ?, ?, ?, ?)",
        (notice.run, notice.url, notice.at, notice.report, notice.code, shown(notice.message)),
    )


def notices_of(db: Database, run: str, code: str) -> list[NoticeRow]:
    """A run's notices of one code."""
    return read(
        db,
        NoticeRow,
        "SELECT run, url, at, report, code, message FROM notices WHERE run = ? AND code = ? ORDER BY at, url",
        (run, code),
    )


def reports_of_agency(db: Database, agency: str) -> list[ReportRow]:
    """An agency's reports that have a version, by year."""
    return read(db, ReportRow, "SELECT * FROM reports WHERE agency = ? AND version > 0 ORDER BY year", (agency,))


def count_versions(db: Database) -> int:
    """How many versions all reports have."""
    return int(value(db, "SELECT count(*) FROM versions"))
