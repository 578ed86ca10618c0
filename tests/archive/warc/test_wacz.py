from __future__ import annotations

import hashlib
import json
import os
import socket
import subprocess
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive.errors import DamagedArchive
from archive.files.folder import Archive
from archive.warc.cdxj import cdxj_lines
from archive.warc.closing import seal
from archive.warc.context import Context, Entry, Role
from archive.warc.foreign import iter_foreign
from archive.warc.wacz import NothingSelected, write_wacz
from tests.answering import free_port
from tests.archive.making import exchange, fill, judge, need_judge, page, writer

MADE = datetime(2021, 5, 1, tzinfo=UTC)


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    made = Archive.create(tmp_path / "a", {"archive.name": "年报档案"})
    fill(made)
    return made


def test_a_package_passes_its_validator(archive: Archive, tmp_path: Path) -> None:
    summary = write_wacz(archive, tmp_path / "x.wacz", created=MADE)
    assert (summary.captures, summary.pages, summary.size) == (9, 7, summary.path.stat().st_size)
    code, said = judge("wacz", "validate", "-f", summary.path)
    assert (code, "Validation succeeded" in said) == (0, True), said


def test_a_package_says_what_it_holds(archive: Archive, tmp_path: Path) -> None:
    write_wacz(archive, tmp_path / "x.wacz", created=MADE)
    with zipfile.ZipFile(tmp_path / "x.wacz") as package:
        described = json.loads(package.read("datapackage.json"))
        assert (described["wacz_version"], described["title"], described["created"]) == (
            "1.1.1",
            "年报档案",
            "2021-05-01T00:00:00Z",
        )
        listed = {item["path"]: item for item in described["resources"]}
        assert set(package.namelist()) == {*listed, "datapackage.json", "datapackage-digest.json"}
        for path, item in listed.items():
            data = package.read(path)
            assert (item["bytes"], item["hash"]) == (len(data), "sha256:" + hashlib.sha256(data).hexdigest())
        assert package.getinfo("archive/data.warc.gz").compress_type == zipfile.ZIP_STORED
        assert package.read("proof/manifest.txt") == archive.manifest_path.read_bytes()
        digest = json.loads(package.read("datapackage-digest.json"))
        assert digest["hash"] == "sha256:" + hashlib.sha256(package.read("datapackage.json")).hexdigest()


def test_a_selection_brings_attachments_requests_and_originals(archive: Archive, tmp_path: Path) -> None:
    parent = "http://www.example.gov.cn/zwgk/t4.html"
    segments = writer(archive)
    context = Context("ouhai", Role.ATTACHMENT, parent=parent, entry=Entry(parent, "报告"))
    segments.write_exchange(exchange(9, url="http://www.example.gov.cn/files/a.pdf", body=b"%PDF-"), context)
    segments.write_exchange(exchange(8), Context("ouhai", Role.LIST))
    segments.close()
    seal(archive, segments.finished[0])
    urls = {parent, "http://www.example.gov.cn/zwgk/t0.html"}
    summary = write_wacz(archive, tmp_path / "x.wacz", created=MADE, urls=urls)
    records = list(iter_foreign(tmp_path / "x.wacz"))
    kinds = sorted(
        (record.type, record.uri.rpartition("/")[2]) for record in records if record.type in ("response", "revisit")
    )
    assert kinds == [
        ("response", "a.pdf"),
        ("response", "t0.html"),
        ("response", "t4.html"),
        ("revisit", "t0.html"),
        ("revisit", "t0.html"),
    ]
    assert sum(record.type == "request" for record in records) == summary.captures == 5


def test_the_original_of_another_address_comes_along(archive: Archive, tmp_path: Path) -> None:
    from tests.archive.making import original_of

    segments = writer(archive)
    place = segments.write_exchange(exchange(6), None)
    segments.write_exchange(exchange(7, body=page(6)), None, original_of(archive, place.segment, place.offset))
    segments.close()
    seal(archive, segments.finished[0])
    write_wacz(archive, tmp_path / "x.wacz", created=MADE, urls={"http://www.example.gov.cn/zwgk/t7.html"})
    captures = [(r.type, r.uri[-7:]) for r in iter_foreign(tmp_path / "x.wacz") if r.type in ("response", "revisit")]
    assert captures == [("response", "t6.html"), ("revisit", "t7.html")]


def test_records_are_copied_byte_by_byte(archive: Archive, tmp_path: Path) -> None:
    write_wacz(archive, tmp_path / "x.wacz", created=MADE)
    with zipfile.ZipFile(tmp_path / "x.wacz") as package:
        packed = package.read("archive/data.warc.gz")
    lines = [json.loads(line.partition("{")[1] + line.partition("{")[2]) for line in cdxj_lines(archive)]
    for line in lines:
        data = (archive.warc_dir / line["filename"]).read_bytes()
        assert data[int(line["offset"]) : int(line["offset"]) + int(line["length"])] in packed


def test_an_empty_selection_is_said(archive: Archive, tmp_path: Path) -> None:
    with pytest.raises(NothingSelected):
        write_wacz(archive, tmp_path / "x.wacz", created=MADE, urls={"http://nowhere/"})
    assert not (tmp_path / "x.wacz").exists()


def test_damage_is_not_packaged(archive: Archive, tmp_path: Path) -> None:
    path = archive.warc_dir / archive.store.names()[0]
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(DamagedArchive, match="ogi verify"):
        write_wacz(archive, tmp_path / "x.wacz", created=MADE)


def test_the_index_is_the_one_that_the_reference_indexer_makes(archive: Archive) -> None:
    ours = cdxj_lines(archive)
    code, theirs = judge("cdxj-indexer", "--sort", *(archive.warc_dir / name for name in archive.store.names()))
    assert code == 0
    captures = [
        line for line in theirs.splitlines() if not line.startswith(("urn:ogi:host", "urn:ogi:run:r1"))
    ]  # metadata records
    assert ours == captures
    assert ours == sorted(ours, key=str.encode)


@pytest.fixture
def replay(archive: Archive, tmp_path: Path) -> Iterator[str]:
    """pywb with the archive's segments in a collection `c`; its address."""
    manager, wayback = need_judge("wb-manager"), need_judge("wayback")
    root = tmp_path / "pywb"
    root.mkdir()
    subprocess.run([manager, "init", "c"], cwd=root, check=True, capture_output=True)
    segments = [str(archive.warc_dir / name) for name in archive.store.names()]
    subprocess.run([manager, "add", "c", *segments], cwd=root, check=True, capture_output=True)
    port = free_port()
    command = [wayback, "-b", "127.0.0.1", "-p", str(port)]
    with (root / "log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=root, stdout=log, stderr=log, env={**os.environ, "PYTHONWARNINGS": "ignore"}
        )
    try:
        deadline = time.monotonic() + 40
        while True:
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=1):
                    break
            except OSError:
                assert process.poll() is None, (root / "log").read_text()
                assert time.monotonic() < deadline, (root / "log").read_text()
        yield f"http://127.0.0.1:{port}/c"
    finally:
        process.terminate()
        process.wait()


def test_pywb_replays_every_capture_revisits_included(archive: Archive, replay: str) -> None:
    for line in cdxj_lines(archive):
        key, stamp, _ = line.split(" ", 2)
        if key.startswith("urn:"):
            continue
        fields = json.loads(line[line.index("{") :])
        with urllib.request.urlopen(f"{replay}/{stamp}id_/{fields['url']}", timeout=20) as answer:
            body = answer.read()
        assert answer.status == 200
        from archive.warc.digests import digest_of

        assert digest_of(body) == fields["digest"]
