"""A column that the definition names and that is gone: found again, unless what is found is another list."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from archive.clock import SystemClock
from archive.files.folder import Archive
from archive.index.database import open_index
from archive.index.rows import rows
from archive.lists.overview import status
from archive.lists.queries import list_changes
from crawler.harvest.run import HarvestSummary, harvest
from crawler.portals.definitions import parse_definition
from tests.crawler.sites import Page, Site, listing, serve_site

HOME = '<html><head><title>示例区人民政府</title></head><body><a href="{column}">政府信息公开年报</a></body></html>'


@pytest.fixture
def site() -> Iterator[Site]:
    with serve_site() as served:
        served.list_reports(4)
        served.pages["/"] = Page(HOME.format(column="/nb/"))
        yield served


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive.create(tmp_path / "archive")


def run(archive: Archive, site: Site) -> HarvestSummary:
    return harvest(archive, [parse_definition(site.definition())], clock=SystemClock())


def attention(archive: Archive) -> list[str]:
    db = open_index(archive)
    try:
        day = rows(db, "SELECT date(max(ended_at)) AS day FROM runs")[0]["day"]
        said: list[str] = status(archive, db, date.fromisoformat(day))["attention"]
        return said
    finally:
        db.close()


@pytest.mark.slow
def test_column_that_moved_is_read_at_its_new_place(archive: Archive, site: Site) -> None:
    assert run(archive, site).is_ok
    site.pages["/xxgk/nb/"] = site.pages.pop("/nb/")
    site.pages["/"] = Page(HOME.format(column="/xxgk/nb/"))
    for _ in range(2):
        summary = run(archive, site)
        assert summary.is_ok, summary
        assert f"{site.base}/xxgk/nb/ was read in its place" in summary.portals[0].reason
    site.forget()
    run(archive, site)
    assert "/" not in site.paths()  # it is not sought again at every pass
    db = open_index(archive)
    assert {change["kind"] for change in list_changes(db)} == {"published"}  # nobody was delisted
    db.close()
    assert any(f"{site.base}/nb/ is gone" in line for line in attention(archive))


def test_another_list_does_not_take_its_place(archive: Archive, site: Site) -> None:
    assert run(archive, site).is_ok
    del site.pages["/nb/"]
    site.pages["/xxgk/nb/"] = Page(listing([("/nb/9.html", "别处局2019年政府信息公开工作年度报告", "2020-01-20")]))
    site.pages["/"] = Page(HOME.format(column="/xxgk/nb/"))
    summary = run(archive, site)
    assert not summary.is_ok
    db = open_index(archive)
    assert {change["kind"] for change in list_changes(db)} == {"published"}
    db.close()
