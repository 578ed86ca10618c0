"""Obligations brought up to date by what was touched are those that judging everything anew gives, after every pass and decision."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlite_utils import Database

import archive.duties.decisions
import archive.history.ingest
from archive.clock import SystemClock
from archive.duties import decisions, obligations
from archive.history.ingest import rebuild
from archive.index import duties
from archive.index.database import open_index
from archive.index.duties import ObligationRow
from archive.index.rows import read, values
from archive.lists.queries import dump
from archive.verify.run import verify
from archive.warc.context import Entry
from bench.history.__main__ import run_plants
from bench.watch.year import watch_year
from crawler.replica.documents.html import page_html
from crawler.replica.generator import Plan
from tests.archive.season import BASE, BUREAU, GONE_PAGE, GOVERNMENT, Season, Shown, definition, page, report


class Checked:
    """`obligations.refresh`, held against judging everything anew each time; `partial` counts the times when only some were judged."""

    def __init__(self) -> None:
        self.partial = 0
        self.whole = 0

    def refresh(self, db: Database) -> None:
        asked: list[Any] = []
        replace = duties.replace_obligations

        def noting(db: Database, found: Any, agencies: Any = None) -> None:
            asked.append(agencies)
            replace(db, found, agencies)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(duties, "replace_obligations", noting)
            obligations.refresh(db)
        if asked and asked[0] is None:
            self.whole += 1
        else:
            self.partial += 1
        as_of = obligations.latest_date(db)
        assert as_of is not None
        kept = read(db, ObligationRow, "SELECT * FROM obligations ORDER BY agency, year")
        anew = [obligations.row_of(one) for one in obligations.obligations(db, as_of)]
        assert kept == sorted(anew, key=lambda row: (row.agency, row.year)), as_of
        assert values(db, "SELECT id FROM touched") == []
        for share in range(3):
            assert obligations.differing_duties(db, share, 3) == []


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> Iterator[Checked]:
    found = Checked()
    for module in (archive.history.ingest, archive.duties.decisions):
        monkeypatch.setattr(module, "refresh", found.refresh)
    monkeypatch.setattr(obligations, "_MUCH", 10.0)  # part by part, although these registers are small
    yield found
    assert found.partial, "nothing was judged by what was touched"


def test_every_kind_of_change_of_the_history_bench(tmp_path: Path, checked: Checked) -> None:
    run_plants(tmp_path / "a", 16, 1, 1)


@pytest.mark.slow
def test_a_simulated_year_with_failures_and_unread_rows(tmp_path: Path, checked: Checked) -> None:
    plan = Plan(agencies=6, years=(2020,), late=0.2, missing=0.2, withdrawn=0.2)
    days = [date(2022, *day) for day in ((1, 9), (1, 30), (2, 2), (2, 20), (4, 2), (6, 26), (9, 18))]
    watch_year(tmp_path, plan, 10, days, workers=1, tell=lambda line: None)
    assert checked.partial > checked.whole


NAMES = (GOVERNMENT, BUREAU, "温州市瓯海区教育局", "温州市瓯海区水利局", "瓯海区某某服务中心")
OTHER = "http://www.lucheng.example/list.html"


def _entries(random: Random, year: int) -> list[Entry]:
    return [
        Entry(f"{BASE}/art/{year}-{number}.html", f"{name}{year}年政府信息公开工作年度报告", f"{year + 1}-01-1{number}")
        for number, name in enumerate(NAMES)
        if random.random() < 0.6
    ]


def _decide(season: Season, random: Random) -> None:
    """Something that a person decides: a name, a merger, an agency, a false alarm."""
    with season.archive.lock():
        db = open_index(season.archive)
        try:
            agencies = values(db, "SELECT id FROM agencies ORDER BY id")
            changes = values(db, "SELECT id FROM changes WHERE kind = 'vanished' ORDER BY id")
            choices: list[tuple[str, dict[str, Any]]] = [
                ("agency-rename", {"agency": agencies[0], "name": f"温州市瓯海区第{random.randrange(9)}局"}),
                ("agency-alias", {"agency": agencies[-1], "alias": f"别名{random.randrange(9)}局"}),
                (
                    "agency-add",
                    {
                        "agency": {"name": f"瓯海区新{random.randrange(4)}办", "kind": "department", "since": 2019, "until": None},
                        "portal": season.portal["portal"]["id"],
                    },
                ),
            ]  # fmt: skip
            if len(agencies) > 1:
                choices.append(("agency-merge", {"agency": agencies[0], "into": agencies[1], "year": 2022}))
            if changes:
                choices.append(("change", {"change": random.choice(changes), "false_alarm": random.random() < 0.7}))
            kind, data = random.choice(choices)
            try:
                decisions.decide(season.archive, db, kind, data, SystemClock())
            except decisions.DecisionError:
                return
        finally:
            db.close()


@pytest.mark.parametrize(
    "seed", [1, 2, pytest.param(3, marks=pytest.mark.slow), pytest.param(4, marks=pytest.mark.slow)]
)
def test_years_of_random_passes_over_two_portals(tmp_path: Path, checked: Checked, seed: int) -> None:
    random = Random(seed)
    season = Season(tmp_path / "a")
    other = definition(
        portal={**definition()["portal"], "id": "lucheng", "start": [OTHER], "url": "http://www.lucheng.example/"}
    )
    own = season.portal
    at = datetime(2020, 12, 20, 2, 0, tzinfo=UTC)
    for _ in range(14):
        at += timedelta(days=random.choice([1, 3, 20, 46, 70, 101, 190]))
        season.portal = own if random.random() < 0.75 else other
        entries = _entries(random, 2020 + random.randrange(3))
        shown = []
        for entry in entries:
            chance = random.random()
            name = NAMES[int(entry.url[-6])]
            if chance < 0.55:
                what = report(name, int(entry.url[-11:-7]), random.randrange(2))
                body = page_html(what, title=False)
                if random.random() < 0.2:  # another organ's, or year's, on the same page
                    body = page_html(what) + page_html(report(random.choice(NAMES), 2020 + random.randrange(2), 5))
                shown.append(
                    Shown(entry.url, page(what, body=body, published=f"{at.year}-0{random.randrange(1, 7)}-20"))
                )
            elif chance < 0.75:
                shown.append(
                    Shown(
                        entry.url,
                        GONE_PAGE.encode() if isinstance(GONE_PAGE, str) else GONE_PAGE,
                        verdict="gone",
                        status=404,
                    )
                )
            elif chance < 0.85:
                shown.append(Shown(entry.url, None, verdict="blocked:waf", status=403))
        fails = random.random() < 0.25
        season.run(
            at,
            shown,
            entries if random.random() < 0.85 else None,
            ok=not fails,
            complete=not fails,
            reason=random.choice(["blocked:waf", "interrupted by a signal", "timeout"]) if fails else "",
            columns={OTHER: entries[:1]} if random.random() < 0.3 else None,
        )  # fmt: skip
        if random.random() < 0.3:
            _decide(season, random)
    season.portal = own
    assert checked.partial > checked.whole / 2
    db = open_index(season.archive)
    kept = dump(db)
    db.close()
    rebuild(season.archive, workers=1)
    db = open_index(season.archive)
    assert dump(db) == kept, "a rebuilt index equals the folded one"
    db.close()


def _stale(db: Database) -> None:
    db.execute("UPDATE obligations SET status = 'published' WHERE agency = (SELECT min(agency) FROM obligations)")


def _too_many(db: Database) -> None:
    db.execute(
        "INSERT INTO obligations SELECT agency, 1999, kind, region, portal, due, status, NULL, NULL, NULL, NULL, NULL, NULL FROM obligations LIMIT 1"
    )


def _too_few(db: Database) -> None:
    db.execute("DELETE FROM obligations WHERE agency = (SELECT max(agency) FROM obligations)")


@pytest.mark.parametrize("harm", [_stale, _too_many, _too_few])
def test_a_row_that_is_not_what_judging_gives_is_found_within_all_shares(
    tmp_path: Path, harm: Callable[[Database], None]
) -> None:
    season = Season(tmp_path / "a")
    season.run(datetime(2021, 4, 20, tzinfo=UTC), [], [])
    db = open_index(season.archive)
    assert [obligations.differing_duties(db, share, 30) for share in range(30)] == [[]] * 30
    harm(db)
    assert sum(len(obligations.differing_duties(db, share, 30)) for share in range(30)) == 1
    db.conn.rollback()
    db.close()


def test_verify_judges_a_share_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    season = Season(tmp_path / "a")
    season.run(datetime(2021, 4, 20, tzinfo=UTC), [], [])
    assert verify(season.archive).damages == ()
    monkeypatch.setattr("archive.verify.index.differing_duties", lambda db: ["a"])
    found = verify(season.archive)
    assert any("obligations of 1 agencies, such as a, aren't" in str(damage) for damage in found.damages)


def test_what_a_pass_does_not_touch_is_not_judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    season = Season(tmp_path / "a")
    other = {
        **definition(),
        "portal": {**definition()["portal"], "id": "lucheng"},
        "agency": [
            {"name": f"鹿城区第{number}局", "kind": "department", "since": 2020, "aliases": []} for number in range(40)
        ],
    }
    own, season.portal = season.portal, other
    season.run(datetime(2021, 4, 20, tzinfo=UTC), [], [])
    season.portal = own
    season.run(datetime(2021, 4, 20, 6, tzinfo=UTC), [], [])
    judged: list[str] = []
    judge = obligations.judge_duty
    monkeypatch.setattr(
        obligations, "judge_duty", lambda agency, *rest: (judged.append(agency.name), judge(agency, *rest))[1]
    )
    monkeypatch.setattr(obligations, "_SOME", 10)
    season.run(datetime(2021, 4, 21, tzinfo=UTC), [], [])
    assert {GOVERNMENT, BUREAU} <= set(judged)
    assert not any(name.startswith("鹿城") for name in judged)
