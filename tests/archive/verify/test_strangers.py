"""Folders and files that somebody else made: what is verified never waits for a pipe, and never reads or asks outside of what it was given."""

from __future__ import annotations

import gzip
import io
import json
import os
import signal
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import pytest

from archive.errors import BadSettings, DamagedArchive
from archive.files.folder import Archive
from archive.files.inside import NoFile, open_file, read_file
from archive.verify.anchors import Anchors
from archive.verify.bag import verify_bag
from archive.verify.package import is_proof, verify_package
from archive.verify.run import VerifyOptions, verify
from archive.verify.snapshot import verify_snapshot
from archive.warc import members
from crawler.cli import run
from tests.answering import Answer, Asked, answering
from tests.archive.making import fill

SECONDS = 60


@pytest.fixture(autouse=True)
def no_waiting() -> Iterator[None]:
    """A pipe that is waited for ends the test."""

    def end(number: int, frame: FrameType | None) -> None:
        raise AssertionError("waits for a pipe or a device")

    before = signal.signal(signal.SIGALRM, end)
    signal.alarm(SECONDS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    made = Archive.create(tmp_path / "a")
    fill(made)
    return made


def segment(root: Path) -> Path:
    return min((root / "warc").glob("*.warc.gz"))


def pipe(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(path)


def secret(root: Path) -> Path:
    path = root.parent / "secret.warc.gz"
    path.write_bytes(b"of the operator")
    return path


def link(path: Path, target: str | Path) -> None:
    path.unlink(missing_ok=True)
    path.symlink_to(target)


WAYS_OUT: dict[str, Callable[[Path], None]] = {
    "torn is a pipe": lambda root: pipe(root / "warc" / "x.warc.gz.torn"),
    "open is a pipe": lambda root: pipe(root / "warc" / "x.warc.gz.open"),
    "segment is a pipe": lambda root: pipe(segment(root)),
    "segment leads out": lambda root: link(segment(root), secret(root)),
    "segment is a device": lambda root: link(segment(root), "/dev/zero"),
    "quarantine is a pipe": lambda root: pipe(root / "quarantine" / "index.jsonl"),
    "decisions lead out": lambda root: link(root / "decisions.jsonl", secret(root)),
    "a folder leads out": lambda root: link(root / "beside", root.parent),
    "an answer of verify leads out": lambda root: link(root / "verified.json", secret(root)),
}


@pytest.mark.parametrize("attack", WAYS_OUT)
def test_a_given_folder_with_a_way_out_is_refused_in_one_line(
    archive: Archive, attack: str, capsys: pytest.CaptureFixture[str]
) -> None:
    WAYS_OUT[attack](archive.root)
    assert run(["verify", str(archive.root)]) == 2
    said = capsys.readouterr().err
    assert "take it out" in said
    assert said.count("\n") == 1


def test_links_that_stay_inside_are_followed(archive: Archive) -> None:
    path = segment(archive.root)
    path.rename(archive.root / "kept")
    path.symlink_to("../kept")
    opened = Archive.open(archive.root, is_given=True)
    assert not verify(opened, VerifyOptions(workers=1, deep=False)).is_damaged


def test_the_operators_own_links_are_followed(archive: Archive, tmp_path: Path) -> None:
    (archive.root / "warc").rename(tmp_path / "large disk")
    (archive.root / "warc").symlink_to(tmp_path / "large disk")
    assert not verify(Archive.open(archive.root), VerifyOptions(workers=1, deep=False)).is_damaged


@pytest.fixture
def asked() -> Iterator[tuple[str, list[str]]]:
    """A server that writes down what it is asked for."""
    seen: list[str] = []

    def answer(request: Asked) -> Answer:
        seen.append(request.path)
        return 404, {}, b""

    with answering(answer) as base:
        yield base, seen


@pytest.mark.parametrize("form", ["{url}/x", "simplecache::{url}/x", "{outside}", "file://{outside}", "memory://x"])
def test_settings_of_a_given_folder_lead_nowhere(
    archive: Archive,
    form: str,
    asked: tuple[str, list[str]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url, seen = asked
    settings = archive.root / "ogi.toml"
    place = form.format(url=url, outside=tmp_path / "outside")
    settings.write_text(settings.read_text("utf-8").replace('# location = ""', f'location = "{place}"'), "utf-8")
    assert run(["verify", str(archive.root)]) == 2
    assert "leads out of the folder" in capsys.readouterr().err
    assert seen == []
    monkeypatch.setenv("OGI_SEGMENTS_LOCATION", place)  # the operator's own word
    assert Archive.open(archive.root, is_given=True).settings.segments.location == place


def altered(**members: object) -> Callable[[str], str]:
    def alter(line: str) -> str:
        return json.dumps({**json.loads(line), **members}, ensure_ascii=False, separators=(",", ":"))

    return alter


LINES: dict[str, Callable[[str], str]] = {
    "leads up": altered(segment="../../secret.warc.gz"),
    "leads away": altered(segment="/dev/zero"),
    "no text": altered(segment=5),
    "controls": altered(segment="\x1b]0;x\x07.warc.gz"),
    "dates are numbers": altered(first=5, last=7),
    "size is text": altered(size="x"),
    "records are a list": altered(records=[1]),
    "signature is text": altered(signature="x"),
    "signature holds lists": altered(signature={"key": [1], "sig": 5}),
    "timestamp is a number": altered(timestamp=5),
    "runs hold numbers": altered(runs=[5]),
    "too deep": lambda line: "[" * 100_000,
    "too long a number": lambda line: line.replace('"size":', '"size":' + "9" * 5000),
}


@pytest.mark.parametrize("attack", LINES)
def test_a_line_that_is_none_is_damage_and_no_defect(archive: Archive, attack: str) -> None:
    secret(archive.root)
    path = archive.manifest_path
    first, _, rest = path.read_text("utf-8").partition("\n")
    path.write_text(LINES[attack](first) + "\n" + rest, "utf-8")
    found = verify(Archive.open(archive.root, is_given=True), VerifyOptions(workers=1, deep=False))
    assert any("line 1 is no manifest line" in str(damage) for damage in found.damages)


@pytest.mark.parametrize(
    "text", ['{"prev":null,"kind":' + "[" * 100_000, "\ud800".encode("utf-8", "surrogatepass"), "5"]
)
def test_a_decision_that_is_none_is_damage(archive: Archive, text: str | bytes) -> None:
    archive.decisions_path.write_bytes((text.encode() if isinstance(text, str) else text) + b"\n")
    found = verify(Archive.open(archive.root, is_given=True), VerifyOptions(workers=1, deep=False))
    assert any("is no decision" in str(damage) for damage in found.damages)


@pytest.mark.parametrize("text", ["x = " + "[" * 200_000, "[harvest]\ndelay = " + "9" * 5000])
def test_settings_that_can_not_be_read_are_told_in_one_line(archive: Archive, text: str) -> None:
    (archive.root / "ogi.toml").write_text(text)
    with pytest.raises(BadSettings, match="no valid TOML"):
        Archive.open(archive.root)


@pytest.mark.parametrize(
    "said",
    [
        "[" * 100_000,
        '{"files": {"ogi.db": 5}, "has_evidence": []}',
        '{"files": {"a\\u0000b": "x", "../secret.warc.gz": "y"}}',
    ],
)
def test_a_snapshot_that_says_nonsense_is_damaged(archive: Archive, said: str) -> None:
    secret(archive.root)
    (archive.root / "snapshot.json").write_text(said)
    pipe(archive.root / "snapshot.note")
    found = verify_snapshot(Archive(archive.root, archive.settings), Anchors())
    assert found.exit_status in (1, 3)


def described(folder: Path, *items: object) -> None:
    (folder / "datapackage.json").write_text(json.dumps({"resources": [{"path": "t.csv", "hash": "0"}, *items]}))


PACKAGES: dict[str, Callable[[Path], None]] = {
    "a table is a pipe": lambda folder: pipe(folder / "t.csv"),
    "a table is a device": lambda folder: link(folder / "t.csv", "/dev/zero"),
    "a table leads out": lambda folder: link(folder / "t.csv", secret(folder)),
    "a path is a list": lambda folder: described(folder, {"path": ["x"], "hash": "x"}),
    "a path holds a NUL": lambda folder: described(folder, {"path": "a\0b", "hash": "x"}),
    "a path is half a character": lambda folder: described(folder, {"path": "\ud800", "hash": "x"}),
    "a path leads out": lambda folder: described(folder, {"path": "../secret.warc.gz", "hash": "x"}),
    "the description is too deep": lambda folder: (
        (folder / "datapackage.json").write_text('{"resources":' + "[" * 100_000) and None
    ),
    "the description is a pipe": lambda folder: pipe(folder / "datapackage.json"),
}


@pytest.mark.parametrize("attack", PACKAGES)
def test_a_package_of_a_stranger(tmp_path: Path, attack: str) -> None:
    folder = tmp_path / "package"
    folder.mkdir()
    (folder / "t.csv").write_text("a\n1\n")
    pipe(folder / "SIGNATURE.note")
    described(folder)
    PACKAGES[attack](folder)
    assert verify_package(folder).exit_status == 1


@pytest.mark.parametrize("attack", ["pipe", "device", "up", "manifest"])
def test_a_bag_of_a_stranger(archive: Archive, attack: str) -> None:
    bag = archive.root.parent / "bag"
    bag.mkdir()
    archive.root.rename(bag / "data")
    (bag / "data" / "snapshot.json").write_text("{}")
    (bag / "bagit.txt").write_text("BagIt-Version: 1.0\n")
    listed = bag / "manifest-sha256.txt"
    listed.write_text(f"{'0' * 64}  {'../secret.warc.gz' if attack == 'up' else 'x'}\n")
    secret(bag)
    if attack == "manifest":
        link(listed, "/dev/zero")
    elif attack == "device":
        link(bag / "x", "/dev/zero")
    else:
        pipe(bag / "x")
    assert verify_bag(bag, Anchors()).exit_status == 1


def test_a_bag_whose_payload_leads_out_is_refused(archive: Archive) -> None:
    bag = archive.root.parent / "bag"
    bag.mkdir()
    (bag / "bagit.txt").write_text("BagIt-Version: 1.0\n")
    (bag / "data").symlink_to(archive.root)
    with pytest.raises(DamagedArchive, match="leads out"):
        verify_bag(bag, Anchors())


@pytest.mark.parametrize("command", ["verify", "prove --check"])
def test_a_pipe_or_a_device_is_not_verified(tmp_path: Path, command: str, capsys: pytest.CaptureFixture[str]) -> None:
    pipe(tmp_path / "x.wacz")
    assert run([*command.split(), str(tmp_path / "x.wacz")]) == 2
    assert run([*command.split(), "/dev/zero"]) == 2
    assert "Traceback" not in capsys.readouterr().err
    assert not is_proof(tmp_path / "x.wacz")


def test_what_opens_files(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "f").write_bytes(b"12345")
    link(inside / "near", "f")
    link(inside / "loop", "loop")
    link(inside / "far", secret(inside))
    assert read_file(inside / "near", inside, most=5) == b"12345"
    with pytest.raises(NoFile, match="more than 4"):
        read_file(inside / "f", inside, most=4)
    for name in ("far", "../secret.warc.gz", "", ".", "a\0b", "\ud800"):
        with pytest.raises(NoFile):
            open_file(inside / name, inside)
    with pytest.raises(OSError, match=r"loop|symbolic"):
        open_file(inside / "loop")
    with pytest.raises(FileNotFoundError):
        open_file(inside / "none", inside)


@pytest.mark.parametrize("where", ["segment", "torn", "open"])
def test_a_record_that_unpacks_without_end_is_damage(
    archive: Archive, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(members, "MOST_MEMBER", 4 << 20)
    bomb = gzip.compress(b"WARC/1.1\r\n" + bytes(256 << 20))
    path = segment(archive.root)
    if where != "segment":
        path = path.with_name(f"x.warc.gz.{where}")
        bomb = gzip.compress(bytes(3 << 20)) + bomb  # a member of the size that may be, in front
    path.write_bytes(bomb)
    tracemalloc.start()
    found = verify(Archive.open(archive.root, is_given=True), VerifyOptions(workers=1, deep=False))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 120 << 20  # a piece of 32 KiB gives 32 MiB at most, and a buffer that grows holds it twice
    if where == "segment":
        assert any("more than 4 MiB" in str(damage) for damage in found.damages)


def test_members_up_to_the_bound_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "MOST_MEMBER", 1 << 20)
    whole = [bytes(1 << 20), b"", b"x" * (1 << 20)]
    packed = b"".join(members.compress(one) for one in whole)
    assert [one.data for one in members.iter_members(io.BytesIO(packed))] == whole
    with pytest.raises(members.BrokenMember, match="more than 1 MiB"):
        list(members.iter_members(io.BytesIO(members.compress(bytes((1 << 20) + 1)))))
