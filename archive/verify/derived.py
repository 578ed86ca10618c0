"""Whether `ogi.db` is what the records and the decisions give: by making it again beside the old one and comparing row by row."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.errors import DamagedArchive
from archive.files.folder import Archive
from archive.history.deltas import check_deltas
from archive.verify.index import sqlite_library
from archive.warc.checks import Damage
from extract.errors import OgiError

if TYPE_CHECKING:
    from sqlite_utils import Database

#: Not derived from records: what migrations and the full-text table note about the release that made them.
_OWN = frozenset({"_sqlite_migrations", "meta"})
_SHOWN = 160  # characters of a differing row


def compare_with_rebuilt(
    archive: Archive, *, workers: int | None = None, cluster: str | None = None
) -> tuple[list[Damage], list[str]]:
    """Damages of the database, and notes on why it could not be compared. Reads documents again, so it takes as long as a rebuild."""
    from archive.history import ingest
    from archive.index.database import open_database
    from archive.index.rows import value
    from archive.work.release import extractor_version

    notes: list[str] = []
    with tempfile.TemporaryDirectory(prefix="ogi-verify-") as folder:
        shadow = _shadow(archive, Path(folder) / "ogi.db")
        try:
            live = open_database(archive.db_path, read_only=True)
        except DamagedArchive as error:
            return [Damage("index", str(error))], []
        try:
            other = value(live, "SELECT max(extractor) FROM versions WHERE extractor <> ?", (extractor_version(),))
            if other is not None:
                return [], [
                    f"ogi.db was read by extractor {other}, which is not this one: run `ogi reextract` to compare it"
                ]
            pending = value(live, "SELECT count(*) FROM passes WHERE is_folded = 0")
            if pending:  # a death between two passes: what counts is whether the next start makes it whole
                notes.append(
                    f"ogi.db lacks {pending} passes, as after a death; the next harvest or import takes them in"
                )
                copied = _shadow(archive, Path(folder) / "pending.db")
                target = sqlite_library().connect(str(copied.db_path))
                live.conn.backup(target)
                target.close()
                live.close()
                try:
                    ingest.ingest_sealed(copied, workers=workers, cluster=cluster)
                except (OgiError, AssertionError, KeyError, TypeError, ValueError) as error:
                    return [
                        Damage("index", f"ogi.db can't take them in ({error!r}); `ogi rebuild` makes it anew")
                    ], notes
                live = open_database(copied.db_path, read_only=True)
            told = list(check_deltas(archive, live))
            ingest.rebuild(shadow, workers=workers, cluster=cluster)
            fresh = open_database(shadow.db_path, read_only=True)
            try:
                return [*told, *_differences(live, fresh)], notes
            finally:
                fresh.close()
        except sqlite_library().DatabaseError as error:
            return [Damage("index", f"ogi.db can't be read ({error}); `ogi rebuild` makes it anew")], []
        finally:
            live.close()


def _shadow(archive: Archive, db_path: Path) -> Archive:
    """The archive with another database. Nothing of the archive itself is written, so its own lock isn't needed."""
    shadow = Archive(archive.root, archive.settings)
    shadow.db_path = db_path
    shadow.lock_path = db_path.with_suffix(".lock")
    return shadow


def _differences(live: Database, fresh: Database) -> list[Damage]:
    for db in (live, fresh):
        db.conn.text_factory = bytes  # damaged text must be comparable too
    schemas = [
        {
            _text(name): sql
            for name, sql in db.execute("SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'").fetchall()
        }
        for db in (live, fresh)
    ]
    damages = [
        Damage("index", f"ogi.db: the definition of {name} is not the one it was made with")
        for name in sorted(schemas[0].keys() | schemas[1].keys())
        if schemas[0].get(name) != schemas[1].get(name)
    ]
    if damages:
        return damages
    for (raw,) in fresh.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall():
        name = _text(raw)
        if name in _OWN or name.startswith(("sqlite_", "report_fts_")):
            continue
        columns = "rowid" if name == "report_fts" else "*"  # the text itself isn't kept in it
        rows = [Counter(db.execute(f'SELECT {columns} FROM "{name}"').fetchall()) for db in (live, fresh)]
        added, missing = rows[0] - rows[1], rows[1] - rows[0]
        if added or missing:
            counts = f"{added.total()} rows that the records don't give, and {missing.total()} missing that they give"
            damages.append(Damage("index", f"ogi.db, table {name}: {counts}; such as {_shown(added or missing)}"))
    return damages


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")


def _shown(rows: Counter[tuple[Any, ...]]) -> str:
    found = min(rows, key=repr)
    text = ", ".join(_text(cell) if isinstance(cell, bytes) else str(cell) for cell in found)
    return f"({text if len(text) <= _SHOWN else text[:_SHOWN] + '…'})"
