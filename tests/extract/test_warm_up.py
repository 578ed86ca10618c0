"""A process that forks readers makes first whatever is made once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import extract
from extract.api import read_report

PROGRAM = """
import time
from pathlib import Path
from extract import api
from tests.archive.season import page, report
data = page(report("温州市瓯海区财政局", 2023, 3))
def spent():
    began = time.process_time()
    found = api.read_report(data, source="page", hint="text/html")
    assert len(found.extraction.figures) > 100
    return time.process_time() - began
api.warm_up()
first = spent()
print(first / min(spent() for _ in range(5)))
"""


def test_the_first_page_after_the_warm_up_takes_no_longer_than_others() -> None:
    said = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True
    )
    assert float(said.stdout) < 4, "without it: ten times"


def test_the_specimen_is_a_report_that_is_read() -> None:
    found = read_report(Path(extract.__file__).with_name("specimen.html").read_bytes(), source="s", hint="text/html")
    assert found.extraction.year == 2023
    assert len(found.extraction.figures) == 25
    assert found.content is not None
