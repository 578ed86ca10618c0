"""Queries of what is worth telling: changes, findings, passes of portals, each with whom it concerns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.index.lists import ORIGIN_OF_CHANGE
from archive.index.rows import read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlite_utils import Database


@dataclass(frozen=True, slots=True)
class ToldChange:
    """A change with its report; `origin` names the archive that saw it if it was another one, and `learned_at` when this one knew."""

    id: str
    kind: str
    at: str
    run: str
    url: str
    from_version: int | None
    to_version: int | None
    text_added: int
    text_removed: int
    is_false_alarm: int
    report: str
    year: int
    agency: str
    portal: str
    portal_name: str | None
    origin: str | None
    learned_at: str | None


@dataclass(frozen=True, slots=True)
class FigureStep:
    """A figure before and after a change, as numbers; `None` where none stood."""

    table: str
    row: str
    column: str
    before: int | float | None
    after: int | float | None


@dataclass(frozen=True, slots=True)
class ToldFinding:
    """A finding in a version of a report, first seen in a run."""

    run: str
    report: str
    check: str
    where: str
    expected: int | float | None
    actual: int | float | None
    quote: str | None
    message: str
    first_seen: str
    year: int
    url: str
    agency: str
    portal: str
    portal_name: str | None


@dataclass(frozen=True, slots=True)
class PassOutcome:
    """One pass over a portal: whether it was whole, and why not."""

    portal: str
    at: str
    run: str
    is_ok: int
    reason: str | None


@dataclass(frozen=True, slots=True)
class PortalName:
    """A portal as people know it."""

    id: str
    name: str
    url: str | None


def changes_to_tell(db: Database) -> Iterator[ToldChange]:
    """Every change in order of its time, those marked as false alarms too."""
    sql = f"""SELECT c.id, c.kind, c.at, c.run, c.url, c.from_version, c.to_version, c.text_added, c.text_removed, c.is_false_alarm,
        r.id AS report, r.year, a.name AS agency, r.portal, p.name AS portal_name, o.name AS origin, o.learned_at
        FROM changes c JOIN reports r ON r.id = c.report JOIN agencies a ON a.id = r.agency LEFT JOIN portals p ON p.id = r.portal
        {ORIGIN_OF_CHANGE} ORDER BY c.at, c.id"""
    return iter(read(db, ToldChange, sql))


def figure_steps(db: Database, change: str) -> list[FigureStep]:
    """The figures that a change touched."""
    sql = 'SELECT "table", "row", "column", before, after FROM figure_changes WHERE change = ?'
    return read(db, FigureStep, sql, [change])


_FINDINGS = """SELECT COALESCE(c.run, '') AS run, f.report, f."check", f."where", f.expected, f.actual, f.quote, f.message, v.first_seen, r.year, r.url,
    a.name AS agency, r.portal, p.name AS portal_name FROM findings f JOIN reports r ON r.id = f.report JOIN agencies a ON a.id = r.agency
    JOIN versions v ON v.report = f.report AND v.version = f.version LEFT JOIN captures c ON c.id = v.capture LEFT JOIN portals p ON p.id = r.portal
    WHERE f.severity = ? AND f.status <> 'dismissed' """


def findings_to_tell(db: Database, severity: str) -> list[ToldFinding]:
    """Findings of a severity in current versions, without those that somebody dismissed."""
    return read(db, ToldFinding, f"{_FINDINGS} AND f.version = r.version ORDER BY f.id", [severity])


def findings_of_first_versions(db: Database, severity: str) -> list[ToldFinding]:
    """Findings of a severity in the first version of each report, without those that somebody dismissed."""
    return read(db, ToldFinding, f"{_FINDINGS} AND f.version = 1 ORDER BY f.id", [severity])


def pass_outcomes(db: Database) -> list[PassOutcome]:
    """Every pass over every portal, oldest first."""
    return read(db, PassOutcome, "SELECT portal, at, run, is_ok, reason FROM portal_passes ORDER BY at, run")


def portal_names(db: Database) -> dict[str, PortalName]:
    """Portals by id."""
    return {one.id: one for one in read(db, PortalName, "SELECT id, name, url FROM portals")}


def report_addresses(db: Database) -> dict[str, tuple[str, str]]:
    """When each report was first seen (UTC ISO text), and its address."""
    return {one[0]: (one[1], one[2]) for one in db.execute("SELECT id, first_seen, url FROM reports").fetchall()}
