"""The field guide to portals, and what cites it."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from tests.scripts import load_script

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def guide() -> ModuleType:
    return load_script("field_guide")


def test_every_cited_section_exists(guide: ModuleType) -> None:
    assert guide.unknown() == []


def test_each_chapter_says_which_modules_rest_on_it(guide: ModuleType) -> None:
    text = guide.GUIDE.read_text("utf-8")
    assert guide.renewed(text) == text, "run .ci/field_guide.py"
    assert "`crawler/families/jcms.py`" in text


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("as the field guide §2.4 has it", ["2.4"]),
        ("(field guide §§1.4, 2.5 and 11.4)", ["1.4", "2.5", "11.4"]),
        ("after field guide §§1-3", ["1", "2", "3"]),
        ("Field guide §13: a quarter of an hour", ["13"]),
        ("the guide to nothing", []),
    ],
)
def test_citations_are_recognised(guide: ModuleType, text: str, numbers: list[str]) -> None:
    assert guide.cited(text) == numbers


def test_a_citation_of_nothing_is_found(guide: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "crawler").mkdir()
    (tmp_path / "crawler" / "x.py").write_text('"""See field guide ' + '§99.7."""', "utf-8")
    monkeypatch.setattr(guide, "ROOT", tmp_path)
    assert guide.unknown() == ["crawler/x.py: §99.7"]
