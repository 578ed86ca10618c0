"""Who had to publish by when: art. 49, evidence, printed dates that the archive knows better."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from archive.duties.coverage import coverage_statement, roll_up
from archive.duties.obligations import obligations
from archive.index.database import open_index
from archive.index.rows import rows
from archive.warc.context import Entry
from crawler.replica.documents.html import page_html
from tests.archive.season import BASE, BUREAU, GONE_PAGE, GOVERNMENT, Season, Shown, page, report

URL = f"{BASE}/art/1.html"
#: A page that a list names as a report and that holds something else.
OTHER_PAGE = (
    "<html><head><title>招聘公告</title></head><body><h1>招聘公告</h1><p>因工作需要，现面向社会公开招聘工作人员两名。</p>"
    "<p>报名时间为三月一日至三月十日，请携带身份证到办公室报名。</p></body></html>"
).encode()


@pytest.fixture
def season(tmp_path: Path) -> Season:
    return Season(tmp_path / "archive")


def on(month: int, day: int, year: int = 2021) -> datetime:
    return datetime(year, month, day, 2, 0, tzinfo=UTC)


def status(season: Season, as_of: date, agency: str = GOVERNMENT, year: int = 2020) -> dict[str, Any]:
    db = open_index(season.archive)
    try:
        found = [one.to_json() for one in obligations(db, as_of, year) if one.agency == agency]
    finally:
        db.close()
    assert len(found) == 1
    return found[0]


def test_pending_until_the_due_day_then_missing_after_a_complete_reading(season: Season) -> None:
    season.run(on(1, 10), [], [])
    assert status(season, date(2021, 3, 31))["status"] == "pending"
    before = status(season, date(2021, 4, 1))
    assert (before["status"], before["list_read_at"]) == ("unknown", "2021-01-10T02:00:01Z")
    season.run(on(4, 1), [], [])
    assert status(season, date(2021, 4, 1))["status"] == "missing"
    assert status(season, date(2021, 3, 31))["status"] == "pending"


@pytest.mark.parametrize("listed", [[], None])
def test_never_missing_while_the_portal_turned_us_away(season: Season, listed: list[Entry] | None) -> None:
    season.run(on(1, 10), [], [])
    season.run(on(4, 1), [], listed, ok=False, complete=False, reason="blocked:waf")
    found = status(season, date(2021, 4, 2))
    assert found["status"] == "unknown"
    assert "blocked:waf" in found["reason"]


@pytest.mark.parametrize(
    ("answer", "title", "why"),
    [
        ([Shown(URL, b"no", "blocked:waf", 403)], "", "blocked:waf"),
        ([Shown(URL, b"<html></html>", "empty", 200)], "", "empty"),
        ([Shown(URL, GONE_PAGE, "gone?", 404)], "", "gone?"),
        ([Shown(URL, OTHER_PAGE)], "图解", "not recognised"),
        ([], "", "not asked for"),
    ],
)
def test_listed_report_that_cannot_be_had_is_unknown_and_others_are_missing(
    season: Season, answer: list[Shown], title: str, why: str
) -> None:
    """One page that is refused for ever must not hide that everybody else's report is missing."""
    title = f"{BUREAU}2020年政府信息公开工作年度报告{title}"
    season.run(on(4, 1), answer, [Entry(URL, title)], ok=False, reason="blocked:waf: 1 reports could not be fetched")
    named = status(season, date(2021, 4, 2), BUREAU)
    assert named["status"] == "unknown"
    assert URL in named["reason"]
    assert why in named["reason"]
    assert status(season, date(2021, 4, 2))["status"] == "missing"
    assert status(season, date(2021, 3, 31), BUREAU)["status"] == "unknown"


def test_unread_row_that_names_nobody_may_be_anybodys(season: Season) -> None:
    season.run(on(4, 1), [], [Entry(URL, "2020年政府信息公开工作年度报告")], ok=False, reason="blocked:waf")
    assert {status(season, date(2021, 4, 2), name)["status"] for name in (GOVERNMENT, BUREAU)} == {"unknown"}


@pytest.mark.parametrize("title", ["政府信息公开工作年度报告（2020年）- {}", "2020年度{}政府信息公开工作报告"])
def test_unread_row_names_its_agency_anywhere(season: Season, title: str) -> None:
    season.run(on(4, 1), [], [Entry(URL, title.format("瓯海区财政局"))], ok=False, reason="blocked:waf")
    assert status(season, date(2021, 4, 2), BUREAU)["status"] == "unknown"
    assert status(season, date(2021, 4, 2))["status"] == "missing"


@pytest.mark.parametrize("whose", [GOVERNMENT, BUREAU])
def test_report_on_another_one_s_page_is_not_missing(season: Season, whose: str) -> None:
    """A page with the reports of two years, or of two organs: the second one is there, although it is not entered by itself."""
    year = 2021 if whose == GOVERNMENT else 2020
    shown = page(report(), body=page_html(report()) + page_html(report(whose, year)))
    season.run(on(4, 1, 2022), [Shown(URL, shown)], [Entry(URL, report().title)])
    found = status(season, date(2022, 4, 2), whose, year)
    assert found["status"] == "unknown"
    assert URL in found["reason"]
    assert status(season, date(2022, 4, 2), BUREAU, 2021)["status"] == "missing"


def test_pass_that_we_stopped_says_nothing_of_the_portal(season: Season) -> None:
    season.run(on(4, 1), [], [])
    season.run(on(4, 2), [], None, ok=False, reason="interrupted")
    assert status(season, date(2021, 4, 3))["status"] == "missing"
    db = open_index(season.archive)
    (portal,) = rows(db, "SELECT state, reason, failing_since, last_pass_at FROM portals")
    db.close()
    assert (portal["state"], portal["reason"], portal["failing_since"]) == ("ok", None, None)
    assert portal["last_pass_at"].startswith("2021-04-02")


def test_agency_of_two_portals_is_missing_only_when_both_were_read(season: Season) -> None:
    season.run(on(4, 1), [], [])
    season.portal["portal"] |= {"id": "lucheng", "start": [f"{BASE}/other/"]}
    season.run(on(4, 2), [], None, ok=False, reason="blocked:waf")
    found = status(season, date(2021, 4, 2))
    assert found["status"] == "unknown"
    assert "lucheng: no complete reading" in found["reason"]
    season.run(on(4, 3), [], None, columns={f"{BASE}/other/": []})
    found = status(season, date(2021, 4, 3))
    assert (found["status"], found["list_read_at"]) == ("missing", "2021-04-01T02:00:01Z")


def test_duty_of_an_agency_without_a_first_year_stays_when_the_year_turns(season: Season) -> None:
    del season.portal["agency"][1]["since"]
    season.run(on(4, 1), [], [])
    db = open_index(season.archive)
    years = {
        day: [one.year for one in obligations(db, day) if one.agency == BUREAU]
        for day in (date(2021, 4, 2), date(2023, 4, 2))
    }
    db.close()
    assert years == {date(2021, 4, 2): [2020], date(2023, 4, 2): [2020, 2021, 2022]}


def test_column_that_moved_does_not_make_a_late_report_timely(season: Season) -> None:
    what = report(BUREAU)
    season.run(on(2, 5), [], [])
    moved = {f"{BASE}/new/": [Entry(URL, what.title)]}
    season.run(on(2, 8), [Shown(URL, page(what, published="2021-01-30"))], None, columns=moved)
    found = status(season, date(2021, 2, 9), BUREAU)
    assert (found["status"], found["published_on"], found["printed_on"]) == ("late", "2021-02-08", "2021-01-30")


def test_column_that_a_definition_adds_says_nothing_of_earlier_days(season: Season) -> None:
    what = report(BUREAU)
    season.run(on(2, 5), [], [])
    season.portal["portal"]["start"].append(f"{BASE}/new/")
    added = {f"{BASE}/new/": [Entry(URL, what.title)]}
    season.run(on(2, 8), [Shown(URL, page(what, published="2021-01-30"))], [], columns=added)
    assert status(season, date(2021, 2, 9), BUREAU)["status"] == "published"


def test_printed_date_decides_when_nothing_is_known_better(season: Season) -> None:
    what = report(BUREAU)
    season.run(on(5, 1), [Shown(URL, page(what, published="2021-02-03"))], [Entry(URL, what.title)])
    found = status(season, date(2021, 5, 2), BUREAU)
    assert (found["status"], found["published_on"], found["days_late"]) == ("late", "2021-02-03", 3)
    assert found["first_seen"] == "2021-05-01"


def test_earlier_day_is_judged_by_all_that_is_known_now(season: Season) -> None:
    what = report(BUREAU)
    season.run(on(3, 1), [Shown(URL, page(what, published="2021-01-20"))], [Entry(URL, what.title)])
    found = status(season, date(2021, 2, 1), BUREAU)
    assert (found["status"], found["first_seen"], found["list_read_at"]) == ("published", "2021-03-01", None)
    assert "first seen on 2021-03-01" in found["reason"]
    assert status(season, date(2021, 1, 19), BUREAU)["status"] == "pending"


def test_backdated_report_is_late_by_the_day_it_was_first_seen(season: Season) -> None:
    what = report(BUREAU)
    season.run(on(2, 5), [], [])
    season.run(on(2, 8), [Shown(URL, page(what, published="2021-01-30"))], [Entry(URL, what.title)])
    found = status(season, date(2021, 2, 9), BUREAU)
    assert (found["status"], found["published_on"], found["days_late"]) == ("late", "2021-02-08", 8)
    assert "2021-01-30" in found["reason"]
    db = open_index(season.archive)
    checks = rows(db, 'SELECT "check" FROM findings WHERE "check" = \'backdated\'')
    db.close()
    assert len(checks) == 1


def test_printed_date_after_the_last_look_without_it_is_believed(season: Season) -> None:
    what = report(BUREAU)
    season.run(on(1, 20), [], [])
    season.run(on(2, 8), [Shown(URL, page(what, published="2021-01-30"))], [Entry(URL, what.title)])
    found = status(season, date(2021, 2, 9), BUREAU)
    assert (found["status"], found["published_on"]) == ("published", "2021-01-30")


def test_incomplete_look_makes_nothing_backdated(season: Season) -> None:
    what = report(BUREAU)
    season.run(on(2, 5), [], [], complete=False, ok=False)
    season.run(on(2, 8), [Shown(URL, page(what, published="2021-01-30"))], [Entry(URL, what.title)])
    assert status(season, date(2021, 2, 9), BUREAU)["status"] == "published"


def test_withdrawn_report_is_vanished_from_the_day_it_is_confirmed(season: Season) -> None:
    what = report()
    season.run(on(3, 1), [Shown(URL, page(what))], [Entry(URL, what.title)])
    for day in (2, 3):
        season.run(on(4, day), [Shown(URL, GONE_PAGE, "gone?", 404)], [])
    assert status(season, date(2021, 4, 2))["status"] == "published"
    assert status(season, date(2021, 4, 3))["status"] == "vanished"


def test_report_seen_later_did_not_exist_for_an_earlier_day(season: Season) -> None:
    what = report()
    season.run(on(4, 1), [], [])
    season.run(on(4, 20), [Shown(URL, page(what, published="2021-04-18"))], [Entry(URL, what.title)])
    assert status(season, date(2021, 4, 5))["status"] == "missing"
    assert status(season, date(2021, 4, 20))["status"] == "late"


def test_years_run_from_since_to_until(season: Season) -> None:
    season.portal["agency"][1] |= {"since": 2018, "until": 2019}
    season.run(on(4, 1), [], [])
    db = open_index(season.archive)
    years = [(one.agency, one.year) for one in obligations(db, date(2022, 1, 5))]
    db.close()
    assert years == [(GOVERNMENT, 2020), (GOVERNMENT, 2021), (BUREAU, 2018), (BUREAU, 2019)]


def test_table_and_roll_up_agree_with_the_list(season: Season) -> None:
    what = report()
    season.run(on(3, 1), [Shown(URL, page(what))], [Entry(URL, what.title)])
    season.run(on(4, 1), [Shown(URL)], [Entry(URL, what.title)])
    db = open_index(season.archive)
    listed = list(obligations(db, date(2021, 4, 1)))
    stored = rows(db, "SELECT agency, year, status FROM obligations ORDER BY agency, year")
    counts = roll_up(listed, "kind")
    coverage = coverage_statement(db, date(2021, 4, 1))
    db.close()
    assert sorted((one.agency_id, one.year, one.status) for one in listed) == [tuple(one.values()) for one in stored]
    assert {(line["kind"], line["n"], line["share_in_time"]) for line in counts} == {
        ("government", 1, 1.0),
        ("department", 1, 0.0),
    }
    assert (coverage["portals"], coverage["portals_unread"], coverage["regions_watched"]) == (1, [], ["330304"])


def test_evidence_does_not_come_from_the_future(season: Season) -> None:
    season.run(on(1, 10), [], [])
    season.run(on(4, 10), [], [])
    found = status(season, date(2021, 4, 5))
    assert (found["status"], found["list_read_at"]) == ("unknown", "2021-01-10T02:00:01Z")
    assert status(season, date(2021, 4, 5) + timedelta(days=5))["status"] == "missing"


def test_block_after_a_look_that_found_nothing_makes_missing_unknown_again(season: Season) -> None:
    season.run(on(4, 1), [], [])
    assert status(season, date(2021, 4, 5))["status"] == "missing"
    season.run(on(4, 6), [], None, ok=False, reason="blocked:captcha")
    found = status(season, date(2021, 4, 6))
    assert found["status"] == "unknown"
    assert "not there on 2021-04-01" in found["reason"]
    assert "blocked:captcha" in found["reason"]
    assert status(season, date(2021, 4, 5))["status"] == "missing"  # what was known then stays so
    season.run(on(4, 8), [], [])
    assert status(season, date(2021, 4, 8))["status"] == "missing"


def test_both_dates_are_shown(season: Season) -> None:
    what = report(BUREAU)
    season.run(on(2, 5), [], [])
    season.run(on(2, 8), [Shown(URL, page(what, published="2021-01-30"))], [Entry(URL, what.title)])
    found = status(season, date(2021, 2, 9), BUREAU)
    assert (found["printed_on"], found["first_seen"], found["published_on"]) == (
        "2021-01-30",
        "2021-02-08",
        "2021-02-08",
    )


def test_found_agency_is_expected_from_then_on(season: Season) -> None:
    name = "温州市瓯海区示例局"
    what = report(name)
    season.run(on(1, 25), [Shown(URL, page(what))], [Entry(URL, what.title)])
    season.run(on(2, 5, 2022), [Shown(URL)], [Entry(URL, what.title)])
    assert status(season, date(2022, 2, 5), name, 2020)["status"] == "published"
    assert status(season, date(2022, 2, 5), name, 2021)["status"] == "missing"
    assert status(season, date(2022, 1, 31), name, 2021)["status"] == "pending"


@pytest.mark.parametrize(
    ("as_of", "said"),
    [
        (date(2021, 5, 16), "missing"),  # 45 days after the reading, in the season
        (date(2021, 5, 17), "unknown"),
        (date(2021, 6, 1), "missing"),  # 61 days: the harvests are monthly now
        (date(2021, 7, 10), "missing"),
        (date(2021, 7, 11), "unknown"),
        (date(2022, 3, 1), "unknown"),
        (date(2026, 2, 28), "unknown"),
    ],
)
def test_missing_ages_to_unknown(season: Season, as_of: date, said: str) -> None:
    season.run(on(4, 1), [], [])
    found = status(season, as_of)
    assert found["status"] == said
    assert said == "missing" or "2021-04-01" in found["reason"]


def test_missing_is_fresh_again_after_another_reading(season: Season) -> None:
    season.run(on(4, 1), [], [])
    season.run(on(2, 20, 2026), [], [])
    assert status(season, date(2026, 2, 28))["status"] == "missing"


@pytest.mark.parametrize(
    ("agency", "statuses"),
    [
        ("温州市瓯海区体育局", ["missing", "missing", "unknown", "unknown"]),
        ("温州市瓯海区扶贫开发办公室", ["missing", "unknown", "unknown", "unknown"]),
        ("温州市瓯海区环境保护局", ["unknown", "unknown", "unknown", "unknown"]),
    ],
)
def test_an_agency_known_by_an_old_report_alone_may_be_gone(season: Season, agency: str, statuses: list[str]) -> None:
    what = report(agency, 2019)
    season.run(on(5, 1), [Shown(URL, page(what, published="2020-01-20"))], [Entry(URL, what.title)])
    season.run(on(5, 1, 2024), [], [Entry(URL, what.title)])
    found = [status(season, date(2024, 5, 2), agency, year) for year in range(2020, 2024)]
    assert [one["status"] for one in found] == statuses
    assert all(("2019" in one["reason"]) == (one["status"] == "unknown") for one in found if one["reason"])
    assert status(season, date(2024, 5, 2), BUREAU, 2023)["status"] == "missing"


def test_a_newer_report_shows_that_an_agency_is_there(season: Season) -> None:
    agency = "温州市瓯海区环境保护局"
    old, new = report(agency, 2019), report(agency, 2022)
    shown = [
        Shown(URL, page(old, published="2020-01-20")),
        Shown(f"{BASE}/art/2.html", page(new, published="2023-01-20")),
    ]
    entries = [Entry(one.url, what.title) for one, what in zip(shown, (old, new), strict=True)]
    season.run(on(5, 1, 2023), shown, entries)
    assert status(season, date(2023, 5, 2), agency, 2021)["status"] == "missing"


@pytest.mark.parametrize("own", [True, False])
def test_an_empty_column_makes_unknown_whom_it_could_name_and_nobody_else(season: Season, own: bool) -> None:
    """A bureau whose own column is whole is judged by it; one that has none may be in the column that could not be read."""
    years = (2021, 2020)
    shown = [Shown(f"{BASE}/b/{year}.html", page(report(BUREAU, year))) for year in years]
    bureau = [Entry(one.url) for one in shown][: 2 if own else 1]
    empty = f"{BASE}/c/list.html"
    season.run(on(4, 1, 2023), shown, [Entry(URL)], columns={f"{BASE}/b/list.html": bureau})
    lines = {empty: []}
    season.run(on(4, 2, 2023), [], None, columns=lines, complete=False, ok=False, reason="no rows were found")
    season.run(on(4, 3, 2023), [], [Entry(URL)], columns={f"{BASE}/b/list.html": bureau})
    assert status(season, date(2023, 4, 4), BUREAU, 2022)["status"] == "missing"
    season.incomplete = {empty}
    season.run(
        on(4, 5, 2023), [], [Entry(URL)], columns={f"{BASE}/b/list.html": bureau, empty: []}, ok=False, reason="no rows"
    )
    found = status(season, date(2023, 4, 6), BUREAU, 2022)
    assert found["status"] == ("missing" if own else "unknown")
    assert status(season, date(2023, 4, 6), GOVERNMENT, 2022)["status"] == "unknown"
