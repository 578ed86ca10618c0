"""What readers may see: views that leave out what is withheld, in front of every table with content, and no way around them.

Every connection of the site gets temporary views under the names of the tables. An unqualified name means the view, for the site's own
pages, for Datasette's and for a visitor's SQL alike; the tables behind are refused. The evidence and the index stay whole: lifting a decision
shows everything again, and a rebuild equals the lost index. `ogi publish` deletes by the same rules, because a snapshot can be downloaded.
"""

from __future__ import annotations

import asyncio
import re
import threading
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datasette.database import Database
from datasette.utils import detect_primary_keys, get_outbound_foreign_keys, sqlite3, table_column_details

from archive.index.figure_tables import FIGURE_TABLES
from archive.site.limits import Budgeted, limit_heap
from archive.site.memory import keep
from archive.site.metadata import PUBLIC_TABLES

if TYPE_CHECKING:
    from collections.abc import Callable

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
_REPORT = "report IN (SELECT report FROM ogi_hidden_reports)"
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
    "report_text": _VERSION,
    "findings": _VERSION,
    "versions": _VERSION,
    "captures": "(url IN (SELECT url FROM ogi_hidden_urls) OR coalesce(parent, '') IN (SELECT url FROM ogi_hidden_urls))",
    "documents": _REPORT,
    "reports": "id IN (SELECT report FROM ogi_hidden_reports)",
}
#: Tables that readers may see although they are not listed: the pages need them.
HELPERS = ("report_text", "documents", "withheld", "payloads", "report_fts")

_READABLE = frozenset(PUBLIC_TABLES) | frozenset(HELPERS)
_FTS_COLUMNS = "rowid, report_fts, title, text, rank"
#: What Datasette asks to count the rows and facets of a table: dear for a search that finds much, and the same on every page of it.
_COUNTS = re.compile(r"^select count\(\*\) from |^\s*select \S+ as value, count\(\*\) as count from \(")
FEW_ROWS = 200
#: Names by which SQL could reach around the views. Identifiers can't be written any other way.
_AROUND = re.compile(r"\bmain\b|report_fts_|sqlite_temp|ogi_hidden", re.IGNORECASE)


def install(connection: Any) -> None:
    """Put the views on a connection, then refuse the tables that are nobody's business."""
    limit_heap(connection)
    for name, sql in SETS.items():
        connection.execute(f"CREATE TEMP VIEW {name} AS {sql}")
    for table, hidden in HIDDEN.items():
        connection.execute(f"CREATE TEMP VIEW {table} AS SELECT * FROM main.{table} WHERE NOT {hidden}")
    connection.execute(
        f"CREATE TEMP VIEW report_fts AS SELECT {_FTS_COLUMNS} FROM main.report_fts WHERE rowid NOT IN (SELECT search_id FROM ogi_hidden_search)"
    )
    found = connection.execute("SELECT sql FROM main.sqlite_master WHERE type = 'view' AND name = 'figures'").fetchone()
    if found is not None:
        connection.execute(found[0].replace("CREATE VIEW", "CREATE TEMP VIEW", 1))
    private = {name for (name,) in connection.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'")}
    private = {name for name in private - _READABLE if not name.startswith(("report_fts", "sqlite_"))}
    connection.set_authorizer(_authorizer(private))


def _authorizer(private: set[str]) -> Callable[..., int]:
    """Refuses reading private tables and the schema of the views; SQL that names the schema of the tables is refused before (`_AROUND`)."""

    def authorize(action: int, first: str | None, second: str | None, database: str | None, view: str | None) -> int:
        if action != sqlite3.SQLITE_READ:
            return int(sqlite3.SQLITE_OK)
        if first in private or first in ("sqlite_temp_master", "sqlite_temp_schema"):
            return int(sqlite3.SQLITE_DENY)
        return int(sqlite3.SQLITE_OK)

    return authorize


def strip(db: Any) -> None:
    """Delete from a copy of the index what nobody may see, by the rules of the views. `db` writes."""
    for name in ("ogi_hidden_reports", "ogi_hidden_versions", "ogi_hidden_search", "ogi_hidden_urls"):
        db.execute(f"CREATE TEMP TABLE {name} AS {SETS[name]}")
    db.execute("DELETE FROM report_fts WHERE rowid IN (SELECT search_id FROM ogi_hidden_search)")
    for table, hidden in HIDDEN.items():
        db.execute(f"DELETE FROM main.{table} WHERE {hidden}")
    tables = {name for (name,) in db.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'").fetchall()}
    for table in sorted(tables - _READABLE - {"meta", "_sqlite_migrations"}):
        if not table.startswith(("report_fts", "sqlite_")):
            db.execute(f"DELETE FROM main.{table}")


#: Whether the current question is SQL whose result is counted, not a function of ours.
_IS_BUDGETED: ContextVar[bool] = ContextVar("ogi_is_budgeted", default=False)


class _Refused(sqlite3.OperationalError):  # type: ignore[misc]
    """SQL that names what is not public."""


class _Main:
    """A connection whose PRAGMAs speak of the tables, not of the views in front of them."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def execute(self, sql: str, *arguments: Any) -> Any:
        """Run a statement."""
        return self._connection.execute(sql.replace("PRAGMA ", "PRAGMA main."), *arguments)


def _identity(path: str) -> tuple[int, int] | None:
    """Which file a path names; `None` for the moment in which it names none."""
    try:
        found = Path(path).stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


class GuardedDatabase(Database):  # type: ignore[misc]
    """The archive's database as Datasette sees it: public tables, and of guarded ones what is not withheld.

    A rebuild or a new publication puts another file under the same name; its readers are given the new one at their next question.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._held = threading.local()

    async def execute_fn(self, fn: Callable[[Any], Any]) -> Any:
        """Run a function on a connection to the file that now has the database's name, in one of the site's threads."""

        is_budgeted = _IS_BUDGETED.get()

        def in_thread() -> Any:
            connection = self._connection()
            return fn(Budgeted(connection) if is_budgeted else connection)

        return await asyncio.get_running_loop().run_in_executor(self.ds.executor, in_thread)

    def _connection(self) -> Any:
        """This thread's connection."""
        held: tuple[tuple[int, int] | None, Any] | None = getattr(self._held, "connection", None)
        file = _identity(self.path)
        if held is not None and file in (held[0], None):
            return held[1]
        if held is not None:
            self._all_file_connections.remove(held[1])
            held[1].close()
            self.cached_size = self.cached_hash = self._cached_table_counts = None
        connection = self.connect()
        self.ds._prepare_connection(connection, self.name)
        self._held.connection = (file, connection)
        return connection

    async def execute(self, sql: str, *arguments: Any, **options: Any) -> Any:
        """Run SQL of a page or a visitor. Raises an `OperationalError` for one that reaches around the views."""
        if _AROUND.search(sql):
            raise _Refused("only the public tables can be read, by their plain names")
        if not _COUNTS.search(sql):
            return await self._execute(sql, *arguments, **options)
        return await keep(
            self.ds,
            (sql, repr(arguments), repr(sorted(options.items()))),
            lambda: self._execute(sql, *arguments, **options),
            shelf="counts",
            is_worth=lambda result: len(result.rows) <= FEW_ROWS,
        )

    async def _execute(self, sql: str, *arguments: Any, **options: Any) -> Any:
        token = _IS_BUDGETED.set(True)
        try:
            return await super().execute(sql, *arguments, **options)
        finally:
            _IS_BUDGETED.reset(token)

    async def table_names(self) -> list[str]:
        """The public tables and the helpers."""
        return [name for name in await super().table_names() if name in _READABLE]

    async def table_exists(self, table: str) -> bool:
        """Whether there is such a table for readers."""
        return table in _READABLE and bool(await super().table_exists(table))

    async def primary_keys(self, table: str) -> list[str]:
        """The table's own primary key, behind its view."""
        found: list[str] = await self.execute_fn(lambda conn: detect_primary_keys(_Main(conn), table))
        return found

    async def table_column_details(self, table: str) -> Any:
        """The table's own columns."""
        return await self.execute_fn(lambda conn: table_column_details(_Main(conn), table))

    async def foreign_keys_for_table(self, table: str) -> Any:
        """What the table refers to."""
        return await self.execute_fn(lambda conn: get_outbound_foreign_keys(_Main(conn), table))

    async def get_all_foreign_keys(self) -> Any:
        """References between public tables."""
        found = await super().get_all_foreign_keys()
        return {table: keys for table, keys in found.items() if table in _READABLE}
