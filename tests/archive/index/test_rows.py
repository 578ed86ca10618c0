"""Rows as values of types: by names, and never with a column too many or too few."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from sqlite_utils import Database

from archive.index.rows import RowMismatch, first, read, stream


@dataclass(frozen=True, slots=True)
class Pair:
    name: str
    is_open: bool
    number: int | None = None


@pytest.fixture
def db() -> Database:
    return Database(memory=True)


def test_columns_are_taken_by_name_and_flags_become_truth_values(db: Database) -> None:
    assert read(db, Pair, "SELECT 7 AS number, 1 AS is_open, 'a' AS name") == [Pair("a", True, 7)]
    assert first(db, Pair, "SELECT 'a' AS name, 0 AS is_open") == Pair("a", False)


def test_columns_that_type_and_query_disagree_about_are_an_error(db: Database) -> None:
    with pytest.raises(RowMismatch, match=r"unknown columns \['colour'\]"):
        read(db, Pair, "SELECT 'a' AS name, 0 AS is_open, 'red' AS colour")
    with pytest.raises(RowMismatch, match=r"missing columns \['is_open'\]"):
        first(db, Pair, "SELECT 'a' AS name")


def test_no_row_is_none_and_a_stream_reads_on_demand(db: Database) -> None:
    assert first(db, Pair, "SELECT 'a' AS name, 0 AS is_open WHERE 0") is None
    numbers = stream(
        db,
        Pair,
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT 'a' AS name, 1 AS is_open, i AS number FROM n",
    )
    assert [next(numbers).number, next(numbers).number] == [1, 2]  # the query itself never ends
