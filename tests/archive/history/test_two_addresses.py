"""A report at two addresses: each is compared with what it showed itself, and a switch between them changes nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive.history.ingest import rebuild
from archive.index.database import open_index
from archive.lists.queries import dump
from archive.warc.context import Entry, Role
from tests.archive.season import BASE, GONE_PAGE, Season, Shown, page, report

ONE, TWO, NEW = f"{BASE}/art/1.html", f"{BASE}/zwgk/2.html", f"{BASE}/new/3.html"
BEGIN = datetime(2021, 2, 1, 2, 0, tzinfo=UTC)
TITLE = report().title
LISTED = [Entry(ONE, TITLE, "2021-01-20"), Entry(TWO, TITLE, "2021-01-20")]


def link(name: str) -> str:
    return f'<p>附件：<a href="/files/{name}">{name}</a></p>'


def file(name: str, parent: str, data: bytes = b"%PDF-1.4 one") -> Shown:
    return Shown(f"{BASE}/files/{name}", data, role=Role.ATTACHMENT, parent=parent, media_type="application/pdf")


def days(season: Season, *passes: tuple[list[Shown], list[Entry]]) -> None:
    for number, (shown, listed) in enumerate(passes):
        season.run(BEGIN + timedelta(days=number), shown, listed)


def told(season: Season) -> list[tuple[str, str]]:
    return [(change["kind"], change["url"]) for change in season.changes()]


def index_of(season: Season) -> str:
    db = open_index(season.archive)
    try:
        return dump(db)
    finally:
        db.close()


def gone(url: str) -> Shown:
    return Shown(url, GONE_PAGE, "gone", 404)


PLAIN, WITH_FILE = page(report()), page(report(), links=link("a.pdf"))


@pytest.mark.parametrize("has_file", ["one", "two", "both differ"])
def test_a_switch_to_a_page_that_stood_beside_it_is_a_move_and_nothing_else(tmp_path: Path, has_file: str) -> None:
    season = Season(tmp_path / "a")
    first = [Shown(ONE, PLAIN), Shown(TWO, PLAIN)]
    if has_file in ("one", "both differ"):
        first = [Shown(ONE, WITH_FILE), file("a.pdf", ONE), first[1]]
    if has_file in ("two", "both differ"):
        name = "a.pdf" if has_file == "two" else "b.pdf"
        first = [*first[:-1], Shown(TWO, page(report(), links=link(name))), file(name, TWO)]
    later = page(report(), noise="第9次", links=link("b.pdf") if has_file == "both differ" else "")
    later = page(report(), noise="第9次", links=link("a.pdf")) if has_file == "two" else later
    days(
        season,
        (first, LISTED),
        ([gone(ONE)], LISTED[1:]),
        ([gone(ONE)], LISTED[1:]),
        ([Shown(TWO, later)], LISTED[1:]),
    )
    assert told(season) == [("published", ONE), ("moved", TWO)]
    before = index_of(season)
    rebuild(season.archive, workers=1)
    assert index_of(season) == before


def test_what_changes_at_the_other_address_after_the_switch_is_a_revision(tmp_path: Path) -> None:
    season = Season(tmp_path / "a")
    two = page(report(), links=link("b.pdf"))
    days(
        season,
        ([Shown(ONE, PLAIN), Shown(TWO, two), file("b.pdf", TWO)], LISTED),
        ([gone(ONE)], LISTED[1:]),
        ([gone(ONE)], LISTED[1:]),
        ([Shown(TWO, two.replace(b"<td", b"<td ")), file("b.pdf", TWO, b"%PDF-1.4 another")], LISTED[1:]),
    )
    changes = season.changes()
    assert [change["kind"] for change in changes] == ["published", "moved", "revised"]
    assert changes[2]["attachments"] == {"replaced": ["b.pdf"]}


def test_another_printed_day_at_the_other_address_after_the_switch_is_a_revision(tmp_path: Path) -> None:
    season = Season(tmp_path / "a")
    two = page(report(), links=link("b.pdf"))
    days(
        season,
        ([Shown(ONE, PLAIN), Shown(TWO, two), file("b.pdf", TWO)], LISTED),
        ([gone(ONE)], LISTED[1:]),
        ([gone(ONE)], LISTED[1:]),
        ([Shown(TWO, two.replace(b"2021-01-20", b"2021-01-11"))], LISTED[1:]),
    )
    changes = season.changes()
    assert [change["kind"] for change in changes] == ["published", "moved", "revised"]
    assert changes[2]["published_on"] == {"before": "2021-01-20", "after": "2021-01-11"}


def test_a_page_that_takes_the_place_of_another_without_its_file_is_revised(tmp_path: Path) -> None:
    season = Season(tmp_path / "a")
    moved = [Entry(NEW, TITLE, "2021-01-20")]
    days(
        season,
        ([Shown(ONE, WITH_FILE), file("a.pdf", ONE)], LISTED[:1]),
        ([Shown(NEW, PLAIN), gone(ONE)], moved),
        ([gone(ONE)], moved),
    )
    changes = season.changes()
    assert [change["kind"] for change in changes] == ["published", "moved", "revised"]
    assert changes[2]["attachments"] == {"removed": ["a.pdf"]}


def test_the_first_address_that_comes_back_is_compared_with_its_own(tmp_path: Path) -> None:
    season = Season(tmp_path / "a")
    two = page(report(), links=link("b.pdf"))
    days(
        season,
        ([Shown(ONE, PLAIN), Shown(TWO, two), file("b.pdf", TWO)], LISTED),
        ([gone(ONE)], LISTED[1:]),
        ([gone(ONE)], LISTED[1:]),
        ([Shown(ONE, page(report(), noise="回来"))], LISTED),
        ([Shown(ONE, page(report(), noise="回来了")), gone(TWO)], LISTED[:1]),
        ([gone(TWO)], LISTED[:1]),
    )
    assert told(season) == [("published", ONE), ("moved", TWO), ("moved", ONE)]
