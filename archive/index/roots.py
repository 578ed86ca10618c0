"""What the tables hold, as one hash a table: to be sealed in the chain, and compared with what was sealed.

A table's rows, in the order of its primary key, are written as JSON arrays of their columns, one a line; 256 lines are a leaf of a tree as
in RFC 9162, whose root stands for the table. Columns whose type SQLite doesn't hold to (those of tables that aren't STRICT) are written
with a letter for the type of each value: `i:` integer, `r:` real in C99's hexadecimal notation, `t:` text, `b:` bytes in hex. A STRICT
table's bytes are written in hex.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from archive.warc.tree import Frontier, leaf_hash

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlite_utils import Database

#: Rows a leaf.
LEAF_ROWS = 256
#: What SQLite makes for itself. Matched whole: a pattern with a wildcard would let a trigger pass that is called like them.
_SQLITES_OWN = re.compile(r"sqlite_sequence|sqlite_stat[134]|sqlite_autoindex_.+")
#: Keys of `meta` that say what is being done, not what the records give.
PASSING = ("unplanned", "unsealed", "readings_sealed")
#: When migrations were applied: the moment of an upgrade, not of a record.
_LEFT_OUT = {"_sqlite_migrations": frozenset({"id", "applied_at"})}

Schema = dict[tuple[str, str], str | None]


@dataclass(frozen=True, slots=True)
class TableRoot:
    """How many rows a table has, and their hash in hex."""

    rows: int
    root: str


def schema_of(db: Database) -> Schema:
    """The definition of every table, index, view and trigger: (type, name) → SQL, without what SQLite makes for itself."""
    found = db.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
    return {
        (str(kind), _text(name)): None if sql is None else _text(sql)
        for kind, name, sql in found
        if not (_SQLITES_OWN.fullmatch(_text(name)) and kind in ("table", "index"))
    }


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def schema_digest(schema: Schema) -> str:
    """The SHA-256 of a schema."""
    lines = sorted(json.dumps([*key, sql], ensure_ascii=False, separators=(",", ":")) for key, sql in schema.items())
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


def tables_of(schema: Schema) -> list[str]:
    """Names of the tables whose rows count, in order. Of a full-text table, what SQLite keeps it in isn't compared: it depends on the order of writing."""
    virtual = [name for (kind, name), sql in schema.items() if kind == "table" and _is_virtual(sql)]
    inner = {f"{name}_{part}" for name in virtual for part in ("data", "idx", "content", "docsize", "config")}
    return sorted(name for kind, name in schema if kind == "table" and name not in inner)


def _is_virtual(sql: str | None) -> bool:
    return (sql or "").upper().startswith("CREATE VIRTUAL TABLE")


def roots_of(db: Database, tables: Iterable[str]) -> dict[str, TableRoot]:
    """The root of each table."""
    return {name: root_of(db, name) for name in tables}


def root_of(db: Database, table: str) -> TableRoot:
    """The root of a table's rows."""
    tree, count = Frontier(), 0
    cursor = db.execute(row_query(db, table))
    while lines := cursor.fetchmany(LEAF_ROWS):
        count += len(lines)
        tree.add(leaf_hash(b"\n".join(line for (line,) in lines)))
    return TableRoot(count, tree.root.hex())


def row_query(db: Database, table: str) -> str:
    """The query that gives a table's rows as JSON, in bytes, in the order of the primary key; runs on this connection only."""
    values, order = _shape(db, table)
    passing = ", ".join(f"'{key}'" for key in PASSING)
    where = f" WHERE key NOT IN ({passing})" if table == "meta" else ""
    return f"SELECT CAST({values} AS BLOB) FROM {quoted(table)}{where} ORDER BY {order}"


def version_query(db: Database, table: str, where: str = "") -> str:
    """The query that gives report, version, and the version's rows of a table as `row_query` does, joined by line ends."""
    values, order = _shape(db, table)
    return (
        "SELECT report, version, CAST(group_concat(line, char(10)) AS BLOB) FROM "
        f"(SELECT report, version, {values} AS line FROM {quoted(table)}{where} ORDER BY {order}) GROUP BY report, version"
    )


def _shape(db: Database, table: str) -> tuple[str, str]:
    """How a row of a table is written, and in which order rows come: both as SQL."""
    db.conn.create_function("real_hex", 1, float.hex, deterministic=True)
    found = db.execute("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)).fetchone()
    if found is None:
        raise KeyError(table)
    sql = _text(found[0])
    if _is_virtual(sql):
        return "json_array(rowid)", "rowid"
    columns = [
        (_text(name), kind, key)
        for _, name, kind, _, _, key in db.execute(f"PRAGMA table_info({quoted(table)})").fetchall()
        if _text(name) not in _LEFT_OUT.get(table, ())
    ]
    is_strict = re.search(r"\bSTRICT\b", sql.rpartition(")")[2].upper()) is not None
    values = ", ".join(
        _strictly(quoted(name), kind) if is_strict else _typed(quoted(name)) for name, kind, _ in columns
    )
    names = [name for name, _, _ in columns]
    keys = [name for name, _, key in sorted(columns, key=lambda column: column[2]) if key] or names
    return f"json_array({values})", ", ".join(map(quoted, keys))


def quoted(name: str) -> str:
    """A name as SQL has it."""
    return '"' + name.replace('"', '""') + '"'


def _strictly(column: str, kind: str) -> str:
    """A value of a STRICT table's column: as it is, bytes in hex, which JSON doesn't hold."""
    return f"hex({column})" if kind == "BLOB" else column


def _typed(column: str) -> str:
    """A value with its type. How SQLite writes a real in decimal has changed between its releases, so that is done here."""
    return (
        f"CASE typeof({column}) WHEN 'integer' THEN 'i:' || {column} WHEN 'real' THEN 'r:' || real_hex({column}) "
        f"WHEN 'text' THEN 't:' || {column} WHEN 'blob' THEN 'b:' || hex({column}) END"
    )
