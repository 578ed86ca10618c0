"""What people decided outlives the database, and holds from its place in the history on."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from archive.duties import decisions
from archive.duties.agencies import find_agency, import_agencies
from archive.duties.obligations import obligations
from archive.errors import DamagedArchive
from archive.history.ingest import rebuild
from archive.index.database import open_index
from archive.index.rows import row, rows, value
from archive.lists.queries import dump, list_changes, list_findings
from archive.warc.context import Entry
from tests.archive.season import BASE, BUREAU, GOVERNMENT, Season, Shown, page, report

DAY = datetime(2021, 2, 1, 2, 0, 0, tzinfo=UTC)
URL = f"{BASE}/art/1.html"


@pytest.fixture
def season(tmp_path: Path) -> Season:
    made = Season(tmp_path / "archive")
    what = report()
    made.run(
        DAY,
        [Shown(URL, page(what.with_figure(("applications", "received", "total"), "9999")))],
        [Entry(URL, what.title)],
    )
    return made


def decide(season: Season, kind: str, data: dict[str, Any]) -> None:
    db = open_index(season.archive)
    with season.archive.lock():
        decisions.decide(season.archive, db, kind, data)
    db.close()


def agency(season: Season, name: str) -> str:
    db = open_index(season.archive)
    try:
        return find_agency(db, name)
    finally:
        db.close()


def test_every_line_carries_the_hash_of_the_line_before(season: Season) -> None:
    decide(season, "agency-rename", {"agency": agency(season, BUREAU), "name": "甲局"})
    decide(season, "agency-rename", {"agency": agency(season, "甲局"), "name": "乙局"})
    assert [decision.data["name"] for decision in decisions.read(season.archive)] == ["甲局", "乙局"]
    path = season.archive.decisions_path
    path.write_text(path.read_text("utf-8").replace("甲局", "丙局"), "utf-8")
    with pytest.raises(DamagedArchive, match="line 2"):
        decisions.read(season.archive)


def test_torn_last_line_is_cut_off(season: Season) -> None:
    decide(season, "agency-rename", {"agency": agency(season, BUREAU), "name": "甲局"})
    with season.archive.decisions_path.open("a", encoding="utf-8") as stream:
        stream.write('{"kind":"agency-re')
    decide(season, "agency-rename", {"agency": agency(season, "甲局"), "name": "乙局"})
    assert [decision.data["name"] for decision in decisions.read(season.archive)] == ["甲局", "乙局"]


def test_rename_outlives_the_next_definition_and_a_rebuild(season: Season) -> None:
    decide(season, "agency-rename", {"agency": agency(season, BUREAU), "name": "温州市瓯海区财政和税务局"})
    what = report(BUREAU, 2020, 9)
    second = f"{BASE}/art/2.html"
    season.run(DAY + timedelta(days=1), [Shown(second, page(what))], [Entry(URL), Entry(second, what.title)])
    assert {one["agency"] for one in season.reports()} == {GOVERNMENT, "温州市瓯海区财政和税务局"}
    db = open_index(season.archive)
    before = dump(db)
    db.close()
    rebuild(season.archive, workers=1)
    db = open_index(season.archive)
    assert dump(db) == before
    db.close()


def test_agency_added_without_portal_and_region_stays_one_agency(season: Season) -> None:
    added = {"name": "新设局", "kind": "department", "region": None, "since": None, "until": None, "aliases": []}
    decide(season, "agency-add", {"agency": added, "portal": None})
    for day in (1, 2):
        season.run(DAY + timedelta(days=day), [Shown(URL)], [Entry(URL, report().title)])
    decide(season, "agency-rename", {"agency": agency(season, "新设局"), "name": "新设立局"})
    season.run(DAY + timedelta(days=3), [Shown(URL)], [Entry(URL, report().title)])
    db = open_index(season.archive)
    assert [found["name"] for found in rows(db, "SELECT name FROM agencies WHERE name LIKE '新设%'")] == ["新设立局"]
    before = dump(db)
    db.close()
    rebuild(season.archive, workers=1)
    db = open_index(season.archive)
    assert dump(db) == before
    db.close()


def test_merged_agency_owes_nothing_after(season: Season) -> None:
    decide(season, "agency-merge", {"agency": agency(season, BUREAU), "into": agency(season, GOVERNMENT), "year": 2021})
    season.run(DAY + timedelta(days=1), [], [Entry(URL)])
    db = open_index(season.archive)
    years = [one.year for one in obligations(db, date(2023, 5, 1)) if one.agency == BUREAU]
    db.close()
    assert years == [2020]


def test_alias_brings_found_reports_home(season: Season) -> None:
    what = report("温州市瓯海区国资办", 2020, 9)
    second = f"{BASE}/art/2.html"
    season.run(DAY + timedelta(days=1), [Shown(second, page(what))], [Entry(URL), Entry(second, what.title)])
    assert "温州市瓯海区国资办" in {one["agency"] for one in season.reports()}
    decide(season, "agency-alias", {"agency": agency(season, BUREAU), "alias": "温州市瓯海区国资办"})
    assert {one["agency"] for one in season.reports()} == {GOVERNMENT, BUREAU}
    db = open_index(season.archive)
    before = dump(db)
    db.close()
    rebuild(season.archive, workers=1)
    db = open_index(season.archive)
    assert [line for line in dump(db).splitlines() if line not in before.splitlines()] == []
    db.close()


def test_dismissed_finding_stays_dismissed(season: Season) -> None:
    db = open_index(season.archive)
    finding = next(iter(list_findings(db)))["finding"]
    with season.archive.lock():
        decisions.mark_finding(season.archive, db, finding, "dismissed", "checked by telephone")
    db.close()
    rebuild(season.archive, workers=1)
    db = open_index(season.archive)
    assert row(db, "SELECT status, note FROM findings WHERE id = ?", (finding,)) == {
        "status": "dismissed",
        "note": "checked by telephone",
    }
    assert finding not in {one["finding"] for one in list_findings(db)}
    db.close()


def test_false_alarm_leaves_the_list_of_changes(season: Season) -> None:
    change = season.changes()[0]["change"]
    db = open_index(season.archive)
    with season.archive.lock():
        decisions.mark_change(season.archive, db, change, false_alarm=True)
    assert list(list_changes(db)) == []
    assert [one["false_alarm"] for one in list_changes(db, false_alarms=True)] == [True]
    db.close()


def test_withheld_report_is_noted_and_released(season: Season) -> None:
    found = season.reports()[0]["report"]
    db = open_index(season.archive)
    with season.archive.lock():
        decisions.withhold(season.archive, db, found, "names of applicants")
        assert rows(db, "SELECT report, reason FROM withheld") == [{"report": found, "reason": "names of applicants"}]
        decisions.withhold(season.archive, db, found, "redacted since", lift=True)
    assert value(db, "SELECT count(*) FROM withheld") == 0
    with pytest.raises(decisions.DecisionError, match="ogi reports"), season.archive.lock():
        decisions.withhold(season.archive, db, "nobody-2020-000000", "?")
    db.close()


def test_register_imported_twice_changes_nothing(season: Season) -> None:
    lines = [
        {"name": "温州市瓯海区教育局", "portal": "ouhai", "since": "2019"},
        {"name": BUREAU, "portal": "ouhai", "since": "2020"},
    ]
    db = open_index(season.archive)
    with season.archive.lock():
        assert import_agencies(season.archive, db, lines, "register.csv") == 1
        assert import_agencies(season.archive, db, lines, "register.csv") == 0
        with pytest.raises(decisions.DecisionError, match=r"register\.csv line 2: since 'soon'"):
            import_agencies(season.archive, db, [{"name": "某局", "since": "soon"}], "register.csv")
    assert row(db, "SELECT region, source FROM agencies WHERE name = '温州市瓯海区教育局'") == {
        "region": "330304",
        "source": "decided",
    }
    db.close()


def test_ambiguous_name_is_refused_with_the_choices(season: Season) -> None:
    db = open_index(season.archive)
    with pytest.raises(decisions.DecisionError, match="2 agencies"):
        find_agency(db, "瓯海区")
    with pytest.raises(decisions.DecisionError, match="no agency"):
        find_agency(db, "不存在的局")
    db.close()


@pytest.mark.parametrize(
    "name", ["", "  ", "\u3000", "。。", "()", "123", "\x1b[31m局", "市\u202e局", "局\x00", "局\ud800", "局" * 201]
)
@pytest.mark.parametrize("way", ["add", "rename", "alias"])
def test_a_name_that_is_none_is_refused_and_nothing_is_written(season: Season, name: str, way: str) -> None:
    known = agency(season, BUREAU)
    made = {
        "add": ("agency-add", {"agency": {"name": name}, "portal": None}),
        "rename": ("agency-rename", {"agency": known, "name": name}),
        "alias": ("agency-alias", {"agency": known, "alias": name}),
    }[way]
    with pytest.raises(decisions.DecisionError):
        decide(season, *made)
    assert decisions.read(season.archive) == []


def test_nobody_is_taken_over_in_a_circle(season: Season) -> None:
    names = [f"示例市{sign}务局" for sign in "甲乙丙"]
    for name in names:
        decide(season, "agency-add", {"agency": {"name": name, "kind": "department"}, "portal": None})
    ids = [agency(season, name) for name in names]
    decide(season, "agency-merge", {"agency": ids[0], "into": ids[1], "year": 2022})
    decide(season, "agency-merge", {"agency": ids[1], "into": ids[2], "year": 2023})
    before = len(decisions.read(season.archive))
    for one, other in ((0, 0), (1, 0), (2, 0), (2, 1)):
        with pytest.raises(decisions.DecisionError, match="circle"):
            decide(season, "agency-merge", {"agency": ids[one], "into": ids[other], "year": 2024})
    assert len(decisions.read(season.archive)) == before


def test_nobody_is_above_itself(season: Season) -> None:
    names = [f"示例市{sign}务局" for sign in "甲乙丙"]
    for name in names:
        decide(season, "agency-add", {"agency": {"name": name}, "portal": None})
    ids = [agency(season, name) for name in names]
    for below, above in ((0, 1), (1, 2)):
        decide(season, "agency-add", {"agency": {"name": names[below], "parent": ids[above]}, "portal": None})
    before = len(decisions.read(season.archive))
    for below, above in ((0, 0), (1, 0), (2, 0), (2, 2)):
        with pytest.raises(decisions.DecisionError, match="can't be below"):
            decide(season, "agency-add", {"agency": {"name": names[below], "parent": ids[above]}, "portal": None})
    assert len(decisions.read(season.archive)) == before


@pytest.mark.parametrize("portal", ["../..", "a/b", "\x1b[1m", "甲", "a--b", "-", "x" * 65, ""])
def test_a_portal_that_cannot_be_one_is_refused(season: Season, portal: str) -> None:
    with pytest.raises(decisions.DecisionError, match="no portal's id"):
        decide(season, "agency-add", {"agency": {"name": "示例市甲务局"}, "portal": portal})
    assert decisions.read(season.archive) == []


@pytest.mark.parametrize(
    "lines",
    [
        [
            {"name": "甲局", "successor": "乙局", "until": "2019"},
            {"name": "乙局", "successor": "甲局", "until": "2020"},
        ],
        [{"name": "甲局", "parent": "乙局"}, {"name": "乙局", "parent": "甲局"}],
        [{"name": "甲局"}, {"name": "乙局", "portal": "a/b"}],
        [{"name": "甲局"}, {"name": "乙局", "aliases": "丁|\u202e丙"}],
    ],
)
def test_a_register_of_which_one_row_cannot_be_taken_changes_nothing(
    season: Season, lines: list[dict[str, str]]
) -> None:
    db = open_index(season.archive)
    before = dump(db)
    with season.archive.lock(), pytest.raises(decisions.DecisionError):
        import_agencies(season.archive, db, lines, "register.csv")
    assert decisions.read(season.archive) == []
    assert dump(db) == before
    db.close()


def test_a_register_names_parents_and_successors_in_any_order(season: Season) -> None:
    lines = [
        {"name": "甲局", "parent": "丙局", "successor": "乙局", "until": "2019"},
        {"name": "乙局", "parent": "丙局"},
        {"name": "丙局"},
    ]
    db = open_index(season.archive)
    with season.archive.lock():
        assert import_agencies(season.archive, db, lines, "register.csv") == 3
        assert import_agencies(season.archive, db, lines, "register.csv") == 0
    found = {one["name"]: one for one in rows(db, "SELECT id, name, parent, successor FROM agencies")}
    assert found["甲局"]["parent"] == found["乙局"]["parent"] == found["丙局"]["id"]
    assert found["甲局"]["successor"] == found["乙局"]["id"]
    before = dump(db)
    db.close()
    rebuild(season.archive)
    db = open_index(season.archive)
    assert dump(db) == before
    db.close()


def test_a_decision_of_an_older_release_that_cannot_be_applied_is_left_out_and_told(season: Season) -> None:
    odd = [
        decisions.Decision("agency-add", "2021-02-01T00:00:00Z", 0, {"agency": {"name": ""}, "portal": None}),
        decisions.Decision("agency-merge", "2021-02-02T00:00:00Z", 0, {"agency": "x"}),
        decisions.Decision(
            "agency-rename", "2021-02-03T00:00:00Z", 0, {"agency": agency(season, BUREAU), "name": "示例市新局"}
        ),
    ]
    with open_index(season.archive) as db:
        decisions.replay(db, odd, decisions.apply_to_register)
        assert value(db, "SELECT count(*) FROM notices WHERE code = 'not-applied'") == 2
        assert value(db, "SELECT count(*) FROM agencies WHERE name = '示例市新局'") == 1


@pytest.mark.parametrize(
    ("kind", "member"), [("withhold", "reason"), ("withhold", "url"), ("finding", "note")], ids=lambda value: str(value)
)
@pytest.mark.parametrize(
    "words",
    [
        "two\nlines",
        "a\x1b[2J",
        "bell\x07",
        "\u202eback",
        "half \ud800",
        "\x00",
        "line\u2028end"[:4] + "\x85",
        "很" * 2001,
    ],
)
def test_words_that_can_not_be_shown_are_refused_before_they_are_kept(
    season: Season, kind: str, member: str, words: str
) -> None:
    db = open_index(season.archive)
    report_id = "x"
    finding = "y"
    data = {
        "withhold": {"report": report_id, "url": "", "reason": "asked for", "withheld": True},
        "finding": {"finding": finding, "status": "dismissed", "note": "looked at"},
    }[kind]
    with season.archive.lock(), pytest.raises(decisions.DecisionError):
        decisions.decide(season.archive, db, kind, data | {member: words})
    db.close()
    assert decisions.read(season.archive) == []


def test_words_in_any_script_are_kept_as_they_are(season: Season) -> None:
    words = "应当事人申请，隐去（第3页）— “Ünïcode” 😀 " + "长" * 1900
    decide(season, "withhold", {"report": "x", "url": "", "reason": words, "withheld": True})
    assert decisions.read(season.archive)[0].data["reason"] == words
