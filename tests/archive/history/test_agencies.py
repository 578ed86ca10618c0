"""Whose report a page is entered as: by the page, the list, the register, and never by the site that hosts it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from archive.index.database import open_index
from archive.index.rows import rows
from archive.warc.context import Entry
from crawler.replica.documents.html import page_html
from tests.archive.season import BASE, BUREAU, GOVERNMENT, Season, Shown, report

URL = f"{BASE}/art/1.html"
AT = datetime(2021, 5, 1, 2, 0, tzinfo=UTC)


def entered(tmp_path: Path, title: str, listed: str, *, source: str = "", body: str = "") -> tuple[str, list[str]]:
    """The agency under which a page is entered, and the notices' codes and messages."""
    season = Season(tmp_path / "archive")
    info = f"<p>日期：2021-01-20 来源：{source}</p>" if source else ""
    text = page_html(report(), title=False).replace(GOVERNMENT, "本机关").replace("温州市瓯海区", "本地")
    page = (
        f'<html><head><meta charset="utf-8"><title>{title}_{GOVERNMENT}</title></head><body><h1>{title}</h1>{info}'
        f'<div id="zoom">{text}{body}</div></body></html>'
    )
    season.run(AT, [Shown(URL, page.encode())], [Entry(URL, listed)])
    db = open_index(season.archive)
    try:
        names = rows(db, "SELECT a.name FROM reports r JOIN agencies a ON a.id = r.agency")
        notices: list[dict[str, Any]] = rows(db, "SELECT code, message FROM notices ORDER BY code")
    finally:
        db.close()
    assert len(names) == 1
    return names[0]["name"], [f"{one['code']}: {one['message']}" for one in notices]


BARE = "2020年政府信息公开工作年度报告"


@pytest.mark.parametrize(
    ("title", "agency"),
    [
        (f"临水工业园区{BARE}", "临水工业园区"),
        (f"瓯海区{BARE}", GOVERNMENT),
        (f"温州市瓯海区{BARE}", GOVERNMENT),
        (f"区财政局{BARE}", BUREAU),
        (f"丽岙街道{BARE}", "丽岙街道"),
    ],
)
def test_a_title_s_organ_or_area(tmp_path: Path, title: str, agency: str) -> None:
    assert entered(tmp_path, title, title) == (agency, [])


def test_a_source_goes_before_the_hosting_site_and_is_told(tmp_path: Path) -> None:
    agency, notices = entered(tmp_path, BARE, BARE, source="瓯海区丽岙街道")
    assert agency == "瓯海区丽岙街道"
    assert [notice.split(":")[0] for notice in notices] == ["agency-assumed"]


def test_the_list_names_what_the_page_does_not(tmp_path: Path) -> None:
    assert entered(tmp_path, BARE, f"{BUREAU}{BARE}", source="瓯海区丽岙街道") == (BUREAU, [])


def test_nobody_named_is_the_portal_s_own_government_and_is_told(tmp_path: Path) -> None:
    agency, notices = entered(tmp_path, f"全区{BARE}", BARE, body="<p>2020年，全区政府信息公开方面平稳。</p>")
    assert agency == GOVERNMENT
    assert [notice.split(":")[0] for notice in notices] == ["agency-assumed"]


def test_page_and_list_that_differ_are_told(tmp_path: Path) -> None:
    agency, notices = entered(tmp_path, f"瓯海区水利局{BARE}", f"{BUREAU}{BARE}")
    assert agency == BUREAU, "the register knows it"
    assert [notice.split(":")[0] for notice in notices] == ["agency-disputed"]
    assert "瓯海区水利局" in notices[0]


def test_a_page_with_two_reports_says_so(tmp_path: Path) -> None:
    second = page_html(report(GOVERNMENT, 2021))
    _, notices = entered(tmp_path, f"{GOVERNMENT}{BARE}", f"{GOVERNMENT}{BARE}", body=second)
    assert [notice.split(":")[0] for notice in notices] == ["several-reports"]
    assert "2021" in notices[0]
