from __future__ import annotations

import gzip
import io
import random
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive.files.folder import Archive
from archive.warc.digests import parse_digest
from archive.warc.foreign import iter_foreign
from archive.warc.members import iter_members
from archive.warc.records import Record
from extract.errors import UnreadableDocument
from tests.archive.making import fill, page

# warcio's writer leaves its temporary files to the garbage collector
pytestmark = pytest.mark.filterwarnings("ignore:Unclosed file <tempfile.SpooledTemporaryFile:ResourceWarning")


def made_by_warcio(
    path: Path, *, compressed: bool, version: str = "WARC/1.1", pages: int = 6, chunked: bool = False
) -> bytes:
    """A file as other tools write it; its bytes."""
    buffer = io.BytesIO()
    writer = WARCWriter(buffer, gzip=compressed, warc_version=version)
    writer.write_record(writer.create_warcinfo_record(path.name, {"software": "other/1.0"}))
    for number in range(pages):
        body = page(number)
        headers = [("Content-Type", "text/html")]
        if chunked:
            headers.append(("Transfer-Encoding", "chunked"))
            body = b"5\r\n" + body[:5] + b"\r\n" + f"{len(body) - 5:X};x=1\r\n".encode() + body[5:] + b"\r\n0\r\n\r\n"
        record = writer.create_warc_record(
            f"http://www.example.gov.cn/zwgk/t{number}.html",
            "response",
            payload=io.BytesIO(body),
            http_headers=StatusAndHeaders("200 OK", headers, protocol="HTTP/1.1"),
            warc_headers_dict={"WARC-Date": "2019-06-01T00:00:00Z"},
        )
        writer.write_record(record)
    path.write_bytes(buffer.getvalue())
    return buffer.getvalue()


def responses(path: Path, problems: list[str] | None = None) -> list[Record]:
    """Answers that can be taken; those that can't are problems."""
    found = [record for record in iter_foreign(path, problems) if record.type == "response"]
    if problems is not None:
        problems += [f"{record.uri}: {record.problem}" for record in found if record.problem]
    return [record for record in found if not record.problem]


@pytest.mark.parametrize("version", ["WARC/1.0", "WARC/1.1"])
@pytest.mark.parametrize("compressed", [True, False])
@pytest.mark.parametrize("chunked", [True, False])
def test_whole_files_are_read_whatever_their_form(
    tmp_path: Path, version: str, compressed: bool, chunked: bool
) -> None:
    path = tmp_path / "x.warc"
    made_by_warcio(path, compressed=compressed, version=version, chunked=chunked)
    problems: list[str] = []
    found = responses(path, problems)
    assert [record.payload for record in found] == [page(number) for number in range(6)]
    assert found[0].date == datetime(2019, 6, 1, tzinfo=UTC)
    assert found[0].payload_digest.startswith("sha256:")
    assert problems == []


def test_one_gzip_member_for_all_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.warc.gz"
    path.write_bytes(gzip.compress(made_by_warcio(path, compressed=False)))
    assert len(responses(path)) == 6


def test_our_own_segments_are_read_as_they_are(tmp_path: Path) -> None:
    archive = Archive.create(tmp_path / "a")
    entry = fill(archive)[0]
    problems: list[str] = []
    found = list(iter_foreign(archive.warc_dir / entry.segment, problems))
    assert len(found) == entry.info.records
    assert problems == []


def test_offsets_are_those_of_members_and_of_plain_records(tmp_path: Path) -> None:
    path = tmp_path / "x.warc.gz"
    data = made_by_warcio(path, compressed=True)
    expected = [member.offset for member in iter_members(io.BytesIO(data))]
    assert [record.offset for record in iter_foreign(path)] == expected
    plain = made_by_warcio(path, compressed=False)
    assert all(plain[record.offset :].startswith(b"WARC/1.1\r\n") for record in iter_foreign(path))


def test_a_torn_file_gives_what_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "x.warc.gz"
    data = made_by_warcio(path, compressed=True)
    path.write_bytes(data[:-40])
    problems: list[str] = []
    assert len(responses(path, problems)) == 5
    assert any("torn" in problem for problem in problems)


def test_reading_goes_on_behind_damaged_bytes(tmp_path: Path) -> None:
    path = tmp_path / "x.warc.gz"
    data = bytearray(made_by_warcio(path, compressed=True))
    third = [member.offset for member in iter_members(io.BytesIO(bytes(data)))][3]
    data[third + 60] ^= 0xFF
    path.write_bytes(data)
    problems: list[str] = []
    assert [record.uri[-7:] for record in responses(path, problems)] == [f"t{n}.html" for n in (0, 1, 3, 4, 5)]
    assert any("damaged" in problem for problem in problems)


def test_reading_goes_on_behind_damaged_plain_records(tmp_path: Path) -> None:
    path = tmp_path / "x.warc"
    data = made_by_warcio(path, compressed=False)
    cut = data.index(b"<h1>", data.index(b"t2.html"))
    path.write_bytes(data[:cut] + data[cut + 20 :])
    problems: list[str] = []
    found = [record.uri[-7:] for record in responses(path, problems)]
    assert found[:2] == ["t0.html", "t1.html"]
    assert found[-2:] == ["t4.html", "t5.html"]
    assert "t2.html" not in found
    assert problems


def test_a_record_that_contradicts_its_digest_is_given_with_that_fault(tmp_path: Path) -> None:
    path = tmp_path / "x.warc"
    data = made_by_warcio(path, compressed=False)
    path.write_bytes(data.replace(b"<h1>\xe6\x8a\xa5\xe5\x91\x8a 3", b"<h1>\xe6\x8a\xa5\xe5\x91\x8a 9"))
    problems: list[str] = []
    assert len(responses(path, problems)) == 5
    assert any("t3.html" in problem and "digest" in problem for problem in problems)


def test_addresses_in_angle_brackets_and_bare_line_ends_are_read(tmp_path: Path) -> None:
    path = tmp_path / "x.warc"
    path.write_bytes(
        b"WARC/1.0\nWARC-Type: resource\nWARC-Date: 2018-01-02T03:04:05Z\nWARC-Target-URI: <http://a.gov.cn/>\n"
        b"WARC-Record-ID: <urn:x:1>\ncontent-length: 3\n\nabc\n\nWARC/1.0\nWARC-Type: metadata\n"
        b"WARC-Date: 2018-01-02T03:04:05Z\nContent-Length:0\n\n\n\n"
    )
    first, second = iter_foreign(path)
    assert (first.uri, first.payload, second.type) == ("http://a.gov.cn/", b"abc", "metadata")


def wacz(path: Path, data: bytes) -> None:
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("datapackage.json", "{}")
        package.writestr("archive/data.warc.gz", data)
        package.writestr("pages/pages.jsonl", "")


def test_a_wacz_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.wacz"
    wacz(path, made_by_warcio(tmp_path / "y", compressed=True))
    found = responses(path)
    assert len(found) == 6
    assert found[0].segment == "x.wacz/archive/data.warc.gz"


def test_a_wacz_without_its_directory_is_searched(tmp_path: Path) -> None:
    path = tmp_path / "x.wacz"
    wacz(path, made_by_warcio(tmp_path / "y", compressed=True))
    path.write_bytes(path.read_bytes()[:-300])
    problems: list[str] = []
    assert len(responses(path, problems)) >= 5
    assert any("directory" in problem for problem in problems)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no WARC or ARC record"),
        (b"%PDF-1.4", "no WARC or ARC record"),
        (gzip.compress(b"hello", mtime=0), "no WARC or ARC record"),
        (b"\x28\xb5\x2f\xfd....", "no WARC or ARC record"),
        (b"filedesc://x.arc 0.0.0.0", "ARC"),
    ],
)
def test_what_is_no_archive_is_refused_in_words(tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "x"
    path.write_bytes(data)
    with pytest.raises(UnreadableDocument, match=said):
        list(iter_foreign(path))


def test_random_damage_never_crashes_and_never_gives_wrong_bytes(tmp_path: Path) -> None:
    path = tmp_path / "x.warc.gz"
    good = {"compressed": made_by_warcio(path, compressed=True), "plain": made_by_warcio(path, compressed=False)}
    choice = random.Random(3)
    pages = {page(number) for number in range(6)}
    for number in range(150):
        data = bytearray(good["plain" if number % 2 else "compressed"])
        for _ in range(choice.randrange(1, 4)):
            place = choice.randrange(len(data))
            data[place : place + choice.randrange(0, 40)] = choice.randbytes(choice.randrange(0, 40))
        path.write_bytes(data)
        try:
            found = responses(path, [])
        except UnreadableDocument:
            continue
        for record in found:
            named = [record.get("WARC-Block-Digest"), record.get("WARC-Payload-Digest")]
            if all(parse_digest(name or "") for name in named):
                assert record.payload in pages
