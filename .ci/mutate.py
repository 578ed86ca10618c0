#!/usr/bin/env python3
"""Are the named numbers held by tests? Changes one at a time and runs the tests that reach it; prints who caught it.

    .ci/mutate.py [--rooms ROOM]... [--only NAME] [--seconds N] [--minutes N] [--most SURVIVORS_PERCENT] [--to FILE.tsv]

A named number is a module's UPPER_CASE constant. It is halved and doubled; a share between 0 and 1 goes up and down by a fifth. Tests are
those whose coverage reaches a line that uses the constant (one run with contexts, kept in build/), then those of the room. A mutant that no
test catches is a survivor. Works on a copy of HEAD: what is not committed is not tried. Exit status 1 above `--most` percent.

With `--rooms` only the tests of these rooms are run for coverage: a constant that another room's tests hold may survive then. After
`--minutes` nothing new is tried, and the last line says how many constants were not.
"""

from __future__ import annotations

import argparse
import ast
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROOMS = (
    "extract/lexicon",
    *("extract/tables", "extract/layout", "extract/web", "extract/report"),
    *("archive/duties", "archive/history"),
    *("crawler/pages", "crawler/passes", "crawler/http"),
)
FREE = "free:"  # a comment above a constant that says so, and the range that was tried, takes it out


@dataclass(frozen=True, slots=True)
class Constant:
    """A named number: where it stands, what it is, which lines use it."""

    file: str
    name: str
    line: int
    start: int
    end: int
    value: float
    uses: frozenset[tuple[str, int]]


def constants(root: Path, rooms: list[str]) -> list[Constant]:
    """All named numbers of the rooms that are written as one literal."""
    trees = {file: ast.parse(file.read_text("utf-8")) for room in rooms for file in sorted((root / room).rglob("*.py"))}
    found = []
    for file, tree in trees.items():
        lines = file.read_text("utf-8").split("\n")
        for node in tree.body:
            if isinstance(node, ast.Assign) and len(node.targets) == 1:
                target = node.targets[0]
            elif isinstance(node, ast.AnnAssign):
                target = node.target
            else:
                continue
            value = node.value
            if not (isinstance(target, ast.Name) and target.id.isupper() and isinstance(value, ast.Constant)):
                continue
            if (
                isinstance(value.value, bool)
                or not isinstance(value.value, int | float)
                or FREE in lines[node.lineno - 2]
            ):
                continue
            uses = {
                (other.relative_to(root).as_posix(), item.lineno)
                for other, inner in trees.items()
                for item in ast.walk(inner)
                if (isinstance(item, ast.Name) and item.id == target.id and isinstance(item.ctx, ast.Load))
                or (isinstance(item, ast.Attribute) and item.attr == target.id)
            }
            found.append(
                Constant(
                    file.relative_to(root).as_posix(),
                    target.id,
                    value.lineno,
                    value.col_offset,
                    value.end_col_offset or 0,
                    value.value,
                    frozenset(uses),
                )
            )
    return found


def changed(value: float) -> list[float]:
    """The values to try in a constant's place."""
    if isinstance(value, float) and 0 < value < 1:
        return [round(value * 0.8, 4), round(min(value * 1.2, (1 + value) / 2), 4)]
    if value in (0, 1):
        return [value + 1]
    if isinstance(value, int):
        return [value // 2, value * 2]
    return [value / 2, value * 2]


def contexts(copy: Path, data: Path, folders: list[str]) -> dict[tuple[str, int], list[str]]:
    """Tests by line; one run of the fast tests (in these folders, of all if there is none) with coverage if there is none yet."""
    sys.path = [
        place for place in sys.path if Path(place).resolve() != ROOT / ".ci"
    ]  # coverage.py there is a script of ours
    from coverage import CoverageData

    if not data.exists():
        data.parent.mkdir(parents=True, exist_ok=True)
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-n",
            "2",
            "-m",
            "not slow and not browser",
            "-p",
            "no:cacheprovider",
            *folders,
        ]
        command += [f"--cov={top}" for top in ("extract", "archive", "crawler")] + [
            "--cov-context=test",
            "--cov-report=",
        ]
        subprocess.run(command, cwd=copy, env=_environment(copy) | {"COVERAGE_FILE": str(data)}, check=False)
    found = CoverageData(str(data))
    found.read()
    by_line: dict[tuple[str, int], list[str]] = {}
    for file in found.measured_files():
        name = "/".join(Path(file).parts[-_depth(file) :])
        for number, tests in found.contexts_by_lineno(file).items():
            by_line[name, number] = sorted({test.partition("|")[0] for test in tests if test})
    return by_line


def _depth(file: str) -> int:
    parts = Path(file).parts
    return len(parts) - max(parts.index(top) for top in ("extract", "archive", "crawler") if top in parts)


def _environment(copy: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}


def is_caught(copy: Path, tests: list[str], room: str, seconds: float) -> str:
    """The test that fails, `time` if the mutant hangs, an empty text if it survives."""
    folder = f"tests/{room}"
    for chosen in (tests[:80], [folder] if (copy / folder).exists() else []):
        if not chosen:
            continue
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-x",
            "-q",
            "-p",
            "no:cacheprovider",
            "-m",
            "not slow and not browser",
            *chosen,
        ]
        try:
            run = subprocess.run(
                command, cwd=copy, env=_environment(copy), capture_output=True, text=True, timeout=seconds
            )
        except subprocess.TimeoutExpired:
            return "time"
        failed = [line for line in run.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
        if failed:
            return failed[0].split(" ")[1]
    return ""


def main() -> int:
    """Try every constant and count the survivors."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rooms", action="append")
    parser.add_argument("--only")
    parser.add_argument("--seconds", type=float, default=240)
    parser.add_argument("--minutes", type=float, default=float("inf"))
    parser.add_argument("--most", type=float, default=20)
    parser.add_argument("--to", type=Path, default=ROOT / "build" / "mutants.tsv")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ogi-mutants-") as folder:
        copy = Path(folder) / "checkout"
        subprocess.run(["git", "clone", "-q", str(ROOT), str(copy)], check=True)
        revision = subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout.strip()
        rooms = options.rooms or list(ROOMS)
        folders = [folder for room in options.rooms or () if (copy / (folder := f"tests/{room}")).exists()]
        name = "-".join(["contexts", revision, *(room.replace("/", "_") for room in options.rooms or ())])
        by_line = contexts(copy, ROOT / "build" / name, folders)
        tried = survived = left = 0
        end = time.monotonic() + 60 * options.minutes
        options.to.parent.mkdir(parents=True, exist_ok=True)
        with options.to.open("w", encoding="utf-8") as table:
            for one in constants(copy, rooms):
                if options.only and one.name != options.only:
                    continue
                if time.monotonic() > end:
                    left += 1
                    continue
                file = copy / one.file
                text = file.read_text("utf-8")
                tests = sorted({test for use in one.uses for test in by_line.get(use, [])}, key=len)
                for value in changed(one.value):
                    lines = text.split("\n")
                    line = lines[one.line - 1].encode()
                    lines[one.line - 1] = (line[: one.start] + repr(value).encode() + line[one.end :]).decode()
                    file.write_text("\n".join(lines), "utf-8")
                    began = time.monotonic()
                    caught = is_caught(copy, tests, one.file.rpartition("/")[0], options.seconds)
                    tried += 1
                    survived += not caught
                    print(
                        f"{one.file}\t{one.name}\t{one.value} -> {value}\t{caught or 'SURVIVES'}\t{time.monotonic() - began:.0f} s",
                        file=table,
                        flush=True,
                    )
                    print(
                        f"{'survives' if not caught else 'caught  '} {one.file} {one.name} {one.value} -> {value} {caught}",
                        flush=True,
                    )
                file.write_text(text, "utf-8")
    share = 100 * survived / tried if tried else 0
    rest = f"; {left} constants were not tried" if left else ""
    print(f"{tried} mutants of named numbers, {survived} survive ({share:.0f} %){rest}")
    return 1 if share > options.most else 0


if __name__ == "__main__":
    sys.exit(main())
