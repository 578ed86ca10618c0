"""The index against the records, both ways: every capture of an ingested segment has its row, and every row its capture."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any

from archive.index.readonly import read_uri
from archive.warc.checks import Capture, Damage, SegmentCheck
from archive.warc.digests import parse_digest

if TYPE_CHECKING:
    from pathlib import Path

#: Columns that repeat a record's facts, where the index has them.
_COLUMNS = ("segment", "offset", "length", "url", "at", "digest", "status")
_LISTED = 20  # rows of segments that aren't there, named one by one up to here


def sqlite_library() -> Any:
    """The SQLite that the index uses: pysqlite3 where it is installed, because Debian's own lacks what full-text search needs."""
    return importlib.import_module("pysqlite3" if importlib.util.find_spec("pysqlite3") else "sqlite3")


class IndexCheck:
    """Compares `ogi.db` with segments as they are read. Says nothing if there is no database, or one without captures."""

    def __init__(self, db_path: Path, listed: set[str]) -> None:
        self.notes: list[str] = []
        self._damages: list[Damage] = []
        self._listed = listed
        self._db: Any = None
        self._is_complete = False
        self._columns: list[str] = []
        self._ingested: set[str] = set()
        if not db_path.is_file():
            self.notes.append("there is no ogi.db; `ogi rebuild` makes it from the segments")
            return
        self._library = sqlite_library()
        try:
            self._open(db_path)
        except self._library.DatabaseError as error:
            self._broken(error)

    def _open(self, db_path: Path) -> None:
        self._db = self._library.connect(read_uri(db_path), uri=True)
        for (outcome,) in self._db.execute("PRAGMA integrity_check(20)"):
            if outcome != "ok":
                self._damages.append(Damage("index", f"ogi.db is damaged: {outcome}; `ogi rebuild` makes it anew"))
        page_size, page_count = (
            self._db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_size", "page_count")
        )
        size = db_path.stat().st_size
        if size % page_size or size > page_size * page_count:
            self._damages.append(
                Damage("index", f"ogi.db has {size} bytes, which are not its {page_count} pages of {page_size}")
            )
        known = {row[1] for row in self._db.execute("PRAGMA table_info(captures)")}
        if not {"segment", "offset"} <= known:
            self.notes.append("ogi.db has no table of captures; it was not compared with the segments")
            self._db = None
            return
        self._columns = [column for column in _COLUMNS if column in known]
        has_list = bool(self._db.execute("PRAGMA table_info(segments)").fetchall())
        query = "SELECT name FROM segments" if has_list else "SELECT DISTINCT segment FROM captures"
        self._ingested = {row[0] for row in self._db.execute(query)}
        waiting = len(self._listed - self._ingested)
        self._is_complete = not waiting and not self._damages
        if waiting:
            self.notes.append(
                f"{waiting} segments are not in ogi.db yet; the next harvest or `ogi rebuild` takes them in"
            )

    def _broken(self, error: Exception) -> None:
        self._db = None
        self._is_complete = False
        self._damages.append(Damage("index", f"ogi.db can't be read ({error}); `ogi rebuild` makes it anew"))

    @property
    def is_complete(self) -> bool:
        """Whether there is a readable database that has taken in every segment."""
        return self._is_complete

    def compare(self, check: SegmentCheck) -> list[Damage]:
        """Compare one segment's captures with its rows."""
        if self._db is None or check.segment not in self._ingested:
            return []
        quoted = ", ".join(f'"{column}"' for column in self._columns)
        try:
            found = self._db.execute(f"SELECT {quoted} FROM captures WHERE segment = ?", (check.segment,)).fetchall()
        except self._library.DatabaseError as error:
            self._broken(error)
            return []
        rows = {row[self._columns.index("offset")]: dict(zip(self._columns, row, strict=True)) for row in found}
        damages = []
        for capture in check.captures:
            row = rows.pop(capture.offset, None)
            if row is None:
                if capture.type != "resource":  # of resources only documents have a row, not the visit logs
                    damages.append(capture.damage("index", "ogi.db has no row of this capture"))
            else:
                differing = [column for column in self._columns if not _agrees(column, row[column], capture)]
                if differing:
                    damages.append(
                        capture.damage("index", f"ogi.db has another {' and '.join(differing)} for this capture")
                    )
        for offset, row in sorted(rows.items(), key=lambda item: str(item[0])):
            url = row.get("url")
            damages.append(
                Damage(
                    "index",
                    "ogi.db has a row of a capture that is not in the segment",
                    check.segment,
                    offset,
                    None,
                    url,
                )
            )
        return damages

    def remaining(self) -> list[Damage]:
        """What can be told only at the end: rows of segments that the manifest doesn't know."""
        if self._db is not None:
            try:
                named = {row[0] for row in self._db.execute("SELECT DISTINCT segment FROM captures")} | self._ingested
                for segment in sorted(str(name) for name in named - self._listed)[:_LISTED]:
                    self._damages.append(Damage("index", "ogi.db knows a segment that the manifest doesn't", segment))
                for segment in sorted((named & self._listed) - self._ingested):
                    self._damages.append(
                        Damage("index", "ogi.db has captures of a segment that it doesn't list", segment)
                    )
            except self._library.DatabaseError as error:
                self._broken(error)
            else:
                self._db.close()
        return self._damages


def _agrees(column: str, value: Any, capture: Capture) -> bool:
    if column == "digest":
        if capture.is_truncated:
            return value is None
        own, stored = parse_digest(capture.digest), parse_digest(str(value))
        return own is None or own == stored or (stored is not None and own[0] != stored[0])
    expected: Any = getattr(capture, column)
    return bool(value == expected)
