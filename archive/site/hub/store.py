"""What a hub holds of its provinces: who must publish, who did, which reports there are; some 1 KB a report. Texts and figures stay with them.

`hub.db` can be thrown away but for the provinces' addresses: everything else is gathered again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from archive.errors import SiteError
from archive.index.rows import of_type
from archive.site.hub.read import HubAgency, HubDuty, HubReport

FILE = "hub.db"
SCHEMA = """
CREATE TABLE IF NOT EXISTS provinces (
    name TEXT PRIMARY KEY, url TEXT NOT NULL, as_of TEXT, gathered_at TEXT, tried_at TEXT, reason TEXT
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS agencies (
    province TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, rank INTEGER NOT NULL, region TEXT NOT NULL,
    PRIMARY KEY (province, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS agencies_order ON agencies (region, rank, name, province, id);
CREATE TABLE IF NOT EXISTS reports (
    province TEXT NOT NULL, id TEXT NOT NULL, agency TEXT NOT NULL, year INTEGER NOT NULL, form TEXT, title TEXT, status TEXT NOT NULL,
    published_on TEXT, first_seen TEXT NOT NULL, version INTEGER NOT NULL, PRIMARY KEY (province, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS reports_newest ON reports (year DESC, first_seen DESC, province, id);
CREATE INDEX IF NOT EXISTS reports_id ON reports (id);
CREATE TABLE IF NOT EXISTS duties (
    province TEXT NOT NULL, agency TEXT NOT NULL, year INTEGER NOT NULL, status TEXT NOT NULL, due TEXT NOT NULL, days_late INTEGER,
    report TEXT, PRIMARY KEY (province, agency, year)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS duties_status ON duties (status, year, province, agency);
CREATE TABLE IF NOT EXISTS duty_counts (
    province TEXT NOT NULL, region TEXT NOT NULL, kind TEXT NOT NULL, year INTEGER NOT NULL, status TEXT NOT NULL, n INTEGER NOT NULL,
    PRIMARY KEY (province, region, kind, year, status)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS facet_counts (
    province TEXT NOT NULL, year INTEGER NOT NULL, kind TEXT NOT NULL, form TEXT NOT NULL, n INTEGER NOT NULL,
    PRIMARY KEY (province, year, kind, form)
) STRICT, WITHOUT ROWID;
"""
#: Everything that is a province's; `provinces` itself stays when it is gathered again.
_TABLES = ("agencies", "reports", "duties", "duty_counts", "facet_counts")
_REPORTS = """
SELECT r.*, a.name AS agency_name, a.kind, a.region FROM reports r JOIN agencies a ON a.province = r.province AND a.id = r.agency
"""
_ORPHANS = """
SELECT count(*) FROM (SELECT agency FROM reports WHERE province = :province UNION ALL SELECT agency FROM duties WHERE province = :province) f
WHERE NOT EXISTS (SELECT 1 FROM agencies a WHERE a.province = :province AND a.id = f.agency)
"""


@dataclass(frozen=True, slots=True)
class HubProvince:
    """One archive's site behind the hub.

    Attributes:
        name: Its place in the hub's addresses: `/p/NAME`.
        url: Where the hub asks it, without a final slash.
        as_of: The last day that the archive knew when it was gathered.
        gathered_at: When it was last gathered whole (UTC ISO text); `None`: never, so nothing is known of it.
        reason: Why the last attempt failed; `None` if it didn't.
    """

    name: str
    url: str
    as_of: str | None
    gathered_at: str | None
    tried_at: str | None
    reason: str | None

    @property
    def is_through(self) -> bool:
        """Whether its pages come through the hub: its site runs under the path that it has there. Else the hub leads to them."""
        return self.url.endswith(f"/p/{self.name}")


@contextmanager
def open_hub(folder: Path, *, is_new: bool = False) -> Iterator[sqlite3.Connection]:
    """The hub's database, closed at the end.

    Raises:
        SiteError: There is no hub in the folder, and `is_new` doesn't ask for one.
    """
    path = folder / FILE
    if not path.is_file():
        if not is_new:
            raise SiteError(f"{folder} is no hub: make one with `ogi hub gather --hub {folder} NAME=URL`")
        folder.mkdir(parents=True, exist_ok=True)
    db = sqlite3.connect(path, timeout=30)
    db.row_factory = sqlite3.Row
    try:
        if is_new:
            db.execute("PRAGMA journal_mode = wal")
            db.executescript(SCHEMA)
        yield db
    finally:
        db.close()


def provinces(db: sqlite3.Connection) -> list[HubProvince]:
    """All provinces by name."""
    return [HubProvince(**row) for row in map(dict, db.execute("SELECT * FROM provinces ORDER BY name"))]


def set_province(db: sqlite3.Connection, name: str, url: str) -> None:
    """Add a province, or give it another address."""
    with db:
        db.execute(
            "INSERT INTO provinces (name, url) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET url = excluded.url",
            (name, url),
        )


def remove_province(db: sqlite3.Connection, name: str) -> None:
    """Forget a province and everything of it."""
    with db:
        for table in (*_TABLES, "provinces"):
            key = "name" if table == "provinces" else "province"
            db.execute(f"DELETE FROM {table} WHERE {key} = ?", (name,))


def set_failed(db: sqlite3.Connection, name: str, at: str, reason: str) -> None:
    """Say that a province could not be gathered. What is known of it stays, with its day."""
    with db:
        db.execute("UPDATE provinces SET tried_at = ?, reason = ? WHERE name = ?", (at, reason, name))


def replace_province(
    db: sqlite3.Connection,
    name: str,
    at: str,
    reports: Iterable[HubReport],
    duties: Iterable[HubDuty],
    agencies: Iterable[HubAgency],
    as_of: str | None,
) -> None:
    """Let these be all rows of a province: in one transaction, so that what breaks off leaves it as it was.

    They are asked for in this order, because an agency is never there later than what names it.

    Raises:
        SiteError: Something names an agency that isn't there.
    """
    with _telling_twice(name), db:
        for table in _TABLES:
            db.execute(f"DELETE FROM {table} WHERE province = ?", (name,))
        db.executemany(
            "INSERT INTO reports VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (name, one.id, one.agency, one.year, one.form, one.title, one.status, one.published_on, one.first_seen, one.version)
                for one in reports
            ),
        )  # fmt: skip
        db.executemany(
            "INSERT INTO duties VALUES (?, ?, ?, ?, ?, ?, ?)",
            ((name, one.agency, one.year, one.status, one.due, one.days_late, one.report) for one in duties),
        )
        db.executemany(
            "INSERT INTO agencies VALUES (?, ?, ?, ?, ?, ?)",
            ((name, one.id, one.name, one.kind, one.rank, one.region) for one in agencies),
        )
        orphans = db.execute(_ORPHANS, {"province": name}).fetchone()[0]
        if orphans:
            raise SiteError(
                f"{name}: {orphans} rows name agencies that it doesn't have; it may be writing: gather it again"
            )
        db.execute(
            "INSERT INTO duty_counts SELECT d.province, a.region, a.kind, d.year, d.status, count(*) FROM duties d "
            "JOIN agencies a ON a.province = d.province AND a.id = d.agency WHERE d.province = ? GROUP BY 1, 2, 3, 4, 5",
            (name,),
        )
        db.execute(
            "INSERT INTO facet_counts SELECT r.province, r.year, a.kind, coalesce(r.form, 'none'), count(*) FROM reports r "
            "JOIN agencies a ON a.province = r.province AND a.id = r.agency WHERE r.province = ? GROUP BY 1, 2, 3, 4",
            (name,),
        )
        db.execute(
            "UPDATE provinces SET gathered_at = ?1, tried_at = ?1, as_of = ?2, reason = NULL WHERE name = ?3",
            (at, as_of, name),
        )


@contextmanager
def _telling_twice(name: str) -> Iterator[None]:
    try:
        yield
    except sqlite3.IntegrityError as error:
        raise SiteError(f"{name}: a row came twice ({error})") from None


class FacetValue(TypedDict):
    """A value of a facet, and how many reports have it."""

    value: str | int
    n: int


class HubListedAgency(TypedDict):
    """A row of `agencies`."""

    province: str
    id: str
    name: str
    kind: str
    rank: int
    region: str


class HubListedReport(TypedDict):
    """A row of `reports`, with its agency."""

    province: str
    id: str
    agency: str
    year: int
    form: str | None
    title: str | None
    status: str
    published_on: str | None
    first_seen: str
    version: int
    agency_name: str
    kind: str
    region: str


class HubListedDuty(TypedDict):
    """A row of `duties`."""

    province: str
    agency: str
    year: int
    status: str
    due: str
    days_late: int | None
    report: str | None


def facets(db: sqlite3.Connection, chosen: Mapping[str, object]) -> dict[str, list[FacetValue]]:
    """For each facet its values among the reports that have all the *other* chosen ones; exact."""
    found = {}
    for facet in ("year", "province", "kind", "form"):
        where, values = _where({name: value for name, value in chosen.items() if name != facet})
        sql = f"SELECT {facet} AS value, sum(n) AS n FROM facet_counts {where} GROUP BY 1 ORDER BY 1 DESC"
        found[facet] = of_type(FacetValue, [dict(row) for row in db.execute(sql, values)])
    return found


def count_reports(db: sqlite3.Connection, chosen: Mapping[str, object]) -> int:
    """How many reports have all chosen traits."""
    where, values = _where(chosen)
    return int(db.execute(f"SELECT coalesce(sum(n), 0) FROM facet_counts {where}", values).fetchone()[0])


def newest_reports(
    db: sqlite3.Connection, chosen: Mapping[str, object], most: int, offset: int
) -> list[HubListedReport]:
    """Reports with all chosen traits, the newest year first."""
    columns = {"province": "r.province", "year": "r.year", "kind": "a.kind", "form": "coalesce(r.form, 'none')"}
    where, values = _where({columns[name]: value for name, value in chosen.items()})
    sql = f"{_REPORTS} {where} ORDER BY r.year DESC, r.first_seen DESC, r.province, r.id LIMIT ? OFFSET ?"
    return of_type(HubListedReport, [dict(row) for row in db.execute(sql, (*values, most, offset))])


def reports_called(db: sqlite3.Connection, report: str) -> list[HubListedReport]:
    """The reports of an id: one, unless two archives happen to have given the same."""
    found = db.execute(f"{_REPORTS} WHERE r.id = ? ORDER BY r.province", (report,))
    return of_type(HubListedReport, [dict(row) for row in found])


@dataclass(frozen=True, slots=True)
class MatrixPart:
    """Which part of the matrix somebody wants: two to six digits of a region, a kind, a year, a status; empty for any."""

    region: str = ""
    kind: str = ""
    year: int | None = None
    status: str = ""

    def agencies(self) -> tuple[str, list[object]]:
        """A condition for `agencies a`, and its values."""
        parts: list[str] = []
        values: list[object] = []
        if self.region:
            parts.append("a.region >= ? AND a.region < ?")
            values += [self.region, self.region + ":"]
        if self.kind:
            parts.append("a.kind = ?")
            values.append(self.kind)
        duty = " AND ".join(f"d.{name} = ?" for name, value in (("status", self.status), ("year", self.year)) if value)
        of_agency = "d.province = a.province AND d.agency = a.id"
        parts.append(f"EXISTS (SELECT 1 FROM duties d WHERE {of_agency}{' AND ' + duty if duty else ''})")
        values += [value for value in (self.status, self.year) if value]
        return " AND ".join(parts), values


def matrix(
    db: sqlite3.Connection, wanted: MatrixPart, most: int, after: tuple[str, str] | None = None
) -> tuple[list[HubListedAgency], dict[tuple[str, str, int], HubListedDuty]]:
    """Agencies by region, rank and name, from the one behind `after` (province, id) on, and their duties by province, agency and year.

    By key, so that the last page costs what the first one does.
    """
    where, values = wanted.agencies()
    if after is not None:
        where += (
            " AND (a.region, a.rank, a.name, a.province, a.id) > (SELECT b.region, b.rank, b.name, b.province, b.id "
            "FROM agencies b WHERE b.province = ? AND b.id = ?)"
        )
        values += after
    sql = f"SELECT a.* FROM agencies a WHERE {where} ORDER BY a.region, a.rank, a.name, a.province, a.id LIMIT ?"
    agencies = of_type(HubListedAgency, [dict(row) for row in db.execute(sql, (*values, most))])
    duties: dict[tuple[str, str, int], HubListedDuty] = {}
    for agency in agencies:
        sql = "SELECT * FROM duties WHERE province = ? AND agency = ?"
        some = db.execute(sql, (agency["province"], agency["id"]))
        for row in of_type(HubListedDuty, [dict(row) for row in some]):
            duties[agency["province"], agency["id"], row["year"]] = row
    return agencies, duties


def duty_sums(db: sqlite3.Connection, wanted: MatrixPart) -> dict[tuple[int, str], int]:
    """How many duties there are by year and status, of the agencies of a region and kind."""
    parts, values = ["1"], []
    if wanted.region:
        parts.append("region >= ? AND region < ?")
        values += [wanted.region, wanted.region + ":"]
    if wanted.kind:
        parts.append("kind = ?")
        values.append(wanted.kind)
    sql = f"SELECT year, status, sum(n) FROM duty_counts WHERE {' AND '.join(parts)} GROUP BY 1, 2"
    return {(int(year), str(status)): int(n) for year, status, n in db.execute(sql, values)}


def province_sums(db: sqlite3.Connection) -> dict[str, dict[str, int]]:
    """How many reports and agencies each province has."""
    found: dict[str, dict[str, int]] = {}
    for table, column in (("facet_counts", "sum(n)"), ("agencies", "count(*)")):
        name = "reports" if table == "facet_counts" else table
        for province, n in db.execute(f"SELECT province, {column} FROM {table} GROUP BY province"):
            found.setdefault(province, {})[name] = int(n)
    return found


def _where(chosen: Mapping[str, object]) -> tuple[str, list[object]]:
    parts = [f"{name} = ?" for name in chosen]
    return (f"WHERE {' AND '.join(parts)}" if parts else ""), list(chosen.values())
