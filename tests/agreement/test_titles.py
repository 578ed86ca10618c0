"""Every door through which a title comes in says the same of it: the row of a pass, a page in a fold, an unread row, the register, a document."""

from __future__ import annotations

import csv
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from archive.clock import SHANGHAI
from archive.duties.unread import unread_rows
from archive.index.database import open_database, open_index
from archive.index.regions import load_regions
from archive.index.register import define_portal, find_or_add
from archive.index.rows import rows, value
from archive.warc.context import Entry
from crawler.passes.candidates import choose_candidates
from crawler.passes.columns import ColumnReading
from extract.lexicon.organs import full_forms, normalise_name
from extract.lexicon.titles import NOT_PLAIN, Judgement, judge_title
from extract.model import Document, Line
from extract.report.identity import identify, own_lines
from tests.agreement.cases import Made, made_titles
from tests.archive.season import BASE, PORTAL, Season, Shown, definition

AT = "2021-02-01T00:00:00Z"
MADE = made_titles()
HERE = Path(__file__).parent


def address(place: int) -> str:
    return f"{BASE}/art/{place}.html"


def test_all_titles_are_what_they_were_made_of() -> None:
    wrong = []
    for made in MADE:
        found = judge_title(made.title)
        is_plain = not NOT_PLAIN.intersection(found.shapes)
        said = (found.judgement, found.year, normalise_name(found.agency or ""), is_plain)
        if said != (Judgement.ACCEPT, made.year, normalise_name(made.organ), made.is_plain):
            wrong.append((made.title, *said))
    assert wrong == []


def test_a_pass_takes_every_row() -> None:
    entries = tuple(Entry(url=address(place), title=made.title) for place, made in enumerate(MADE))
    chosen = choose_candidates([ColumnReading(url=BASE, entries=list(entries))], lambda url: None)
    assert (len(chosen.by_url), chosen.rejected) == (len(MADE), 0)


def test_an_unread_row_means_the_same_organ_and_year_and_so_does_the_register(tmp_path: Path) -> None:
    db = open_database(tmp_path / "ogi.db")
    with db.atomic():
        load_regions(db)
        define_portal(db, definition(), AT)
        agencies = [find_or_add(db, PORTAL, judge_title(made.title).agency or "", year=2019, at=AT) for made in MADE]
        db.conn.executemany(
            "INSERT INTO listings (column_url, url, portal, title, first_at) VALUES (?, ?, ?, ?, ?)",
            [(BASE, address(place), PORTAL, made.title, AT) for place, made in enumerate(MADE)],
        )
        found = unread_rows(db)
    by_row = {
        row.text.split("(")[-1].split(")")[0]: (row.agency, year) for (_, year), lines in found.items() for row in lines
    }
    assert by_row == {address(place): (agencies[place], made.year) for place, made in enumerate(MADE)}
    by_organ = {normalise_name(made.organ): agency for made, agency in zip(MADE, agencies, strict=True)}
    assert len(by_organ) == len(set(agencies))
    assert all(by_organ[normalise_name(made.organ)] == agency for made, agency in zip(MADE, agencies, strict=True))
    assert value(db, "SELECT count(*) FROM agencies") == len(by_organ)
    db.close()


def test_a_document_of_one_line_says_the_same() -> None:
    wrong = []
    for made in MADE:
        document = Document("text/plain", (Line(made.title, ""),))
        found = identify(document, own_lines(document))
        names = {normalise_name(form) for form in full_forms(made.organ)}
        if found.title is None or normalise_name(found.agency or "") not in names:
            wrong.append((made.title, found.title, found.agency))
    assert wrong == []


@pytest.mark.slow
def test_a_scan_whose_page_says_nothing_is_the_report_of_its_row(tmp_path: Path) -> None:
    made = [title for title in MADE if title.is_plain][:200]
    picture = bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010800000000")
    season = Season(tmp_path)
    entries = [Entry(url=address(place), title=one.title) for place, one in enumerate(made)]
    shown = [
        Shown(address(place), picture + place.to_bytes(4, "big"), media_type="image/png") for place in range(len(made))
    ]
    season.run(datetime(2021, 4, 1, 9, tzinfo=SHANGHAI) + timedelta(days=1), shown, entries)
    db = open_index(season.archive)
    found = {
        line["url"]: (normalise_name(line["name"]), line["year"])
        for line in rows(
            db,
            "SELECT d.url, a.name, r.year FROM documents d JOIN reports r ON r.id = d.report JOIN agencies a ON a.id = r.agency",
        )
    }
    db.close()
    assert found == {address(place): (normalise_name(one.organ), one.year) for place, one in enumerate(made)}


def typed() -> list[dict[str, str]]:
    with (HERE / "titles.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


@pytest.mark.parametrize("line", typed(), ids=lambda line: line["title"])
def test_titles_as_people_read_them(line: dict[str, str]) -> None:
    found = judge_title(line["title"])
    assert (found.judgement.value, str(found.year or ""), found.agency or "") == (
        line["judgement"],
        line["year"],
        line["organ"],
    )


def test_the_sample_has_every_part() -> None:
    assert len({made.organ for made in MADE}) == 12
    assert len({made.title for made in MADE}) == len(MADE) == 5000
    assert isinstance(MADE[0], Made)
