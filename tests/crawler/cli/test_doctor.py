"""`ogi doctor`, completion and man pages: what an archive needs, said line by line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from crawler.cli import COMMANDS, run
from crawler.cli.completion import SHELLS
from tests.archive.season import BASE, Season, Shown, page, report
from tests.crawler.receivers import webhook

ROOT = Path(__file__).parents[3]
URL = f"{BASE}/art/1.html"
NAMES = ["contact", "portals", "notification", "clock", "disk", "key", "head", "index", "calendar"]


@pytest.fixture
def doctor(capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs `ogi doctor` on a folder; gives its exit status and its checks by name."""

    def call(root: Path, *args: str) -> tuple[int, dict[str, Any]]:
        capsys.readouterr()
        code = run(["doctor", "--archive", str(root), "--json", *args])
        return code, {check["name"]: check for check in json.loads(capsys.readouterr().out)["checks"]}

    return call


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """A new archive with a name and a contact."""
    root = tmp_path / "archive"
    assert run(["init", "--archive", str(root), "--operator", "某人", "--contact", "a@b.example"]) == 0
    return root


def change(root: Path, before: str, after: str) -> None:
    path = root / "ogi.toml"
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), "utf-8")


def test_new_archive_lacks_things_and_nothing_is_wrong(fresh: Path, doctor: Any) -> None:
    code, checks = doctor(fresh)
    assert code == 0
    assert list(checks) == NAMES
    assert {name for name, check in checks.items() if check["outcome"] == "lacking"} == {
        "notification",
        "key",
        "calendar",
    }
    assert all(check["todo"] for check in checks.values() if check["outcome"] == "lacking")


def test_each_thing_that_is_wrong_is_named(fresh: Path, doctor: Any) -> None:
    change(fresh, 'contact = "a@b.example"', 'contact = " "')
    assert doctor(fresh)[1]["contact"]["outcome"] == "wrong"
    (fresh / "portals" / "x.toml").write_text("[portal]\nid = 1\n", "utf-8")
    assert doctor(fresh)[1]["portals"]["outcome"] == "wrong"
    change(fresh, "# reserve_bytes = 4000000", f"reserve_bytes = {10**18}")
    assert doctor(fresh)[1]["disk"]["outcome"] == "wrong"
    change(fresh, "# sign = false", "sign = true")
    code, checks = doctor(fresh)
    assert (code, checks["key"]["outcome"]) == (1, "wrong")
    path = fresh / "ogi.toml"
    path.write_text(path.read_text("utf-8") + '\n[[schedule.job]]\nname = "x"\nrun = "verify"\n', "utf-8")
    assert doctor(fresh)[1]["calendar"]["outcome"] == "wrong"


def test_key_that_others_can_read(tmp_path: Path, doctor: Any) -> None:
    root = tmp_path / "archive"
    assert run(["init", "--archive", str(root), "--sign"]) == 0
    assert doctor(root)[1]["key"]["outcome"] == "ok"
    (root / "keys" / "ogi-ed25519.pem").chmod(0o644)
    assert doctor(root)[1]["key"]["outcome"] == "wrong"


def test_lost_index_and_failed_verification(tmp_path: Path, doctor: Any) -> None:
    season = Season(tmp_path / "archive")
    from datetime import UTC, datetime

    from archive.warc.context import Entry

    season.run(datetime(2021, 1, 20, 2, tzinfo=UTC), [Shown(URL, page(report()))], [Entry(URL, report().title)])
    assert (doctor(season.root)[1]["index"]["outcome"], doctor(season.root)[1]["head"]["outcome"]) == ("ok", "lacking")
    assert run(["verify", "--archive", str(season.root)]) in (0, 3)
    assert doctor(season.root)[1]["head"]["outcome"] == "ok"
    (season.root / "ogi.db").unlink()
    assert doctor(season.root)[1]["index"]["outcome"] == "wrong"
    segment = next((season.root / "warc").glob("*.warc.gz"))
    segment.write_bytes(segment.read_bytes()[:-9])
    assert run(["verify", "--archive", str(season.root)]) == 1
    assert doctor(season.root)[1]["head"]["outcome"] == "wrong"


def test_rules_are_tried_only_when_asked(fresh: Path, doctor: Any) -> None:
    with webhook() as hook:
        path = fresh / "ogi.toml"
        path.write_text(path.read_text("utf-8") + f'\n[[notify]]\nurl = "{hook.url}"\n', "utf-8")
        assert doctor(fresh)[1]["notification"]["outcome"] == "ok"
        assert hook.taken == []
        assert doctor(fresh, "--send")[1]["notification"]["outcome"] == "ok"
        assert len(hook.taken) == 1
    code, checks = doctor(fresh, "--send")
    assert (code, checks["notification"]["outcome"]) == (1, "wrong")


def test_for_people_in_chinese(fresh: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run(["doctor", "--archive", str(fresh), "--lang", "zh"]) == 0
    said = capsys.readouterr().out
    assert "没有人会得到通知" in said
    assert len([line for line in said.splitlines() if not line.startswith(" ")]) == len(NAMES)


@pytest.mark.parametrize("shell", SHELLS)
def test_completion_scripts(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["completion", shell]) == 0
    assert "_OGI_COMPLETE" in capsys.readouterr().out


def test_shell_completes_commands_and_options() -> None:
    def completed(words: str, place: int) -> set[str]:
        said = subprocess.run(
            [sys.executable, "-m", "crawler"],
            env={**os.environ, "COMP_WORDS": words, "COMP_CWORD": str(place), "_OGI_COMPLETE": "bash_complete"},
            cwd=ROOT,
            capture_output=True,
            check=True,
        )
        return {line.partition(",")[2] for line in said.stdout.decode().splitlines()}

    assert completed("ogi doc", 1) == {"doctor"}
    assert completed("ogi reports --sta", 2) == {"--status"}


def test_every_command_has_a_man_page(tmp_path: Path) -> None:
    subprocess.run([sys.executable, ROOT / ".ci" / "manpages.py", tmp_path], cwd=ROOT, check=True, capture_output=True)
    names = {path.stem for path in tmp_path.iterdir()}
    assert {"ogi", "ogi-agencies-add", *(f"ogi-{name}" for name in COMMANDS)} <= names
    assert "--send" in (tmp_path / "ogi-doctor.1").read_text("utf-8").replace("\\-", "-")
