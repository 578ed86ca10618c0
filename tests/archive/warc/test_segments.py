from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from archive.errors import ArchiveBusy, DamagedArchive, DiskFull
from archive.files.folder import Archive
from archive.warc.closing import seal
from archive.warc.records import IDENTICAL, NOT_MODIFIED, Record, iter_records, read_record
from archive.warc.segments import SegmentWriter
from tests.archive.making import CONTEXT, DAY, StandingClock, exchange, fill, judge, original_of, page, writer


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive.create(tmp_path / "a", {"operator.name": "档案室", "operator.contact": "ops@example.org"})


def records_of(archive: Archive, segments: SegmentWriter) -> list[Record]:
    segments.close()
    return list(iter_records(segments.finished[-1]))


def test_a_segment_begins_with_a_warcinfo_that_says_who_and_how(archive: Archive) -> None:
    segments = writer(archive)
    segments.write_exchange(exchange(), CONTEXT)
    info, *_ = records_of(archive, segments)
    assert info.type == "warcinfo"
    assert info.version == "WARC/1.1"
    text = info.block.decode()
    for line in (
        "software: ogi-archive/",
        "operator: 档案室 <ops@example.org>",
        "robots: obey",
        "ogi-run: r1",
        "ogi-clock: simulated",
    ):
        assert line in text


def test_an_exchange_is_an_answer_and_its_request(archive: Archive) -> None:
    segments = writer(archive)
    written = segments.write_exchange(exchange(3), CONTEXT)
    _, answer, request, *_ = records_of(archive, segments)
    assert (answer.type, answer.offset, answer.payload_digest) == ("response", written.offset, written.digest)
    assert (answer.uri, answer.date, answer.get("WARC-IP-Address")) == (
        "http://www.example.gov.cn/zwgk/t3.html",
        DAY,
        "192.0.2.10",
    )
    assert (answer.http_status, answer.http_header("etag"), answer.payload) == (200, '"3"', page(3))
    assert answer.context == CONTEXT
    assert (request.type, request.get("WARC-Concurrent-To")) == ("request", answer.id)
    assert request.block.startswith(b"GET /zwgk/t3.html HTTP/1.1\r\nHost: www.example.gov.cn\r\n")


def test_records_can_be_read_by_their_place_before_and_after_closing(archive: Archive) -> None:
    segments = writer(archive)
    written = segments.write_exchange(exchange(3), CONTEXT)
    assert read_record(archive, written.segment, written.offset).payload == page(3)
    segments.close()
    seal(archive, segments.finished[0])
    assert read_record(archive, written.segment, written.offset).payload == page(3)


def test_reading_where_no_record_begins_is_an_error(archive: Archive) -> None:
    entry = fill(archive)[0]
    with pytest.raises(DamagedArchive, match=entry.segment):
        read_record(archive, entry.segment, 7)


def test_an_identical_payload_becomes_a_revisit_with_its_own_headers(archive: Archive) -> None:
    segments = writer(archive)
    written = segments.write_exchange(exchange(1), CONTEXT)
    original = original_of(archive, written.segment, written.offset)
    other = exchange(2, body=page(1), response_headers=[("Content-Length", str(len(page(1)))), ("Age", "7")])
    again = segments.write_exchange(other, CONTEXT, original)
    revisit = next(record for record in records_of(archive, segments) if record.type == "revisit")
    assert again.is_revisit
    assert (revisit.profile, revisit.payload_digest, revisit.refers_to) == (IDENTICAL, original.digest, original)
    assert (revisit.http_status, revisit.http_header("Age"), revisit.payload) == (200, "7", b"")
    assert revisit.http_header("Content-Length") == str(len(page(1)))
    assert revisit.get("WARC-Truncated") == "length"


def test_not_modified_becomes_a_revisit_with_an_empty_block(archive: Archive) -> None:
    segments = writer(archive)
    written = segments.write_exchange(exchange(1), CONTEXT)
    original = original_of(archive, written.segment, written.offset)
    segments.write_exchange(exchange(1, status=304, body=b""), CONTEXT, original)
    revisit = next(record for record in records_of(archive, segments) if record.type == "revisit")
    assert (revisit.profile, revisit.block, revisit.http_status) == (NOT_MODIFIED, b"", 304)
    assert revisit.payload_digest == original.digest


@pytest.mark.parametrize(
    "changes", [{"body": page(1, "9 件")}, {"truncated": "length"}], ids=["other bytes", "cut short"]
)
def test_what_is_not_the_originals_payload_is_kept_whole(archive: Archive, changes: dict[str, object]) -> None:
    segments = writer(archive)
    written = segments.write_exchange(exchange(1), CONTEXT)
    again = segments.write_exchange(
        exchange(1, **changes), CONTEXT, original_of(archive, written.segment, written.offset)
    )
    assert not again.is_revisit
    assert read_record(archive, again.segment, again.offset).type == "response"


def test_a_304_without_an_original_is_an_ordinary_answer(archive: Archive) -> None:
    segments = writer(archive)
    written = segments.write_exchange(exchange(1, status=304, reason="Not Modified", body=b""), CONTEXT)
    record = read_record(archive, written.segment, written.offset)
    assert (record.type, record.http_status) == ("response", 304)


def test_header_fields_that_would_mislead_are_kept_under_another_name(archive: Archive) -> None:
    segments = writer(archive)
    headers = [("Transfer-Encoding", "chunked"), ("Content-Encoding", "gzip"), ("Content-Length", "999")]
    written = segments.write_exchange(exchange(1, response_headers=headers, body=b"abc"), CONTEXT)
    stored = read_record(archive, written.segment, written.offset).http_headers
    assert stored == (
        ("X-Archive-Orig-Transfer-Encoding", "chunked"),
        ("Content-Encoding", "gzip"),
        ("X-Archive-Orig-Content-Length", "999"),
        ("Content-Length", "3"),
    )


def test_a_truncated_body_is_marked(archive: Archive) -> None:
    segments = writer(archive)
    written = segments.write_exchange(
        exchange(1, truncated="length", response_headers=[("Content-Length", "9999")]), CONTEXT
    )
    record = read_record(archive, written.segment, written.offset)
    assert (record.truncated, record.http_header("Content-Length")) == ("length", str(len(page(1))))


def test_hostile_header_values_and_addresses_cannot_break_a_record(archive: Archive) -> None:
    segments = writer(archive)
    hostile = exchange(
        1,
        url="http://www.example.gov.cn/a b\r\nWARC-Type: resource\r\n\r\n<x>",
        reason="O\r\nK",
        response_headers=[("X", "1\r\nY: 2"), ("Z", "中"), ("L", "\xe9")],
    )
    segments.write_exchange(hostile, CONTEXT)
    segments.write_exchange(exchange(2), CONTEXT)
    segments.close()
    records = list(iter_records(segments.finished[0]))
    assert [record.type for record in records] == ["warcinfo", "response", "request", "metadata", "response", "request"]
    assert records[1].uri == "http://www.example.gov.cn/a%20b%0D%0AWARC-Type:%20resource%0D%0A%0D%0A%3Cx%3E"
    assert records[1].http_headers == (("X", "1 Y: 2"), ("Z", "中"), ("L", "é"))


def test_host_facts_stand_once_a_segment_and_again_when_they_change(archive: Archive) -> None:
    segments = writer(archive)
    tls = {"version": "TLSv1.2", "cipher": "ECDHE-RSA-AES128-GCM-SHA256", "issuer": "CN=x"}
    for ip in ("192.0.2.1", "192.0.2.1", "192.0.2.2"):
        segments.write_exchange(exchange(1, ip=ip, tls=tls), CONTEXT)
    records = records_of(archive, segments)
    facts = [record for record in records if record.type == "metadata"]
    assert [record.uri for record in facts] == ["urn:ogi:host:www.example.gov.cn"] * 2
    assert b'"issuer":"CN=x"' in facts[0].block
    answer = records[1]
    assert [value for name, value in answer.headers if name == "WARC-Protocol"] == ["http/1.1", "tls/1.2"]
    assert answer.get("WARC-Cipher-Suite") == "ECDHE-RSA-AES128-GCM-SHA256"


def test_segments_change_at_their_size_and_their_age(archive: Archive) -> None:
    by_size = writer(archive, max_bytes=3000)
    for number in range(9):
        by_size.write_exchange(exchange(number, body=os.urandom(1000)), CONTEXT)
    by_size.close()
    assert len(by_size.finished) == 5  # two exchanges reach 3,000 bytes
    by_age = writer(archive, max_age_s=0)
    for number in range(3):
        by_age.write_exchange(exchange(number), CONTEXT)
    by_age.close()
    assert len(by_age.finished) == 3
    names = [path.name for path in (*by_size.finished, *by_age.finished)]
    assert len(set(names)) == 8
    assert all(name.startswith("OGI-20210304030817-") and name.endswith("-test.warc.gz.open") for name in names)


def test_a_segment_without_captures_leaves_nothing(archive: Archive) -> None:
    segments = writer(archive)
    segments.close()
    assert list(archive.warc_dir.iterdir()) == []


def test_outside_judges_accept_what_is_written(archive: Archive) -> None:
    for entry in fill(archive):
        path = archive.warc_dir / entry.segment
        assert judge("warcio", "check", path)[0] == 0, judge("warcio", "check", path)
        assert judge("fastwarc", "check", "-q", path)[0] == 0, judge("fastwarc", "check", path)
        assert judge("gzip", "-t", path)[0] == 0


def test_a_sealed_segment_never_changes_name_or_bytes(archive: Archive) -> None:
    entry = fill(archive)[0]
    before = (archive.warc_dir / entry.segment).read_bytes()
    segments = writer(archive)  # same clock, same host: the same name would come out
    segments.write_exchange(exchange(9), CONTEXT)
    segments.close()
    seal(archive, segments.finished[0])
    assert (archive.warc_dir / entry.segment).read_bytes() == before
    assert len(archive.store.names()) == 3


def test_a_segment_in_use_is_not_sealed(archive: Archive) -> None:
    segments = writer(archive)
    segments.write_exchange(exchange(), CONTEXT)
    assert segments.path is not None
    with pytest.raises(ArchiveBusy, match="being written"):
        seal(archive, segments.path)
    segments.close()


def test_many_writers_at_once_never_share_a_file(archive: Archive) -> None:
    def work() -> None:
        segments = writer(archive, max_age_s=0)
        for number in range(20):
            segments.write_exchange(exchange(number), CONTEXT)
        segments.close()
        for path in segments.finished:
            done.append(path)

    done: list[Path] = []
    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(done)) == len(done) == 80
    assert all(len([record for record in iter_records(path) if record.type == "response"]) == 1 for path in done)


_FILL_UP = """
import resource, sys
from pathlib import Path
from archive.errors import DiskFull
from archive.files.folder import Archive
from archive.warc.closing import seal
from tests.archive.making import CONTEXT, exchange, writer
import os
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
archive = Archive.open(Path(sys.argv[1]))
segments = writer(archive)
written = 0
try:
    while True:
        segments.write_exchange(exchange(written, body=os.urandom(1500)), CONTEXT)
        written += 1
except DiskFull as error:
    segments.close()
    for path in segments.finished:
        seal(archive, path)
    print(written, error)
"""


def test_a_full_disk_keeps_all_that_was_written(archive: Archive) -> None:
    done = subprocess.run([sys.executable, "-c", _FILL_UP, archive.root], capture_output=True, text=True, check=True)
    written, _, message = done.stdout.partition(" ")
    assert "Make room" in message
    assert "a quota or a limit of this user" in message, "the disk itself has room"
    [name] = archive.store.names()
    responses = [record for record in iter_records(archive.warc_dir / name) if record.type == "response"]
    assert len(responses) == int(written) > 5


def test_a_writer_stops_while_there_is_still_room_to_close(archive: Archive) -> None:
    state = os.statvfs(archive.root)
    segments = writer(archive, reserve_bytes=state.f_blocks * state.f_frsize)  # more than any disk has free
    with pytest.raises(
        DiskFull, match=r"MB are free, [\d,.]+ MB at least are needed to go on\. Everything .* is kept\. Make room"
    ):
        segments.write_exchange(exchange(), CONTEXT)
    assert list(archive.warc_dir.iterdir()) == []


def test_records_are_flushed_in_groups(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed: list[int] = []
    real = os.fdatasync

    def count(descriptor: int) -> None:
        flushed.append(descriptor)
        real(descriptor)

    monkeypatch.setattr(os, "fdatasync", count)
    segments = writer(archive, sync_records=10, sync_s=3600)
    for number in range(20):
        segments.write_exchange(exchange(number, ip=None), CONTEXT)  # two records each
    assert len(flushed) == 4
    segments.sync()
    assert len(flushed) == 4
    segments.write_exchange(exchange(), CONTEXT)
    segments.sync()
    assert len(flushed) == 5
    segments.close()


def test_clock_moves_names_and_dates(archive: Archive) -> None:
    clock = StandingClock()
    clock.advance(days=30)
    segments = writer(archive, clock)
    segments.write_metadata("urn:x", {})
    assert segments.path is not None
    assert segments.path.name.startswith("OGI-20210403030817-")
    segments.close()
