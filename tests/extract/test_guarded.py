"""Reading in a process of its own: time limits, and the time that a scan gets beyond them."""

from __future__ import annotations

import multiprocessing
import threading

import pytest

from extract.document.limits import TIME_GIVEN, Budget
from extract.errors import DocumentTooLarge, UnreadableDocument
from extract.guarded import GuardedReader, _MoreTime
from extract.model import Extraction, Limits
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
