"""Two databases of one definition, compared table by table: which rows the one has and the other hasn't."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.index.roots import quoted, root_of, row_query, tables_of
from archive.index.seals import OWN
from extract.messages import localizable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlite_utils import Database

    from archive.index.inspect import Inspection
    from archive.index.roots import Schema

_SHOWN = 160  # characters of a differing row
#: Tables that hold, or follow from, what a reader made of documents. Rows of other tables are the same whichever extractor reads.
READ = frozenset(
    {
        "versions", "disclosure", "applications", "challenges", "indicators", "report_facts", "report_text", "report_fts", "reports", "documents",
        "changes", "figure_changes", "findings", "fingerprints", "notices", "obligations", "agencies", "agency_names", "addresses",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TableDifference:
    """Rows of one table that only the live database has (`added`), or only the one made anew (`missing`), each as JSON with its count."""

    table: str
    added: Counter[bytes]
    missing: Counter[bytes]
    reports: frozenset[str] | None

    def __str__(self) -> str:
        added, missing = self.added.total(), self.missing.total()
        row = min(self.added or self.missing).decode("utf-8", "replace")
        row = row if len(row) <= _SHOWN else row[:_SHOWN] + "…"
        return localizable(
            f"table {self.table}: {added} rows that the records don't give, and {missing} missing that they give; such as {row}"
        )


def differences(live: Inspection, fresh: Database, schema: Schema) -> Iterator[TableDifference]:
    """Tables with other rows. Tables that the live database defines otherwise are passed over: their definition is reported.

    Args:
        schema: The definitions that the database made anew has.
    """
    for table in tables_of(schema):
        if table in OWN or not live.has(table, schema):
            continue
        if root_of(live.db, table) != root_of(fresh, table):
            added, missing = _rows(live.db, table), _rows(fresh, table)
            yield TableDifference(table, added - missing, missing - added, _reports(fresh, table, added, missing))


def _rows(db: Database, table: str) -> Counter[bytes]:
    return Counter(bytes(line) for (line,) in db.execute(row_query(db, table)))


def _reports(db: Database, table: str, added: Counter[bytes], missing: Counter[bytes]) -> frozenset[str] | None:
    """The reports that differing rows are about; `None` where the table doesn't name them."""
    columns = [str(row[1]) for row in db.execute(f"PRAGMA table_info({quoted(table)})").fetchall()]
    name = "id" if table == "reports" else "report"
    if name not in columns:
        return None
    place = columns.index(name)
    lines = {line.decode("utf-8", "surrogateescape") for rows in (added - missing, missing - added) for line in rows}
    found = {json.loads(line)[place] for line in lines}
    return frozenset(str(one).removeprefix("t:") for one in found if one is not None)


def words_differ(live: Inspection, fresh: Database) -> bool:
    """Whether the full-text tables hold other words, in other numbers: their rows can't be read back, their index can."""
    return _words(live.db) != _words(fresh)


def _words(db: Database) -> Counter[tuple[str, int, int]]:
    db.execute("PRAGMA query_only = OFF")  # the table below is a temporary one; the file is open for reading only
    db.execute("CREATE VIRTUAL TABLE temp.words USING fts5vocab('main', 'report_fts', 'row')")
    try:
        return Counter(tuple(row) for row in db.execute("SELECT term, doc, cnt FROM temp.words"))
    finally:
        db.execute("DROP TABLE temp.words")
        db.execute("PRAGMA query_only = ON")
