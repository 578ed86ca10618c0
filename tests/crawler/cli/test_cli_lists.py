"""`ogi reports`, `changes`, `findings`, `obligations`, `diff`, `agencies`, `status`, `reextract` as users run them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from archive.files.folder import Archive
from archive.warc.context import Entry
from crawler.cli import run
from tests.archive.season import BASE, BUREAU, GOVERNMENT, Season, Shown, page, report

DAY = datetime(2021, 2, 1, 2, 0, 0, tzinfo=UTC)
URL = f"{BASE}/art/1.html"


@pytest.fixture
def season(tmp_path: Path) -> Season:
    made = Season(tmp_path / "archive")
    what = report()
    made.run(DAY, [Shown(URL, page(what))], [Entry(URL, what.title)])
    edited = what.with_figure(("applications", "received", "business"), "5555")
    made.run(DAY + timedelta(days=1), [Shown(URL, page(edited))], [Entry(URL, what.title)])
    return made


@pytest.fixture
def ogi(season: Season, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs a command on the archive; gives its exit status and its JSON lines, or its text."""

    def call(*args: str, as_json: bool = True) -> tuple[int, Any]:
        code = run([args[0], "--archive", str(season.root), *(["--json"] if as_json else []), *args[1:]])
        out, err = capsys.readouterr()
        if not as_json:
            return code, out + err
        return code, [json.loads(line) for line in out.splitlines()] if code != 2 else err

    return call


def test_lists_as_json(ogi: Any) -> None:
    code, reports = ogi("reports")
    assert (code, [(one["agency"], one["year"], one["versions"]) for one in reports]) == (0, [(GOVERNMENT, 2020, 2)])
    code, changes = ogi("changes")
    assert (code, [one["kind"] for one in changes]) == (0, ["published", "revised"])
    assert [one["kind"] for one in ogi("changes", "--since", "2021-02-02")[1]] == ["revised"]
    code, findings = ogi("findings", "--check", "balance")
    assert (code, {one["check"] for one in findings}) == (0, {"balance"})
    code, obligations = ogi("obligations", "--year", "2020", "--as-of", "2021-03-10")
    assert code == 0
    assert {(one["agency"], one["due"], one["status"]) for one in obligations} == {
        (GOVERNMENT, "2021-03-31", "published"),
        (BUREAU, "2021-01-31", "missing"),
    }
    assert list(obligations[0])[:10] == [
        "agency", "kind", "region", "year", "due", "status", "published_on", "days_late", "report", "portal",
    ]  # fmt: skip


@pytest.mark.parametrize("command", ["reports", "changes", "findings", "obligations", "agencies"])
def test_lists_for_people(ogi: Any, command: str) -> None:
    code, text = ogi(command, as_json=False)
    assert code == 0
    assert "{" not in text.splitlines()[0]


def test_diff(ogi: Any) -> None:
    made = ogi("reports")[1][0]["report"]
    code, [found] = ogi("diff", made)
    assert (code, found["figures"][0]["after"]) == (0, 5555)
    code, text = ogi("diff", made, "1", "2", as_json=False)
    assert code == 0
    assert "→ 5555" in text
    assert ogi("diff", made, "1", "9")[0] == 2
    code, message = ogi("diff", "nobody")
    assert (code, message) == (2, "Error: no report nobody; `ogi reports` lists them\n")


def test_dismissing_a_finding(ogi: Any) -> None:
    finding = ogi("findings")[1][0]["finding"]
    assert ogi("findings", "--dismiss", finding, "--note", "known")[1] == [
        {"finding": finding, "status": "dismissed", "note": "known"}
    ]
    assert finding not in [one["finding"] for one in ogi("findings")[1]]
    assert [one["note"] for one in ogi("findings", "--status", "dismissed")[1]] == ["known"]
    assert ogi("findings", "--dismiss", "nothing")[0] == 2
    assert ogi("findings", "--check", "nothing")[0] == 2


def test_false_alarm(ogi: Any) -> None:
    change = ogi("changes")[1][1]["change"]
    assert ogi("changes", "--false-alarm", change)[0] == 0
    assert [one["kind"] for one in ogi("changes")[1]] == ["published"]
    assert ogi("changes", "--no-false-alarm", change)[0] == 0
    assert len(ogi("changes")[1]) == 2


def test_register(ogi: Any, tmp_path: Path) -> None:
    assert ogi("agencies", "add", "温州市瓯海区教育局", "--portal", "ouhai", "--since", "2020")[0] == 0
    assert ogi("agencies", "alias", "教育局", "瓯海区教育委员会")[0] == 0
    assert ogi("agencies", "merge", "教育局", "--into", "财政局", "--year", "2022")[0] == 0
    assert ogi("agencies", "rename", "财政局", "温州市瓯海区财政和教育局")[0] == 0
    found = {one["name"]: one for one in ogi("agencies")[1]}
    assert found["温州市瓯海区教育局"]["successor"] == "温州市瓯海区财政和教育局"
    assert found["温州市瓯海区教育局"]["until"] == 2021
    assert found["温州市瓯海区教育局"]["aliases"] == ["瓯海区教育委员会"]
    assert found["温州市瓯海区财政和教育局"]["aliases"] == [BUREAU]
    years = [one["year"] for one in ogi("obligations", "--as-of", "2023-06-01", "--agency", "温州市瓯海区教育局")[1]]
    assert years == [2020, 2021]
    path = tmp_path / "register.csv"
    assert ogi("agencies", "export", str(path), as_json=False)[0] == 0
    assert path.read_text("utf-8").startswith("name,kind,region,portal")
    assert ogi("agencies", "import", str(path))[1] == [{"rows": 3, "changed": 0}]
    assert ogi("agencies", "merge", "没有的局", "--into", "财政", "--year", "2022")[0] == 2
    assert [one["name"] for one in ogi("agencies", "--year", "2022")[1]] == [GOVERNMENT, "温州市瓯海区财政和教育局"]


def test_status(ogi: Any, season: Season) -> None:
    code, [found] = ogi("status")
    assert (code, found["attention"], found["size"]["reports"]) == (0, [], 1)
    season.run(DAY + timedelta(days=2), [], None, ok=False, reason="blocked:captcha")
    code, text = ogi("status", as_json=False)
    assert code == 1
    assert "! ouhai: blocked since 2021-02-03 (blocked:captcha)" in text


def test_reextract_finds_nothing_new(ogi: Any) -> None:
    code, [found] = ogi("reextract", "--workers", "1")
    assert (code, found["versions"], found["corrections"]) == (0, 2, 0)


def test_empty_archive_has_empty_lists(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Archive.create(tmp_path / "empty")
    for command in ("reports", "changes", "findings", "obligations", "agencies"):
        assert run([command, "--archive", str(tmp_path / "empty"), "--json"]) == 0
        assert capsys.readouterr().out == ""
    assert run(["status", "--archive", str(tmp_path / "empty")]) == 0


@pytest.mark.parametrize("command", [["reports"], ["changes"], ["status"], ["agencies"], ["diff", "x"], ["reextract"]])
def test_missing_archive_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str], command: list[str]) -> None:
    assert run([command[0], "--archive", str(tmp_path / "no"), *command[1:]]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("Error: ")
    assert err.count("\n") == 1


def test_bad_date_is_bad_usage(ogi: Any) -> None:
    assert ogi("changes", "--since", "yesterday")[0] == 2
    assert ogi("obligations", "--as-of", "2021-13-01")[0] == 2
    assert ogi("obligations", "--status", "lost")[0] == 2


def test_adding_an_agency_again_keeps_what_is_not_given(ogi: Any) -> None:
    name = "温州市瓯海区教育局"
    ogi("agencies", "add", name, "--portal", "ouhai", "--since", "2019", "--kind", "township", "--alias", "区教育局")
    assert ogi("agencies", "add", name, "--until", "2021", "--parent", GOVERNMENT)[0] == 0
    found = next(one for one in ogi("agencies")[1] if one["name"] == name)
    assert (found["since"], found["until"], found["kind"], found["portal"]) == (2019, 2021, "township", "ouhai")
    assert (found["aliases"], found["parent"]) == (["区教育局"], GOVERNMENT)
    assert ogi("agencies", "add", "区教育局", "--portal", "ouhai", "--since", "2020")[0] == 0  # an alias renames nobody
    assert [one["since"] for one in ogi("agencies")[1] if one["name"] == name] == [2020]
    assert ogi("agencies", "add", name, "--region", "999999")[0] == 2
    assert ogi("agencies", "add", name, "--since", "2030")[0] == 2


def test_two_agencies_never_share_a_name_and_none_is_merged_into_itself(
    season: Season, capsys: pytest.CaptureFixture[str]
) -> None:
    place = ["--archive", str(season.root)]
    assert run(["agencies", "rename", BUREAU, GOVERNMENT, *place]) == 2
    assert "is another agency" in capsys.readouterr().err
    assert run(["agencies", "merge", BUREAU, "--into", BUREAU, "--year", "2022", *place]) == 2
    assert "the same agency" in capsys.readouterr().err
    assert not season.archive.decisions_path.exists()
    assert run(["agencies", "add", "温州市瓯海区教育局", "--portal", "ouhia", *place]) == 0  # a slip of the pen is said
    assert "No portal ouhia" in capsys.readouterr().err


def test_history_of_the_register(ogi: Any) -> None:
    ogi("agencies", "add", "温州市瓯海区教育局", "--portal", "ouhai", "--since", "2020")
    ogi("agencies", "rename", "温州市瓯海区教育局", "温州市瓯海区教育体育局")
    ogi("agencies", "merge", "温州市瓯海区教育体育局", "--into", GOVERNMENT, "--year", "2022")
    found = ogi("agencies", "history")[1]
    assert [one["what"] for one in found] == ["add", "rename", "merge"]
    assert found[1]["details"] == {"from": "温州市瓯海区教育局", "name": "温州市瓯海区教育体育局"}
    assert found[2]["details"] == {"into": GOVERNMENT, "year": 2022}
    assert [one["what"] for one in ogi("agencies", "history", GOVERNMENT)[1]] == ["merge"]
    assert "rename" in ogi("agencies", "history", as_json=False)[1]


def test_register_moves_to_another_archive_as_csv(ogi: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ogi("agencies", "add", "温州市瓯海区教育局", "--portal", "ouhai", "--since", "2020", "--parent", GOVERNMENT)
    ogi("agencies", "alias", "温州市瓯海区教育局", "教育委员会")
    ogi("agencies", "merge", "温州市瓯海区教育局", "--into", BUREAU, "--year", "2022")
    path, again = tmp_path / "register.csv", tmp_path / "again.csv"
    ogi("agencies", "export", str(path), as_json=False)
    Archive.create(tmp_path / "other")
    other = ["--archive", str(tmp_path / "other"), "--json"]
    assert run(["agencies", "import", *other, str(path)]) == 0
    assert run(["agencies", "import", *other, str(path)]) == 0
    assert run(["agencies", "export", *other[:2], str(again)]) == 0
    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines()[:2])
    assert (first["rows"], first["changed"], second["changed"]) == (3, 3, 0)
    strip = [line.rpartition(",")[0] for line in path.read_text("utf-8").splitlines()]  # all but who said so
    assert [line.rpartition(",")[0] for line in again.read_text("utf-8").splitlines()] == strip


def test_csv_with_names_only_changes_nothing(ogi: Any, tmp_path: Path) -> None:
    path = tmp_path / "names.csv"
    path.write_text(f"name\n{BUREAU}\n", "utf-8")
    assert ogi("agencies", "import", str(path))[1] == [{"rows": 1, "changed": 0}]
    path.write_text(f"name,portal,successor\n{BUREAU},ouhai,{GOVERNMENT}\n", "utf-8")
    code, said = ogi("agencies", "import", str(path))
    assert (code, "line 2" in said, "until" in said) == (2, True, True)


def test_coverage_and_roll_ups(ogi: Any) -> None:
    for by in ("region", "kind", "year", "portal"):
        lines = ogi("obligations", "--as-of", "2021-06-01", "--by", by)[1]
        assert sum(line["n"] for line in lines) == 2
        assert all({"published", "missing", "unknown", "share_in_time"} <= line.keys() for line in lines)
    ogi("agencies", "add", "温州市瓯海区教育局")
    _, [coverage] = ogi("obligations", "--coverage")
    assert coverage["agencies_unwatched"] == ["温州市瓯海区教育局"]
    assert (coverage["counties_watched"], coverage["portals_unread"]) == (1, [])
    assert coverage["counties_in_standard"] > 2500
    text = ogi("obligations", "--by", "kind", as_json=False)[1]
    assert "1 of 3 agencies are not watched" in text
    _, [later] = ogi("obligations", "--coverage", "--as-of", "2023-06-01")
    assert later["portals_unread"] == ["ouhai"]
