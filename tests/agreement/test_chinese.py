"""What every command prints with `--lang zh`: no English sentence is left in it, codes, names and what stands in reports excepted."""

from __future__ import annotations

import json
import re
from pathlib import Path

import click
import pytest

from archive.index.codes import ProofKind
from archive.lists.row_outcomes import RowOutcome
from crawler.cli import run
from crawler.cli.reference import commands
from tests.archive.kept import copy_of
from tests.archive.site_archive import build

#: Two words that follow each other, as no code, path or address has them.
_ENGLISH = re.compile(r"(?<![\w`/.@=-])[A-Za-z][a-z']+(?: [a-z']+[a-z])+")
#: Codes of more than one word, or of several parts of which one is.
_CODES = {part for code in (*ProofKind, *RowOutcome) for part in code.split(", ")}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_of("site", build, tmp_path_factory.mktemp("chinese") / "a", tmp_path_factory).root


def english_in(text: str) -> list[str]:
    """Runs of English words outside of what is quoted, named or to be typed."""
    for quoted in (
        r"`[^`]*`",
        r"\bogi(?: [a-z-]+)+",
        r"\"[^\"]*\"",
        r"'[^']*'",
        r"\[[^\]\n]*\]",
        r"https?://\S+",
        r"/\S+",
    ):
        text = re.sub(quoted, " · ", text)
    return [found for found in _ENGLISH.findall(re.sub(r"\n +", " ", text)) if found not in _CODES]


def said(args: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    run(["--lang", "zh", *args])
    captured = capsys.readouterr()
    return captured.out + captured.err


#: Commands with what makes them speak; `{archive}`, `{report}` and `{to}` (a new path) are put in.
SPEAKING = (
    "status",
    "doctor",
    "reports",
    "changes",
    "findings",
    "obligations",
    "obligations --coverage",
    "obligations --by region",
    "rows",
    "agencies",
    "agencies history",
    "agencies export",
    "portals",
    "diff {report}",
    "verify",
    "verify --read 1 --sample 1",
    "verify --key 0000000000000000000000000000000000000000000000000000000000000000",
    "verify --head 0000000000000000000000000000000000000000000000000000000000000000",
    "status",
    "trust show",
    "digest --test",
    "digest --again",
    "schedule --dry-run --days 3",
    "prove {report} --to {to}.wacz",
    "prove --check {to}.wacz",
    "prove absence:无此机关/2020 --to {to}-none.wacz",
    "prove nothing --to {to}-none.wacz",
    "export --to {to}-package",
    "verify {to}-package",
    "publish --to {to}-snapshot",
    "verify {to}-snapshot",
    "export --format wacz --to {to}-all.wacz",
    "withhold",
    "backfill",
    "rebuild",
    "reextract",
    "extract {to}-page.html",
    "check {to}-page.html",
    "check {to}-page.html --sheet {to}-sheet.html",
    "extract {to}-empty.html",
    "import {to}-empty.html",
    "harvest --portal nope",
    "keys rotate",
    "hub serve --hub {to}-hub",
    "init",
)


def test_no_command_speaks_english_to_who_reads_chinese(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OGI_ARCHIVE", str(archive))
    monkeypatch.chdir(tmp_path)
    to = tmp_path / "to"
    Path(f"{to}-page.html").write_text(
        "<title>示例市2023年政府信息公开工作年度报告</title><p>一、总体情况</p><p>收到申请 5 件。</p>", "utf-8"
    )
    Path(f"{to}-empty.html").write_text("", "utf-8")
    report = next(
        one["report"]
        for one in map(json.loads, said(["reports", "--json"], capsys).splitlines())
        if one["versions"] > 1
    )
    left = {}
    for line in SPEAKING:
        text = said(line.format(report=report, to=to).split(), capsys)
        assert text.strip(), f"{line}: nothing was said, so nothing is shown"
        if found := english_in(text):
            left[line] = found
    sheet = re.sub(r"<style>.*?</style>|<[^>]+>", " ", Path(f"{to}-sheet.html").read_text("utf-8"), flags=re.S)
    if found := english_in(sheet):
        left["the sheet"] = found
    assert not left, "\n".join(f"{line}: {found}" for line, found in left.items())


def test_no_help_is_english_to_who_reads_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    helps = {" ".join(path): said([*path, "--help"], capsys) for path, _ in commands()}
    assert {path: found for path, text in helps.items() if (found := english_in(click.unstyle(text)))} == {}


def test_an_english_sentence_would_be_seen() -> None:
    assert english_in("网站 a：the page no longer looks like the report") == [
        "the page no longer looks like the report"
    ]
    assert english_in("Not verified yet.") == ["Not verified yet"]
    assert english_in("bytes 已证明，见 `ogi verify now` 和 https://a.gov.cn/the-page") == []
    assert english_in("没有标记：no mark") == []
