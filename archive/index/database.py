"""Opening `ogi.db`: the SQLite index, derived from the segments and rebuildable."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlite_utils import Database

from archive.errors import DamagedArchive, NewerArchive
from archive.files.room import full_disk
from archive.index.migrations import MIGRATIONS, SCHEMA_VERSION
from archive.index.readonly import is_frozen, read_uri

try:  # an SQLite with contentless_delete (3.43); sqlite-utils and Datasette prefer it in the same way
    import pysqlite3 as sqlite3
except ImportError:  # pragma: no cover - the standard module serves where it is new enough
    import sqlite3

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from archive.files.folder import Archive

#: What a query raises that meets a damaged or locked database.
DatabaseError: type[Exception] = sqlite3.DatabaseError
#: Those among them that say something of the values that were to be stored.
REFUSED_VALUE: tuple[type[Exception], ...] = (sqlite3.DataError, sqlite3.IntegrityError)
#: The action codes by which an authorizer knows statements that write to a table.
WRITES = frozenset({sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE})
#: A pass uses some 360 statements. Python keeps 128 and compiles the others again each time, with all triggers of their tables: a tenth of a
#: fold's CPU.
KEPT_STATEMENTS = 1000
#: Full-text search needs `contentless_delete`.
OLDEST_SQLITE = (3, 43, 0)


@contextmanager
def telling_full_disk(path: Path) -> Iterator[None]:
    """Turn SQLite's "disk full" into `DiskFull`, as other writers do."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if "disk is full" in str(error):
            raise full_disk(path, str(error)) from error
        raise


def open_index(archive: Archive) -> Database:
    """Open an archive's database for writing, made or migrated as needed.

    Raises:
        NewerArchive: If a newer release wrote it.
        DamagedArchive: If the file is no SQLite database, or this SQLite is too old.
    """
    return open_database(archive.db_path)


def open_database(path: Path, *, read_only: bool = False) -> Database:
    """Open `ogi.db` at a path; `read_only` neither makes nor migrates it."""
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise DamagedArchive(
            f"SQLite {sqlite3.sqlite_version} is too old for the index (3.43 is needed); install pysqlite3"
        )
    if read_only and not path.exists():
        raise DamagedArchive(f"no index at {path}; run `ogi rebuild`")
    try:
        if read_only and is_frozen(path):
            connection = sqlite3.connect(read_uri(path), uri=True)
        else:
            connection = sqlite3.connect(str(path), timeout=60.0, cached_statements=KEPT_STATEMENTS)
        connection.execute("PRAGMA busy_timeout = 60000")
        found = connection.execute("PRAGMA user_version").fetchone()[0]
        if found > SCHEMA_VERSION:
            connection.close()
            raise NewerArchive(
                f"{path}: written by a newer release (schema {found}, not {SCHEMA_VERSION}); upgrade ogi-archive, "
                "or make the index anew with this release: `ogi rebuild`"
            )
        db = Database(connection)
        if read_only:
            connection.execute("PRAGMA query_only = 1")
            return db
        if db.journal_mode != "wal":
            db.enable_wal()
        connection.execute("PRAGMA synchronous = NORMAL")
        if found < SCHEMA_VERSION:
            MIGRATIONS.apply(db)
            if found == 0:
                _fill(db)
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            connection.commit()
    except sqlite3.DatabaseError as error:
        raise DamagedArchive(f"{path}: not a usable index ({error}); run `ogi rebuild`") from error
    return db


def is_older(path: Path) -> bool:
    """Whether an older release wrote the database, and this one hasn't opened it for writing yet."""
    db = open_database(path, read_only=True)
    try:
        return bool(db.execute("PRAGMA user_version").fetchone()[0] < SCHEMA_VERSION)
    finally:
        db.close()


def connect(uri: str) -> sqlite3.Connection:
    """A bare connection to a database named by SQLite's URI."""
    return sqlite3.connect(uri, uri=True, timeout=60.0)


def _fill(db: Database) -> None:
    """What stands in every index, that of an empty archive included, so that it equals a rebuilt one."""
    from archive.index import regions, search

    with db.atomic():
        regions.load_regions(db)
        search.reindex(db)


@contextmanager
def reading(archive: Archive) -> Iterator[Database]:
    """An archive's index for reading; an empty one is made where there is none yet. Closed at the end."""
    is_writable = not archive.db_path.exists() or os.access(archive.db_path, os.W_OK)
    db = open_database(archive.db_path, read_only=not is_writable)
    try:
        yield db
    finally:
        db.close()
