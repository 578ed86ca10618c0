"""The rows of a portal's lists on the site: the same as `ogi rows`, whoever wrote their titles, and nothing of what is withheld."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from archive.duties.decisions import withhold
from archive.files.folder import Archive
from archive.index.database import open_index
from archive.lists.row_outcomes import ROW_COLUMNS, RowOutcome, row_outcomes
from archive.site.publish import publish
from archive.warc.context import Entry
from tests.archive.season import BASE, BUREAU, GONE_PAGE, PORTAL, Season, Shown, page, report
from tests.archive.site_archive import Client

DAY = datetime(2021, 2, 1, 2, 0, tzinfo=UTC)
ROWS = f"/portals/{PORTAL}/rows"
TITLE = "{}2020年政府信息公开工作年度报告"
WHOLE, SCRIPT = f"{BASE}/art/whole.html", "javascript:alert(1)"
HOSTILE = '<script>alert("年报")</script><b onmouseover=alert(1)>2020年政府信息公开工作年度报告'
MANY = 230


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    season = Season(tmp_path_factory.mktemp("rows") / "archive")
    shown = [
        Shown(WHOLE, page(report(BUREAU))),
        Shown(f"{BASE}/art/gone.html", GONE_PAGE, "gone?", 404),
        Shown(f"{BASE}/art/blocked.html", b"no", "blocked:waf", 403),
        Shown(f"{BASE}/art/robots.html", None, "robots"),
    ]
    listed = [Entry(one.url, TITLE.format(BUREAU)) for one in shown]
    listed += [
        Entry(f"{BASE}/art/hostile.html", HOSTILE),
        Entry(SCRIPT, '=HYPERLINK("http://x.example")2020年年度报告'),
    ]
    listed += [Entry(f"{BASE}/art/n{number}.html", TITLE.format(f"第{number}局")) for number in range(MANY)]
    season.run(DAY, shown, listed)
    return season.archive


@pytest.fixture
def archive(original: Archive, tmp_path: Path) -> Archive:
    shutil.copytree(original.root, tmp_path / "archive")
    return Archive.open(tmp_path / "archive")


@pytest.fixture
def site(archive: Archive) -> Iterator[Client]:
    client = Client(archive)
    yield client
    client.close()


def outcomes(archive: Archive) -> list[dict[str, Any]]:
    db = open_index(archive)
    try:
        return list(row_outcomes(db, PORTAL))
    finally:
        db.close()


def decide(archive: Archive, name: str, *, lift: bool = False, url: str | None = None) -> None:
    db = open_index(archive)
    with archive.lock():
        withhold(archive, db, name, "个人信息", url=url, lift=lift)
    db.close()


def test_page_csv_and_json_have_every_row_of_ogi_rows(site: Client, archive: Archive) -> None:
    expected = outcomes(archive)
    counts = Counter(row["outcome"] for row in expected)
    assert len(expected) == MANY + 6
    assert len(counts) >= 5
    assert json.loads(site.text(ROWS + ".json"))["rows"] == expected
    lines = list(csv.reader(io.StringIO(site.text(ROWS + ".csv").lstrip("\ufeff"))))
    assert tuple(lines[0]) == ROW_COLUMNS
    assert sorted(line[2].lstrip("'") for line in lines[1:]) == sorted(row["url"] for row in expected)
    assert not any(cell.startswith("=") for line in lines for cell in line)
    for lang in ("zh", "en"):
        shown: list[str] = []
        for number in (1, 2, 3):
            shown += re.findall(r"<small>(?:<a [^>]*>)?([^<]+)<", site.text(f"{ROWS}?page={number}", lang=lang))
        assert shown == [row["url"] for row in expected]
    for outcome, number in counts.items():
        assert site.get(ROWS + ".json", params={"outcome": outcome}).json()["total"] == number
        text = site.get(ROWS, params={"outcome": outcome}).text
        assert f"{number:,} 行（共 {len(expected)} 行）" in text


def test_every_outcome_has_its_words(site: Client) -> None:
    for outcome in RowOutcome:
        answer = site.get(ROWS, params={"outcome": outcome.value}, lang="en")
        assert answer.status_code == 200
        assert "portals.row" not in answer.text
        assert outcome.value.partition(",")[0].split()[0] in answer.text


def test_titles_are_text_and_only_addresses_of_the_web_are_links(site: Client) -> None:
    text = "".join(site.text(f"{ROWS}?page={number}") for number in (1, 2, 3))
    assert "<script>alert" not in text
    assert "<b onmouseover" not in text
    assert "&lt;script&gt;alert" in text
    assert f">{SCRIPT}<" in text
    assert f'href="{SCRIPT}"' not in text


def test_the_way_there_and_addresses_that_are_none(site: Client) -> None:
    assert f'href="{ROWS}"' in site.text(f"/portals/{PORTAL}")
    assert f'href="/en{ROWS}"' in site.text(f"/portals/{PORTAL}", lang="en")
    for path in ("/portals/nobody/rows", "/portals/nobody/rows.csv", "/portals/nobody/rows.json"):
        assert site.get(path).status_code == 404
    for path in (ROWS, ROWS + ".csv", ROWS + ".json"):
        assert site.get(path, params={"outcome": "lost"}).status_code == 400


@pytest.mark.parametrize("form", ["", ".csv", ".json"])
@pytest.mark.parametrize("url", [None, WHOLE])
def test_rows_of_what_is_withheld_are_not_there(site: Client, archive: Archive, form: str, url: str | None) -> None:
    name = next(row["report"] for row in outcomes(archive) if row["url"] == WHOLE)
    path = f"{ROWS}{form}"
    assert WHOLE in site.text(path + "?outcome=report")
    decide(archive, name, url=url)
    assert WHOLE not in site.text(path)
    assert WHOLE not in site.text(path + "?outcome=report")
    assert site.get(ROWS + ".json").json()["total"] == MANY + 5
    decide(archive, name, url=url, lift=True)
    assert WHOLE in site.text(path + "?outcome=report")


@pytest.mark.parametrize(
    "sql",
    [
        "select * from listings",
        "select count(*) from listings",
        "select 1 from listings limit 1",
        "select l.title from listings l",
        "select * from temp.listings",
        "select rowid from temp.addresses",
        "with listings as (select * from addresses) select * from listings",
        "select (select max(url) from addresses)",
        "select * from reports where id in (select url from listings)",
    ],
)
def test_the_tables_behind_stay_closed_to_visitors(site: Client, sql: str) -> None:
    site.text(ROWS)
    for path in ("/ogi/sql.json", "/ogi/sql.csv"):
        assert site.get(path, params={"sql": sql}).status_code == 400, sql


def test_a_published_copy_says_that_it_has_no_rows(archive: Archive, tmp_path: Path) -> None:
    target = tmp_path / "public"
    publish(archive, target, DAY)
    client = Client(Archive.open(target))
    try:
        assert "不能据此说没有" in client.text(ROWS)
        for form in (".csv", ".json"):
            assert client.get(ROWS + form).status_code == 404
    finally:
        client.close()
