"""The archive's database as Datasette and the site's pages read it.

Only what Datasette documents is overridden (`execute`, `execute_fn` and the questions about tables), in the same way for 0.65 and 1.0:
questions are answered by our own threads and connections (`archive.site.readers`), with the guard's views in front (`archive.site.guard`).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from datasette.database import Database, QueryInterrupted, Results
from datasette.plugins import pm

from archive.site.guard import Refused, as_text, install, readable
from archive.site.limits import read_some
from archive.site.memory import keep
from archive.site.metadata import DATABASE
from archive.site.readers import Readers, time_limit
from archive.site.sql_functions import add_functions
from archive.site.streams import note_error

if TYPE_CHECKING:
    from collections.abc import Callable

THREADS = 4
#: Visitors' own SQL has threads of its own: what they ask never keeps a page waiting.
VISITORS_THREADS = 2
#: A result of few rows that took long is kept until the database changes, whoever asked: counts and facets of large tables.
FEW_ROWS = 200
DEAR_S = 0.05


class GuardedDatabase(Database):  # type: ignore[misc]
    """Public tables, and of guarded ones what is not withheld. Follows the file when another one is put under its name."""

    def __init__(self, datasette: Any, path: Path, *, is_mutable: bool) -> None:
        super().__init__(datasette, path=str(path), is_mutable=is_mutable)
        self._readers = Readers(path, self._prepare, is_mutable=is_mutable, threads=THREADS)
        self._visitors = Readers(path, self._prepare, is_mutable=is_mutable, threads=VISITORS_THREADS)

    def _prepare(self, connection: Any) -> None:
        """Functions of other plugins, then ours, then the guard, which nothing may follow."""
        pm.hook.prepare_connection(conn=connection, database=DATABASE, datasette=self.ds)
        add_functions(connection)
        install(connection)

    def close(self) -> None:
        """End the threads and their connections."""
        self._readers.close()
        self._visitors.close()
        super().close()

    async def execute_fn(self, fn: Callable[[Any], Any]) -> Any:
        """Run a function on a connection, in one of the site's threads."""
        return await self._readers.run(fn)

    async def execute(
        self,
        sql: str,
        params: Any = None,
        truncate: bool = False,
        custom_time_limit: float | None = None,
        page_size: int | None = None,
        log_sql_errors: bool = True,
    ) -> Any:
        """Run SQL of a page or of Datasette. Raises an `OperationalError` for one that reaches around the views."""
        most = self._most(page_size) if truncate else None
        limit = min(self.ds.setting("sql_time_limit_ms"), custom_time_limit or float("inf"))

        async def ask() -> Any:
            return await self._readers.run(lambda connection: _read(connection, sql, params, limit, most))

        try:
            if not sql.lstrip()[:6].lower().startswith("select"):
                return await ask()
            return await keep(
                self.ds,
                (sql, repr(params), most, custom_time_limit),
                ask,
                shelf="answers",
                is_worth=lambda result, seconds: seconds > DEAR_S and len(result.rows) <= FEW_ROWS,
            )
        except Exception as error:
            note_error(error)
            raise

    async def visit(self, sql: str, params: Any, most: int | None, limit_ms: float | None = None) -> Any:
        """Run a visitor's own SQL, at most `most` rows of it (`None` for all); the result says whether that cut it."""
        limit = min(self.ds.setting("sql_time_limit_ms"), limit_ms or float("inf"))
        return await self._visitors.run(lambda connection: _read(connection, sql, params, limit, most))

    def open_connection(self) -> Any:
        """A connection that is the caller's to close: for streams, which are longer than a page."""
        return self._visitors.open()

    def _most(self, page_size: int | None) -> int | None:
        """How many rows Datasette wants of a result that may be cut: one more than a page where that is the bound."""
        most: int = self.ds.setting("max_returned_rows")
        return most + 1 if most == (page_size or self.ds.setting("default_page_size")) else most or None

    async def execute_write_fn(self, *arguments: Any, **options: Any) -> Any:
        """Nothing is written through the site."""
        raise Refused("the site only reads")

    async def execute_isolated_fn(self, *arguments: Any, **options: Any) -> Any:
        """Nothing is written through the site."""
        raise Refused("the site only reads")

    @property
    def hash(self) -> None:
        """None: nobody asks for it, and a large file is not read for it."""
        return None

    @property
    def size(self) -> int:
        """Bytes of the file that now has the name."""
        return Path(self.path).stat().st_size

    async def table_counts(self, limit: float = 10) -> dict[str, int | None]:
        """Rows of each table, `None` where counting takes longer than `limit` milliseconds; dear counts are kept."""
        counts: dict[str, int | None] = {}
        for table in await self.table_names():
            try:
                counts[table] = (await self.execute(f"select count(*) from [{table}]", custom_time_limit=limit)).rows[
                    0
                ][0]
            except QueryInterrupted:
                counts[table] = None
        return counts

    async def attached_databases(self) -> list[Any]:
        """None: every connection has this file alone."""
        return []

    async def table_names(self) -> list[str]:
        """The public tables and the helpers."""
        found = await self.execute("select name from sqlite_master where type = 'table' order by name")
        return [row[0] for row in found.rows if readable(row[0])]

    async def table_exists(self, table: str) -> bool:
        """Whether there is such a table for readers."""
        return table in await self.table_names()

    async def primary_keys(self, table: str) -> list[str]:
        """The table's own primary key, behind its view."""
        columns = await self._pragma("table_info", table)
        return [column["name"] for column in sorted(columns, key=lambda column: column["pk"]) if column["pk"]]

    async def table_columns(self, table: str) -> list[str]:
        """Names of the table's columns."""
        return [column["name"] for column in await self._pragma("table_info", table)]

    async def foreign_keys_for_table(self, table: str) -> list[dict[str, str]]:
        """What the table refers to, by single columns."""
        found = await self._pragma("foreign_key_list", table)
        compound = {row["id"] for row in found if row["seq"]}
        return [
            {"column": row["from"], "other_table": row["table"], "other_column": row["to"]}
            for row in found
            if row["id"] not in compound and readable(row["table"])
        ]

    async def get_all_foreign_keys(self) -> dict[str, dict[str, list[dict[str, str]]]]:
        """References between public tables, in both directions."""
        found: dict[str, dict[str, list[dict[str, str]]]] = {
            table: {"incoming": [], "outgoing": []} for table in await self.table_names()
        }
        for table, keys in found.items():
            for key in await self.foreign_keys_for_table(table):
                keys["outgoing"].append(
                    {"other_table": key["other_table"], "column": key["column"], "other_column": key["other_column"]}
                )
                if key["other_table"] in found:
                    found[key["other_table"]]["incoming"].append(
                        {"other_table": table, "column": key["other_column"], "other_column": key["column"]}
                    )
        return found

    async def _pragma(self, name: str, table: str) -> list[dict[str, Any]]:
        """Rows of a PRAGMA about a readable table itself, not about the view in front of it."""
        if not readable(table):
            return []
        quoted = table.replace('"', '""')
        found: list[dict[str, Any]] = await self.execute_fn(
            lambda connection: [dict(row) for row in connection.execute(f'PRAGMA main.{name}("{quoted}")').fetchall()]
        )
        return found


def _read(connection: Any, sql: str, params: Any, limit_ms: float, most: int | None) -> Any:
    """The result of SQL: all rows, or `most` of them and whether there are more."""
    with as_text(sql) as allowed, time_limit(connection, limit_ms, sql, params):
        cursor = connection.execute(allowed, params if params is not None else {})
        if cursor.description is None:
            raise Refused("no question: only SELECT gives rows")
        found = read_some(cursor, None if most is None else most + 1)
    is_cut = most is not None and len(found) > most
    return Results(found[:most] if is_cut else found, is_cut, cursor.description)
