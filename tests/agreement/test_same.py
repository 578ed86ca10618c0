"""The comparison of two checkouts (`.ci/same.py`) gives equal things for equal checkouts, and sees what differs."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SAME = ROOT / ".ci" / "same.py"


def written(repo: Path, target: Path, *parts: str) -> dict[str, str]:
    chosen = [f"--part={part}" for part in parts]
    subprocess.run([sys.executable, SAME, "write", target, "--repo", repo, *chosen], check=True)
    return {file.name: file.read_text("utf-8") for file in sorted(target.iterdir())}


def test_writing_twice_gives_the_same(tmp_path: Path) -> None:
    one = written(ROOT, tmp_path / "one", "season", "lists")
    two = written(ROOT, tmp_path / "two", "season", "lists")
    assert one == two
    assert any('"revised"' in line for line in one["season.lists"].splitlines())
    assert len(one) > 30


def test_a_change_of_meaning_is_seen(tmp_path: Path) -> None:
    other = tmp_path / "checkout"
    shutil.copytree(ROOT, other, ignore=shutil.ignore_patterns(".venv", ".git", "build", "dist", "*.pyc", "demo-data"))
    clock = other / "archive" / "clock.py"
    text = clock.read_text("utf-8")
    assert "%H:%M:%SZ" in text
    clock.write_text(text.replace("%H:%M:%SZ", "%H:%M:59Z"), "utf-8")
    assert written(ROOT, tmp_path / "one", "season") != written(other, tmp_path / "two", "season")
