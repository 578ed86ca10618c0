"""A segment is read back from the disk before the manifest has a line of it: what can't be read is set aside by name, and costs nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from archive.files.folder import Archive
from archive.history.again import take_again
from archive.history.ingest import ingest_sealed
from archive.verify.run import verify
from archive.warc import quarantine
from archive.warc.closing import UnreadableSegment, recover, seal
from archive.warc.members import Member, compress, iter_members
from archive.warc.records import iter_records, parse_record
from archive.warc.segments import SegmentWriter, WarcInfo
from archive.warc.taken import FOREIGN, NOTE, QUARANTINE, OriginNote, sha256_of
from crawler.cli import run
from tests.archive.making import CONTEXT, DAY, VISIT, StandingClock, exchange, original_of, page, writer

PAGES = 4


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive.create(tmp_path / "a", {"operator.contact": "mailto:ops@example.org"})


def written(archive: Archive) -> Path:
    """A segment that its writer has ended: four pages and a visit log."""
    segments = writer(archive)
    segments.write_metadata("urn:ogi:run:r1:g1:start", {"portals": [], "kind": "harvest"})
    for number in range(PAGES):
        segments.write_exchange(exchange(number, ip=None), CONTEXT)
    segments.write_resource("urn:ogi:run:r1:g1:visits", "application/x-ndjson", VISIT, StandingClock().now())
    segments.close()
    return segments.finished[0]


def members(path: Path) -> list[Member]:
    with path.open("rb") as stream:
        return list(iter_members(stream))


def change(path: Path, number: int, fault: Callable[[bytes, Member], bytes]) -> Member:
    """Put a fault into a member of a file."""
    data, member = path.read_bytes(), members(path)[number]
    path.write_bytes(data[: member.offset] + fault(data[member.offset : member.end], member) + data[member.end :])
    return member


def _flip(data: bytes, member: Member) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 8]) + data[middle + 1 :]


FAULTS: dict[str, Callable[[bytes, Member], bytes]] = {
    "a flipped bit": _flip,
    "a page of zeros": lambda data, member: bytes(len(data)),
    "the beginning overwritten": lambda data, member: b"\0" * 20 + data[20:],
    "another body": lambda data, member: compress(member.data.replace(b"<h1>", b"<h2>").replace(b"ops@", b"ops#")),
    "no record": lambda data, member: compress(b"GET / HTTP/1.1\r\n\r\n"),
    "another date": lambda data, member: compress(member.data.replace(b"2021-03-04T", b"2021-13-04T")),
    "another length": lambda data, member: compress(member.data.replace(b"Content-Length: ", b"Content-Length: 9")),
    "two records in one": lambda data, member: compress(member.data + member.data),
}


@pytest.mark.parametrize(
    ("fault", "number"),
    [*((fault, 2) for fault in FAULTS), ("a flipped bit", 3), ("another body", 6), ("a page of zeros", 6)],
)
def test_what_cannot_be_read_back_costs_itself(archive: Archive, fault: str, number: int) -> None:
    path = written(archive)
    before = members(path)
    change(path, number, FAULTS[fault])
    entry = seal(archive, path)
    found = list(iter_records(archive.warc_dir / entry.segment))
    kept = [record for record in found if not record.uri.startswith(QUARANTINE)]
    lost = {2: {2, 3}, 3: {3}, 6: {6, 7}}[number]  # with an answer goes its request
    assert [record.id for record in kept] == [
        parse_record(member.data).id for place, member in enumerate(before) if place not in lost
    ]
    named = {record.uri.removeprefix(QUARANTINE) for record in found} & {
        aside.sha256 for aside in quarantine.waiting(archive.root)
    }
    assert len(named) == len(lost), "each is named in the segment and in the folder"
    ingest_sealed(archive)
    result = verify(archive)
    assert (result.damages, result.quarantined) == ((), len(lost))
    assert take_again(archive) == 0, "what is damaged stays, and so does a request without its answer"
    ingest_sealed(archive)
    assert verify(archive).damages == ()


def test_a_segment_whose_beginning_is_lost_is_set_aside_whole(archive: Archive) -> None:
    path = written(archive)
    change(path, 0, _flip)
    data = path.read_bytes()
    with pytest.raises(UnreadableSegment, match="quarantine"):
        seal(archive, path)
    [aside] = quarantine.waiting(archive.root)
    assert (archive.root / "quarantine" / aside.file).read_bytes() == data
    assert not path.exists()
    assert recover(archive) == []
    assert verify(archive).damages == ()


def test_damage_before_a_torn_end_is_no_reason_to_cut_off_what_stands_behind_it(archive: Archive) -> None:
    path = written(archive)
    change(path, 2, _flip)
    with path.open("ab") as stream:
        stream.write(compress(b"WARC/1.1\r\n" * 50)[:30])
    [done] = recover(archive)
    assert (done.status, done.cut_bytes) == ("cut", 30)
    assert verify(archive).damages == ()
    assert len(quarantine.waiting(archive.root)) == 2
    assert [
        record.uri[-7:] for record in iter_records(archive.warc_dir / done.segment) if record.type == "response"
    ] == [f"t{number}.html" for number in range(1, PAGES)]


def test_a_revisit_goes_with_the_page_that_it_stands_for(archive: Archive) -> None:
    segments = writer(archive)
    place = segments.write_exchange(exchange(0, ip=None), CONTEXT)
    segments.sync()
    assert segments.path is not None
    segments.write_exchange(exchange(0, ip=None), CONTEXT, original_of(archive, place.segment, place.offset))
    segments.write_exchange(exchange(1, ip=None), CONTEXT)
    segments.close()
    change(segments.finished[0], 1, _flip)
    entry = seal(archive, segments.finished[0])
    kept = [record for record in iter_records(archive.warc_dir / entry.segment) if record.type != "metadata"]
    assert [(record.type, record.uri[-7:]) for record in kept[1:]] == [("response", "t1.html"), ("request", "t1.html")]
    ingest_sealed(archive)
    assert verify(archive).damages == ()


@pytest.mark.parametrize("fault", ["a flipped bit", "another body"])
def test_a_revisit_in_a_later_segment_goes_with_the_page_of_an_earlier_one(archive: Archive, fault: str) -> None:
    """A run's second segment has a revisit of a page of the first, one of a page that stands, and one of a page of an earlier run."""
    before = writer(archive, run="r0")
    old = before.write_exchange(exchange(5, at=DAY, ip=None), CONTEXT)
    before.close()
    seal(archive, before.finished[0])
    clock = StandingClock(DAY + timedelta(days=1))
    first = writer(archive, clock)
    lost, kept = (first.write_exchange(exchange(number, at=clock.now(), ip=None), CONTEXT) for number in (0, 1))
    first.close()
    originals = {
        number: original_of(archive, place.segment, place.offset) for number, place in ((0, lost), (1, kept), (5, old))
    }
    clock.advance(hours=1)
    second = writer(archive, clock)
    for number, original in originals.items():
        second.write_exchange(exchange(number, at=clock.now(), ip=None), CONTEXT, original)
    second.close()
    change(first.finished[0], 1, FAULTS[fault])
    seal(archive, first.finished[0])
    entry = seal(archive, second.finished[0])
    found = [record.uri[-7:] for record in iter_records(archive.warc_dir / entry.segment) if record.type == "revisit"]
    assert found == ["t1.html", "t5.html"]
    ingest_sealed(archive)
    assert verify(archive).damages == ()


@pytest.mark.parametrize("number", [1, 2, 3])
def test_records_of_others_stand_or_fall_with_the_note_on_them(archive: Archive, number: int) -> None:
    segments = writer(archive, info=WarcInfo.of(archive.settings, origin=FOREIGN))
    for name in "ab":
        raws = [b"WARC/1.0\r\nWARC-Type: metadata\r\nWARC-Record-ID: <urn:x:%s%d>\r\nWARC-Date: 2020-01-01T00:00:00Z\r\n"
                b"Content-Length: 1\r\n\r\nx\r\n\r\n" % (name.encode(), place) for place in range(2)]  # fmt: skip
        segments.write_taken(name, OriginNote("o", name, tuple(map(sha256_of, raws)), None), raws)
    segments.close()
    change(segments.finished[0], number, _flip)
    entry = seal(archive, segments.finished[0])
    uris = [record.uri for record in iter_records(archive.warc_dir / entry.segment)]
    assert NOTE + "b" in uris
    assert NOTE + "a" not in uris
    assert verify(archive).damages == ()


def test_what_can_be_kept_now_is_tried_again(archive: Archive, capsys: pytest.CaptureFixture[str]) -> None:
    """An exchange that an earlier release could not keep comes into its run, is indexed, and is counted no more."""
    path = written(archive)
    seal(archive, path)
    other = Archive.create(archive.root / "other")
    segments = writer(other)
    segments.write_exchange(exchange(9, ip=None, body=page(9)), CONTEXT)
    segments.close()
    pair = [member.data for member in members(segments.finished[0])[1:]]
    segments = SegmentWriter(archive.warc_dir, run="r1", group="g2", info=WarcInfo(), clock=StandingClock())
    segments.write_metadata("urn:ogi:x", {})
    segments.close()
    quarantine.set_aside(archive.root, segments.finished[0].name, pair, "an old reason", run="r1", group="g1")
    seal(archive, segments.finished[0])
    place = ["--archive", str(archive.root)]

    def told(*words: str) -> dict[str, Any]:
        capsys.readouterr()
        run([*words, *place, "--json"])
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        return found

    assert run(["rebuild", *place]) == 0
    assert told("status")["quarantined"] == 1
    found = told("reextract", "--quarantined")
    assert (found["tried"], found["taken"], found["left"]) == (1, 1, [])
    assert told("status")["quarantined"] == 0
    result = verify(archive)
    assert (result.damages, result.quarantined) == ((), 0)
    files = [archive.warc_dir / name for name in archive.store.names()]
    assert any("t9.html" in record.uri for file in files for record in iter_records(file))
    assert run(["reextract", "--quarantined", *place]) == 0
    assert "Nothing is in quarantine" in capsys.readouterr().out


def test_what_still_cannot_be_kept_is_named(archive: Archive, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(archive)
    change(path, 2, FAULTS["another body"])
    seal(archive, path)
    place = ["--archive", str(archive.root)]
    assert run(["reextract", "--quarantined", *place]) == 1
    said = capsys.readouterr().out
    assert "http://www.example.gov.cn/zwgk/t0.html" in said
    assert "WARC-Block-Digest" in said
    assert run(["verify", *place]) in (0, 3)
    said = capsys.readouterr().out
    assert "2 records and captures are in quarantine" in said
    assert "DAMAGED" not in said
