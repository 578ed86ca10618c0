"""The list of heavy tests names tests that exist, and is made from what was measured."""

from __future__ import annotations

import ast
from pathlib import Path
from types import ModuleType

import pytest

from tests.scripts import load_script

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def script() -> ModuleType:
    """`.ci/heavy.py`."""
    return load_script("heavy")


def test_every_heavy_test_exists(script: ModuleType) -> None:
    """A test that was renamed would cost its CPU in `make test` again, and nobody would see why."""
    named = [line for line in script.LIST.read_text("utf-8").splitlines() if not line.startswith("#")]
    files = {name.split("::")[0] for name in named}
    there = {f"{file}::{name}" for file in files for name in _tests_in(ROOT / file)}
    assert sorted(set(named) - there) == []


def _tests_in(path: Path) -> list[str]:
    """`function`, or `Class::function`."""
    found: list[str] = []
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.append(node.name)
        elif isinstance(node, ast.ClassDef):
            found += [
                f"{node.name}::{each.name}"
                for each in node.body
                if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)
            ]
            if any("StateMachine" in ast.unparse(base) for base in node.bases):
                found.append(f"{node.name}::runTest")
    return found


def test_one_case_or_all_together_make_a_test_heavy(script: ModuleType) -> None:
    one, together = script.ONE, script.TOGETHER
    many = [(f"t.py::many[{case}]", together / 20) for case in range(21)]
    costs = [("t.py::long", one), ("t.py::short", one - 0.01), *many, ("t.py::few[a]", 0.1)]
    assert script.heavy(costs) == ["t.py::long", "t.py::many"]
