"""Every row that a list names ends in exactly one outcome, with the reason."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from archive.index.database import open_index
from archive.lists.row_outcomes import RowOutcome, portal_rows, row_outcomes
from archive.warc.context import Entry
from tests.archive.season import BASE, BUREAU, GONE_PAGE, PORTAL, Season, Shown, page, report

DAY = datetime(2021, 2, 1, 2, 0, tzinfo=UTC)
TITLE = "{}2020年政府信息公开工作年度报告"
OTHER_PAGE = "<html><body><h1>招聘公告</h1><p>面向社会公开招聘工作人员两名，报名时间为三月一日至三月十日。</p></body></html>".encode()
ROWS = {
    "whole": RowOutcome.REPORT,
    "gone": RowOutcome.NOT_THERE,
    "blocked": RowOutcome.FAILED,
    "robots": RowOutcome.REFUSED,
    "other": RowOutcome.NO_TEXT,  # its title says that it is one, and nothing of it can be told from the page
    "pictured": RowOutcome.DOUBTFUL,  # what it shows was not read: nobody can say that it is no report
    "unasked": RowOutcome.NOT_ASKED,
}
PICTURED = (
    '<html><head><title>县农业农村局</title></head><body><div class="article"><h1>县农业农村局</h1><div id="zoom"><p>内容如下图所示，请查阅。</p>'
    '<p><img src="/pic/1.jpg" width="900" height="1200"></p></div></div></body></html>'
).encode()


@pytest.fixture
def season(tmp_path: Path) -> Season:
    made = Season(tmp_path / "archive")
    url = {name: f"{BASE}/art/{name}.html" for name in ROWS}
    shown = [
        Shown(url["whole"], page(report(BUREAU))),
        Shown(url["gone"], GONE_PAGE, "gone?", 404),
        Shown(url["blocked"], b"no", "blocked:waf", 403),
        Shown(url["robots"], None, "robots"),
        Shown(url["other"], OTHER_PAGE),
        Shown(url["pictured"], PICTURED),
    ]
    listed = [Entry(one, TITLE.format(name)) for name, one in url.items()]
    made.run(DAY, shown, [*listed, Entry("http://other.example/1.html", TITLE.format("丙局"))])
    return made


def outcomes(season: Season, **options: Any) -> dict[str, dict[str, Any]]:
    db = open_index(season.archive)
    try:
        return {row["url"].rpartition("/")[2].removesuffix(".html"): row for row in row_outcomes(db, **options)}
    finally:
        db.close()


def test_each_row_has_one_outcome_and_the_sums_agree(season: Season) -> None:
    found = outcomes(season)
    assert {name: found[name]["outcome"] for name in ROWS} == ROWS
    assert found["1"]["outcome"] == RowOutcome.REFUSED
    assert "other.example" in found["1"]["why"]
    db = open_index(season.archive)
    counts, told = portal_rows(db, PORTAL, 5)
    db.close()
    assert counts == Counter(row["outcome"] for row in found.values())
    assert len(told) == 5
    assert all(f"{BASE}/art/whole.html" not in line for line in told)


def test_what_is_new_since_the_last_pass(season: Season) -> None:
    listed = [Entry(f"{BASE}/art/{name}.html", TITLE.format(name)) for name in ROWS]
    season.run(DAY + timedelta(days=1), [Shown(f"{BASE}/art/gone.html", GONE_PAGE, "gone?", 404)], listed)
    assert set(outcomes(season, changed=True)) == {"gone"}
    assert set(outcomes(season, outcome="failed")) == {"blocked"}


def test_a_doubt_that_is_decided_is_no_reason_any_more(season: Season) -> None:
    url = f"{BASE}/art/whole.html"
    listed = [Entry(url, TITLE.format("whole"))]
    whole = page(report(BUREAU))
    begin, end = whole.index(b"<table"), whole.rindex(b"</table>") + len(b"</table>")
    pictures = whole[:begin] + b'<p><img src="/t.png" width="800" height="900"></p>' + whole[end:]
    season.run(DAY + timedelta(days=1), [Shown(url, pictures)], listed)
    assert outcomes(season)["whole"]["outcome"] == RowOutcome.DOUBTFUL
    season.run(DAY + timedelta(days=3), [Shown(url, pictures)], listed)
    found = outcomes(season)["whole"]
    assert found["outcome"] in (RowOutcome.NO_FIGURES, RowOutcome.NO_TEXT)
    assert "doubtful" not in (found["why"] or ""), found["why"]
