"""Which answers become records: the rules of `crawler.http.capture`, with real segments."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive.clock import utc_text
from archive.index.known import Known
from archive.warc.context import Entry, Role
from archive.warc.digests import digest_of
from archive.warc.records import Record, iter_records
from archive.warc.segments import SegmentWriter, WarcInfo
from archive.warc.visit_log import ListProof
from crawler.http.capture import Captured, KnownPages, Purpose, Recorder, VisitLog
from crawler.http.transport import Answer

NOW = datetime(2021, 3, 20, 2, 0, tzinfo=UTC)
PAGE = b"<html>" + b"x" * 3000 + b"</html>"
REPORT = Purpose("ouhai", Role.REPORT, Entry("http://a/1.html", "题"), column="http://a/nb/")
LIST = Purpose("ouhai", Role.LIST, column="http://a/nb/")


@dataclass
class Hand:
    kind = "simulated"
    moment: datetime = NOW

    def now(self) -> datetime:
        return self.moment


class Bench:
    def __init__(self, folder: Path, known: list[Known]) -> None:
        self.folder = folder
        self.writer = SegmentWriter(folder, run="r", group="g", info=WarcInfo(), clock=Hand())
        self.recorder = Recorder(self.writer, KnownPages(known), Hand())

    def store(
        self, url: str, body: bytes = PAGE, *, status: int = 200, purpose: Purpose = REPORT, verdict: str = "ok",
        method: str = "GET", truncated: str | None = None,
    ) -> Captured:  # fmt: skip
        answer = Answer(
            status, "OK", (("ETag", "1"),), body, "1.2.3.4", "http/1.1", truncated, None, (("Host", "a"),), 0.5
        )
        return self.recorder.store(url, method, b"", answer, body, purpose, verdict)

    def records(self) -> list[Record]:
        self.writer.close()
        found = [record for path in sorted(self.folder.glob("*.open")) for record in iter_records(path)]
        return [record for record in found if record.type in ("response", "revisit")]


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path, [])
    yield bench
    bench.writer.close()


def known(url: str, body: bytes = PAGE, *, stored: timedelta, visited: timedelta, role: Role = Role.REPORT) -> Known:
    return Known(
        url=url,
        role=role,
        portal="ouhai",
        digest=digest_of(body),
        segment="S.warc.gz",
        offset=1,
        date=utc_text(NOW - stored),
        original_url=url,
        original_id="urn:uuid:1",
        visited_at=utc_text(NOW - visited),
        verdict="ok",
    )


def test_a_new_page_is_stored_with_its_context_and_the_time_it_was_asked(empty: Bench) -> None:
    captured = empty.store("http://a/1.html")
    (record,) = empty.records()
    assert captured.state == "new"
    assert captured.digest == record.payload_digest == digest_of(PAGE)
    assert record.context == REPORT.context("ok")
    assert record.date == NOW - timedelta(seconds=1)  # half a second before, cut to whole seconds
    assert record.get("WARC-IP-Address") == "1.2.3.4"


@pytest.mark.parametrize(("status", "state"), [(200, "same"), (304, "304")])
def test_an_unchanged_page_leaves_no_record(tmp_path: Path, status: int, state: str) -> None:
    day = timedelta(days=1)
    bench = Bench(tmp_path, [known("http://a/1.html", stored=day, visited=day)])
    assert bench.store("http://a/1.html", PAGE if status == 200 else b"", status=status).state == state
    assert bench.records() == []


@pytest.mark.parametrize("status", [200, 304])
def test_once_a_month_an_unchanged_page_leaves_a_revisit_record(tmp_path: Path, status: int) -> None:
    page = known("http://a/1.html", stored=timedelta(days=40), visited=timedelta(days=25))
    bench = Bench(tmp_path, [page])
    bench.store("http://a/1.html", PAGE if status == 200 else b"", status=status)
    (record,) = bench.records()
    assert record.type == "revisit"
    assert record.refers_to is not None
    assert (record.refers_to.url, record.refers_to.date) == ("http://a/1.html", page.date)


def test_in_the_same_month_it_does_not(tmp_path: Path) -> None:
    bench = Bench(tmp_path, [known("http://a/1.html", stored=timedelta(days=40), visited=timedelta(days=5))])
    bench.store("http://a/1.html")
    assert bench.records() == []


def test_the_same_payload_elsewhere_is_a_revisit_unless_it_is_small(empty: Bench) -> None:
    empty.store("http://a/1.html")
    empty.store("http://a/2.html")
    empty.store("http://a/3.html", b"small")
    empty.store("http://a/4.html", b"small")
    assert [record.type for record in empty.records()] == ["response", "revisit", "response", "response"]


def test_truncated_answers_are_stored_and_never_referred_to(empty: Bench) -> None:
    assert empty.store("http://a/1.html", truncated="length", verdict="truncated").state == "none"
    assert empty.store("http://a/2.html").state == "new"
    first, second = empty.records()
    assert first.truncated == "length"
    assert second.type == "response"


def test_a_304_for_what_the_archive_does_not_hold_is_stored(empty: Bench) -> None:
    empty.store("http://a/1.html", b"", status=304)
    assert [record.http_status for record in empty.records()] == [304]


def test_the_same_answer_to_the_same_post_is_stored_once(empty: Bench) -> None:
    assert empty.store("http://a/search.jsp", method="POST", purpose=LIST).state == "new"
    assert empty.store("http://a/search.jsp", method="POST", purpose=LIST).state == "same"
    assert len(empty.records()) == 1


def test_a_robots_txt_that_is_missing_as_before_leaves_no_record(tmp_path: Path) -> None:
    before = Known("http://a/robots.txt", Role.ROBOTS, "ouhai", visited_at=utc_text(NOW), verdict="gone?")
    bench = Bench(tmp_path, [before])
    robots = Purpose("ouhai", Role.ROBOTS)
    assert bench.store("http://a/robots.txt", b"none", status=404, purpose=robots, verdict="gone?").state == "none"
    bench.store("http://a/1.html", b"none", status=404, verdict="gone?")  # a report that is missing is evidence
    assert [record.uri for record in bench.records()] == ["http://a/1.html"]


def test_list_pages_wait_until_it_is_known_whether_the_list_is_news(tmp_path: Path) -> None:
    day = timedelta(days=1)
    for is_same, expected in ((True, []), (False, ["http://a/nb/"])):
        folder = tmp_path / str(is_same)
        folder.mkdir()
        bench = Bench(folder, [known("http://a/nb/", b"counter 1", stored=day, visited=day, role=Role.LIST)])
        bench.recorder.hold_lists()
        captured = bench.store("http://a/nb/", b"counter 2", purpose=LIST)
        told: list[bool] = []
        bench.recorder.when_released(told.append)
        assert captured.is_held
        bench.recorder.release_lists(is_same=is_same)
        assert told == [not is_same]
        assert [record.uri for record in bench.records()] == expected


def test_a_list_that_fills_the_memory_is_stored_as_it_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawler.http.capture._MOST_HELD", 3000)
    bench = Bench(tmp_path, [])
    bench.recorder.hold_lists()
    told: list[bool] = []
    held = []
    for number in range(4):
        held.append(bench.store(f"http://a/nb/{number}", b"%d" % number * 1200, purpose=LIST).is_held)
        if held[-1]:
            bench.recorder.when_released(told.append)
    bench.recorder.release_lists(is_same=True)
    assert (held, told) == ([True, True, False, False], [True, True])
    assert [record.uri for record in bench.records()] == [f"http://a/nb/{number}" for number in range(4)]


def test_the_visit_log_is_lines_of_json_in_the_agreed_shape(tmp_path: Path) -> None:
    log = VisitLog(tmp_path / "visits.jsonl")
    log.visit("http://a/1.html", NOW, 200, "ok", REPORT, "sha256:X", "new")
    log.listing(
        "ouhai",
        "http://a/nb/",
        NOW,
        complete=True,
        reason="end",
        entries=[Entry("http://a/1.html", "题")],
        proof=ListProof("total", "共1条"),
    )
    log.listing("ouhai", "http://a/nb/", NOW, complete=True, reason="end", entries=None, proof=ListProof())
    log.portal("ouhai", NOW, ok=True, reason="", listed=1, expected=None)
    visit, new, same, portal = (json.loads(line) for line in log.finish().splitlines())
    at = "2021-03-20T02:00:00Z"
    assert visit == {
        "k": "v", "u": "http://a/1.html", "t": at, "s": 200, "v": "ok", "r": "report", "p": "ouhai", "d": "sha256:X", "c": "new",
    }  # fmt: skip
    assert (new["proof"], new["quote"]) == ("total", "共1条")
    assert new["entries"] == [{"url": "http://a/1.html", "title": "题"}]
    assert same["same"] is True
    assert "entries" not in same
    assert "proof" not in same
    assert portal == {"k": "p", "p": "ouhai", "t": at, "ok": True, "reason": "", "listed": 1, "expected": None}
    assert not (tmp_path / "visits.jsonl").exists()
