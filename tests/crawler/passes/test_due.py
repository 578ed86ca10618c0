from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from archive.clock import utc_text
from archive.index.known import Known
from archive.warc.context import Entry, Role
from crawler.passes.due import is_due, revisit_interval, season_interval

IN_SEASON = datetime(2021, 3, 20, 2, 0, tzinfo=UTC)
OFF_SEASON = datetime(2021, 7, 20, 2, 0, tzinfo=UTC)


def known(now: datetime, *, visited_days: float, published: str = "2021-01-20", **more: Any) -> Known:
    facts: dict[str, Any] = {
        "url": "http://a/1.html",
        "role": Role.REPORT,
        "portal": "a",
        "digest": "sha256:X",
        "verdict": "ok",
        "date": "2021-01-21T00:00:00Z",
        "visited_at": utc_text(now - timedelta(days=visited_days)),
        "entry": Entry("http://a/1.html", "题", published),
    }
    return Known(**(facts | more))


@pytest.mark.parametrize(
    ("on", "days"),
    [
        (date(2021, 1, 1), 7.0),
        (date(2021, 1, 14), 7.0),
        (date(2021, 1, 15), 1.0),
        (date(2021, 2, 10), 1.0),
        (date(2021, 2, 11), 3.5),
        (date(2021, 3, 16), 1.0),
        (date(2021, 4, 10), 1.0),
        (date(2021, 4, 11), 30.0),
        (date(2021, 12, 31), 30.0),
    ],
)
def test_the_calendar(on: date, days: float) -> None:
    assert season_interval(on) == days


def test_intervals_grow_with_age_and_end_at_a_month() -> None:
    ages = [10, 100, 500, 2000]
    for on in (date(2021, 1, 20), date(2021, 2, 20), date(2021, 7, 1)):
        intervals = [revisit_interval(age, on) for age in ages]
        assert intervals == sorted(intervals)
        assert intervals[-1] <= 30.0


@pytest.mark.parametrize(
    ("now", "published", "visited_days", "due"),
    [
        (IN_SEASON, "2021-03-10", 1.0, True),  # young, a day later
        (IN_SEASON, "2021-03-10", 0.01, False),  # … but not minutes later
        (IN_SEASON, "2020-03-25", 1.0, True),
        (IN_SEASON, "2015-03-25", 1.0, False),
        (IN_SEASON, "2015-03-25", 4.0, True),
        (OFF_SEASON, "2021-03-10", 7.0, False),
        (OFF_SEASON, "2021-03-10", 30.0, True),
        (OFF_SEASON, "2021-07-10", 7.0, True),
    ],
)
def test_is_due(now: datetime, published: str, visited_days: float, due: bool) -> None:
    page = known(now, visited_days=visited_days, published=published)
    assert is_due(page, now, page.entry) is due


def test_what_the_list_says_comes_first() -> None:
    page = known(OFF_SEASON, visited_days=0.01)
    assert page.entry is not None
    assert not is_due(page, OFF_SEASON, page.entry)
    assert is_due(page, OFF_SEASON, Entry(page.url, "题（更正）", "2021-01-20"))
    assert is_due(page, OFF_SEASON, Entry(page.url, "题", "2021-07-01"))


def test_suspects_and_failures_are_looked_at_again_and_the_vanished_once_a_week_or_if_they_are_listed() -> None:
    def due(**more: Any) -> bool:
        page = known(OFF_SEASON, **({"visited_days": 0.01} | more))
        return is_due(page, OFF_SEASON, None)

    assert due(report_status="suspect", verdict="gone?")
    assert due(state="suspect")
    assert due(verdict="unreachable")
    assert due(digest=None, verdict="blocked:waf")
    assert not due(report_status="vanished", verdict="gone?")
    assert due(report_status="vanished", verdict="gone?", visited_days=7)
    listed = known(OFF_SEASON, visited_days=0.01, report_status="vanished", verdict="gone?")
    assert is_due(listed, OFF_SEASON, listed.entry)
