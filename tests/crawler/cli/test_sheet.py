"""`ogi check --sheet`: findings of drafts to work through, safe whatever stands in them."""

from __future__ import annotations

from pathlib import Path

import lxml.html
import pytest

from crawler.cli import run
from tests.extract import portal_pages as pages
from tests.extract.portal_pages import Report, edit


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    """A report whose first row doesn't add up."""
    rows = tuple((5 + (place == 0) * 7, 0, 0, 0, 0, 0, 5) for place, _ in enumerate(pages.ROWS_2021))
    path = tmp_path / "draft<b>.html"
    path.write_bytes(pages.body(edit(Report(), applications=rows)).encode())
    return path


@pytest.mark.parametrize(("language", "heading"), [("zh", "所印数字"), ("en", "Printed numbers")])
def test_sheet_has_rule_place_numbers_and_room(
    draft: Path, tmp_path: Path, language: str, heading: str, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet = tmp_path / "sheet.html"
    assert run(["check", str(draft), "--sheet", str(sheet), "--lang", language]) == 1
    page = lxml.html.fromstring(sheet.read_text("utf-8"))
    assert heading in [cell.text for cell in page.iter("th")]
    rows = page.xpath("//tbody/tr")
    assert len(rows) == capsys.readouterr().out.count("规则：" if language == "zh" else "rule: ")
    assert all(row.xpath("td[4]//b") and row.xpath("td[5]")[0].text == "☐" for row in rows)
    assert not page.xpath("//p//b")


def test_sheet_that_cannot_be_written_is_one_line(
    draft: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["check", str(draft), "--sheet", str(tmp_path / "nowhere" / "sheet.html")]) == 2
    assert capsys.readouterr().err.count("\n") == 1
