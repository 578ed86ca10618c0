"""What readers may see: views that leave out what is withheld, in front of every table with content, and no way around them.

Every connection of the site gets temporary views under the names of the tables. An unqualified name means the view, for the site's own
pages, for Datasette's and for a visitor's SQL alike; the tables behind are refused. The evidence and the index stay whole: lifting a decision
shows everything again, and a rebuild equals the lost index. `ogi publish` deletes by the same rules, because a snapshot can be downloaded.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from datasette.utils import sqlite3

from archive.index.hidden import HIDDEN, HIDDEN_OF_PAGES, SETS, hide
from archive.site.limits import limit_heap
from archive.site.metadata import PUBLIC_TABLES

if TYPE_CHECKING:
    from collections.abc import Callable

#: Tables that readers may see although they are not listed: the pages need them.
HELPERS = (
    "duty_counts",
    "report_facts",
    "report_text",
    "documents",
    "withheld",
    "payloads",
    "notices",
    "lists",
    "portal_passes",
    "segments",
    "origins",
    "report_fts",
)

_READABLE = frozenset(PUBLIC_TABLES) | frozenset(HELPERS)
#: Names by which SQL could reach around the views. Identifiers can't be written any other way.
_AROUND = re.compile(r"\bmain\b|report_fts_|sqlite_temp|ogi_hidden", re.IGNORECASE)
#: The schema as everybody may see it stands under another name, because SQLite lets nobody put a view in front of its own.
_SCHEMA = re.compile(r"\bsqlite_(?:master|schema)\b", re.IGNORECASE)
SCHEMA_VIEW = "ogi_schema"
#: PRAGMAs that Datasette asks for in SQL, and full-text search for itself (`data_version`); with a table's name behind, only for readable
#: ones. `database_list` is none of them: it tells where the file lies.
_PRAGMAS = frozenset(
    {
        "schema_version",
        "data_version",
        "table_info",
        "table_xinfo",
        "foreign_key_list",
        "index_list",
        "index_info",
        "index_xinfo",
    }
)


def readable(table: str) -> bool:
    """Whether there is such a table for readers."""
    return table in _READABLE


def install(connection: Any) -> None:
    """Put the views on a connection, then refuse the tables that are not public."""
    limit_heap(connection)
    hide(connection)
    names = ", ".join(f"'{name}'" for name in sorted(_READABLE))
    connection.execute(
        f"CREATE TEMP VIEW {SCHEMA_VIEW} AS SELECT * FROM main.sqlite_master WHERE tbl_name IN ({names})"
    )
    private = {name for (name,) in connection.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'")}
    private = {name for name in private - _READABLE if not name.startswith(("report_fts", "sqlite_"))}
    connection.set_authorizer(_authorizer(private))


class Refused(sqlite3.OperationalError):  # type: ignore[misc]
    """SQL that names what is not public."""


_THREAD = threading.local()


@contextmanager
def as_text(sql: str) -> Iterator[str]:
    """SQL that somebody wrote, as it may be run on a connection with the views: the schema and PRAGMAs speak of public tables only.

    What our own functions ask of a connection outside this block may see the whole schema, which Datasette needs to find keys.

    Raises:
        Refused: The SQL names what lies behind the views.
    """
    if _AROUND.search(sql):
        raise Refused("only the public tables can be read, by their plain names")
    _THREAD.is_text = True
    try:
        yield _SCHEMA.sub(SCHEMA_VIEW, sql)
    finally:
        _THREAD.is_text = False


def _authorizer(private: set[str]) -> Callable[..., int]:
    """Refuses reading private tables, and in SQL of others whatever does not read, the schema, and what PRAGMAs tell of files."""
    allowed, denied = int(sqlite3.SQLITE_OK), int(sqlite3.SQLITE_DENY)
    reading = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}

    def authorize(action: int, first: str | None, second: str | None, database: str | None, view: str | None) -> int:
        if action == sqlite3.SQLITE_READ:
            if first in ("sqlite_temp_master", "sqlite_temp_schema"):
                return denied
            is_text = getattr(_THREAD, "is_text", False)
            if first in private:
                is_through_view = first in HIDDEN_OF_PAGES and (database == "temp" or view == first)
                return allowed if is_through_view and not is_text else denied
            is_schema = first in ("sqlite_master", "sqlite_schema") and view != SCHEMA_VIEW
            return denied if is_schema and is_text else allowed
        if not getattr(_THREAD, "is_text", False):
            return allowed
        if action == sqlite3.SQLITE_PRAGMA:
            return denied if first not in _PRAGMAS or second in private else allowed
        return allowed if action in reading else denied

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
