"""`ogi extract` and `ogi check`, through the program's own entry."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from crawler.cli import run
from tests.extract import portal_pages as pages
from tests.extract.portal_pages import Report, edit, page

SEEDS = Path(__file__).parents[2] / "fixtures" / "seeds"
SEED = SEEDS / "keqiao-2020.txt"


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "report.html"
    path.write_text(page("trs", balanced()), "utf-8")
    return path


def balanced() -> Report:
    """A report without any contradiction."""
    rows = [(0,) * 7] * 25
    rows[0], rows[2], rows[23] = (2, 0, 0, 0, 0, 0, 2), (2, 0, 0, 0, 0, 0, 2), (2, 0, 0, 0, 0, 0, 2)
    return edit(
        Report(), applications=tuple(rows), sentences=("全年公开信息。", "全区各级行政机关公开有序。"), other="无。"
    )


def ogi(capsys: pytest.CaptureFixture[str], *args: str | Path) -> tuple[int, str, str]:
    status = run([str(arg) for arg in args])
    out, err = capsys.readouterr()
    return status, out, err


def objects(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def test_json_is_one_object_a_document(capsys: pytest.CaptureFixture[str], good: Path) -> None:
    status, out, err = ogi(capsys, "extract", "--json", SEED, good)
    assert (status, err) == (0, "")
    first, second = objects(out)
    assert first["source"] == str(SEED)
    assert (first["agency"], first["year"], first["form"]) == ("绍兴市柯桥区人民政府", 2020, "2019")
    assert second["coverage"] == {"disclosure": [10, 10], "applications": [175, 175], "challenges": [15, 15]}
    assert set(second["figures"][0]) == {"table", "row", "column", "value", "raw", "state", "confidence", "where"}


def test_summary_for_people(capsys: pytest.CaptureFixture[str], good: Path) -> None:
    status, out, _ = ogi(capsys, "extract", good)
    assert status == 0
    for words in (
        Report().title,
        pages.ORGAN,
        "175 of 175",
        "natural_person",
        "denied_state_secret",
        "六、其他需要报告的事项",
    ):
        assert words in out


def test_missing_file_is_one_line_and_the_rest_goes_on(capsys: pytest.CaptureFixture[str], good: Path) -> None:
    status, out, err = ogi(capsys, "extract", "--json", "no-such-file.pdf", good)
    assert status == 2
    assert len(objects(out)) == 1
    assert len(err.splitlines()) == 1
    assert "no-such-file.pdf" in err


@pytest.mark.parametrize("data", [b"", b"%PDF-1.4\nrubbish", b"PK\x03\x04rubbish", bytes(range(256)) * 40])
def test_unreadable_files_give_two_and_no_traceback(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, data: bytes
) -> None:
    path = tmp_path / "bad.pdf"
    path.write_bytes(data)
    status, out, err = ogi(capsys, "extract", path)
    assert (status, out) == (2, "")
    assert len(err.splitlines()) == 1
    assert "Traceback" not in err


def test_document_that_is_no_report_is_read_all_the_same(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("示例市天气预报\n明天晴。\n", "utf-8")
    status, out, _ = ogi(capsys, "extract", "--json", path)
    (found,) = objects(out)
    assert (status, found["year"], found["figures"]) == (0, None, [])
    assert any("not an annual report" in warning for warning in found["warnings"])


def test_folder_stands_for_its_files(capsys: pytest.CaptureFixture[str], good: Path) -> None:
    (good.parent / "b").mkdir()
    (good.parent / "b" / "second.html").write_bytes(good.read_bytes())
    status, out, _ = ogi(capsys, "extract", "--json", good.parent)
    assert status == 0
    assert [Path(found["source"]).name for found in objects(out)] == ["second.html", "report.html"]


def test_empty_folder_is_said_to_be_empty(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    status, out, err = ogi(capsys, "check", tmp_path)
    assert (status, out) == (2, "")
    assert err == f"Error: {tmp_path}: the folder has no files in it\n"


def test_standard_input(good: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "crawler", "extract", "--json", "-"],
        input=good.read_bytes(),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0
    (found,) = objects(done.stdout.decode())
    assert (found["source"], found["year"]) == ("-", 2023)


def test_no_file_at_all_is_bad_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert ogi(capsys, "extract")[0] == 2


def test_size_limit(capsys: pytest.CaptureFixture[str], good: Path) -> None:
    status, _, err = ogi(capsys, "extract", "--max-bytes", "100", good)
    assert status == 2
    assert "--max-bytes" in err


def test_file_that_takes_for_ever_is_ended(capsys: pytest.CaptureFixture[str], tmp_path: Path, good: Path) -> None:
    """Reading the slow one takes several seconds of CPU; the good one, under any load, a fraction of the limit."""
    slow = tmp_path / "slow.html"
    row = f"<tr>{'<td>1</td>' * 30}</tr>"
    slow.write_text("<body>" + f"<table>{row * 30}</table>" * 160, "utf-8")
    status, out, err = ogi(capsys, "extract", "--json", "--max-seconds", "2", slow, good)
    assert status == 2
    assert err.startswith(f"Error: {slow}: reading took longer than 2 seconds")
    assert [Path(found["source"]).name for found in objects(out)] == ["report.html"]


def test_check_of_a_good_draft(capsys: pytest.CaptureFixture[str], good: Path) -> None:
    status, out, _ = ogi(capsys, "check", good)
    assert status == 0
    assert "0 errors" in out


def test_check_names_rule_and_figures(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "draft.html"
    rows = list(balanced().applications)
    rows[24] = (1, 0, 0, 0, 0, 0, 1)
    path.write_text(page("trs", edit(balanced(), applications=tuple(rows))), "utf-8")
    status, out, _ = ogi(capsys, "check", path)
    assert status == 1
    assert "balance" in out
    assert "received + carried_in = disposed_total + carried_out" in out
    assert "applications.carried_out.total = 1" in out
    status, out, _ = ogi(capsys, "check", "--json", path)
    found = objects(out)
    assert status == 1
    assert {"balance"} <= {finding["check"] for finding in found}
    assert all(finding["rule"] and finding["source"] == str(path) for finding in found)
    assert found[0]["compared"]


def test_check_of_a_file_that_cannot_be_read(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert ogi(capsys, "check", tmp_path / "none.docx")[0] == 2


def test_help_starts_without_heavy_libraries() -> None:
    code = (
        "import sys; from crawler.cli import run; status = run(['extract', '--help']);"
        "heavy = {'trafilatura', 'pypdfium2', 'pdfplumber', 'lxml', 'scrapy', 'datasette', 'rich'} & set(sys.modules);"
        "sys.exit(f'imported {heavy}' if heavy or status else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
