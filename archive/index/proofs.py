"""Queries for proof files: what a claim rests on, and where its records stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.index.rows import first, read, rows, value, values

if TYPE_CHECKING:
    from sqlite_utils import Database

#: A record's place: segment and offset.
Place = tuple[str, int]

_VERSION = (
    "SELECT v.report, v.version, v.title, v.capture, v.figures_capture, v.extractor, a.name AS agency, r.year FROM versions v "
    "JOIN reports r ON r.id = v.report JOIN agencies a ON a.id = r.agency WHERE v.report = ? AND v.version = ?"
)
_CAPTURE = (
    'SELECT c.id, c.url, c.at, c.kind, c.digest, c.segment, c."offset", o.name AS seen_by, p.segment AS at_segment, p."offset" AS at_offset '
    "FROM captures c LEFT JOIN payloads p ON p.digest = c.digest LEFT JOIN origins o ON o.id = c.origin WHERE c.id = ?"
)


@dataclass(frozen=True, slots=True)
class ProvedVersion:
    """A version that a claim is about, with the captures of its page and of its figures."""

    report: str
    version: int
    title: str | None
    capture: str
    figures_capture: str
    extractor: str
    agency: str
    year: int


@dataclass(frozen=True, slots=True)
class ProvedCapture:
    """A capture, and where its payload stands if that is another record."""

    id: str
    url: str
    at: str
    kind: str
    digest: str | None
    segment: str
    offset: int
    seen_by: str | None
    at_segment: str | None
    at_offset: int | None

    @property
    def place(self) -> Place:
        """Where its own record stands."""
        return self.segment, self.offset

    @property
    def stored(self) -> Place:
        """Where its payload stands."""
        return self.place if self.at_segment is None or self.at_offset is None else (self.at_segment, self.at_offset)


@dataclass(frozen=True, slots=True)
class GoneChange:
    """A change of a report, with where the report stands now."""

    id: str
    report: str
    kind: str
    at: str
    run: str
    from_version: int | None
    to_version: int | None
    is_false_alarm: bool
    portal: str
    url: str
    version: int


@dataclass(frozen=True, slots=True)
class NamedAgency:
    """An agency by its id and name."""

    id: str
    name: str


def is_withheld(db: Database, report: str) -> bool:
    """Whether a report, or an address of it, is withheld."""
    return value(db, "SELECT 1 FROM withheld WHERE report = ?", (report,)) is not None


def version_of(db: Database, report: str, number: int) -> ProvedVersion | None:
    """A version of a report with its captures, `None` if there is none."""
    return first(db, ProvedVersion, _VERSION, (report, number))


def capture_of(db: Database, capture: str) -> list[ProvedCapture]:
    """A capture with the place of its payload; a list of one, or empty."""
    return read(db, ProvedCapture, _CAPTURE, (capture,))


def change_of(db: Database, change: str) -> GoneChange | None:
    """A change by its id."""
    sql = (
        "SELECT c.id, c.report, c.kind, c.at, c.run, c.from_version, c.to_version, c.is_false_alarm, r.portal, r.url, r.version "
        "FROM changes c JOIN reports r ON r.id = c.report WHERE c.id = ?"
    )
    return first(db, GoneChange, sql, (change,))


def changed_cells(db: Database, change: str) -> set[tuple[str, str, str]]:
    """The figures that a change is about: table, row, column."""
    sql = 'SELECT "table", "row", "column" FROM figure_changes WHERE change = ?'
    return {(one["table"], one["row"], one["column"]) for one in rows(db, sql, (change,))}


def current_version(db: Database, report: str) -> int | None:
    """The number of a report's current version, `None` if there is no such report."""
    found = values(db, "SELECT version FROM reports WHERE id = ?", (report,))
    return int(found[0]) if found else None


def agencies_called(db: Database, name: str) -> list[NamedAgency]:
    """The agencies with this id, name or alias; else those whose name has it."""
    exact = read(
        db,
        NamedAgency,
        "SELECT id, name FROM agencies WHERE id = ? OR name = ? OR EXISTS (SELECT 1 FROM json_each(aliases) e WHERE e.value = ?) ORDER BY name",
        (name, name, name),
    )
    return exact or read(db, NamedAgency, "SELECT id, name FROM agencies WHERE instr(name, ?) ORDER BY name", (name,))


def names_of(db: Database, agency: str) -> list[str]:
    """Every name that stands for an agency somewhere, the longest first."""
    sql = (
        "SELECT name FROM agencies WHERE id = ?1 UNION SELECT e.value FROM agencies a, json_each(a.aliases) e WHERE a.id = ?1 "
        "UNION SELECT name FROM agency_names WHERE agency = ?1"
    )
    return sorted(map(str, values(db, sql, (agency,))), key=lambda name: (-len(name), name))


def logs_of(db: Database, portal: str) -> list[Place]:
    """Where visit logs of runs over a portal stand, the newest first; a run has one a host group, so not each speaks of the portal."""
    sql = (
        "SELECT DISTINCT v.segment, v.\"offset\", r.started_at FROM run_records v JOIN runs r ON r.id = v.run WHERE v.kind = 'visits' "
        'AND EXISTS (SELECT 1 FROM lists l WHERE l.run = v.run AND l.portal = ?1) ORDER BY r.started_at DESC, v.segment, v."offset"'
    )
    return [(one["segment"], one["offset"]) for one in rows(db, sql, (portal,))]


def record_at(db: Database, url: str, at: str, digest: str) -> Place | None:
    """Where the answer of an address at a time stands, if it was stored as it came: payloads that begin so."""
    sql = (
        "SELECT segment, \"offset\" FROM captures WHERE url = ? AND at = ? AND kind = 'response' AND origin IS NULL AND digest >= ? AND digest < ? "
        'ORDER BY segment, "offset" LIMIT 1'
    )
    return _place(db, sql, (url, at, digest, digest + "~"))


def page_before(db: Database, url: str, at: str) -> Place | None:
    """Where the page stands that an address showed last before a time."""
    sql = (
        'SELECT p.segment, p."offset" FROM captures c JOIN payloads p ON p.digest = c.digest WHERE c.url = ? AND c.at < ? '
        "AND c.verdict = 'ok' AND c.origin IS NULL ORDER BY c.at DESC LIMIT 1"
    )
    return _place(db, sql, (url, at))


def control_like(db: Database, portal: str, digest: str) -> Place | None:
    """Where an answer with these bytes stands that an address gave which cannot exist."""
    sql = (
        "SELECT segment, \"offset\" FROM captures WHERE portal = ? AND role = 'control' AND kind = 'response' AND digest >= ? AND digest < ? "
        "AND url LIKE '%/t19700101_%' ORDER BY at LIMIT 1"
    )
    return _place(db, sql, (portal, digest, digest + "~"))


def withheld_addresses(db: Database) -> set[str]:
    """The addresses of what is withheld."""
    sql = "SELECT url FROM withheld WHERE url <> '' UNION SELECT d.url FROM documents d JOIN withheld w ON w.report = d.report"
    return set(map(str, values(db, sql)))


def addresses_of(db: Database, report: str) -> set[str]:
    """The addresses of a report, and those by which lists name it."""
    sql = "SELECT url FROM documents WHERE report = ?1 UNION SELECT entry_url FROM documents WHERE report = ?1"
    return set(map(str, values(db, sql, (report,))))


def _place(db: Database, sql: str, parameters: tuple[str, ...]) -> Place | None:
    """The first row of a query for segment and offset."""
    return next(iter(db.execute(sql, parameters).fetchall()), None)
