from __future__ import annotations

import io
import uuid
from pathlib import Path

import fsspec
import pytest

from archive.errors import ArchiveMissing, DamagedArchive
from archive.files.folder import Archive
from archive.files.ranges import BLOCK, RangeCache, RangeReader
from archive.verify.run import VerifyOptions, verify
from archive.warc.closing import recover, seal
from archive.warc.records import read_record
from archive.warc.wacz import write_wacz
from tests.archive.making import CONTEXT, DAY, exchange, fill, page, writer


@pytest.fixture
def remote(tmp_path: Path) -> Archive:
    """An archive whose closed segments live in fsspec's memory."""
    return Archive.create(tmp_path / "a", {"segments.location": f"memory://{uuid.uuid4().hex}/warc"})


def test_closed_segments_are_uploaded_and_read_from_there(remote: Archive, tmp_path: Path) -> None:
    entries = fill(remote)
    assert remote.store.names() == [entry.segment for entry in entries]
    assert {path.suffix for path in remote.warc_dir.iterdir()} == {".uploaded"}
    assert remote.store.size(entries[0].segment) == entries[0].info.size
    assert remote.store.size("nothing") is None
    assert not verify(remote).is_damaged
    assert write_wacz(remote, tmp_path / "x.wacz", created=DAY).captures == 9


def test_an_open_segment_is_read_from_the_disk(remote: Archive) -> None:
    segments = writer(remote)
    written = segments.write_exchange(exchange(3), CONTEXT)
    assert read_record(remote, written.segment, written.offset).payload == page(3)
    segments.close()
    seal(remote, segments.finished[0])
    assert read_record(remote, written.segment, written.offset).payload == page(3)


def test_an_upload_that_was_cut_off_before_the_local_file_went_is_finished(remote: Archive) -> None:
    segments = writer(remote)
    segments.write_exchange(exchange(3), CONTEXT)
    segments.close()
    path = segments.finished[0]
    data = path.read_bytes()
    seal(remote, path)
    path.write_bytes(data)  # as if the process had died between the upload and the removal
    assert [item.status for item in recover(remote)] == ["sealed"]
    assert not path.exists()
    assert not verify(remote).is_damaged


def test_a_name_is_never_used_again_although_its_segment_went_away(remote: Archive) -> None:
    for _ in range(3):
        fill(remote)  # the clock gives the same second each time
    assert len(set(remote.store.names())) == 6
    assert not verify(remote).is_damaged


def test_a_sealed_object_is_never_overwritten(remote: Archive) -> None:
    entry = fill(remote)[0]
    files, root = fsspec.core.url_to_fs(remote.settings.segments.location)
    path = remote.warc_dir / "other"
    path.write_bytes(b"other")
    with pytest.raises(DamagedArchive, match="never overwritten"):
        remote.store.put(path, entry.segment)
    assert files.cat_file(f"{root}/{entry.segment}") != b"other"


def test_damage_in_the_store_is_named(remote: Archive) -> None:
    entry = fill(remote)[0]
    files, root = fsspec.core.url_to_fs(remote.settings.segments.location)
    files.pipe_file(f"{root}/{entry.segment}", files.cat_file(f"{root}/{entry.segment}")[:-9])
    assert entry.segment in {item.segment for item in verify(remote).damages}
    files.rm(f"{root}/{entry.segment}")
    assert ("missing", entry.segment) in {(item.kind, item.segment) for item in verify(remote).damages}


def test_a_place_that_does_not_exist_is_said(tmp_path: Path) -> None:
    archive = Archive.create(tmp_path / "a", {"segments.location": "nosuch://x"})
    with pytest.raises(ArchiveMissing, match=r"segments\.location"):
        archive.store.names()


def test_an_empty_store_has_no_names(remote: Archive) -> None:
    assert remote.store.names() == []


def test_a_missing_segment_is_said(tmp_path: Path) -> None:
    archive = Archive.create(tmp_path / "a")
    with pytest.raises(DamagedArchive, match="is missing"):
        archive.store.open("OGI-x.warc.gz")


def test_what_was_read_of_a_segment_is_kept_and_verify_looks_afresh(remote: Archive) -> None:
    (first, *_) = fill(remote)
    files, root = fsspec.core.url_to_fs(remote.settings.segments.location)
    path = f"{root}/{first.segment}"
    with remote.store.open(first.segment) as stream:
        before = stream.read()
    assert len(before) == first.info.size
    files.pipe_file(path, b"x" + before[1:])  # somebody changes the object behind our back
    with remote.store.open(first.segment) as stream:
        assert stream.read() == before
    assert verify(remote, VerifyOptions(workers=1)).is_damaged
    files.rm(path)
    with pytest.raises(DamagedArchive, match="is missing"):
        remote.store.open(first.segment, fresh=True)


def test_a_record_costs_the_blocks_that_it_lies_in() -> None:
    data = bytes(range(256)) * 40_000
    asked: list[tuple[int, int]] = []

    def fetch(start: int, end: int) -> bytes:
        asked.append((start, end))
        return data[start:end]

    cache = RangeCache(kept=40 * BLOCK)
    with io.BufferedReader(RangeReader("s", len(data), fetch, cache), BLOCK) as stream:
        stream.seek(5_000_000)
        assert stream.read(20_000) == data[5_000_000:5_020_000]
    assert sum(end - start for start, end in asked) <= 2 * BLOCK
    asked.clear()
    with io.BufferedReader(RangeReader("s", len(data), fetch, cache), BLOCK) as stream:
        stream.seek(5_000_000)
        assert stream.read(20_000) == data[5_000_000:5_020_000]
        assert not asked
        stream.seek(0)
        assert stream.read() == data
    assert len(asked) < 12, "who reads on gets many blocks with a request"
    with io.BufferedReader(RangeReader("s", len(data) + 1, fetch, RangeCache()), BLOCK) as stream:
        stream.seek(len(data) - 5)
        with pytest.raises(DamagedArchive, match="shorter"):
            stream.read()
