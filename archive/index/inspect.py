"""`ogi.db` opened to be judged: read-only, with nothing that its schema says being run, and text that is no UTF-8 still comparable."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from sqlite_utils import Database

from archive.index.database import DatabaseError, connect
from archive.index.readonly import read_uri
from archive.index.roots import Schema, quoted, schema_of
from archive.index.seals import IndexState, ReadingLine, is_marked, reading_lines, state_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: Columns that repeat a record's facts.
FACTS = ("segment", "offset", "length", "url", "at", "digest", "status")
_PROBLEMS = 20


class Inspection:
    """One database, held at one state for as long as this is open."""

    def __init__(self, path: Path) -> None:
        """Open it. Raises `DatabaseError` if it is no database, or its definitions can't be read."""
        self.path = path
        connection = connect(read_uri(path))
        connection.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
        for pragma in ("trusted_schema = OFF", "query_only = ON", "cell_size_check = ON"):
            connection.execute(f"PRAGMA {pragma}")
        self.db = Database(connection)
        connection.execute("BEGIN")
        try:
            self.schema: Schema = schema_of(self.db)
        except UnicodeDecodeError as error:  # how the driver tells of definitions that are no text
            raise DatabaseError(str(error)) from None

    def close(self) -> None:
        """Let go of it."""
        with suppress(DatabaseError):
            self.db.conn.rollback()
        self.db.close()

    def problems(self) -> Iterator[str]:
        """What SQLite's own check finds, and bytes that are no pages."""
        for (outcome,) in self.db.execute(f"PRAGMA integrity_check({_PROBLEMS})"):
            if outcome != "ok":
                yield f"is damaged: {outcome}"
        page_size, page_count = (
            self.db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_size", "page_count")
        )
        size = self.path.stat().st_size
        if size % page_size or size > page_size * page_count:
            yield f"has {size} bytes, which are not its {page_count} pages of {page_size}"

    @property
    def release(self) -> int:
        """The number of migrations that were applied."""
        return int(self.db.execute("PRAGMA user_version").fetchone()[0])

    def has(self, table: str, wanted: Schema) -> bool:
        """Whether a table is defined as it should be, so that its rows can be read."""
        key = ("table", table)
        return key in self.schema and self.schema[key] == wanted.get(key)

    def segments(self) -> set[str]:
        """Names of the segments that were taken in."""
        return {str(name) for (name,) in self.db.execute("SELECT name FROM segments")}

    def segments_of_captures(self) -> set[str]:
        """Names of the segments that captures name."""
        return {str(name) for (name,) in self.db.execute("SELECT DISTINCT segment FROM captures")}

    def captures(self, segment: str) -> dict[int, dict[str, object]]:
        """The captures of a segment: facts by offset."""
        columns = ", ".join(map(quoted, FACTS))
        found = self.db.execute(f"SELECT {columns} FROM captures WHERE segment = ?", (segment,)).fetchall()
        return {row[1]: dict(zip(FACTS, row, strict=True)) for row in found}

    def waiting_passes(self) -> int:
        """Passes that were planned and not folded, as after a death."""
        return int(self.db.execute("SELECT count(*) FROM passes WHERE is_folded = 0").fetchone()[0])

    def is_marked(self) -> bool:
        """Whether it says that a command was changing it."""
        return is_marked(self.db)

    def state(self) -> IndexState:
        """What the tables hold."""
        return state_of(self.db)

    def readings(self) -> Iterator[ReadingLine]:
        """How each version was read, by the tables as they are."""
        yield from reading_lines(self.db)

    def unsealed(self) -> set[tuple[str, int]]:
        """Versions that it says aren't sealed yet."""
        return {(report, version) for report, version in self.db.execute("SELECT report, version FROM unsealed")}

    def reports_read_by_others(self, extractor: str) -> frozenset[str]:
        """Reports of which a version names another extractor than this one."""
        found = self.db.execute("SELECT DISTINCT report FROM versions WHERE extractor <> ?", (extractor,)).fetchall()
        return frozenset(str(report) for (report,) in found)

    def backup_to(self, path: Path) -> None:
        """Copy it as it is held."""
        target = connect(path.as_uri())
        try:
            self.db.conn.backup(target)
        finally:
            target.close()
