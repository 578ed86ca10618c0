"""The index file: made, migrated, refused."""

from __future__ import annotations

import hashlib
import sqlite3
from importlib import resources
from pathlib import Path

import pysqlite3
import pytest
from sqlite_utils import Database

from archive.errors import DamagedArchive, NewerArchive
from archive.history.ingest import rebuild
from archive.history.reextract import reextract
from archive.index.database import open_database
from archive.index.dictionary import render
from archive.index.migrations import MIGRATIONS, SCHEMA_VERSION, migration_names
from archive.index.rows import rows, value
from tests.archive.demo_archive import demo_archive
from tests.archive.kept import copy_of

CONTRACT = {
    "portals", "agencies", "regions", "runs", "captures", "reports", "versions", "disclosure", "applications", "challenges",
    "indicators", "figures", "changes", "figure_changes", "findings", "obligations",
}  # fmt: skip


def test_has_the_tables_of_the_contract(tmp_path: Path) -> None:
    db = open_database(tmp_path / "ogi.db")
    names = set(db.table_names()) | set(db.view_names())
    assert names >= CONTRACT
    assert db.view_names() == ["figures"]
    assert value(db, "PRAGMA user_version") == SCHEMA_VERSION
    assert db.journal_mode == "wal"
    db.close()


def test_opening_twice_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "ogi.db"
    open_database(path).close()
    db = open_database(path)
    assert value(db, "SELECT count(*) FROM _sqlite_migrations") == SCHEMA_VERSION
    db.close()


def test_the_first_schema_is_frozen() -> None:
    text = resources.files("archive.index.migrations").joinpath("m001_first_schema.sql").read_bytes()
    assert hashlib.sha256(text).hexdigest() == "ef7ef11ab5802a94f103823099700dc406eaade3df3a6809606d10754e2bf4cb"
    assert migration_names()[0] == "m001_first_schema.sql"


def test_an_older_database_is_brought_up_to_date_and_keeps_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "ogi.db"
    old = Database(pysqlite3.connect(str(path)))
    MIGRATIONS.apply(old, stop_before="m002_what_a_pass_looks_up")
    old.execute("INSERT INTO notices (run, url, at, report, code, message) VALUES ('r', 'u', 'a', NULL, 'c', 'm')")
    old.execute("PRAGMA user_version = 1")
    old.conn.commit()
    old.close()
    db = open_database(path)
    fresh = open_database(tmp_path / "fresh.db")
    schema = "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE '%migrations%' ORDER BY type, name"
    assert rows(db, schema) == rows(fresh, schema)
    assert value(db, "PRAGMA user_version") == SCHEMA_VERSION
    assert value(db, "SELECT message FROM notices") == "m"
    db.close()
    fresh.close()


def test_newer_schema_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "ogi.db"
    db = open_database(path)
    db.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    db.close()
    with pytest.raises(NewerArchive, match="upgrade ogi-archive"):
        open_database(path)


def test_a_newer_index_is_never_replaced_by_reading_again(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    archive = copy_of("demo", demo_archive, tmp_path / "a", tmp_path_factory)
    db = open_database(archive.db_path)
    db.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    before = archive.db_path.read_bytes()
    with pytest.raises(NewerArchive, match="upgrade ogi-archive"):
        reextract(archive)
    assert archive.db_path.read_bytes() == before
    rebuild(archive)
    reextract(archive)


def test_file_that_is_no_database_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "ogi.db"
    path.write_bytes(b"no database at all" * 100)
    with pytest.raises(DamagedArchive, match="ogi rebuild"):
        open_database(path)


def test_reading_a_missing_index_says_so(tmp_path: Path) -> None:
    with pytest.raises(DamagedArchive, match="ogi rebuild"):
        open_database(tmp_path / "ogi.db", read_only=True)


def test_read_only_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "ogi.db"
    open_database(path).close()
    db = open_database(path, read_only=True)
    with pytest.raises((sqlite3.OperationalError, pysqlite3.OperationalError)):
        db.execute("DELETE FROM meta")
    db.close()


def test_data_dictionary_is_up_to_date() -> None:
    page = Path(__file__).parents[3] / "docs" / "data-dictionary.md"
    assert page.read_text("utf-8") == render(), "run: python -m archive.index.dictionary > docs/data-dictionary.md"
