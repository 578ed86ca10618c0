from __future__ import annotations

import hashlib
import json
import random
import threading
from pathlib import Path

import pytest

from archive.duties import decisions
from archive.errors import DamagedArchive
from archive.files.folder import Archive
from archive.verify.run import verify
from archive.warc import manifest
from archive.warc.closing import seal
from archive.warc.manifest import SegmentInfo
from archive.warc.records import iter_records
from tests.archive.making import CONTEXT, StandingClock, exchange, fill, writer


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive.create(tmp_path / "a")


def test_a_line_says_what_the_segment_is(archive: Archive) -> None:
    first, second = fill(archive)
    path = archive.warc_dir / first.segment
    data = path.read_bytes()
    line = json.loads(archive.manifest_path.read_text().splitlines()[0])
    assert line == {
        "segment": path.name,
        "size": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "records": len(list(iter_records(path))),
        "root": first.info.root,
        "first": "2021-03-04T03:08:17Z",
        "last": "2021-03-04T03:08:27Z",
        "runs": ["r1"],
        "prev": None,
    }
    assert second.prev == first.hash == hashlib.sha256(first.text.encode()).hexdigest()


def test_a_long_manifest_is_chained_without_reading_it_all(archive: Archive) -> None:
    choice = random.Random(4)
    infos = [
        SegmentInfo(
            f"OGI-{n:014d}-00000-x.warc.gz", n, "0" * 64, 1, "0" * 64, None, None, ("r" * choice.randrange(9000),)
        )
        for n in range(30)
    ]
    for info in infos:
        manifest.append(archive, info)
    lines = manifest.entries(archive)
    assert [entry.info for entry in lines] == infos
    assert [entry.prev for entry in lines] == [None, *(entry.hash for entry in lines[:-1])]
    assert [entry.number for entry in lines] == list(range(1, 31))


def test_a_damaged_line_is_named(archive: Archive) -> None:
    fill(archive)
    text = archive.manifest_path.read_text()
    archive.manifest_path.write_text("{" + text)
    with pytest.raises(DamagedArchive, match="line 1"):
        manifest.entries(archive)
    archive.manifest_path.write_bytes(b"\xff" + text.encode())
    with pytest.raises(DamagedArchive, match="damaged"):
        manifest.entries(archive)


def test_segments_sealed_at_once_make_one_chain(archive: Archive) -> None:
    segments = writer(archive, max_age_s=0)
    for number in range(24):
        segments.write_exchange(exchange(number), CONTEXT)
    segments.close()

    def work(paths: list[Path]) -> None:
        for path in paths:
            with turn:
                seal(archive, path)

    turn = threading.Lock()
    threads = [threading.Thread(target=work, args=(segments.finished[k::4],)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not verify(archive).is_damaged
    assert len(manifest.entries(archive)) == 24


# --- what people decided


def decide(archive: Archive, title: str) -> None:
    with archive.lock():
        decisions.append(archive, "withhold", {"url": "http://a.gov.cn/", "reason": title}, StandingClock())


def test_the_chain_holds_what_people_decided(archive: Archive) -> None:
    decide(archive, "一")
    fill(archive)
    decide(archive, "二")
    assert not verify(archive).is_damaged
    hashes = [hashlib.sha256(line).hexdigest() for line in archive.decisions_path.read_bytes().splitlines()]
    assert [entry.decisions for entry in manifest.entries(archive)] == [*[hashes[0]] * 3, hashes[1]]


@pytest.mark.parametrize("damage", ["changed", "removed", "torn", "reordered", "no JSON"])
def test_a_changed_decision_is_noticed(archive: Archive, damage: str) -> None:
    for title in "一二三":
        decide(archive, title)
    fill(archive)
    lines = archive.decisions_path.read_text().splitlines()
    changed = {
        "changed": [*lines[:2], lines[2].replace("三", "四")],
        "removed": lines[:2],
        "torn": [*lines, lines[0][:20]],
        "reordered": [lines[1], lines[0], lines[2]],
        "no JSON": [*lines, "x"],
    }[damage]
    archive.decisions_path.write_text("\n".join(changed) + ("" if damage == "torn" else "\n"))
    assert {item.kind for item in verify(archive).damages} == {"decisions"}


def test_a_lost_file_of_decisions_is_noticed(archive: Archive) -> None:
    decide(archive, "一")
    fill(archive)
    archive.decisions_path.unlink()
    assert {item.kind for item in verify(archive).damages} == {"decisions"}
