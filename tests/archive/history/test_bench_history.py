"""The history bench in small: no noise of a portal is a change, and every planted change is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.history.__main__ import run_noise, run_plants
from bench.history.plants import KINDS


def test_one_change_of_each_kind_is_told(tmp_path: Path) -> None:
    kinds, missed, false = run_plants(tmp_path / "a", len(KINDS) + 4, 1, 1)
    assert set(KINDS) | {"moved-host", "moved-folder"} == set(kinds)
    assert (missed, false) == ([], [])


@pytest.mark.slow
def test_noise_changes_nothing(tmp_path: Path) -> None:
    fetches, false = run_noise(tmp_path / "a", 100, 2, 1)
    assert (fetches, false) == (100, [])


@pytest.mark.slow
def test_planted_changes_are_told_amid_noise(tmp_path: Path) -> None:
    kinds, missed, false = run_plants(tmp_path / "a", 60, 3, 1)
    assert kinds.total() == 60
    assert (missed, false) == ([], [])
