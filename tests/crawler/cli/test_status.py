"""`ogi status`: what needs a person is named, for people and for monitoring, and only that gives exit status 1."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from archive.warc.context import Entry
from crawler.cli import run
from crawler.schedule.state import LastRun, ScheduleState
from tests.archive.season import BASE, BUREAU, PORTAL, Season, Shown, page, report

URL = f"{BASE}/art/1.html"
WHAT = report()
LISTED = [Entry(URL, WHAT.title)]


def at(month: int, day: int) -> datetime:
    return datetime(2021, month, day, 2, 0, tzinfo=UTC)


@pytest.fixture
def season(tmp_path: Path) -> Season:
    made = Season(tmp_path / "archive")
    made.run(at(1, 20), [Shown(URL, page(WHAT))], LISTED)
    return made


@pytest.fixture
def ogi(season: Season, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs a command; gives its exit status, its JSON and what `ogi status` prints."""

    def call(*args: str) -> tuple[int, dict[str, Any], str]:
        code = run([args[0], "--archive", str(season.root), "--json", *args[1:]])
        said = json.loads(capsys.readouterr().out)
        assert run([args[0], "--archive", str(season.root), *args[1:]]) == code
        return code, said, capsys.readouterr().out

    return call


def test_healthy(ogi: Any) -> None:
    code, said, text = ogi("status")
    assert (code, said["attention"]) == (0, [])
    assert said["portals_by_state"] == {"ok": 1}
    (portal,) = said["portals"]
    assert (portal["lists"], portal["lists_complete"], portal["failing_since"]) == (1, 1, None)
    assert portal["next_run"].endswith("Z")
    assert said["due"] | {"published": 1, "pending": 1, "next_due": "2021-01-31", "next_due_open": 1} == said["due"]
    assert said["size"]["bytes"] > 0
    assert said["last_verify"] is None
    assert "Next due date: 2021-01-31, 1 agencies still owe" in text
    assert "1/1" in text
    assert "2021-01-20 10:00" in text  # in Shanghai
    assert "!" not in text


def test_next_due_date_in_autumn_is_that_of_the_year_under_way(season: Season, ogi: Any) -> None:
    season.run(at(10, 5), [Shown(URL)], LISTED)
    due = ogi("status")[1]["due"]
    assert (due["year"], due["next_due"], due["next_due_open"]) == (2020, "2022-01-31", 1)


def test_blocked(season: Season, ogi: Any) -> None:
    season.run(at(1, 21), listed=None, ok=False, complete=False, reason="blocked:js-challenge")
    season.run(at(1, 25), listed=None, ok=False, complete=False, reason="blocked:js-challenge")
    code, said, text = ogi("status")
    assert code == 1
    assert said["portals_by_state"] == {"blocked": 1}
    assert said["portals"][0]["failing_since"][:10] == "2021-01-21"
    assert said["portals"][0]["last_ok_at"][:10] == "2021-01-20"
    assert len(said["attention"]) == 1
    assert f"! {PORTAL}: blocked since 2021-01-21" in text


def test_incomplete(season: Season, ogi: Any) -> None:
    season.run(at(1, 21), [], LISTED, ok=False, complete=False, reason="page 2 of 3 is missing")
    code, said, text = ogi("status")
    assert code == 1
    assert (said["portals"][0]["lists"], said["portals"][0]["lists_complete"]) == (1, 0)
    assert "0 of 1 lists whole (page 2 of 3 is missing)" in text


def test_failed_and_good_verification(season: Season, ogi: Any) -> None:
    assert ogi("verify")[0] == 0
    code, said, text = ogi("status")
    assert (code, said["last_verify"]["ok"]) == (0, True)
    assert "whole" in text
    manifest = season.root / "manifest.jsonl"
    manifest.write_bytes(manifest.read_bytes().replace(b'"first":"2021', b'"first":"2020', 1))
    assert ogi("verify")[0] == 1
    code, said, text = ogi("status")
    assert (code, said["last_verify"]["ok"]) == (1, False)
    assert "DAMAGED" in text
    assert "! the last `ogi verify` found damage" in text
    (season.root / "verified.json").write_text("{", "utf-8")
    assert ogi("status")[0] == 1


def test_calendar_and_outbox(season: Season, ogi: Any) -> None:
    state = ScheduleState(season.root)
    state.enter(["harvest"], "2021-01-01T00:00:00Z")
    state.record("harvest", LastRun("2021-01-19T18:30:00Z", "2021-01-19T18:30:00Z", "2021-01-20T06:30:00Z", "done", 0))
    assert ogi("status")[0] == 0
    state.record(
        "harvest",
        LastRun("2021-01-20T18:30:00Z", "2021-01-20T18:30:00Z", "2021-01-21T06:30:00Z", "stopped after its limit"),
    )
    (season.root / "outbox").mkdir()
    (season.root / "outbox" / "1.json").write_text("{}")
    code, said, _ = ogi("status")
    assert code == 1
    assert said["calendar"]["last_runs"][0]["status"] == "stopped after its limit"
    assert [line.split()[0] for line in said["attention"]] == ["1", "calendar:"]


def test_register_gaps(season: Season, ogi: Any) -> None:
    other = report("温州市瓯海区示例中心")
    url = f"{BASE}/art/2.html"
    season.run(at(1, 22), [Shown(url, page(other))], [*LISTED, Entry(url, other.title)])
    _, said, _ = ogi("status")
    assert said["register"]["proposed"] == 1
    assert said["register"]["kind_guessed"] == {"n": 1, "names": ["温州市瓯海区示例中心"]}
    assert said["register"]["without_region"]["n"] == 0


def test_portal_of_the_calendar(season: Season, ogi: Any) -> None:
    with (season.root / "ogi.toml").open("a", encoding="utf-8") as stream:
        stream.write('\n[[schedule.job]]\nname = "one"\nportals = ["elsewhere"]\n')
    _, said, _ = ogi("status")
    assert said["portals"][0]["next_run"] is None
    assert said["next_runs"][0]["entry"] == "one"


def test_column_that_was_found_elsewhere_is_named(season: Season, ogi: Any) -> None:
    new = f"{BASE}/col/new/list.html"
    season.run(at(1, 25), [Shown(URL)], None, columns={new: LISTED})
    code, said, _ = ogi("status")
    assert code == 1
    assert "col/list.html is gone" in said["attention"][0]


def test_portal_that_refuses_a_report_but_not_its_lists_is_not_blocked(season: Season, ogi: Any) -> None:
    other = Entry(f"{BASE}/art/2.html", f"{BUREAU}2020年政府信息公开工作年度报告")
    refused = Shown(other.url, b"no", "blocked:waf", 403)
    season.run(at(1, 25), [Shown(URL), refused], [*LISTED, other], ok=False, reason="blocked:waf: 1 reports …")
    code, said, _ = ogi("status")
    assert (code, said["portals_by_state"]) == (1, {"failing": 1})
    assert "1 of 1 lists whole" in said["attention"][0]
    for day in (27, 29):
        season.run(at(1, day), [Shown(URL), refused], [other], ok=False, reason="blocked:waf: 1 reports …")
    assert season.kinds()[-1] == ("delisted", 2020)  # the list was read to its end twice, and no longer names it
