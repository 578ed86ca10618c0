"""What surrounds a command: misspelt names, closed streams, locales, marks of editors; each ends in one line that says what to do."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive.files.folder import Archive
from crawler.cli import run
from tests.archive.season import BASE, Entry, Season, Shown, page, report


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    season = Season(tmp_path_factory.mktemp("surroundings") / "a")
    what = report()
    entry = Entry(f"{BASE}/art/1.html", what.title)
    season.run(datetime(2021, 1, 21, 2, tzinfo=UTC), [Shown(entry.url, page(what))], [entry])
    return season.archive.root


def ogi(*words: str, shell: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "crawler", *words]
    if shell:
        command = ["sh", "-c", f'exec "$@" {shell}', "sh", *command]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment}, timeout=60)


def assert_one_line(done: subprocess.CompletedProcess[str], *words: str) -> None:
    assert done.returncode == 2, done
    line, *rest = done.stderr.strip().splitlines()
    assert not rest, done.stderr
    assert "defect" not in line
    assert all(word in line for word in words), line


@pytest.mark.parametrize(
    ("option", "typed", "offered"),
    [
        ("--portal", "ouhia", "ouhai"),
        ("--portal", "瓯海", "ouhai"),
        ("--region", "3303o4", "330304"),
        ("--region", "999999", "GB/T 2260"),
        ("--region", "温洲市", "温州市"),
        ("--agency", "瓯海区财政厅", "财政局"),
        ("--agency", "欧海区人民政府", "温州市瓯海区人民政府"),
    ],
)
def test_an_unknown_name_is_a_mistake_and_offers_the_nearest(
    root: Path, option: str, typed: str, offered: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in ("reports", "changes", "findings", "obligations", "agencies"):
        assert run([command, option, typed, "--archive", str(root)]) == 2
        assert typed in (text := capsys.readouterr().err), command
        assert offered in text, command


@pytest.mark.parametrize(
    ("option", "known"), [("--region", "33"), ("--region", "3303"), ("--agency", "瓯海区政府"), ("--portal", "ouhai")]
)
def test_a_known_name_is_none(root: Path, option: str, known: str) -> None:
    done = ogi("reports", "--json", option, known, "--archive", str(root))
    assert (done.returncode, done.stdout.count("\n")) == (0, 1), done.stderr


def test_nothing_that_matches_is_distinguished_from_an_empty_archive(root: Path, tmp_path: Path) -> None:
    assert "Nothing matches --year 2019" in ogi("reports", "--year", "2019", "--archive", str(root)).stdout
    Archive.create(tmp_path / "empty")
    assert "ogi harvest" in ogi("reports", "--archive", str(tmp_path / "empty")).stdout


@pytest.mark.parametrize("year", ["99999999999999999999", "-1", "1985", "二〇二〇"])
def test_a_year_out_of_range(root: Path, year: str) -> None:
    assert_one_line(ogi("reports", "--year", year, "--archive", str(root)), "--year")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("statsu", "status"), ("harvset", "harvest"), ("report", "reports"), ("obligation", "obligations")],
)
def test_a_misspelt_command_is_answered_with_the_one_meant(typed: str, meant: str) -> None:
    assert_one_line(ogi(typed), f"`ogi {meant}`")


def test_a_word_like_no_command_gets_no_guess() -> None:
    done = ogi("qqqq")
    assert done.returncode == 2
    assert "Did you mean" not in done.stderr


def test_settings_and_definitions_with_a_byte_order_mark(tmp_path: Path) -> None:
    Archive.create(tmp_path / "a")
    settings = tmp_path / "a" / "ogi.toml"
    settings.write_bytes(b"\xef\xbb\xbf" + settings.read_bytes())
    definition = tmp_path / "p.toml"
    definition.write_text(
        '\ufeff[portal]\nid = "p"\nname = "示例市人民政府"\nregion = "330304"\nurl = "http://127.0.0.1/"\n', "utf-8"
    )
    assert ogi("reports", "--archive", str(tmp_path / "a")).returncode == 0
    assert '"p"' in ogi("portals", "--json", "--portals", str(definition), "--archive", str(tmp_path / "a")).stdout


def test_closed_streams() -> None:
    assert_one_line(ogi("extract", "-", shell="<&-"))
    assert_one_line(ogi("--version", shell=">&-"), "standard output")


def test_chinese_words_where_the_locale_knows_none(tmp_path: Path) -> None:
    done = ogi(
        "init", "--name", "示例", "--archive", str(tmp_path / "a"), LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0"
    )
    assert done.returncode == 0, done.stderr
    assert 'name = "示例"' in (tmp_path / "a" / "ogi.toml").read_text("utf-8")
    assert (tmp_path / "a" / "portals").is_dir()


def test_nobody_elses_server_is_asked_without_a_contact(tmp_path: Path) -> None:
    environment = {"OGI_OPERATOR_CONTACT": ""}
    for url in ("http://portal.invalid/", "https://192.0.2.7/zfxxgk/"):
        assert_one_line(
            ogi("probe", url, "--archive", str(tmp_path / "a"), **environment),
            url,
            "operator.contact",
            "OGI_OPERATOR_CONTACT",
        )
    (tmp_path / "p.toml").write_text(
        '[portal]\nid = "p"\nname = "示例市人民政府"\nregion = "330304"\nurl = "http://portal.invalid/"\n', "utf-8"
    )
    Archive.create(tmp_path / "a")
    words = ["schedule", "--dry-run", "--portals", str(tmp_path / "p.toml"), "--archive", str(tmp_path / "a")]
    assert "Every harvest will fail: http://portal.invalid/" in ogi(*words, **environment).stderr
