"""The index file: made, migrated, refused."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from archive.dictionary import render
from archive.errors import DamagedArchive, NewerArchive
from archive.index import open_database, value
from archive.migrations import SCHEMA_VERSION

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
    assert value(db, "SELECT count(*) FROM _sqlite_migrations") == 1
    db.close()


def test_newer_schema_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "ogi.db"
    db = open_database(path)
    db.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    db.close()
    with pytest.raises(NewerArchive, match="upgrade ogi-archive"):
        open_database(path)


def test_file_that_is_no_database_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "ogi.db"
    path.write_bytes(b"no database at all" * 100)
    with pytest.raises(DamagedArchive, match="ogi rebuild"):
        open_database(path)


def test_reading_a_missing_index_says_so(tmp_path: Path) -> None:
    with pytest.raises(DamagedArchive, match="ogi rebuild"):
        open_database(tmp_path / "ogi.db", read_only=True)


def test_read_only_writes_nothing(tmp_path: Path) -> None:
    import pysqlite3

    path = tmp_path / "ogi.db"
    open_database(path).close()
    db = open_database(path, read_only=True)
    with pytest.raises((sqlite3.OperationalError, pysqlite3.OperationalError)):
        db.execute("DELETE FROM meta")
    db.close()


def test_data_dictionary_is_up_to_date() -> None:
    page = Path(__file__).parents[2] / "docs" / "data-dictionary.md"
    assert page.read_text("utf-8") == render(), "run: python -m archive.dictionary > docs/data-dictionary.md"
