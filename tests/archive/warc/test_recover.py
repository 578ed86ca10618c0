from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from archive.errors import DamagedArchive
from archive.files.folder import Archive
from archive.verify.run import verify
from archive.warc import manifest
from archive.warc.closing import Recovered, recover, seal
from archive.warc.members import iter_members
from archive.warc.records import iter_records
from tests.archive.making import CONTEXT, exchange, fill, judge, writer


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive.create(tmp_path / "a")


def left_open(archive: Archive, pages: int = 5) -> Path:
    """A segment that nobody closed: its writer's file is copied while it is open."""
    segments = writer(archive)
    for number in range(pages):
        segments.write_exchange(exchange(number), CONTEXT)
    assert segments.path is not None
    data = segments.path.read_bytes()
    path = segments.path
    segments.close()
    path.write_bytes(data)
    return path


def test_nothing_to_do_says_nothing(archive: Archive) -> None:
    fill(archive)
    assert recover(archive) == []


def test_a_whole_open_segment_is_closed(archive: Archive) -> None:
    path = left_open(archive)
    [done] = recover(archive)
    assert (done.status, done.records) == ("sealed", 11)  # five pairs, one record of host facts
    assert not path.exists()
    assert not verify(archive).is_damaged


def test_every_cut_keeps_the_whole_records_before_it(archive: Archive) -> None:
    path = left_open(archive)
    data = path.read_bytes()
    with path.open("rb") as stream:
        ends = [0] + [member.end for member in iter_members(stream)]
    choice = random.Random(7)
    cuts = {end + step for end in ends for step in (-8, -1, 0, 1, 9)} | {choice.randrange(len(data)) for _ in range(20)}
    for number, cut in enumerate(sorted(cut for cut in cuts if 0 <= cut <= len(data))):
        for junk in (b"", b"\0" * 512):
            one = Archive.create(archive.root / f"cut-{number}-{len(junk)}")
            target = one.warc_dir / path.name
            target.write_bytes(data[:cut] + junk)
            whole = max(k for k, end in enumerate(ends) if (data[:cut] + junk)[:end] == data[:end])
            [done] = recover(one)
            if whole <= 1:
                assert done.status == "empty"
                assert one.store.names() == []
                continue
            expected_cut = len(data[:cut] + junk) - ends[whole]
            assert (done.status, done.records, done.cut_bytes) == (
                "cut" if expected_cut else "sealed",
                whole - 1,
                expected_cut,
            )
            sealed = (one.warc_dir / path.name.removesuffix(".open")).read_bytes()
            assert sealed[: ends[whole]] == data[: ends[whole]]
            if expected_cut:
                assert done.torn is not None
                assert done.torn.read_bytes() == (data[:cut] + junk)[ends[whole] :]
                assert "torn" in str(done)
            assert not verify(one).is_damaged


def test_a_repair_is_told_in_the_segment_itself(archive: Archive) -> None:
    path = left_open(archive)
    path.write_bytes(path.read_bytes()[:-30])
    [done] = recover(archive)
    *_, last = iter_records(archive.warc_dir / done.segment)
    assert (last.type, last.uri) == ("metadata", f"urn:ogi:recovered:{done.segment}")
    assert json.loads(last.block)["kept_in"] == done.torn.name  # type: ignore[union-attr]
    assert judge("warcio", "check", archive.warc_dir / done.segment)[0] == 0


def test_a_segment_of_a_live_process_is_left_alone(archive: Archive) -> None:
    segments = writer(archive)
    segments.write_exchange(exchange(), CONTEXT)
    assert [item.status for item in recover(archive)] == ["held"]
    segments.write_exchange(exchange(2), CONTEXT)
    segments.close()
    assert [item.status for item in recover(archive)] == ["sealed"]
    assert not verify(archive).is_damaged


def test_a_death_between_manifest_line_and_final_name_is_healed(archive: Archive) -> None:
    [entry, _] = fill(archive)
    sealed = archive.warc_dir / entry.segment
    sealed.rename(sealed.with_name(sealed.name + ".open"))
    assert not verify(archive).is_damaged  # nothing is lost, only not finished
    assert [item.status for item in recover(archive)] == ["sealed"]
    assert sealed.exists()
    assert len(manifest.entries(archive)) == 2
    assert not verify(archive).is_damaged


def test_an_open_segment_that_contradicts_the_manifest_is_not_closed(archive: Archive) -> None:
    entry = fill(archive)[0]
    (archive.warc_dir / entry.segment).unlink()
    path = left_open(archive)
    path.rename(archive.warc_dir / (entry.segment + ".open"))
    with pytest.raises(DamagedArchive, match="line 1"):
        recover(archive)


@pytest.mark.parametrize("keep", ["half", "all but the line end"])
def test_a_torn_manifest_line_is_repaired(archive: Archive, keep: str) -> None:
    entry = fill(archive)[1]
    sealed = archive.warc_dir / entry.segment
    sealed.rename(sealed.with_name(sealed.name + ".open"))
    data = archive.manifest_path.read_bytes()
    archive.manifest_path.write_bytes(data[:-1] if keep != "half" else data[:-200])
    assert verify(archive).is_damaged
    assert len(manifest.entries(archive)) == 1
    recover(archive)
    assert archive.manifest_path.read_bytes() == data
    torn = archive.manifest_path.with_name("manifest.jsonl.torn")
    assert torn.exists() == (keep == "half")
    assert not verify(archive).is_damaged


_WRITE_FOR_EVER = """
import itertools, os, sys
from pathlib import Path
from archive.files.folder import Archive
from archive.warc.closing import seal
from tests.archive.making import CONTEXT, exchange, writer
archive = Archive.open(Path(sys.argv[1]))
segments = writer(archive, run=sys.argv[2], sync_records=6, sync_s=3600, max_bytes=40_000)
with archive.lock():
    done = 0
    for number in itertools.count():
        segments.write_exchange(exchange(number, body=os.urandom(900), url=f"http://127.0.0.1/{sys.argv[2]}/{number}"), CONTEXT)
        if number % 3 == 2:
            segments.sync()
            print(number, flush=True)
        while done < len(segments.finished):
            seal(archive, segments.finished[done])
            done += 1
"""


def kill_while_writing(archive: Archive, run: str, choice: random.Random) -> int:
    """Kill a writing process at some moment after its first flush; the number of exchanges that it had flushed, at least."""
    process = subprocess.Popen(
        [sys.executable, "-c", _WRITE_FOR_EVER, str(archive.root), run], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process.stdout as lines:
        seen = 0
        for _ in range(choice.randrange(1, 120)):
            seen = int(lines.readline()) + 1
        process.kill()
        said = lines.read().split("\n")[:-1]
    process.wait()
    return int(said[-1]) + 1 if said else seen


@pytest.mark.parametrize("kills", [20, pytest.param(100, marks=pytest.mark.slow)])
def test_kill_9_at_any_moment_loses_nothing_flushed(archive: Archive, kills: int) -> None:
    choice = random.Random(kills)
    flushed = {f"r{number}": kill_while_writing(archive, f"r{number}", choice) for number in range(kills)}
    recover(archive)
    found: dict[str, set[int]] = {}
    for name in archive.store.names():
        for record in iter_records(archive.warc_dir / name):
            if record.type == "response":
                _, run, number = record.uri.rsplit("/", 2)
                found.setdefault(run, set()).add(int(number))
    for run, count in flushed.items():
        assert set(range(count)) <= found[run]
        assert found[run] == set(range(len(found[run])))
    report = verify(archive)
    assert report.damages == ()
    assert list(archive.warc_dir.glob("*.open")) == []


def test_sealing_what_is_torn_is_refused(archive: Archive) -> None:
    path = left_open(archive)
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(DamagedArchive, match="torn"):
        seal(archive, path)


def test_recovered_is_told_in_words() -> None:
    assert str(Recovered("x", "held")) == "x: is being written by a live process; left alone"
