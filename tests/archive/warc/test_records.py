from __future__ import annotations

import gzip
import importlib.util
import tracemalloc
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive.errors import DamagedArchive
from archive.files.folder import Archive
from archive.warc.closing import seal
from archive.warc.coding import Unpacked, decode_content, unpack
from archive.warc.context import Context, Role
from archive.warc.digests import digest_of
from archive.warc.records import Record, build_exchange, build_record, dechunk, iter_records, parse_record, split_http
from tests.archive.making import CONTEXT, DAY, exchange, fill, page, writer

BODY = page(1) * 50


def deflated(data: bytes, window: int) -> bytes:
    packer = zlib.compressobj(wbits=window)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("coding", "payload"),
    [
        (None, BODY),
        ("identity", BODY),
        ("gzip", gzip.compress(BODY)),
        ("x-gzip", gzip.compress(BODY[:100]) + gzip.compress(BODY[100:])),
        ("deflate", zlib.compress(BODY)),
        ("Deflate", deflated(BODY, -15)),
        ("deflate, gzip", gzip.compress(zlib.compress(BODY))),
        ("gzip", BODY),  # servers do claim it wrongly
        ("no-such-coding", BODY),
    ],
)
def test_codings_are_removed(coding: str | None, payload: bytes) -> None:
    assert decode_content(payload, coding) == BODY


@pytest.mark.skipif(importlib.util.find_spec("brotli") is None, reason="brotli is not installed")
def test_brotli_is_removed() -> None:
    import brotli

    assert decode_content(brotli.compress(BODY), "br") == BODY
    assert decode_content(BODY, "br") == BODY


def test_a_torn_coding_gives_what_there_is() -> None:
    decoded = decode_content(gzip.compress(BODY)[:-30], "gzip")
    assert decoded
    assert BODY.startswith(decoded)


def test_a_bomb_stops_at_the_limit() -> None:
    assert len(decode_content(gzip.compress(bytes(10_000_000)), "gzip", limit=1000)) == 1000


def packed(coding: str, plain: bytes) -> bytes:
    if coding == "br":
        return bytes(pytest.importorskip("brotli").compress(plain, quality=1))
    return gzip.compress(plain, 9) if coding == "gzip" else zlib.compress(plain, 9)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br"])
def test_a_bomb_in_any_coding_is_named_and_costs_little(coding: str) -> None:
    body = packed(coding, b"<p>a</p>" * (24 << 17))
    tracemalloc.start()
    unpacked = unpack(body, coding)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert f"in coding {coding} unpack to more than" in unpacked.problem
    assert peak < 48 << 20


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip, gzip, gzip", gzip.compress(gzip.compress(gzip.compress(BODY)))),
        ("br,br , br,identity", BODY),
        ("gzip" + ", gzip" * 50_000, gzip.compress(BODY)),
    ],
)
def test_stacked_codings_are_not_unpacked(coding: str, body: bytes) -> None:
    unpacked = unpack(body, coding)
    assert unpacked.content == body
    assert "codings on top of each other" in unpacked.problem
    assert len(unpacked.problem) < 200


def test_a_page_of_repeating_rows_is_no_bomb() -> None:
    rows = "<tr><td>1</td><td>政府信息公开</td></tr>".encode() * 100_000
    assert unpack(gzip.compress(rows, 9), "gzip") == Unpacked(rows)


def test_an_empty_body_is_empty_whatever_its_coding() -> None:
    assert decode_content(b"", "gzip") == b""


@pytest.mark.parametrize(
    ("body", "plain"),
    [
        (b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n", b"abcde"),
        (b"3\r\nabc\r\n5\r\nde", b"abcde"),
        (b"3\r\nabc\r\n", b"abc"),
        (b"not chunked", b"not chunked"),
        (b"12\r\nshort lines of numbers\r\n", b"12\r\nshort lines of numbers\r\n"),
        (b"", b""),
    ],
)
def test_chunks_are_joined_and_what_has_none_is_left(body: bytes, plain: bytes) -> None:
    assert dechunk(body) == plain


def test_the_content_of_a_capture_is_decoded_its_payload_is_not(tmp_path: Path) -> None:
    archive = Archive.create(tmp_path)
    segments = writer(archive)
    packed = gzip.compress(BODY)
    written = segments.write_exchange(
        exchange(1, body=packed, response_headers=[("Content-Encoding", "gzip")]), CONTEXT
    )
    segments.close()
    record = next(item for item in iter_records(segments.finished[0]) if item.type == "response")
    assert (record.payload, record.content) == (packed, BODY)
    assert record.payload_digest == written.digest == digest_of(packed)


def test_a_context_survives_with_chinese_in_it(tmp_path: Path) -> None:
    archive = Archive.create(tmp_path)
    context = Context("余姚", Role.LIST, verdict="blocked:waf", column="http://a.gov.cn/列表")
    segments = writer(archive)
    segments.write_exchange(exchange(), context)
    segments.close()
    assert next(item for item in iter_records(segments.finished[0]) if item.type == "response").context == context


def test_folded_and_undecodable_header_lines_are_read() -> None:
    start, headers, body = split_http(b"HTTP/1.1 200 OK\r\nA: 1\r\n 2\r\nB: \xd6\xd0\r\nno colon\r\n\r\nx")
    assert (start, headers, body) == ("HTTP/1.1 200 OK", (("A", "1 2"), ("B", "ÖÐ")), b"x")


@pytest.mark.parametrize(
    "data",
    [b"", b"WARC/1.1\r\n", b"HTTP/1.1 200 OK\r\n\r\n\r\n\r\n", b"WARC/1.1\r\nContent-Length: 5\r\n\r\nabc\r\n\r\n"],
)
def test_what_is_no_record_is_an_error(data: bytes) -> None:
    with pytest.raises(DamagedArchive):
        parse_record(data, "s", 7)


def test_a_record_without_a_usable_date_or_context_says_where() -> None:
    record = Record((("WARC-Date", "gestern"), ("OGI-Context", "{")), b"", "s.warc.gz", 7)
    with pytest.raises(DamagedArchive, match=r"s\.warc\.gz:7: no readable WARC-Date"):
        _ = record.date
    with pytest.raises(DamagedArchive, match="OGI-Context"):
        _ = record.context


def test_dates_are_utc_to_the_second() -> None:
    data = build_record("metadata", [], b"", at=DAY.replace(microsecond=999999), record_id="<urn:x:1>")
    assert parse_record(data).date == datetime(2021, 3, 4, 3, 8, 17, tzinfo=UTC)


def test_a_request_keeps_its_body_and_query() -> None:
    posted = exchange(
        1, url="http://a.gov.cn:81/x?y=1", method="POST", request_body=b"p=1", request_headers=[("Host", "b")]
    )
    record = parse_record(build_exchange(posted, None, None).request)
    assert record.block == b"POST /x?y=1 HTTP/1.1\r\nHost: b\r\n\r\np=1"


def test_an_address_without_a_path_asks_for_the_root() -> None:
    record = parse_record(build_exchange(exchange(1, url="http://u:p@a.gov.cn"), None, None).request)
    assert record.block.startswith(b"GET / HTTP/1.1\r\nHost: a.gov.cn\r\n")


def test_reading_stops_with_an_error_behind_the_good_records(tmp_path: Path) -> None:
    archive = Archive.create(tmp_path)
    path = archive.warc_dir / fill(archive)[0].segment
    path.write_bytes(path.read_bytes()[:-9])
    reading = iter_records(path)
    assert [next(reading).type for _ in range(3)] == ["warcinfo", "response", "request"]
    with pytest.raises(DamagedArchive, match="ogi verify"):
        list(reading)


def test_an_empty_answer_can_be_stored(tmp_path: Path) -> None:
    archive = Archive.create(tmp_path)
    segments = writer(archive)
    segments.write_exchange(exchange(1, status=204, reason="", body=b"", response_headers=[]), CONTEXT)
    segments.close()
    seal(archive, segments.finished[0])
    record = next(item for item in iter_records(archive.warc_dir / archive.store.names()[0]) if item.type == "response")
    assert (record.http_status, record.payload, record.content) == (204, b"", b"")
