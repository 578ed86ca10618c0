"""What of the index is sealed in the chain: the mark of work that isn't, and the lines that say how each version was read.

`meta` has the key `unsealed` from the moment a command begins to change the index until its outcome is sealed, so that what a death left is
distinguished from what was altered.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import lru_cache
from heapq import merge
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

from archive.index.database import WRITES, open_database
from archive.index.figure_tables import FIGURE_TABLES
from archive.index.roots import Schema, TableRoot, roots_of, schema_digest, schema_of, tables_of, version_query
from archive.index.rows import value

if TYPE_CHECKING:
    from sqlite_utils import Database

Key = tuple[str, int]
#: Bookkeeping of sealing itself.
OWN = frozenset({"unsealed"})


def mark_unsealed(db: Database) -> None:
    """Note that the index is being changed, in the caller's transaction."""
    db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES ('unsealed', '1')")


def is_marked(db: Database) -> bool:
    """Whether a command changed the index, and what it made isn't sealed."""
    return value(db, "SELECT value FROM meta WHERE key = 'unsealed'") is not None


def clear_marks(db: Database) -> None:
    """Note that the state of the tables is sealed, in the caller's transaction."""
    db.execute("DELETE FROM meta WHERE key = 'unsealed'")


def clear_unsealed(db: Database) -> None:
    """Note that every reading is sealed, in the caller's transaction."""
    db.execute("DELETE FROM unsealed")
    db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES ('readings_sealed', '1')")


def are_readings_sealed(db: Database) -> bool:
    """Whether the chain has every reading but those of `unsealed`, and no version went since (then a trigger takes the mark away)."""
    return value(db, "SELECT 1 FROM meta WHERE key = 'readings_sealed'") is not None


class _TakenBack(Exception):
    """Raised to undo a change that was only tried."""


def touched_by(db: Database, change: Callable[[], None]) -> set[str]:
    """Try a change and take it back; gives the tables that it writes to. What it raises goes through, and nothing has changed then either."""
    names: set[str] = set()

    def note(action: int, table: str | None, *_: Any) -> int:
        if action in WRITES and table is not None:
            names.add(table)
        return 0  # allowed

    db.conn.set_authorizer(note)
    try:
        with suppress(_TakenBack), db.atomic():
            change()
            raise _TakenBack
    finally:
        db.conn.set_authorizer(None)
    return names


class StateData(TypedDict):
    """What a statement says of the tables: digest of their definitions; rows and root of each."""

    schema: str
    tables: dict[str, dict[str, str | int]]


@dataclass(frozen=True, slots=True)
class IndexState:
    """What the tables hold: digest of their definitions, and rows and root of each."""

    schema: str
    tables: Mapping[str, TableRoot]

    def to_json(self) -> StateData:
        """For a statement."""
        return {"schema": self.schema, "tables": {name: asdict(root) for name, root in self.tables.items()}}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> IndexState:
        """The inverse of `to_json`. Raises `KeyError` or `TypeError` for anything else."""
        return cls(str(data["schema"]), {str(name): TableRoot(**root) for name, root in data["tables"].items()})

    def differing(self, other: IndexState) -> list[str]:
        """Names of the tables that one has and the other hasn't, or with other rows."""
        names = self.tables.keys() | other.tables.keys()
        return sorted(name for name in names if self.tables.get(name) != other.tables.get(name))


def state_of(db: Database, tables: Iterable[str] | None = None, before: IndexState | None = None) -> IndexState:
    """What the tables hold.

    Args:
        tables: Only these are read …
        before: … and of the others it is taken over from an earlier state.
    """
    schema = schema_of(db)
    names = [name for name in tables_of(schema) if name not in OWN]
    if tables is None or before is None:
        return IndexState(schema_digest(schema), roots_of(db, names))
    fresh = roots_of(db, sorted(set(tables) & set(names)))
    return IndexState(schema_digest(schema), {**before.tables, **fresh})


@lru_cache(maxsize=1)
def _when_made() -> tuple[Schema, IndexState]:
    with tempfile.TemporaryDirectory(prefix="ogi-index-") as folder:
        db = open_database(Path(folder) / "ogi.db")
        try:
            return schema_of(db), state_of(db)
        finally:
            db.close()


def state_when_made() -> IndexState:
    """What the tables of an index hold that was just made by this release."""
    return _when_made()[1]


def schema_when_made() -> Schema:
    """The definitions in an index just made by this release: those that every index of this release has."""
    return _when_made()[0]


@dataclass(frozen=True, slots=True)
class ReadingLine:
    """How a version was read: from which capture, by which extractor, and digests (SHA-256 in hex) of what was read.

    Attributes:
        capture: Id of the record with the figures.
        payload: Its payload's digest, as the record states it.
        content: Digest of the report's normal form, which decides what a version is.
        figures: Of its rows in the figure tables, as `archive.index.roots` writes them: for each table that has any, its name, a tab, the rows
            joined by line ends, a line end.
        text: Of the rows of `report_text`.
        row: Of the row of `versions`.
    """

    report: str
    version: int
    capture: str
    payload: str | None
    content: str
    extractor: str
    figures: str
    text: str
    row: str

    @property
    def key(self) -> Key:
        """Which version it is about."""
        return self.report, self.version

    def to_json(self) -> dict[str, str | int | None]:
        """For a statement."""
        return asdict(self)


def reading_lines(db: Database, *, only_unsealed: bool = False) -> Iterator[ReadingLine]:
    """How each version was read, by the tables as they are, in the order of report and version."""
    where = " WHERE (report, version) IN (SELECT report, version FROM unsealed)" if only_unsealed else ""
    tables = [*FIGURE_TABLES, "report_text", "versions"]
    queries = [version_query(db, table, where) for table in tables]
    facts = _facts(db, where)
    found = merge(*(_numbered(db, number, query) for number, query in enumerate(queries)))
    for key, lines in groupby(found, key=itemgetter(0, 1)):
        digests = {name: hashlib.sha256() for name in ("figures", "report_text", "versions")}
        for _, _, number, joined in lines:
            name = tables[number]
            digests["figures" if name in FIGURE_TABLES else name].update(name.encode() + b"\t" + joined + b"\n")
        if key in facts:  # rows of a version that there isn't are the index's matter
            report, version = key
            capture, payload, content, extractor = facts[key]
            figures, text, own = (digest.hexdigest() for digest in digests.values())
            yield ReadingLine(report, version, capture, payload, content, extractor, figures, text, own)


def digests_of(db: Database, key: Key) -> tuple[str, str]:
    """The digests of one version's figures and text, as its `ReadingLine` has them."""
    figures, text = figures_written(db, key), _written(db, ["report_text"], key)
    return hashlib.sha256(figures).hexdigest(), hashlib.sha256(text).hexdigest()


def figures_written(db: Database, key: Key) -> bytes:
    """A version's rows in the figure tables, as they are written for `ReadingLine.figures`, its digest."""
    return _written(db, FIGURE_TABLES, key)


def _written(db: Database, tables: Iterable[str], key: Key) -> bytes:
    where = " WHERE report = ?1 AND version = ?2"
    found = [(table, db.execute(version_query(db, table, where), key).fetchall()) for table in tables]
    return b"".join(table.encode() + b"\t" + joined + b"\n" for table, rows in found for _, _, joined in rows)


def _numbered(db: Database, number: int, query: str) -> Iterator[tuple[str, int, int, bytes]]:
    for report, version, text in db.execute(query):
        yield report, version, number, text


def _facts(db: Database, where: str) -> dict[Key, tuple[str, str | None, str, str]]:
    query = (
        "SELECT v.report, v.version, v.figures_capture, c.digest, v.content_digest, v.extractor "
        f"FROM versions v LEFT JOIN captures c ON c.id = v.figures_capture{where}"
    )
    return {(report, version): tuple(rest) for report, version, *rest in db.execute(query)}


def versions_known(db: Database) -> set[Key]:
    """Report and version of all versions."""
    return {(report, version) for report, version in db.execute("SELECT report, version FROM versions")}
