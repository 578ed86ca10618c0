"""A notice of correction beside a report is told once, and takes nothing from the report."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive.warc.context import Entry
from tests.archive.season import BASE, BUREAU, Season, Shown, page, report

URL = f"{BASE}/art/1.html"
NOTICE = f"{BASE}/art/2.html"
TITLE = f"{BUREAU}2020年政府信息公开工作年度报告"
LISTED = Entry(URL, TITLE)


def on(month: int, day: int) -> datetime:
    return datetime(2021, month, day, 2, 0, tzinfo=UTC)


def notice(title: str) -> bytes:
    return (
        f'<html><head><meta charset="utf-8"><title>{title}</title><meta name="ArticleTitle" content="{title}"></head><body>'
        f'<h1>{title}</h1><div id="zoom"><p>因工作人员疏忽，年度报告表格中“6”应为“9”，特此说明。</p></div></body></html>'
    ).encode()


def told(season: Season, title: str) -> list[str | None]:
    season.run(on(2, 1), [Shown(URL, page(report(BUREAU)))], [LISTED])
    both = [LISTED, Entry(NOTICE, title)]
    season.run(on(2, 8), [Shown(URL), Shown(NOTICE, notice(title))], both)
    season.run(on(2, 15), [Shown(URL), Shown(NOTICE, notice(title).replace(b"h1>", b"h2>"))], both)
    assert [one["kind"] for one in season.changes() if one["kind"] not in ("published", "corrected")] == []
    assert [one["status"] for one in season.reports()] == ["present"]
    return [one["from_url"] for one in season.changes() if one["kind"] == "corrected"]


@pytest.mark.parametrize(
    "form",
    [
        "关于《{}》的更正说明",
        "温州市瓯海区财政局关于《{}》的勘误",
        "关于对{}部分数据进行更正的公告",
        "{}更正公告",
        "关于修正{}的说明",
        "关于{}有关数据的补正说明",
    ],
)
def test_a_notice_of_correction_is_told_once(tmp_path: Path, form: str) -> None:
    assert told(Season(tmp_path / "archive"), form.format(TITLE)) == [NOTICE]


@pytest.mark.parametrize(
    "title",
    [
        f"{TITLE}图解",
        "温州市瓯海区教育局2020年政府信息公开工作年度报告的更正说明",  # nothing is known of that one
        f"关于《{TITLE.replace('2020', '2019')}》的更正说明",
        "更正说明",
    ],
)
def test_what_corrects_nothing_that_is_known_is_not_told(tmp_path: Path, title: str) -> None:
    assert told(Season(tmp_path / "archive"), title) == []
