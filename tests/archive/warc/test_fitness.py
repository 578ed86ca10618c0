"""What strangers write into heads, fields and files: kept so that it verifies, or left out by name. Never a damaged archive."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.files.folder import Archive
from archive.warc import quarantine
from archive.warc.checks import check_segment, faults_of
from archive.warc.context import Context, Entry, Role
from archive.warc.digests import digest_of
from archive.warc.fitness import UnfitRecord, why_unfit
from archive.warc.records import Exchange, Record, build_exchange, parse_record
from tests.archive.making import CONTEXT, DAY, exchange, writer

#: Pieces that readers of heads have stumbled over.
PIECES = st.sampled_from(
    [*"\r\n\x00\x0b\x0c\x1c\x1d\x1e\x85\xa0 \t:;,\"<>", "\r\n", "\r\n\r\n", "\u2028", "\u3000", "\u212a", "é", "政", "Transfer-Encoding: chunked",
     "Content-Length: 3", "Content-Encoding: gzip", "WARC/1.1\r\n", "HTTP/1.1 200 OK", "a", "chunKed"]
)  # fmt: skip
HOSTILE = st.lists(PIECES, max_size=8).map("".join)
LATIN = HOSTILE.map(lambda text: text.encode("utf-8").decode("latin-1"))
NAMES = st.sampled_from(
    ["Transfer-Encoding", "content-length", "Content-Encoding", "X-A", "X-Archive-Orig-Content-Length"]
) | LATIN.map(lambda text: text.replace("\n", "").replace("\r", "").replace(":", ""))
BODIES = st.sampled_from(
    [
        b"",
        b"abc",
        b"3\r\nabc\r\n0\r\n\r\n",
        b"\r\n\r\nWARC/1.1\r\nWARC-Type: response\r\n\r\n",
        b"\x1f\x8b\x08",
        b"\x00" * 50,
    ]
)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    status=st.integers(100, 999),
    reason=HOSTILE | LATIN,
    headers=st.lists(st.tuples(NAMES, HOSTILE | LATIN), max_size=6),
    body=BODIES,
    url=HOSTILE.map(lambda text: f"http://www.example.gov.cn/{text}"),
    ip=st.sampled_from([None, "192.0.2.1", "a\r\nb"]) | HOSTILE,
    title=st.text(max_size=20) | HOSTILE,
    day=st.sampled_from([None, "2021-01-20", "9999-12-31", "x", "0001-01-01"]),
)
def test_hostile_exchanges_are_read_as_they_were_written(
    status: int,
    reason: str,
    headers: list[tuple[str, str]],
    body: bytes,
    url: str,
    ip: str | None,
    title: str,
    day: str | None,
) -> None:
    one = Exchange(
        url=url, method="GET", request_headers=(("Host", "www.example.gov.cn"),), request_body=b"", status=status, reason=reason,
        response_headers=headers, body=body, ip=ip, at=DAY, tls={"version": "TLSv1.3", "cipher": reason},
    )  # fmt: skip
    pair = build_exchange(one, Context("p", Role.REPORT, entry=Entry(url, title, day)), None)
    for data in (pair.answer, pair.request):
        assert faults_of(data) == []
    answer = parse_record(pair.answer)
    assert (answer.http_status, answer.payload) == (status, body)
    assert answer.payload_digest == digest_of(body)


@pytest.mark.parametrize(
    "value",
    [
        "[]", "5", "null", '"x"', "{", "", "[" * 100_000, '{"portal": {"a": 1}, "role": "report"}', '{"portal": "", "role": "report"}',
        '{"portal": "p", "role": "king"}', '{"portal": "p", "role": ["report"]}', '{"portal": "p", "role": "report", "verdict": [1]}',
        '{"portal": "p", "role": "report", "entry": {"url": 5}}', '{"portal": "p", "role": "report", "entry": {"url": "u", "title": {}}}',
        '{"portal": "p", "role": "report", "entry": "x"}', '{"portal": "p", "role": "report", "parent": 5}',
        '{"portal": "p\\ud800", "role": "report"}', '{"role": "report"}',
    ],
)  # fmt: skip
def test_a_context_that_is_none_is_a_value_error(value: str) -> None:
    with pytest.raises(ValueError):
        Context.from_field(value)


def test_an_entry_is_what_every_table_can_hold() -> None:
    entry = Entry("http://a/\ud800", "年报\ud83d\x00", "9999-12-31", "局\udfff")
    assert entry == Entry("http://a/\ufffd", "年报\ufffd\ufffd", None, "局\ufffd")
    assert Entry("u", date="2023-01-20").date == "2023-01-20"


def foreign(
    url: str = "http://www.example.gov.cn/a.html",
    date: str = "2023-01-21T01:00:00Z",
    block: bytes = b"HTTP/1.1 200 OK\r\n\r\nx",
    kind: str = "response",
) -> Record:
    media = "application/http;msgtype=response"
    fields = (("WARC-Type", kind), ("WARC-Target-URI", url), ("WARC-Date", date), ("Content-Type", media))
    return Record(fields, block)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"url": "http://[::1/x"}, "address is none"),
        ({"url": "http:///x"}, "names no host"),
        ({"date": "garbage"}, "no date"),
        ({"date": "9999-12-31T23:59:59Z"}, "no date"),
        ({"date": "0001-01-01T00:00:00+14:00"}, "no date"),
        ({"date": "2150-01-01T00:00:00Z"}, "still to come"),
        ({"block": b"HTTP/1."}, "no answer of HTTP"),
        ({"block": "HTTP/1.1 °00 OK\r\n\r\nx".encode()}, "no answer of HTTP"),
        ({"block": b"HTTP/1.1 200 OK\r\nContent-Type: te"}, "ends within the head"),
        ({"block": b"GET / HTTP/1.1\r\n\r\n"}, "no answer of HTTP"),
    ],
)
def test_captures_that_cannot_be_taken_are_named(changes: dict[str, Any], reason: str) -> None:
    assert reason in why_unfit(foreign(**changes), datetime(2026, 11, 30, tzinfo=UTC))


@pytest.mark.parametrize(
    "changes", [{}, {"kind": "resource"}, {"kind": "revisit", "block": b""}, {"date": "2026-11-30T12:00:00Z"}]
)
def test_sound_captures_are_taken(changes: dict[str, Any]) -> None:
    assert why_unfit(foreign(**changes), datetime(2026, 11, 30, tzinfo=UTC) + timedelta(hours=1)) == ""


def test_an_unfit_record_is_set_aside_and_nothing_of_it_is_written(tmp_path: Path) -> None:
    archive = Archive.create(tmp_path / "a")
    segments = writer(archive)
    segments.write_exchange(exchange(1), CONTEXT)
    with pytest.raises(UnfitRecord, match="quarantine"):
        segments.write_exchange(exchange(3, at=datetime(2850, 1, 1, tzinfo=UTC)), CONTEXT)
    segments.write_exchange(exchange(2), CONTEXT)
    segments.close()
    with segments.finished[-1].open("rb") as stream:
        check = check_segment(stream, "s")
    assert check.damages == []
    assert {capture.url[-7:] for capture in check.captures} == {"t1.html", "t2.html"}
    [aside] = quarantine.waiting(archive.root)
    assert (aside.records, aside.run, aside.group) == (2, "r1", "g1")
    assert [parse_record(data).type for data in quarantine.records_of(archive.root, aside)] == ["response", "request"]
