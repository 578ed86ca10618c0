"""A helper makes calls that may end their process; what it dies of costs the one call."""

from __future__ import annotations

import mmap
import os
import signal
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from tblib import pickling_support

from archive.work import children
from archive.work.children import Child, ChildLimits
from archive.work.fresh import FreshChild
from archive.work.helper import Helper, ReadingEnded
from crawler.families.article import read_article
from crawler.pages.markup import parse

ROOT = Path(__file__).parents[3]
LITTLE = ChildLimits(seconds=60.0, memory_bytes=1 << 30)


def double(number: int) -> int:
    return 2 * number


def loop() -> None:
    while True:
        pass


def wait() -> None:
    time.sleep(600)


def devour() -> int:
    kept = []
    while True:
        kept.append(bytearray(64 << 20))


def take(mebibytes: int) -> int:
    return len(bytearray(mebibytes << 20))


def hold() -> None:
    kept = bytes(range(256)) * (2 << 20)
    time.sleep(60 if kept else 0)


def count_paragraphs(number: int) -> int:
    root = parse("<html><body>" + "<p>a</p>" * number)
    return 0 if root is None else sum(1 for _ in root.iter("p"))


def crash() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def fail() -> None:
    raise LookupError("nothing there")


def fail_of_a_page() -> None:
    try:
        etree.fromstring("<a>")
    except etree.XMLSyntaxError as error:  # can't be pickled
        raise LookupError("not well-formed") from error


def unsendable() -> object:
    return lambda: 0


@pytest.fixture(params=[Child, FreshChild])
def new_child(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # a new interpreter finds this file's functions
    return request.param


@pytest.mark.parametrize("work", [devour, crash])
def test_what_ends_the_child_costs_the_one_call(work: object, new_child: Any) -> None:
    helper = Helper(LITTLE, child=new_child)
    try:
        assert helper(double, 4) == 8
        with pytest.raises(ReadingEnded):
            helper(work)
        assert helper(double, 5) == 10
    finally:
        helper.close()


def test_processor_time_is_bounded(new_child: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "_PATIENCE", 1000.0)  # on a loaded machine a second of it takes a minute
    helper = Helper(replace(LITTLE, seconds=1.0), child=new_child)
    try:
        assert helper(double, 4) == 8
        with pytest.raises(ReadingEnded, match="more than 1 s"):
            helper(loop)
        assert helper(double, 5) == 10
    finally:
        helper.close()


def test_who_does_nothing_is_not_waited_for(new_child: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    helper = Helper(LITTLE, child=new_child)
    try:
        assert helper(double, 4) == 8
        monkeypatch.setattr(children, "_PATIENCE", 0.01)
        with pytest.raises(ReadingEnded, match="more than 60 s"):
            helper(wait)
        monkeypatch.setattr(children, "_PATIENCE", 5.0)
        assert helper(double, 5) == 10
    finally:
        helper.close()


def test_errors_are_raised_here(new_child: Any) -> None:
    helper = Helper(LITTLE, child=new_child)
    try:
        with pytest.raises(LookupError, match="nothing there"):
            helper(fail)
        with pytest.raises(RuntimeError, match="can't be given back"):
            helper(unsendable)
        assert helper(double, 1) == 2
    finally:
        helper.close()


def test_an_error_comes_back_without_what_it_arose_from(new_child: Any) -> None:
    """In a worker of Dask exceptions are pickled with their causes, some of which can't be."""
    pickling_support.install()
    helper = Helper(LITTLE, child=new_child)
    try:
        with pytest.raises(LookupError, match="not well-formed"):
            helper(fail_of_a_page)
    finally:
        helper.close()


def test_an_article_is_read_as_in_this_process() -> None:
    page = (
        "<html><body><div id='zoom'><p>年度报告</p><a href='/a/b.pdf'>附件：报告.pdf</a></div></body></html>".encode()
    )
    helper = Helper()
    try:
        assert helper(read_article, page, "http://a.gov.cn/x.html") == read_article(page, "http://a.gov.cn/x.html")
    finally:
        helper.close()


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no Linux")
def test_the_child_dies_with_its_parent(new_child: Any) -> None:
    reading, writing = os.pipe()
    parent = os.fork()
    if parent == 0:
        helper = Helper(ChildLimits(seconds=60.0, memory_bytes=1 << 30), child=new_child)
        os.write(writing, str(helper(os.getpid)).encode() + b"\n")
        helper(loop)
        os._exit(0)
    child = int(os.read(reading, 20))
    time.sleep(0.3)
    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)
    deadline = time.monotonic() + 10
    while (Path(f"/proc/{child}/stat")).exists() and b" Z " not in Path(f"/proc/{child}/stat").read_bytes():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_child_that_holds_too_much_is_ended_before_its_guard_ends_all(new_child: Any) -> None:
    helper = Helper(ChildLimits(seconds=30.0, memory_bytes=8 << 30), resident_bytes=300 << 20, child=new_child)
    try:
        assert helper(double, 4) == 8
        with pytest.raises(ReadingEnded, match="more than 300 MiB of memory"):
            helper(hold)
        assert helper(double, 5) == 10
    finally:
        helper.close()


def test_a_page_that_memory_does_not_suffice_for_is_not_one_without_content() -> None:
    helper = Helper(ChildLimits(seconds=300.0, memory_bytes=8 << 30), resident_bytes=120 << 20)
    try:
        assert helper(count_paragraphs, 10) == 10
        with pytest.raises(ReadingEnded, match="MiB of memory"):
            helper(count_paragraphs, 1_000_000)
    finally:
        helper.close()


def test_what_a_process_has_asked_for_before_is_no_fault_of_its_child(new_child: Any) -> None:
    """Threads and libraries ask for gigabytes of addresses that they never use; a fork inherits them."""
    with mmap.mmap(-1, 3 << 30, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS):
        helper = Helper(LITTLE, child=new_child)
        try:
            assert helper(take, 100) == 100 << 20
            with pytest.raises(ReadingEnded, match="MiB of memory"):
                helper(devour)
        finally:
            helper.close()
