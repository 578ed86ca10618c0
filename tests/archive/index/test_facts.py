"""What figures make of the indicators: kept with each version, the same after a rebuild and an upgrade, and pinned to the definitions."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.history.ingest import rebuild
from archive.index import facts
from archive.index.database import open_index
from archive.index.facts import DISPUTED, NONE, UNSURE, USED, addresses_of, facts_of, unpacked, value_of
from archive.index.figures import load_figures
from archive.index.indicators import BY_CODE, INDICATORS
from extract.forms import FORMS
from extract.model import RELIABLE, Figure, State
from tests.archive.site_archive import build

ADDRESSES = sorted(
    {
        address
        for item in INDICATORS
        for part in ("parts", "minus", "whole")
        for address in addresses_of(item.code, "2021", part)
    }
)


def figure(address: str, value: int | None, confidence: float) -> Figure:
    table, _, rest = address.partition(".")
    row, _, column = rest.rpartition(".")
    number = None if value is None else Decimal(value)
    return Figure(table, row, column, number, "", State.BLANK if value is None else State.VALUE, confidence, "x")


@given(
    st.dictionaries(
        st.sampled_from(ADDRESSES),
        st.tuples(st.none() | st.integers(-3, 10**9), st.sampled_from((1.0, RELIABLE, RELIABLE - 0.01, 0.0))),
    ),
    st.sampled_from((None, "2019", "2021", "free")),
)
def test_what_is_kept_is_what_the_figures_give(read: dict[str, tuple[int | None, float]], form: str | None) -> None:
    figures = [figure(address, value, confidence) for address, (value, confidence) in read.items()]
    certain = {
        address: None if value is None else float(value)
        for address, (value, confidence) in read.items()
        if confidence >= RELIABLE
    }
    kept = json.loads(facts_of(form, figures))
    for item in INDICATORS:
        expected = value_of(item, form, certain, frozenset()) if form in FORMS else (0.0, 0.0, NONE)
        got = unpacked(item.is_ratio, kept[item.code]) if item.code in kept else (0.0, 0.0, NONE)
        assert got[2] == expected[2], item.code
        if got[2] in (USED, DISPUTED):
            assert got == expected, item.code


def test_the_definitions_are_those_that_every_index_was_filled_for() -> None:
    assert facts.definitions() == facts.DEFINITIONS, "add a migration that calls archive.index.facts.fill"


def test_each_version_has_its_facts_after_a_fold_a_rebuild_and_an_upgrade(tmp_path: Path) -> None:
    archive = build(tmp_path / "a")
    db = open_index(archive)
    folded = db.execute("select * from report_facts order by 1, 2").fetchall()
    versions = db.execute("select report, version, form from versions order by 1, 2").fetchall()
    assert [row[:2] for row in folded] == [row[:2] for row in versions]
    for (report, version, kept), (_, _, form) in zip(folded, versions, strict=True):
        assert kept == facts_of(form, load_figures(db, report, version))
    assert any(len(json.loads(row[2])) > 20 for row in folded)
    with db.atomic():  # as an older release left it
        db.execute("drop table report_facts")
        db.execute("delete from _sqlite_migrations where name = 'm009_report_facts'")
        db.execute(f"pragma user_version = {db.execute('pragma user_version').fetchone()[0] - 1}")
    db.close()
    db = open_index(archive)
    assert db.execute("select * from report_facts order by 1, 2").fetchall() == folded
    db.close()
    rebuild(archive)
    db = open_index(archive)
    assert db.execute("select * from report_facts order by 1, 2").fetchall() == folded
    db.close()


@pytest.mark.parametrize(
    ("code", "members", "expected"),
    [
        ("received", [3], (3, 1.0, USED)),
        ("granted_share", [3, 8], (3, 8, USED)),
        ("granted_share", [9, 8, 1], (9, 8, DISPUTED)),
        ("received", None, (0.0, 0.0, UNSURE)),
    ],
)
def test_unpacked(code: str, members: list[float] | None, expected: tuple[float, float, int]) -> None:
    assert unpacked(BY_CODE[code].is_ratio, members) == expected
