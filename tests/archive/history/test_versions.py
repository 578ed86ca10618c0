"""Figures in wide rows, and what differs between two states."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from archive.history.item import Item, ItemReading, Part
from archive.history.versions import compare, compare_attachments, compare_figures
from archive.index.database import open_database
from archive.index.figure_tables import FIGURE_TABLES
from archive.index.figures import load_figures, store_figures
from archive.index.rows import rows, value
from extract.lexicon.addresses import file_name
from extract.model import Extraction, Figure, State, number_to_json
from extract.report.content import Content

PLACES = [(table, column) for table, columns in FIGURE_TABLES.items() for column in columns]


@st.composite
def figures(draw: st.DrawFn) -> list[Figure]:
    found: dict[tuple[str, str, str], Figure] = {}
    for table, column in draw(st.lists(st.sampled_from(PLACES), max_size=12)):
        state = draw(st.sampled_from(State))
        value_ = (
            Decimal(draw(st.integers(1, 10**12))) / draw(st.sampled_from([1, 1, 1, 100]))
            if state is State.VALUE
            else None
        )
        value_ = Decimal(0) if state is State.ZERO else value_
        raw = {State.BLANK: "", State.DASH: "—", State.ZERO: "0"}.get(state, str(value_))
        row_code = draw(st.sampled_from(["received", "rules", "（一）公开"]))
        confidence = draw(st.sampled_from([1.0, 0.95, 0.4]))
        placed = draw(st.sampled_from(["", "proved"])) if confidence == 0.95 else ""
        found[table, row_code, column] = Figure(
            table, row_code, column, value_, raw, state, confidence, "table 1", placed
        )
    return list(found.values())


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    opened = open_database(tmp_path_factory.mktemp("versions") / "ogi.db")
    opened.execute("PRAGMA synchronous = OFF")
    yield opened
    opened.close()


@settings(max_examples=40)
@given(made=figures())
def test_figures_come_back_as_they_were_stored(db: Database, made: list[Figure]) -> None:
    with db.atomic():
        store_figures(db, "r", 1, made)
    back = load_figures(db, "r", 1)
    key = lambda one: (one.table, one.row, one.column)  # noqa: E731
    assert sorted(back, key=key) == sorted(made, key=key)


def test_view_gives_raw_state_confidence_and_place(tmp_path: Path) -> None:
    made = [
        Figure("applications", "received", "total", Decimal(28), "28", State.VALUE, 1.0, "t2 r1"),
        Figure("applications", "received", "business", None, "", State.BLANK, 1.0, "t2 r1"),
        Figure("applications", "received", "research", Decimal(0), "0", State.ZERO, 1.0, "t2 r1"),
        Figure("applications", "received", "welfare", None, "—", State.DASH, 0.95, "t2 r1"),
        Figure("applications", "received", "other_org", None, "", State.NOTHING, 0.95, "t2 r1", "proved"),
        Figure("disclosure", "procurement", "amount", Decimal("12345678.9"), "1234.56789万元", State.VALUE, 0.9, "t1"),
    ]
    db = open_database(tmp_path / "ogi.db")
    with db.atomic():
        db.execute(
            "INSERT INTO agencies (id, name, kind, aliases, source) VALUES ('a', '某局', 'department', '[]', 'found')"
        )
        db.execute(
            "INSERT INTO reports (id, agency, year, url, portal, first_seen, last_seen, status, is_delisted, version, search_id) "
            "VALUES ('r', 'a', 2020, 'u', 'p', '', '', 'present', 0, 1, 7)"
        )
        db.execute(
            "INSERT INTO versions (report, version, first_seen, capture, figures_capture, url, content_digest, state, attachments, "
            "coverage, warnings, extractor) VALUES ('r', 1, '', 'c1', 'c2', 'u', '', '[]', '[]', '{}', '[]', '')"
        )
        store_figures(db, "r", 1, made)
        store_figures(db, "r", 2, made)
    found = rows(db, 'SELECT * FROM figures ORDER BY "table", "column"')
    by_column = {one["column"]: one for one in found}
    assert len(found) == 6, "the view shows the current version only"
    assert by_column["total"] == {
        "report": "r", "agency": "某局", "year": 2020, "form": None, "table": "applications", "row": "received", "column": "total",
        "value": 28, "raw": "28", "state": "value", "confidence": 1.0, "where": "t2 r1", "version": 1, "capture": "c2",
        "placed": None, "unsure": 0, "disputed": 0, "findings": None,
    }  # fmt: skip
    assert (by_column["business"]["value"], by_column["business"]["raw"], by_column["business"]["state"]) == (
        None,
        "",
        "blank",
    )
    assert (by_column["research"]["value"], by_column["research"]["state"]) == (0, "zero")
    assert (by_column["welfare"]["raw"], by_column["welfare"]["state"], by_column["welfare"]["confidence"]) == (
        "—",
        "dash",
        0.95,
    )
    assert (by_column["other_org"]["state"], by_column["other_org"]["placed"]) == ("nothing", "proved")
    assert by_column["amount"]["value"] == 12345678.9
    assert value(db, "SELECT total FROM applications WHERE report = 'r' AND version = 1") == 28
    db.close()


def test_blank_and_absent_are_the_same_to_a_comparison() -> None:
    blank = Figure("applications", "received", "total", None, "", State.BLANK, 1.0, "")
    dash = Figure("applications", "received", "total", None, "-", State.DASH, 1.0, "")
    zero = Figure("applications", "received", "total", Decimal(0), "0", State.ZERO, 1.0, "")
    assert compare_figures([blank], [dash]) == ()
    assert compare_figures([blank], []) == ()
    assert [(one.before, one.after) for one in compare_figures([blank], [zero])] == [(None, Decimal(0))]


def test_files_are_compared_by_payload_not_by_address() -> None:
    old = [Part("http://a/P0201.pdf", "sha256:A", "s", 1)]
    assert compare_attachments(old, [Part("http://b/x/P9.pdf", "sha256:A", "s", 1)]) == {}
    assert compare_attachments(old, [Part("http://a/P0201.pdf", "sha256:B", "s", 1)]) == {"replaced": ["P0201.pdf"]}
    assert compare_attachments(old, []) == {"removed": ["P0201.pdf"]}
    assert compare_attachments([], old) == {"added": ["P0201.pdf"]}


def test_files_of_which_nothing_was_read_are_compared_by_their_bytes() -> None:
    def scan(digest: str, lines: tuple[str, ...] = (), media_type: str = "application/pdf") -> ItemReading:
        page = Part("http://a.example/r.pdf", digest, "s", 0)
        content = Content(None, None, lines, ()).with_attachments([(page.url, digest)] if not lines else [])
        return ItemReading(Item("/nowhere", page), Extraction("x", media_type), content)

    assert compare(scan("sha256:a"), scan("sha256:b")).details == {"attachments": {"replaced": ["r.pdf"]}}
    assert compare(scan("sha256:a"), scan("sha256:a")).is_empty
    assert compare(
        scan("sha256:a", ("text",)), scan("sha256:b", ("text",))
    ).is_empty  # saved again: the text is the same


def test_file_names_from_download_addresses() -> None:
    assert file_name("http://a/module/download/downfile.jsp?classid=0&filename=2101.docx") == "2101.docx"
    assert file_name("http://a/attach/%E6%8A%A5%E5%91%8A.pdf") == "报告.pdf"
    assert file_name("http://a/download?id=7") == "download?id=7"


def test_numbers_of_json_are_whole_where_they_can_be() -> None:
    assert number_to_json(Decimal("5.0")) == 5
