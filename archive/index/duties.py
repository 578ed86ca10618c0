"""Queries about duties: who owes reports, which were seen, how lists were read. Each asks for all agencies, or for some."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from archive.index.codes import ChangeKind
from archive.index.rows import among, read, stream, value, values
from archive.index.types import AgencyRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlite_utils import Database

#: How the reason of a pass begins that somebody stopped: it says nothing about the portal.
INTERRUPTED = "interrupted"
#: Obligations written by one statement.
_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class DutyReport:
    """A report as far as duties need it; `published_on` is the printed date, or the one that the list gives."""

    id: str
    agency: str
    year: int
    first_seen: str
    absent_at: str | None
    published_on: str | None


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A report that vanished, or came back."""

    report: str
    at: str
    kind: str


@dataclass(frozen=True, slots=True)
class UnreadListing:
    """What a list names, and is no document of a report; `verdict` of the last visit, empty if it was never asked for."""

    portal: str
    url: str
    title: str | None
    date: str | None
    agency: str | None
    first_at: str
    verdict: str


@dataclass(frozen=True, slots=True)
class ColumnState:
    """A column of a portal: when it was last read whole, when it was last tried in vain, and why (UTC ISO text)."""

    url: str
    read_at: str | None
    failed_at: str | None
    why: str | None


@dataclass(frozen=True, slots=True)
class ObligationRow:
    """A row of `obligations`."""

    agency: str
    year: int
    kind: str
    region: str | None
    portal: str | None
    due: str
    status: str
    published_on: str | None
    first_seen: str | None
    days_late: int | None
    report: str | None
    reason: str | None
    list_read_at: str | None


def agencies(db: Database, some: Iterable[str] | None = None) -> list[AgencyRow]:
    """Agencies by name."""
    where, parameters = among("id", some)
    return read(db, AgencyRow, f"SELECT * FROM agencies WHERE {where} ORDER BY name, id", parameters)


def duty_reports(db: Database, some: Iterable[str] | None = None) -> Iterator[DutyReport]:
    """Reports of agencies. A correction makes no report late: the date of the page that it stands beside counts, or the first version's."""
    where, parameters = among("r.agency", some)
    return stream(
        db,
        DutyReport,
        "SELECT r.id, r.agency, r.year, r.first_seen, r.absent_at, coalesce("
        "(SELECT min(json_extract(a.entry, '$.date')) FROM documents d JOIN addresses a ON a.url = d.url "
        "WHERE d.report = r.id AND d.is_correction = 0 "
        "AND EXISTS (SELECT 1 FROM documents c WHERE c.report = r.id AND c.is_correction = 1 AND c.is_primary = 1)), "
        "(SELECT v.published_on FROM versions v WHERE v.report = r.id AND v.published_on IS NOT NULL ORDER BY v.version LIMIT 1), "
        f"r.published_on) AS published_on FROM reports r WHERE r.status <> 'new' AND {where}",
        parameters,
    )


def withdrawals(db: Database, some: Iterable[str] | None = None) -> list[Withdrawal]:
    """When reports of agencies vanished and came back, false alarms left out, in order."""
    where, parameters = among("r.agency", some)
    return read(
        db,
        Withdrawal,
        "SELECT c.report, c.at, c.kind FROM changes c JOIN reports r ON r.id = c.report "
        f"WHERE c.kind IN ('{ChangeKind.VANISHED}', '{ChangeKind.REPLACED}', '{ChangeKind.RESTORED}') AND c.is_false_alarm = 0 AND {where} "
        "ORDER BY c.at, c.run, c.position",
        parameters,
    )


def portals_by_agency(db: Database, some: Iterable[str] | None = None) -> dict[str, list[str]]:
    """For each agency, the portals on which a name stands for it."""
    where, parameters = among("agency", some)
    found: dict[str, list[str]] = defaultdict(list)
    sql = f"SELECT DISTINCT agency, scope FROM agency_names WHERE scope <> '' AND {where} ORDER BY agency, scope"
    for agency, portal in db.execute(sql, parameters).fetchall():
        found[agency].append(portal)
    return found


def unread_listings(db: Database, portals: Iterable[str] | None = None) -> list[UnreadListing]:
    """What lists of portals name and no document stands for, the first named first."""
    where, parameters = among("l.portal", portals)
    return read(
        db,
        UnreadListing,
        "SELECT l.portal, l.url, l.title, l.date, l.agency, l.first_at, coalesce(a.verdict, '') AS verdict FROM listings l "
        "LEFT JOIN addresses a ON a.url = l.url AND a.role = 'report' WHERE NOT EXISTS (SELECT 1 FROM documents d WHERE d.url = l.url) "
        f"AND NOT EXISTS (SELECT 1 FROM documents d WHERE d.entry_url = l.url) AND {where} ORDER BY l.first_at, l.url",
        parameters,
    )


def agency_within(db: Database, portal: str, text: str) -> str | None:
    """The agency whose name on a portal stands within a text in normal form; of several the longest name."""
    found: str | None = value(
        db,
        "SELECT agency FROM agency_names WHERE scope = ? AND length(name) > 2 AND instr(?, name) ORDER BY length(name) DESC, name LIMIT 1",
        (portal, text),
    )
    return found


def portals_with_passes(db: Database) -> list[str]:
    """Portals over which a pass ended."""
    return values(
        db,
        "SELECT p.id FROM portals p WHERE EXISTS (SELECT 1 FROM portal_passes f WHERE f.portal = p.id) ORDER BY p.id",
    )


def column_readings(db: Database, portal: str, until: str) -> list[ColumnState]:
    """The columns of the last pass over a portal that nobody stopped, before a time, and how each was read until then."""
    return read(
        db,
        ColumnState,
        "SELECT l.url, max(iif(l.is_complete, l.at, NULL)) AS read_at, "
        f"max(iif(l.is_complete OR coalesce(p.reason, '') LIKE '{INTERRUPTED}%', NULL, l.at)) AS failed_at, "
        "(SELECT coalesce(f.reason, '') FROM lists f WHERE f.portal = l.portal AND f.url = l.url AND f.is_complete = 0 "
        "AND f.at < ?2 ORDER BY f.at DESC LIMIT 1) AS why "
        "FROM lists l JOIN portal_passes p ON p.portal = l.portal AND p.run = l.run WHERE l.portal = ?1 AND l.at < ?2 "
        "AND l.url IN (SELECT url FROM lists WHERE portal = ?1 AND run = (SELECT p.run FROM portal_passes p "
        f"WHERE p.portal = ?1 AND p.at < ?2 AND coalesce(p.reason, '') NOT LIKE '{INTERRUPTED}%' "
        "AND EXISTS (SELECT 1 FROM lists e WHERE e.portal = p.portal AND e.run = p.run) ORDER BY p.at DESC LIMIT 1)) "
        "GROUP BY l.url ORDER BY l.url",
        (portal, until),
    )


def lost_pass(db: Database, portal: str, until: str) -> tuple[str, str]:
    """The last pass over a portal, before a time, that failed and read no list at all, and why; two empty texts if there was none."""
    found = db.execute(
        "SELECT p.at, coalesce(p.reason, 'failed') FROM portal_passes p WHERE p.portal = ? AND p.at < ? AND p.is_ok = 0 "
        f"AND coalesce(p.reason, '') NOT LIKE '{INTERRUPTED}%' "
        "AND NOT EXISTS (SELECT 1 FROM lists l WHERE l.portal = p.portal AND l.run = p.run) ORDER BY p.at DESC LIMIT 1",
        (portal, until),
    ).fetchone()
    return (str(found[0]), str(found[1])) if found is not None else ("", "")


def found_names(db: Database, portals: Sequence[str] | None = None) -> dict[str, list[str]]:
    """For each portal, the names of agencies that nobody described and that have a report."""
    where, parameters = among("a.portal", portals)
    found: dict[str, list[str]] = defaultdict(list)
    sql = f"SELECT a.portal, a.name FROM agencies a WHERE a.source = 'found' AND {where} ORDER BY a.portal, a.name"
    for portal, name in db.execute(sql, parameters).fetchall():
        found[portal].append(name)
    return found


def agencies_by_column(db: Database, portals: Sequence[str] | None = None) -> dict[str, dict[str, dict[str, int]]]:
    """For each portal and column, how many reports of each agency it names."""
    where, parameters = among("l.portal", portals)
    found: dict[str, dict[str, dict[str, int]]] = defaultdict(dict)
    join = "JOIN reports r ON r.id = d.report"
    for portal, column, agency, count in db.execute(
        "SELECT portal, column_url, agency, count(*) FROM ("
        f"SELECT l.portal, l.column_url, r.agency, r.id FROM listings l JOIN documents d ON d.url = l.url {join} WHERE {where} "
        f"UNION SELECT l.portal, l.column_url, r.agency, r.id FROM listings l JOIN documents d ON d.entry_url = l.url {join} "
        f"WHERE {where}) GROUP BY portal, column_url, agency",
        (*parameters, *parameters),
    ).fetchall():
        found[portal].setdefault(column, {})[agency] = count
    return found


def complete_readings(db: Database) -> dict[str, list[str]]:
    """For each portal, when all its lists were read to their end in one run, in order."""
    found: dict[str, list[str]] = defaultdict(list)
    for portal, at in db.execute(
        "SELECT p.portal, min(l.at) AS at FROM portal_passes p JOIN lists l ON l.portal = p.portal AND l.run = p.run "
        "GROUP BY p.portal, p.run HAVING min(l.is_complete) = 1 ORDER BY at"
    ).fetchall():
        found[portal].append(at)
    return found


def replace_obligations(db: Database, found: Iterable[ObligationRow], agencies: Iterable[str] | None = None) -> None:
    """Let these be all obligations, or all of some agencies."""
    if agencies is None:
        db.execute("DELETE FROM obligations")
    else:
        where, parameters = among("agency", agencies)
        db.execute(f"DELETE FROM obligations WHERE {where}", parameters)
    # Many rows a statement: each statement that fires triggers writes the pages that it changes into a journal of its own.
    columns = ", ".join(f"value ->> {place}" for place in range(13))
    rows = map(_values, found)
    while some := list(islice(rows, _AT_ONCE)):
        db.execute(
            "INSERT INTO obligations (agency, year, kind, region, portal, due, status, published_on, first_seen, days_late, report, "
            f"reason, list_read_at) SELECT {columns} FROM json_each(?)",
            (json.dumps(some),),
        )


def obligations_of(db: Database, agencies: Iterable[str]) -> list[ObligationRow]:
    """The kept obligations of some agencies."""
    where, parameters = among("agency", agencies)
    return read(db, ObligationRow, f"SELECT * FROM obligations WHERE {where}", parameters)


def _values(row: ObligationRow) -> Sequence[object]:
    return (
        row.agency,
        row.year,
        row.kind,
        row.region,
        row.portal,
        row.due,
        row.status,
        row.published_on,
        row.first_seen,
        row.days_late,
        row.report,
        row.reason,
        row.list_read_at,
    )


def defined_portals(db: Database) -> list[str]:
    """Portals that a definition describes."""
    return values(db, "SELECT id FROM portals WHERE state <> 'undefined' ORDER BY id")


def county_codes(db: Database) -> set[str]:
    """The counties of GB/T 2260."""
    return set(values(db, "SELECT code FROM regions WHERE level = 'county'"))
