"""`ogi harvest --second-looks` and `--rows failed`: what waits is asked for, and nothing is concluded about the rest."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from archive.files.folder import Archive
from archive.history.ingest import rebuild
from archive.index.database import open_index
from archive.index.rows import rows
from archive.lists.overview import status
from archive.verify.run import verify
from crawler.cli import cli
from crawler.schedule.entries import SEASON
from tests.crawler.sites import Page, Site, listing, report, serve_site

FIRST, NEXT_DAY, THIRD, LATER = "2021-06-15T02:00Z", "2021-06-16T02:00Z", "2021-06-17T02:00Z", "2021-06-25T02:00Z"
Harvest = Callable[..., dict[str, Any]]


@pytest.fixture
def site() -> Iterator[Site]:
    with serve_site() as served:
        yield served


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive.create(tmp_path / "archive")


@pytest.fixture
def harvest(archive: Archive, site: Site, tmp_path: Path) -> Harvest:
    """`ogi harvest` over a portal with two columns; what it was asked before is forgotten."""

    def run(at: str, *words: str) -> dict[str, Any]:
        definition = site.definition().replace('/nb/"]', f'/nb/", "{site.base}/zb/"]')
        (tmp_path / "site.toml").write_text(definition, "utf-8")
        site.forget()
        more = ["--portals", str(tmp_path / "site.toml"), "--archive", str(archive.root), "--clock", at, "--json"]
        done = CliRunner().invoke(cli, ["harvest", *more, *words])
        assert done.exit_code == 0, done.output
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    two_columns(site)
    return run


def page(number: int) -> str:
    return f"/nb/202101/t20210120_{number}.html"


def title(number: int) -> str:
    return f"示例区第{number}局{2004 + number % 10}年政府信息公开工作年度报告"


def two_columns(
    site: Site, first: tuple[int, ...] = (1, 2, 3, 4, 5, 6), second: tuple[int, ...] = (11, 12, 13)
) -> None:
    for column, numbers in (("/nb/", first), ("/zb/", second)):
        site.pages[column] = Page(listing([(page(one), title(one), "2021-01-20") for one in numbers]))
        for one in numbers:
            site.pages.setdefault(page(one), Page(report(title(one), one)))


def asked(site: Site) -> set[str]:
    return set(site.paths()) - {"/robots.txt"}


def query(archive: Archive, sql: str) -> list[dict[str, Any]]:
    db = open_index(archive)
    try:
        return list(rows(db, sql))
    finally:
        db.close()


def kinds(archive: Archive) -> dict[str, int]:
    found = query(archive, "SELECT kind, count(*) AS n FROM changes WHERE kind <> 'published' GROUP BY kind")
    return {row["kind"]: row["n"] for row in found}


def check_evidence(archive: Archive) -> None:
    """The archive is whole, and made anew from its segments it says the same."""
    assert verify(archive).is_whole
    wanted = ("SELECT * FROM changes ORDER BY 1", "SELECT * FROM listings ORDER BY 1, 2", "SELECT * FROM runs")
    before = [query(archive, sql) for sql in wanted]
    rebuild(archive)
    assert [query(archive, sql) for sql in wanted] == before


def test_where_nothing_waits_nothing_is_asked(archive: Archive, site: Site, harvest: Harvest) -> None:
    for words in (("--second-looks",), ("--rows", "failed"), ("--second-looks", "--rows", "failed")):
        for at in (FIRST, NEXT_DAY):
            assert harvest(at, *words)["ok"]
            assert site.paths() == []
    assert harvest(FIRST)["ok"]
    for words in (("--second-looks",), ("--rows", "failed")):
        assert harvest(NEXT_DAY, *words)["portals"][0]["reason"] == "nothing to ask for"
        assert site.paths() == []


def test_a_report_that_looked_gone_is_asked_for_alone(archive: Archive, site: Site, harvest: Harvest) -> None:
    harvest(FIRST)
    site.pages[page(2)] = Page("gone", 404)
    harvest(NEXT_DAY, "--full")
    assert kinds(archive) == {}
    passes, lists = query(archive, "SELECT * FROM portal_passes"), query(archive, "SELECT * FROM lists")
    assert len(passes) == 2

    assert harvest(THIRD, "--second-looks")["changes"] == {"vanished": 1}

    assert asked(site) == {page(2)}
    assert query(archive, "SELECT * FROM portal_passes") == passes  # no list was read, so none is called whole
    assert query(archive, "SELECT * FROM lists") == lists
    assert kinds(archive) == {"vanished": 1}
    check_evidence(archive)


@pytest.mark.slow
def test_a_doubtful_content_is_asked_for_alone(archive: Archive, site: Site, harvest: Harvest) -> None:
    harvest(FIRST)
    body = report(title(3), 3)
    site.pages[page(3)] = Page(body.replace(body[body.index("本年度") : body.index("</p><p>二、")], "略。"))
    harvest(NEXT_DAY, "--full")
    assert kinds(archive) == {}
    assert harvest(THIRD, "--second-looks")["ok"]
    assert asked(site) == {page(3)}
    assert kinds(archive) == {"revised": 1}
    assert harvest(LATER, "--second-looks")["ok"]
    assert site.paths() == []


def test_a_row_gone_once_is_sought_in_every_list_before_it_is_delisted(
    archive: Archive, site: Site, harvest: Harvest
) -> None:
    harvest(FIRST)
    two_columns(site, (1, 2, 3, 4, 5))
    harvest(NEXT_DAY)
    assert kinds(archive) == {}
    assert harvest(THIRD, "--second-looks")["ok"]
    assert asked(site) == {"/nb/", "/zb/", page(6)}
    assert kinds(archive) == {"delisted": 1}
    check_evidence(archive)


@pytest.mark.slow
def test_a_row_that_moved_to_another_list_is_not_delisted(archive: Archive, site: Site, harvest: Harvest) -> None:
    harvest(FIRST)
    two_columns(site, (1, 2, 3, 4, 5))
    harvest(NEXT_DAY)
    two_columns(site, (1, 2, 3, 4, 5), (6, 11, 12, 13))
    assert harvest(THIRD, "--second-looks")["ok"]
    assert kinds(archive) == {}
    assert harvest(LATER, "--second-looks")["ok"]
    assert site.paths() == []


def test_a_row_that_is_back_costs_one_list_and_nothing_is_said_of_others(
    archive: Archive, site: Site, harvest: Harvest
) -> None:
    harvest(FIRST)
    two_columns(site, (1, 2, 3, 4, 5))
    harvest(NEXT_DAY)
    two_columns(site, (2, 3, 4, 5, 6, 7), (11,))  # the one that is back; two others went; a new one came
    assert harvest(THIRD, "--second-looks")["ok"]
    assert asked(site) == {"/nb/", page(6)}
    assert query(archive, "SELECT url FROM listings WHERE absent_at IS NOT NULL") == []
    assert kinds(archive) == {}
    # The portal's lists were last read whole by the whole pass.
    assert {row["run"] for row in query(archive, "SELECT run FROM portal_passes")} != {
        row["run"] for row in query(archive, "SELECT run FROM lists")
    }
    db = open_index(archive)
    columns = {one["column"]: one["read_at"] for one in status(archive, db, datetime.now(UTC).date())["columns"]}
    db.close()
    assert {at[:10] for at in columns.values()} == {NEXT_DAY[:10]}
    assert harvest(LATER)["ok"]
    assert {"/nb/", "/zb/", page(7)} <= asked(site)  # no column was given up
    check_evidence(archive)


@pytest.mark.slow
def test_another_list_that_cannot_be_read_leaves_a_row_waiting(archive: Archive, site: Site, harvest: Harvest) -> None:
    harvest(FIRST)
    two_columns(site, (1, 2, 3, 4, 5))
    harvest(NEXT_DAY)
    site.pages["/zb/"] = Page("<html>不存在</html>", 404)
    assert not harvest(THIRD, "--second-looks")["ok"]
    assert kinds(archive) == {}
    two_columns(site, (1, 2, 3, 4, 5))
    assert harvest(LATER, "--second-looks")["ok"]
    assert kinds(archive) == {"delisted": 1}


@pytest.mark.slow
def test_a_column_that_shrank_is_told_by_second_looks_alone(archive: Archive, site: Site, harvest: Harvest) -> None:
    harvest(FIRST)
    two_columns(site, (1, 2))
    harvest(NEXT_DAY)
    assert harvest(THIRD, "--second-looks")["ok"]
    assert kinds(archive) == {}
    assert harvest(LATER, "--second-looks")["ok"]
    assert kinds(archive) == {"column-shrank": 1}


@pytest.mark.slow
def test_a_held_event_is_taken_back_when_the_rows_are_back(archive: Archive, site: Site, harvest: Harvest) -> None:
    harvest(FIRST)
    two_columns(site, (1, 2))
    harvest(NEXT_DAY)
    harvest(THIRD, "--second-looks")
    assert query(archive, "SELECT status FROM portal_events") == [{"status": "held"}]
    two_columns(site)
    assert harvest(LATER, "--second-looks")["ok"]
    assert "/zb/" not in asked(site)
    assert query(archive, "SELECT status FROM portal_events") == [{"status": "taken back"}]
    assert kinds(archive) == {}


def test_failed_rows_are_asked_for_again_and_no_list_is(archive: Archive, site: Site, harvest: Harvest) -> None:
    site.pages[page(4)] = Page("<html>内部错误</html>", 500)
    assert not harvest(FIRST)["ok"]
    del site.pages[page(1)]  # gone, but that is not asked for
    assert not harvest(NEXT_DAY, "--rows", "failed")["ok"]
    assert asked(site) == {page(4)}
    site.pages[page(4)] = Page(report(title(4), 4))
    found = harvest(THIRD, "--rows", "failed")
    assert (found["ok"], found["changes"]) == (True, {"published": 1})
    assert found["portals"][0]["rows"].get("failed") is None
    assert asked(site) == {page(4)}
    assert harvest(LATER, "--rows", "failed")["ok"]
    assert site.paths() == []
    check_evidence(archive)


def test_full_and_a_part_exclude_each_other(archive: Archive) -> None:
    for words in (["--second-looks"], ["--rows", "failed"], ["--second-looks", "--rows", "failed"]):
        done = CliRunner().invoke(cli, ["harvest", "--archive", str(archive.root), "--full", *words])
        assert done.exit_code == 2
        assert "--full" in done.stderr


def test_the_calendar_makes_second_looks_daily_off_season(archive: Archive) -> None:
    words = ["schedule", "--archive", str(archive.root), "--dry-run", "--json", "--from"]
    runs = {}
    for day in ("2026-12-01", "2027-02-01"):
        done = CliRunner().invoke(cli, [*words, day, "--days", "14"])
        assert done.exit_code == 0, done.output
        lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        runs[day] = [line["run"] for line in lines if line["job"] == "second-looks"]
    assert runs == {"2026-12-01": ["harvest --second-looks"] * 14, "2027-02-01": []}
    assert sum(job.run == "harvest --second-looks" for job in SEASON) == 1
