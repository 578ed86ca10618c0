"""What figures make of the indicators: kept with each version, the same after a rebuild and an upgrade, and pinned to the definitions."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.history.ingest import rebuild
from archive.index import facts
from archive.index.database import open_index
from archive.index.facts import NONE, USED, addresses_of, all_addresses, disputed_by, facts_of, unpacked, value_of
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
    columns = unpacked([facts_of(None, []), facts_of(form, figures)])
    assert list(columns) == [item.code for item in INDICATORS if item.parts]
    for code, column in columns.items():
        expected = value_of(BY_CODE[code], form, certain, frozenset()) if form in FORMS else (0.0, 0.0, NONE)
        assert (column.numerators[1], column.denominators[1], column.states[1]) == expected, code
        assert (column.numerators[0], column.denominators[0], column.states[0]) == (0.0, 0.0, NONE), code


@given(st.sets(st.sampled_from([*ADDRESSES, "applications.unheard_of.total", "report", "applications"])))
def test_findings_dispute_the_indicators_that_their_figures_are_part_of(addresses: set[str]) -> None:
    for form in FORMS:
        meant = {item.code for item in INDICATORS if not addresses.isdisjoint(all_addresses(item.code, form))}
        assert disputed_by(addresses, form) == meant
    assert disputed_by(addresses, None) == set()
    assert disputed_by(addresses, "free") == set()


def test_what_was_packed_for_other_indicators_is_not_read_as_these() -> None:
    with pytest.raises(ValueError, match="other indicators"):
        unpacked([facts_of(None, [])[:-1]])
    assert all(not column.states for column in unpacked([]).values())


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
    assert any(sum(column.states[0] == USED for column in unpacked([row[2]]).values()) > 20 for row in folded)
    with db.atomic():  # as an older release left it
        db.execute("drop table report_facts")
        db.execute("delete from _sqlite_migrations where name in ('m009_report_facts', 'm012_packed_facts')")
        db.execute(f"pragma user_version = {db.execute('pragma user_version').fetchone()[0] - 2}")
    db.close()
    db = open_index(archive)
    assert db.execute("select * from report_facts order by 1, 2").fetchall() == folded
    db.close()
    rebuild(archive)
    db = open_index(archive)
    assert db.execute("select * from report_facts order by 1, 2").fetchall() == folded
    db.close()
