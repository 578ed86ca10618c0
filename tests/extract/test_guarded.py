"""Reading in a process of its own: time limits, and the time that a scan gets beyond them."""

from __future__ import annotations

import io
import multiprocessing
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import pytest

from extract.document.limits import TIME_GIVEN, Budget
from extract.errors import DocumentTooLarge, UnreadableDocument
from extract.guarded import GuardedReader, _MoreTime
from extract.model import Extraction, Limits
from tests.carriers.books import write_xlsx
from tests.carriers.reports import report
from tests.extract import portal_pages as pages


def test_one_process_reads_many_documents() -> None:
    page = pages.page("trs", pages.Report()).encode()
    with GuardedReader(Limits()) as reader:
        first = reader.extract(page, source="a.html")
        with pytest.raises(UnreadableDocument):
            reader.extract(b"%PDF-1.7 broken", source="b.pdf")
        again = reader.extract(page, source="a.html")
    assert first.figures
    assert first == again


def test_time_that_a_scan_gives_itself_moves_the_outer_limit() -> None:
    reader = GuardedReader(Limits(max_seconds=-2.9))  # with the grace period a tenth of a second
    ours, theirs = multiprocessing.Pipe()
    theirs.send(_MoreTime(30.0))
    late = threading.Timer(0.3, theirs.send, [Extraction("scan.png", "image/png")])
    late.start()
    assert reader._answer(ours) == Extraction("scan.png", "image/png")
    late.join()
    with pytest.raises(DocumentTooLarge):
        reader._answer(ours)


def test_budget_tells_whoever_watches() -> None:
    told: list[float] = []
    token = TIME_GIVEN.set(told.append)
    try:
        budget = Budget(Limits(max_seconds=0.0))
        budget.extend(90.0)
        budget.check_time()
    finally:
        TIME_GIVEN.reset(token)
    assert told == [90.0]


@pytest.mark.parametrize("kind", ["xlsx", "zip"])
def test_what_ends_its_reader_is_one_line_for_people(kind: str, tmp_path: Path) -> None:
    """The library for workbooks asks for room for all cells up to the farthest one, and ends its process where there is none."""
    book = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(write_xlsx(report("form-2021")))) as sound, zipfile.ZipFile(book, "w") as into:
        for name in sound.namelist():
            far = b"<row r='99999999'><c r='ZZZ99999999'><v>1</v></c></row></sheetData>"
            into.writestr(name, sound.read(name).replace(b"</sheetData>", far))
    file = tmp_path / f"far.{kind}"
    file.write_bytes(book.getvalue())
    if kind == "zip":
        with zipfile.ZipFile(file, "w") as into:
            into.writestr("far.xlsx", book.getvalue())
    command = [sys.executable, "-c", "from crawler.cli import main; main()", "extract", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert str(file) in line
    assert "the reading process died of this file" in line
