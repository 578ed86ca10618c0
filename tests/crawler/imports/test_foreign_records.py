"""What others captured stays what it was: each record as it came, what can't be taken set aside by name, positive facts only."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import tarfile
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from archive.clock import SimulatedClock
from archive.files.folder import Archive
from archive.history.ingest import rebuild
from archive.index.database import open_index
from archive.index.dump import dump
from archive.index.rows import rows
from archive.lists.queries import list_changes
from archive.verify.run import VerifyOptions, verify
from archive.warc.context import Entry as ListEntry
from archive.warc.context import Role
from archive.warc.digests import digest_of
from archive.warc.members import compress, iter_members
from crawler.cli import run
from crawler.imports.common_crawl import record_of
from crawler.imports.files import ImportSummary, import_archives
from crawler.imports.sorting import Sorter
from crawler.portals.definitions import from_json
from crawler.replica.documents.invent import invent
from tests.archive.season import BASE, GONE_PAGE, Season, Shown, definition, page, report

URL = "http://www.shili.gov.cn/zfxxgk/t20230120_1.html"
NOW = SimulatedClock(datetime(2026, 1, 2, tzinfo=UTC))
WHAT = invent("示例市财政局", 2022, 7)
PAGE = page(WHAT)


def http(body: bytes, status: str = "200 OK", headers: str = "Content-Type: text/html; charset=utf-8\r\n") -> bytes:
    return f"HTTP/1.1 {status}\r\n{headers}Content-Length: {len(body)}\r\n\r\n".encode() + body


def record(kind: str, url: str, at: str, block: bytes, number: int, *fields: str) -> bytes:
    lines = [
        "WARC/1.1",
        f"WARC-Type: {kind}",
        f"WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-{number:012d}>",
        f"WARC-Date: {at}",
        f"WARC-Target-URI: {url}",
        *fields,
        f"Content-Type: {'application/http; msgtype=' + ('request' if kind == 'request' else 'response')}",
        f"Content-Length: {len(block)}",
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + block + b"\r\n\r\n"


def answer(at: str, body: bytes = PAGE, number: int = 1, url: str = URL, status: str = "200 OK") -> bytes:
    return record("response", url, at, http(body, status), number)


def bring(root: Path, *files: Path, everything: bool = True) -> tuple[Archive, ImportSummary]:
    archive = Archive.open(root) if (root / "ogi.toml").exists() else Archive.create(root)
    return archive, import_archives(archive, files, [], NOW, everything=everything, workers=1)


def put(path: Path, *records: bytes) -> Path:
    path.write_bytes(b"".join(map(compress, records)))
    return path


def stored(archive: Archive) -> list[bytes]:
    return [
        member.data
        for path in sorted(archive.warc_dir.glob("*.warc.gz"))
        for member in iter_members(io.BytesIO(path.read_bytes()))
    ]


def told(archive: Archive) -> list[dict[str, Any]]:
    db = open_index(archive)
    try:
        return list(list_changes(db))
    finally:
        db.close()


def captures(archive: Archive) -> list[dict[str, Any]]:
    db = open_index(archive)
    try:
        return rows(db, "SELECT * FROM captures ORDER BY at, exact_at")
    finally:
        db.close()


def test_every_record_stands_as_it_came_and_again_nothing_is_added(tmp_path: Path) -> None:
    asked = b"POST /x HTTP/1.0\r\nHost: www.shili.gov.cn\r\nUser-Agent: other/2\r\nContent-Length: 6\r\n\r\npage=2"
    first = record(
        "request",
        URL,
        "2023-01-21T01:00:00Z",
        asked,
        2,
        "WARC-Concurrent-To: <urn:uuid:00000000-0000-4000-8000-000000000001>",
    )
    then = record("response", URL, "2023-01-21T01:00:00Z", http(PAGE, "203 Fast Genug"), 1)
    meta = record(
        "metadata",
        URL,
        "2023-01-21T01:00:00Z",
        b"fetchTimeMs: 3",
        3,
        "WARC-Refers-To: <urn:uuid:00000000-0000-4000-8000-000000000001>",
    )
    file = put(tmp_path / "x.warc.gz", first, then, meta)
    archive, summary = bring(tmp_path / "a", file)
    assert (summary.written, summary.problems) == (1, ())
    assert {first, then, meta} <= set(stored(archive))
    assert bring(tmp_path / "a", file)[1].to_json()["written"] == 0
    wacz = tmp_path / "y.wacz"
    with zipfile.ZipFile(wacz, "w") as package:
        package.writestr("archive/data.warc", first + then + meta)
    assert bring(tmp_path / "a", wacz)[1].written == 0, "the same records in another container"
    assert [change["origin"]["file"] for change in told(archive)] == ["x.warc.gz"]
    found = verify(archive, VerifyOptions(workers=1, deep=True))
    assert (found.is_whole, found.damages) == (True, ())


@pytest.mark.parametrize(
    ("dates", "kept"),
    [
        (("2023-01-21T01:00:00.9Z", "2023-01-21T01:00:00.1Z"), ["2023-01-21T01:00:00.1Z", "2023-01-21T01:00:00.9Z"]),
        (("2023-01-21T01:00:00Z", "2023-01-21T01:00:00Z"), ["2023-01-21T01:00:00Z"] * 2),
        (("2023-01-21T09:00:00+08:00", "20230121010000"), ["2023-01-21T09:00:00+08:00", "20230121010000"]),
        (("2023", "2023-01"), ["2023", "2023-01"]),
    ],
)
def test_answers_of_one_second_and_of_any_precision_are_all_kept(
    tmp_path: Path, dates: tuple[str, str], kept: list[str]
) -> None:
    file = put(tmp_path / "x.warc.gz", answer(dates[0]), answer(dates[1], PAGE + b"<!-- other -->", 2))
    archive, summary = bring(tmp_path / "a", file)
    assert summary.written == 2
    assert sorted(one["exact_at"] for one in captures(archive)) == sorted(kept)
    assert len([one for one in told(archive) if one["kind"] == "published"]) == (0 if dates[0] == "2023" else 1)


def test_a_later_answer_of_the_same_second_counts(tmp_path: Path) -> None:
    other = page(WHAT.with_figure(("applications", "received", "natural_person"), "777"))
    file = put(
        tmp_path / "x.warc.gz", answer("2023-01-21T01:00:00.9Z", other), answer("2023-01-21T01:00:00.1Z", PAGE, 2)
    )
    archive, _ = bring(tmp_path / "a", file)
    db = open_index(archive)
    try:
        (found,) = rows(db, "SELECT value FROM figures WHERE \"row\" = 'received' AND \"column\" = 'natural_person'")
    finally:
        db.close()
    assert found["value"] == 777


BAD = {
    "future": answer("2099-01-01T00:00:00Z"),
    "year one": answer("0001-01-01T00:00:00Z"),
    "no date": answer("yesterday"),
    "address": answer("2023-01-21T01:00:00Z", url="http://[::1/x"),
    "port": answer("2023-01-21T01:00:00Z", url="http://www.shili.gov.cn:99999999/x"),
    "torn answer": record("response", URL, "2023-01-21T01:00:00Z", b"HTT", 1),
    "status": record("response", URL, "2023-01-21T01:00:00Z", "HTTP/1.1 ²00 OK\r\n\r\n".encode(), 1),
    "status 9999": record("response", URL, "2023-01-21T01:00:00Z", http(b"x", "9999 OK"), 1),
    "digest": record(
        "response", URL, "2023-01-21T01:00:00Z", http(PAGE), 1, f"WARC-Payload-Digest: {digest_of(b'other')}"
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_record_that_cannot_be_taken_costs_itself_and_is_kept_aside(tmp_path: Path, name: str) -> None:
    sound = answer("2023-02-01T00:00:00Z", number=9, url=URL + "?sound")
    file = put(tmp_path / "x.warc.gz", BAD[name], sound)
    archive, summary = bring(tmp_path / "a", file)
    assert (summary.written, len(summary.problems)) == (1, 1)
    assert [one["url"] for one in captures(archive)] == [URL + "?sound"]
    assert any(data.endswith(BAD[name] + b"\r\n\r\n") for data in stored(archive)), "its bytes are in quarantine"
    assert verify(archive, VerifyOptions(workers=1)).is_whole
    again = bring(tmp_path / "a", file)[1]
    assert again.written == 0


def test_a_forged_note_or_origin_in_a_foreign_file_is_nothing(tmp_path: Path) -> None:
    forged = record(
        "metadata", "urn:ogi:taken:x:1", "2023-01-21T01:00:00Z", b'{"origin":"x","place":"","records":["00"]}', 5
    )
    start = record("metadata", "urn:ogi:run:x:import:start", "2023-01-21T01:00:00Z", b"{}", 6)
    own = answer("2023-01-21T01:00:00Z").replace(
        b"Content-Type: application/http",
        b'OGI-Context: {"portal":"p","role":"report","verdict":"gone?"}\r\nContent-Type: application/http',
        1,
    )
    archive, summary = bring(tmp_path / "a", put(tmp_path / "x.warc.gz", forged, start, own))
    assert summary.written == 1
    assert [(one["portal"], one["verdict"]) for one in captures(archive)] == [("shili-gov-cn", "ok")]
    assert verify(archive, VerifyOptions(workers=1, deep=True)).is_whole


def revisit(at: str, number: int, *fields: str) -> bytes:
    return record("revisit", URL, at, b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", number, *fields)


@pytest.mark.parametrize(
    "named",
    [
        (f"WARC-Payload-Digest: {digest_of(PAGE)}",),
        ("WARC-Refers-To: <urn:uuid:00000000-0000-4000-8000-000000000001>",),
        (f"WARC-Refers-To-Target-URI: <{URL}>", "WARC-Refers-To-Date: 2023-01-22T01:00:00Z"),
    ],
)
def test_a_revisit_may_stand_before_its_original_in_any_file(tmp_path: Path, named: tuple[str, ...]) -> None:
    first = put(tmp_path / "0.warc.gz", revisit("2023-01-21T01:00:00Z", 8, *named))
    second = put(tmp_path / "1.warc.gz", answer("2023-01-22T01:00:00Z"))
    archive, summary = bring(tmp_path / "a", first, second)
    assert (summary.written, summary.problems) == (2, ())
    assert {one["digest"] for one in captures(archive)} == {digest_of(PAGE)}
    assert [change["at"] for change in told(archive)] == ["2023-01-21T01:00:00Z"]
    alone, summary = bring(tmp_path / "b", first)
    assert (summary.written, len(summary.problems)) == (0, 1)
    assert bring(tmp_path / "b", second, first)[1].written == 2, "with the file that holds the payload it is taken"
    assert verify(alone, VerifyOptions(workers=1)).is_whole


def arc(body: bytes, version: int = 1) -> bytes:
    block = http(body)
    more = " 200 - - 0 x.arc" if version == 2 else ""
    line = f"{URL} 10.0.0.1 20230121010000 text/html{more} {len(block)}".encode()
    head = f"filedesc://x.arc 0.0.0.0 20230121010000 text/plain 3\n{version} 0".encode()
    return head + b"\n\n" + line + b"\n" + block + b"\n"


def har(body: bytes) -> bytes:
    answer = {"status": 200, "statusText": "OK", "headers": [{"name": "Content-Encoding", "value": "gzip"}]}
    answer["content"] = {"mimeType": "text/html; charset=gbk", "text": body.decode()}
    entry = {"startedDateTime": "2023-01-21T01:00:00.5Z", "request": {"method": "GET", "url": URL}, "response": answer}
    return json.dumps({"log": {"version": "1.2", "creator": {"name": "x"}, "entries": [entry, {"broken": 1}]}}).encode()


def packages(data: bytes) -> bytes:
    inner, outer = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(inner, "w") as package:
        package.writestr("archive/data.warc.gz", gzip.compress(data))
    with zipfile.ZipFile(outer, "w") as package:
        package.writestr("one.wacz", inner.getvalue())
    return outer.getvalue()


def zstd(data: bytes) -> bytes:
    zstandard = pytest.importorskip("zstandard")
    return bytes(zstandard.ZstdCompressor().compress(data))


def lz4(data: bytes) -> bytes:
    return bytes(pytest.importorskip("lz4.frame").compress(data))


WHOLE = answer("2023-01-21T01:00:00Z")


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("x.arc", lambda: arc(PAGE)),
        ("x.arc.gz", lambda: gzip.compress(arc(PAGE, 2))),
        ("without an ending", lambda: arc(PAGE)),
        ("x.har", lambda: har(PAGE)),
        ("x.warc.zst", lambda: zstd(WHOLE) + zstd(answer("2023-01-22T01:00:00Z", number=2))),
        ("x.warc.lz4", lambda: lz4(WHOLE)),
        ("x.warc.gz", lambda: gzip.compress(WHOLE + answer("2023-01-22T01:00:00Z", number=2))),
        ("x.wacz", lambda: packages(WHOLE)),
    ],
)
def test_containers_of_all_kinds_are_read(tmp_path: Path, name: str, make: Any) -> None:
    (tmp_path / name).write_bytes(make())
    archive, summary = bring(tmp_path / "a", tmp_path / name, everything=False)
    assert summary.written >= 1
    (published,) = told(archive)
    assert (published["kind"], published["agency"], published["at"][:10]) == ("published", "示例市财政局", "2023-01-21")
    assert verify(archive, VerifyOptions(workers=1)).is_whole
    assert bring(tmp_path / "a", tmp_path / name, everything=False)[1].written == 0


OWN = report()
GONE = "410 Gone"


#: What others may say of an address where we saw a report ourselves, and what of it would be a claim that something is gone.
def test_a_folded_field_is_read_as_one_and_kept_as_it_was(tmp_path: Path) -> None:
    for number, fold in enumerate((b"\r\n ", b"\r\n\t", b" \r\n  ")):
        folded = answer("2023-01-21T01:00:00Z").replace(b"WARC-Target-URI: ", b"WARC-Target-URI:" + fold)
        archive, summary = bring(tmp_path / f"a{number}", put(tmp_path / f"x{number}.warc.gz", folded))
        assert (summary.written, [one["url"] for one in captures(archive)]) == (1, [URL])
        assert folded in stored(archive)


@pytest.mark.parametrize(
    ("name", "make", "words"),
    [
        ("x.warc.xz", lzma.compress, "xz"),
        ("x.warc.bz2", bz2.compress, "bzip2"),
        ("x.tar", lambda data: tar(data), "tar"),
        ("x.warc.zst", lambda data: without_dictionary(data), "dictionary"),
        ("x.wacz", lambda data: b'{"profile": "multi-wacz-package", "resources": [{"path": "a.wacz"}]}', "multi-WACZ"),
    ],
)
def test_what_is_not_read_is_named_and_what_unpacks_it(
    tmp_path: Path, name: str, make: Any, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Archive.create(tmp_path / "a")
    (tmp_path / name).write_bytes(make(answer("2023-01-21T01:00:00Z")))
    assert run(["import", "--archive", str(tmp_path / "a"), str(tmp_path / name)]) == 2
    assert words in capsys.readouterr().err.splitlines()[-1]


def tar(data: bytes) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as target:
        one = tarfile.TarInfo("x.warc")
        one.size = len(data)
        target.addfile(one, io.BytesIO(data))
    return packed.getvalue()


def without_dictionary(data: bytes) -> bytes:
    zstandard = pytest.importorskip("zstandard")
    words = zstandard.train_dictionary(2000, [data[at : at + 200] for at in range(0, len(data) - 200, 40)])
    return bytes(zstandard.ZstdCompressor(dict_data=words).compress(data))


AGAINST = {
    "not found": [(GONE_PAGE, "404 Not Found"), (GONE_PAGE, "404 Not Found")],
    "gone": [(b"gone", GONE), (b"gone", GONE)],
    "not found with 200": [(GONE_PAGE, "200 OK"), (GONE_PAGE, "200 OK")],
    "led elsewhere": [(b"", "302 Found"), (b"", "301 Moved Permanently")],
    "empty": [(b"", "200 OK")],
    "said to be withdrawn": [("<html><body>该文件已撤销</body></html>".encode(), "200 OK")] * 2,
    "the report of another year": [(page(report(year=2021, seed=5)), "200 OK")] * 2,
    "its year corrected": [(page(OWN).replace(b"2020", b"2022"), "200 OK")],
    "a notice of the year before": [(page(report(year=2019, seed=3)), "200 OK"), (page(OWN), "200 OK")],
}


@pytest.mark.parametrize("name", AGAINST)
def test_looks_of_others_take_no_report_from_where_we_saw_it(tmp_path: Path, name: str) -> None:
    """Positive facts only: whatever others saw at its address, a report that we saw stays what it is, under its name."""
    season = Season(tmp_path / "a")
    address = f"{BASE}/art/1.html"
    season.run(datetime(2021, 2, 1, 2, tzinfo=UTC), [Shown(address, page(OWN))], [ListEntry(address, OWN.title)])
    before = season.reports()
    said = [
        record("response", address, f"2021-03-0{day}T00:00:00Z", http(body, status), day)
        for day, (body, status) in enumerate(AGAINST[name], 1)
    ]
    file = put(tmp_path / "x.warc.gz", *said)
    import_archives(season.archive, [file], [from_json(definition())], NOW, everything=True, workers=1)
    kept = [(one["report"], one["status"]) for one in season.reports()]
    assert kept[:1] == [(one["report"], one["status"]) for one in before]
    assert {change["kind"] for change in told(season.archive)} == {"published"}
    assert verify(season.archive, VerifyOptions(workers=1, deep=True)).is_whole


def test_an_address_that_others_saw_reused_gives_both_reports_and_nothing_gone(tmp_path: Path) -> None:
    first, then = (
        answer(f"{year + 1}-03-01T00:00:00Z", page(invent("示例市财政局", year, 3)), year) for year in (2018, 2019)
    )
    archive, summary = bring(tmp_path / "a", put(tmp_path / "x.warc.gz", first, then))
    assert summary.written == 2
    assert [change["kind"] for change in told(archive)] == ["published", "published"]
    assert verify(archive, VerifyOptions(workers=1, deep=True)).is_whole


def test_the_index_is_the_same_when_it_is_made_again(tmp_path: Path) -> None:
    other = page(WHAT.with_figure(("applications", "received", "natural_person"), "777"))
    archive, _ = bring(
        tmp_path / "a", put(tmp_path / "1.warc.gz", answer("2023-02-01T00:00:00Z", other), BAD["future"])
    )
    bring(tmp_path / "a", put(tmp_path / "0.warc.gz", answer("2023-01-21T00:00:00Z", number=4)))

    def lines() -> str:
        db = open_index(archive)
        try:
            return dump(db)
        finally:
            db.close()

    before = lines()
    assert [change["kind"] for change in told(archive)] == ["published", "revised"]
    rebuild(archive, workers=1)
    assert lines() == before


def test_what_own_looks_know_stays_what_it_is_whatever_an_old_capture_looks_like() -> None:
    """A page whose report hangs on it names its file as a list names a row."""
    title = "示例市财政局2022年政府信息公开工作年度报告"
    file = "http://www.shili.gov.cn/zfxxgk/files/a.docx"
    shown = f'<html><head><title>{title}</title></head><body><h1>{title}</h1><p><a href="files/a.docx">{title}.docx</a></p></body></html>'
    taken = [record_of(compress(answer("2023-01-21T01:00:00Z", shown.encode(), 1)))]
    taken.append(record_of(compress(answer("2023-01-21T01:00:05Z", b"PK\x03\x04 a file", 2, file))))
    known = {URL: Role.REPORT, file: Role.ATTACHMENT}
    for knows, roles in ((known, [Role.REPORT, Role.ATTACHMENT]), ({}, [Role.LIST, Role.REPORT])):
        sorter = Sorter((), knows, parents={file: URL} if knows else {})
        for one in taken:
            sorter.learn(one)
        assert [context.role for one in taken if (context := sorter.context_of(one)) is not None] == roles
