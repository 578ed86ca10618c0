"""The list of functions above the limit of complexity only shrinks: the script says what is new, grown or simpler."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from tests.scripts import load_script

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def script() -> ModuleType:
    """`.ci/complexity.py`."""
    return load_script("complexity")


@pytest.mark.parametrize(
    ("now", "before", "words"),
    [
        ({"a.py:f": 13}, {"a.py:f": 13}, []),
        ({"a.py:f": 13}, {}, ["at most 12 may be new"]),
        ({"a.py:f": 15}, {"a.py:f": 13}, ["was 13"]),
        ({"a.py:f": 13}, {"a.py:f": 15}, ["simpler now"]),
        ({}, {"a.py:f": 13}, ["simpler now"]),
    ],
)
def test_list_only_shrinks(script: ModuleType, now: dict[str, int], before: dict[str, int], words: list[str]) -> None:
    said = script.complaints(now, before)
    assert len(said) == len(words)
    assert all(word in line for word, line in zip(words, said, strict=True))


def test_every_name_of_the_list_is_a_file_of_the_project(script: ModuleType) -> None:
    assert all(
        (ROOT / name.partition(":")[0]).is_file() and number > script.MOST for name, number in script.kept().items()
    )
