"""What leaves the archive in a data package: one statement a table, and what the package states of them together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.index.figure_rows import SHOWN
from archive.index.lists import ORIGIN_OF_CHANGE

if TYPE_CHECKING:
    from sqlite_utils import Database

#: The rows of each table, by its name; figures are read report by report (`figure_rows`).
EXPORTED = {
    "agencies": ("select id, name, kind, region, parent, since, until, successor, aliases from agencies order by id"),
    "reports": (
        "select r.id, r.agency, a.name, r.region, r.year, r.form, r.scope, r.title, r.url, r.portal, r.published_on, r.first_seen, r.last_seen, "
        f"r.status, r.version from reports r join agencies a on a.id = r.agency where {SHOWN.format('r.id')} order by r.id"
    ),
    "changes": (
        "select c.id, c.report, c.kind, c.at, c.from_version, c.to_version, c.text_added, c.text_removed, c.url, o.name, o.learned_at "
        f"from changes c {ORIGIN_OF_CHANGE} where c.is_false_alarm = 0 and {SHOWN.format('c.report')} order by c.at, c.id"
    ),
    "figure_changes": (
        'select g.change, c.report, g."table", g."row", g."column", g.before, g.after from figure_changes g join changes c on c.id = g.change '
        f"where c.is_false_alarm = 0 and {SHOWN.format('c.report')} order by 1, 3, 4, 5"
    ),
    "findings": (
        'select f.id, f.report, f.version, f."check", f.severity, f."where", f.expected, f.actual, f.message, f.figures, f.status '
        f"from findings f join reports r on r.id = f.report and r.version = f.version where {SHOWN.format('f.report')} order by f.id"
    ),
    "obligations": (
        "select o.agency, a.name, o.kind, o.region, o.year, o.due, o.status, o.published_on, o.first_seen, o.days_late, o.report, o.reason, o.list_read_at, (select value from meta where key = 'duties_as_of') as as_of "
        "from obligations o join agencies a on a.id = o.agency order by 1, 5"
    ),
}


def newest_run(db: Database) -> str | None:
    """When the newest harvest ended (UTC ISO text)."""
    found = db.conn.execute("select max(ended_at) from runs").fetchone()[0]
    return None if found is None else str(found)


def portals_with_address(db: Database) -> list[tuple[str, str | None, str]]:
    """Identifier, name and address of the portals whose address is known, by identifier."""
    return list(db.conn.execute("select id, name, url from portals where url is not null order by id"))


def extractors(db: Database) -> list[str]:
    """The releases of the reader that made the versions."""
    return sorted(row[0] for row in db.conn.execute("select distinct extractor from versions"))


def count_withheld(db: Database) -> int:
    """How many reports are withheld as a whole."""
    return int(db.conn.execute("select count(*) from withheld where url = ''").fetchone()[0])


def addresses_of_report(db: Database, report: str) -> set[str]:
    """Every address of a report: its pages and what hangs on them; none if the archive doesn't have it."""
    pages = {row[0] for row in db.conn.execute("select url from documents where report = ?", [report])}
    found = set(pages)
    for page in pages:
        found |= {row[0] for row in db.conn.execute("select url from addresses where parent = ?", [page])}
    return found
