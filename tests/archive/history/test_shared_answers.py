"""Portals that fill every article's shell by POST answer for all of them at one address."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from archive.index.database import open_index
from archive.index.rows import rows
from archive.warc.context import Entry, Role
from crawler.replica.documents.html import page_html
from crawler.replica.documents.model import Report
from tests.archive.season import BASE, BUREAU, GOVERNMENT, Season, Shown, report

DAY = datetime(2021, 3, 1, 4, tzinfo=UTC)
SERVICE = f"{BASE}/html/info/detail"
SHELL = b"<!DOCTYPE html><html><head><title></title></head><body><div id=app></div></body></html>"


def shell(number: int, what: Report) -> list[Shown]:
    url = f"{BASE}/art/info/i{number}"
    listed = Entry(url, what.title, "2021-01-20")
    return [Shown(url, SHELL, entry=listed), answer(number, what)]


def answer(number: int, what: Report) -> Shown:
    data = {"data": {"title": what.title, "dept": what.agency, "pubDate": "2021-01-20", "body": page_html(what)}}
    body = json.dumps(data, ensure_ascii=False).encode()
    parent = f"{BASE}/art/info/i{number}"
    return Shown(SERVICE, body, role=Role.ATTACHMENT, parent=parent, media_type="application/json")


def figures(season: Season) -> dict[str, int]:
    db = open_index(season.archive)
    counts = rows(
        db,
        "SELECT a.name, count(*) AS n FROM figures f JOIN reports r ON r.id = f.report "
        "JOIN agencies a ON a.id = r.agency GROUP BY a.name",
    )
    db.close()
    return {row["name"]: row["n"] for row in counts}


def test_each_page_keeps_the_answer_that_fills_it(tmp_path: Path) -> None:
    season = Season(tmp_path / "archive")
    ours, theirs = report(), report(BUREAU, seed=8)
    first, second = shell(1, ours), shell(2, theirs)
    entries = [shown[0].entry for shown in (first, second) if shown[0].entry]
    season.run(DAY, [*first, *second], entries)
    assert figures(season) == {GOVERNMENT: len(ours.raws), BUREAU: len(theirs.raws)}
    changed = theirs.with_figure(("applications", "received", "research"), "31")
    later = [Shown(f"{BASE}/art/info/i1"), answer(1, ours), Shown(f"{BASE}/art/info/i2"), answer(2, changed)]
    season.run(DAY + timedelta(days=1), later, entries)
    assert [(change["kind"], change["agency"]) for change in season.changes()][2:] == [("revised", BUREAU)]
