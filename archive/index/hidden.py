"""What nobody may see of an index: the reports, versions and addresses that are withheld, as views in front of the tables with content.

One home for pages, downloads, packages and releases: whatever leaves the archive reads through these views, or deletes by the same rules.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from archive.index.database import open_database
from archive.index.figure_tables import FIGURE_TABLES
from archive.index.rows import values

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlite_utils import Database

#: What is withheld: whole reports; versions whose page or file is withheld by its address; addresses. Never NULL.
#: CROSS JOIN keeps the few decisions in the outer loop; the planner would read all versions for every query.
SETS = {
    "ogi_hidden_reports": "SELECT report FROM main.withheld WHERE url = ''",
    "ogi_hidden_search": (
        "SELECT r.search_id FROM main.withheld w CROSS JOIN main.reports r ON r.id = w.report "
        "WHERE w.url = '' OR EXISTS (SELECT 1 FROM ogi_hidden_versions h WHERE h.report = r.id AND h.version = r.version)"
    ),
    "ogi_hidden_versions": (
        "SELECT v.report, v.version FROM main.withheld w CROSS JOIN main.versions v ON v.report = w.report WHERE w.url <> '' AND (v.url = w.url "
        "OR EXISTS (SELECT 1 FROM main.captures c WHERE c.id IN (v.capture, v.figures_capture) AND c.url = w.url))"
    ),
    "ogi_hidden_urls": (
        "SELECT url FROM main.withheld WHERE url <> '' UNION SELECT d.url FROM main.withheld w CROSS JOIN main.documents d ON d.report = w.report "
        "WHERE w.url = '' UNION SELECT d.entry_url FROM main.withheld w CROSS JOIN main.documents d ON d.report = w.report WHERE w.url = ''"
    ),
}
_REPORT = "coalesce(report, '') IN (SELECT report FROM ogi_hidden_reports)"
_VERSION = f"({_REPORT} OR (report, version) IN (SELECT report, version FROM ogi_hidden_versions))"
_CHANGE = (
    f"({_REPORT} OR (report, coalesce(to_version, 0)) IN (SELECT report, version FROM ogi_hidden_versions) "
    "OR (report, coalesce(from_version, 0)) IN (SELECT report, version FROM ogi_hidden_versions))"
)

#: For each guarded table: what is true of its rows that nobody sees.
HIDDEN: dict[str, str] = {
    "figure_changes": f"change IN (SELECT id FROM main.changes WHERE {_CHANGE})",
    "changes": _CHANGE,
    **dict.fromkeys(FIGURE_TABLES, _VERSION),
    "report_facts": _VERSION,
    "report_text": _VERSION,
    "findings": _VERSION,
    "versions": _VERSION,
    "captures": "(url IN (SELECT url FROM ogi_hidden_urls) OR coalesce(parent, '') IN (SELECT url FROM ogi_hidden_urls))",
    "documents": _REPORT,
    "notices": f"({_REPORT} OR url IN (SELECT url FROM ogi_hidden_urls))",
    "reports": "id IN (SELECT report FROM ogi_hidden_reports)",
}
#: Private tables that the site's own pages read through such views (`archive.lists.row_outcomes`), a visitor's SQL never: what is true of
#: their rows that nobody sees.
HIDDEN_OF_PAGES: dict[str, str] = {
    "listings": "url IN (SELECT url FROM ogi_hidden_urls)",
    "addresses": "(url IN (SELECT url FROM ogi_hidden_urls) OR coalesce(parent, '') IN (SELECT url FROM ogi_hidden_urls))",
}
_FTS_COLUMNS = "rowid, report_fts, title, text, rank"


def hide(connection: Any) -> None:
    """Put the views on a connection, under the names of the tables: an unqualified name means what may be seen."""
    for name, sql in SETS.items():
        connection.execute(f"CREATE TEMP VIEW {name} AS {sql}")
    for table, hidden in (HIDDEN | HIDDEN_OF_PAGES).items():
        connection.execute(f"CREATE TEMP VIEW {table} AS SELECT * FROM main.{table} WHERE NOT {hidden}")
    connection.execute(
        f"CREATE TEMP VIEW report_fts AS SELECT {_FTS_COLUMNS} FROM main.report_fts WHERE rowid NOT IN (SELECT search_id FROM ogi_hidden_search)"
    )
    found = connection.execute("SELECT sql FROM main.sqlite_master WHERE type = 'view' AND name = 'figures'").fetchone()
    if found is not None:
        connection.execute(found[0].replace("CREATE VIEW", "CREATE TEMP VIEW", 1))


def hidden_captures(path: Path) -> frozenset[str]:
    """Ids of the captures in an index that nobody may see, by the rules of the views; none if there is no index."""
    if not path.exists():
        return frozenset()
    db = open_database(path, read_only=True)
    try:
        db.execute("PRAGMA query_only = 0")  # views of the connection's own count as writing
        for name, sql in SETS.items():
            db.execute(f"CREATE TEMP VIEW {name} AS {sql}")
        return frozenset(values(db, f"SELECT id FROM main.captures WHERE {HIDDEN['captures']}"))
    finally:
        db.close()


@contextmanager
def open_shown(path: Path) -> Iterator[Database]:
    """An index as anybody may see it, read only and in one state from beginning to end.

    Raises:
        DamagedArchive: There is none, or it can't be used.
    """
    db = open_database(path, read_only=True)
    try:
        db.execute("PRAGMA query_only = 0")  # views of the connection's own count as writing
        hide(db.conn)
        db.execute("PRAGMA query_only = 1")
        db.execute("BEGIN")
        yield db
    finally:
        db.close()
