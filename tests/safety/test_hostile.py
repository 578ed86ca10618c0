"""Documents that end or eat the process that reads them, served by a portal: the harvest goes on and names them.

The readers end by themselves whatever they know to be hostile (tests/extract); what is tried here is what they can't see coming: an endless
loop in native code, a crash, and memory without end. The marks in the pages stand for a fault in a library.
"""

from __future__ import annotations

import ctypes
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import extract.api
from archive.clock import SystemClock
from archive.files.folder import Archive
from archive.history.ingest import rebuild
from archive.index.database import open_database
from archive.index.rows import rows
from archive.lists.queries import dump
from archive.work.children import ChildLimits, run_in_children
from crawler.harvest.run import harvest
from crawler.portals.definitions import parse_definition
from tests.carriers.books import write_xls, write_xlsx
from tests.carriers.fixtures import fixture
from tests.carriers.ofds import write_ofd
from tests.carriers.pdfs import PdfWriter
from tests.carriers.reports import report as form
from tests.carriers.word import write_docx
from tests.crawler.sites import Page, listing, report, serve_site

MIB = 1 << 20


def _loop() -> None:
    re.match(r"(?:a+)+b", "a" * 60)  # exponential, in C, and deaf to signals


def _crash() -> None:
    ctypes.string_at(0)


def _eat() -> None:
    kept = [bytearray(64 * MIB) for _ in range(64)]
    raise AssertionError(f"{len(kept)} pieces of memory were to be had")


FAULTS = {b"fault-loop": _loop, b"fault-crash": _crash, b"fault-memory": _eat}


@pytest.mark.slow
def test_a_harvest_goes_on_and_names_what_ended_its_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sound = extract.api.read_report

    def read_report(data: bytes, **options: Any) -> Any:
        for mark, fault in FAULTS.items():
            if mark in data:
                fault()
        return sound(data, **options)

    monkeypatch.setattr(extract.api, "read_report", read_report)
    monkeypatch.setattr("archive.history.fold.READING", ChildLimits(seconds=2.0, memory_bytes=1500 * MIB))
    archive = Archive.create(tmp_path / "archive")
    with serve_site() as site:
        links = []
        for number, mark in enumerate(["", "fault-loop", "", "fault-crash", "fault-memory", ""]):
            path, title = f"/nb/202101/t20210120_{number}.html", f"示例区第{number}局2020年政府信息公开工作年度报告"
            site.pages[path] = Page(report(title, number, links=f"<!-- {mark} -->"))
            links.append((path, title, "2021-01-20"))
        site.pages["/nb/"] = Page(listing(links))
        began = time.monotonic()
        summary = harvest(archive, [parse_definition(site.definition())], clock=SystemClock())
        assert time.monotonic() - began < 300
    assert summary.is_ok
    named = " ".join(summary.unreadable)
    assert [number for number in range(6) if f"t20210120_{number}.html" in named] == [1, 3, 4]
    assert len(summary.unreadable) == 3
    db = open_database(archive.db_path, read_only=True)
    assert len(rows(db, "SELECT 1 FROM versions")) == 3
    before = dump(db)
    db.close()
    rebuild(archive, workers=2)
    db = open_database(archive.db_path, read_only=True)
    assert dump(db) == before
    db.close()


@pytest.mark.slow
def test_a_file_that_ends_its_reader_costs_neither_its_page_nor_the_files_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever carrier it is in: the marks stand behind the file's end, where no reader looks."""
    sound = extract.api.read_report

    def read_report(data: bytes, **options: Any) -> Any:
        if b"fault-crash" in data:
            _crash()
        return sound(data, **options)

    monkeypatch.setattr(extract.api, "read_report", read_report)
    carriers = {
        "docx": write_docx(form("form-2021")),
        "xlsx": write_xlsx(form("form-2021")),
        "xls": write_xls(form("form-2021")),
        "doc": fixture("form-2021.doc"),
        "pdf": PdfWriter().write(form("form-2021")),
        "ofd": write_ofd(form("form-2021")),
    }
    archive = Archive.create(tmp_path / "archive")
    with serve_site() as site:
        links = []
        for number, (kind, data) in enumerate(carriers.items()):
            path, title = f"/nb/202101/t20210120_{number}.html", f"示例区第{number}局2020年政府信息公开工作年度报告"
            bad, good = f"/nb/202101/bad{number}.{kind}", f"/nb/202101/good{number}.docx"
            site.pages[bad] = Page(data + b"\n%fault-crash")
            site.pages[good] = Page(write_docx(form("form-2021")))
            named = f"<p><a href='{bad}'>附件1：表</a></p><p><a href='{good}'>附件2：说明</a></p>"
            site.pages[path] = Page(report(title, number, links=named))
            links.append((path, title, "2021-01-20"))
        site.pages["/nb/"] = Page(listing(links))
        summary = harvest(archive, [parse_definition(site.definition())], clock=SystemClock())
    assert summary.unreadable == ()
    db = open_database(archive.db_path, read_only=True)
    found = rows(db, "SELECT url, warnings, attachments FROM versions ORDER BY url")
    before = dump(db)
    db.close()
    assert len(found) == len(carriers)
    for number, row in enumerate(found):
        url, warnings, attachments = row["url"], row["warnings"], row["attachments"]
        assert "reading it ended the process" in warnings, url
        assert f"bad{number}." in warnings
        assert f"good{number}." not in warnings
        assert f"good{number}." in attachments
    rebuild(archive, workers=2)
    db = open_database(archive.db_path, read_only=True)
    assert dump(db) == before
    db.close()


def _own_pid(number: int) -> int:
    return os.getpid() if number else 0


def test_children_hold_nothing_of_the_parents_open(tmp_path: Path) -> None:
    program = (
        "import fcntl, os, sys, time\n"
        "from archive.work.children import run_in_children\n"
        "lock = open(sys.argv[1], 'w'); fcntl.flock(lock, fcntl.LOCK_EX)\n"
        "def job(item):\n"
        "    os.write(1, b'working\\n'); time.sleep(10)\n"
        "list(run_in_children(job, iter([1]), given_up=lambda item: None, workers=1))\n"
    )
    lock = tmp_path / "lock"
    command = [sys.executable, "-c", program, str(lock)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2])
    assert process.stdout is not None
    assert process.stdout.readline() == b"working\n"
    process.kill()
    process.wait()
    import fcntl

    with lock.open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)  # raises if the child still held it
    process.stdout.close()


def test_results_come_in_order_and_the_first_error_of_a_job_is_raised() -> None:
    pids = list(run_in_children(_own_pid, iter(range(8)), given_up=_own_pid, workers=3))
    assert pids[0] == 0
    assert os.getpid() not in pids[1:]
    with pytest.raises(ZeroDivisionError):
        list(run_in_children((1).__truediv__, iter([1, 0, 2]), given_up=float, workers=2))
