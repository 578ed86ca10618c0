"""Attacks of somebody who owns the disk, and not the key: chains, databases, snapshots and proof files patched together. None of it is ever whole."""

from __future__ import annotations

import gzip
import json
import shutil
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from archive.duties import decisions
from archive.files.folder import Archive
from archive.index.database import open_index
from archive.publish.check_proof import check, status_of
from archive.publish.export import export_package
from archive.publish.prove import prove
from archive.site.publish import publish
from archive.verify.anchors import Anchors, parse_key
from archive.verify.package import verify_package
from archive.verify.snapshot import verify_snapshot
from archive.warc.members import compress
from archive.warc.tree import leaf_hash
from archive.warc.wacz import write_wacz
from tests.archive.publish.test_prove import Files, drop, remade
from tests.archive.verify.attacks import (
    build,
    copy,
    decide_by_hand,
    forge_record,
    forget_checkpoint,
    judge,
    lines_of,
    made_again,
    members,
    relist,
    sql,
    unsign,
    write_lines,
)
from tests.archive.verify.test_attacks import build_more

NOW = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    return build(tmp_path_factory.mktemp("disk") / "a")


@pytest.fixture(scope="module")
def stale(made: Archive, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What was kept of the archive and of what left it before it went on, and afterwards."""
    root = tmp_path_factory.mktemp("stale")
    archive = copy(made, root / "archive")
    for name in ("before", "after"):
        publish(archive, root / name / "site", NOW, allow_fewer=True)
        export_package(archive, root / name / "data", form="csv", allow_fewer=True)
        write_wacz(archive, root / name / "x.wacz", created=NOW)
        shutil.copytree(archive.root, root / name / "archive", ignore=shutil.ignore_patterns("*-wal", "*-shm", ".lock"))
        if name == "before":
            build_more(archive)
            db = open_index(archive)
            with archive.lock():
                decisions.withhold(archive, db, db.execute("SELECT id FROM reports ORDER BY id").fetchone()[0], "asked")
            db.close()
    return root


def key_of(made: Archive) -> str:
    return str(next(made.keys_dir.glob("*.pub.pem")))


def segments(archive: Archive) -> list[Path]:
    return sorted(archive.warc_dir.glob("*.warc.gz"), key=lambda path: path.stat().st_size)


def edit_lines(change: Callable[[list[str]], list[str]]) -> Callable[[Archive], None]:
    return lambda archive: write_lines(archive, change(lines_of(archive)))


def resealed(archive: Archive) -> None:
    """Database, records, manifest, all in agreement with each other, and no signature."""
    forge_record(archive, b">31<", b">77<")
    relist(archive)
    unsign(archive)
    forget_checkpoint(archive)
    made_again(archive)


def append_member(data: bytes) -> Callable[[Archive], None]:
    def attack(archive: Archive) -> None:
        with segments(archive)[-1].open("ab") as stream:
            stream.write(data)

    return attack


def packed_anew(archive: Archive) -> None:
    path = segments(archive)[-1]
    path.write_bytes(b"".join(gzip.compress(record, 1, mtime=1) for record in members(path)))


def exchange_segments(archive: Archive) -> None:
    first, second = segments(archive)[-2:]
    one, other = first.read_bytes(), second.read_bytes()
    first.write_bytes(other)
    second.write_bytes(one)


def one_member(archive: Archive) -> None:
    path = segments(archive)[-1]
    path.write_bytes(compress(b"".join(members(path))))


def in_a_log_beside(archive: Archive) -> None:
    """The figure stands altered in what SQLite reads beside the database alone."""
    copied = archive.root / "copy.db"
    shutil.copy(archive.db_path, copied)
    with closing(sqlite3.connect(copied)) as db:
        for statement in ("PRAGMA journal_mode = WAL", "PRAGMA wal_autocheckpoint = 0", "UPDATE runs SET kind = 'x'"):
            db.execute(statement)
        db.commit()
        shutil.copy(archive.root / "copy.db-wal", archive.root / "ogi.db-wal")
    for path in archive.root.glob("copy.db*"):
        path.unlink()


def a_statement_of_my_own(archive: Archive) -> None:
    """A figure altered, and sealed by the program itself after the signing was switched off."""
    from archive.duties.sealing import seal_index

    sql("UPDATE applications SET research = 77")(archive)
    unsign(archive)
    opened = Archive.open(archive.root)
    db = open_index(opened)
    with opened.lock():
        seal_index(opened, db, attested=True, is_anew=True)
    db.close()


def redated(archive: Archive) -> None:
    lines = [json.loads(line) for line in lines_of(archive)]
    lines[0]["first"] = lines[0]["last"] = "2020-01-01T00:00:00Z"
    write_lines(archive, [json.dumps(line, ensure_ascii=False, separators=(",", ":")) for line in lines])


def marked_as_interrupted(archive: Archive) -> None:
    sql("UPDATE runs SET kind = 'x'", "INSERT OR REPLACE INTO meta (key, value) VALUES ('unsealed', '1')")(archive)


def a_decision_cut_and_all_after_it(archive: Archive) -> None:
    path = archive.decisions_path
    path.write_bytes(path.read_bytes().split(b"\n")[0] + b"\n")
    sql("DELETE FROM withheld")(archive)


OF_ARCHIVE: dict[str, tuple[Callable[[Archive], object], str]] = {
    "database, records and manifest in agreement, unsigned": (resealed, "who"),
    "sealed by a statement of one's own, unsigned": (a_statement_of_my_own, "who"),
    "a whole record behind the last": (append_member(compress(b"WARC/1.1\r\n\r\n")), "bytes"),
    "an empty member behind the last": (append_member(gzip.compress(b"")), "bytes"),
    "zeros behind the last": (append_member(b"\0" * 512), "bytes"),
    "packed anew": (packed_anew, "bytes"),
    "all records in one member": (one_member, "bytes"),
    "two segments exchanged": (exchange_segments, "bytes"),
    "a line twice": (edit_lines(lambda lines: [*lines, lines[-1]]), "order"),
    "two lines exchanged": (edit_lines(lambda lines: [*lines[:-2], lines[-1], lines[-2]]), "order"),
    "a line taken out": (edit_lines(lambda lines: lines[:1] + lines[2:]), "order"),
    "a member more in a line": (edit_lines(lambda lines: [*lines[:-1], lines[-1][:-1] + ',"x":1}']), "order"),
    "a member twice in a line": (edit_lines(lambda lines: [lines[0][:-1] + ',"size":1}', *lines[1:]]), "order"),
    "line ends of another system": (edit_lines(lambda lines: [line + "\r" for line in lines]), "order"),
    "a mark in front": (edit_lines(lambda lines: ["\ufeff" + lines[0], *lines[1:]]), "order"),
    "a blank line": (edit_lines(lambda lines: [lines[0], "", *lines[1:]]), "order"),
    "dates of a line": (redated, "order"),
    "decisions emptied": (lambda archive: archive.decisions_path.write_bytes(b""), "decisions"),
    "decisions gone": (lambda archive: archive.decisions_path.unlink(), "decisions"),
    "decisions cut, and the table": (a_decision_cut_and_all_after_it, "decisions"),
    "a decision in another's words": (
        lambda archive: archive.decisions_path.write_text(
            archive.decisions_path.read_text("utf-8").replace("on request", "on REQUEST"), "utf-8"
        ),
        "decisions",
    ),
    "a decision that a rollback was accepted": (
        lambda archive: decide_by_hand(archive, kind="rollback", at="2026-01-01T00:00:00Z", line=1, data={}),
        "decisions",
    ),
    "altered beside the database": (in_a_log_beside, "index"),
    "altered, and marked as interrupted": (marked_as_interrupted, "index"),
    "a table of SQLite's own statistics as a view": (
        sql("CREATE VIEW sqlitestat1 AS SELECT * FROM versions"), "index"
    ),
    "a trigger that waits": (
        sql("CREATE TRIGGER later AFTER INSERT ON captures BEGIN DELETE FROM changes; END"), "index"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", OF_ARCHIVE)
def test_what_the_owner_of_the_disk_patches_together_is_never_whole(made: Archive, tmp_path: Path, name: str) -> None:
    attack, claim = OF_ARCHIVE[name]
    victim = copy(made, tmp_path / "a")
    attack(victim)
    found = judge(Archive.open(victim.root), key=key_of(made), deep=True)
    assert (found.exit_status, found.claim(claim).outcome.value) == (1, "damaged"), found.claims


def of_state(name: str, *parts: str) -> Callable[[Path, Path], None]:
    """Parts of an earlier state, or a later one, in the place of those of now."""

    def attack(stale: Path, root: Path) -> None:
        for part in parts:
            source, target = stale / name / "archive" / part, root / part
            if source.is_dir():
                shutil.rmtree(target)
                shutil.copytree(source, target)
            else:
                shutil.copy(source, target)

    return attack


MIXED = {
    "the database of before": of_state("before", "ogi.db"),
    "the database and the decisions of before": of_state("before", "ogi.db", "decisions.jsonl"),
    "the decisions of before": of_state("before", "decisions.jsonl"),
    "the chain of before": of_state("before", "manifest.jsonl"),
    "the chain and the database of before": of_state("before", "manifest.jsonl", "ogi.db"),
    "the segments of before": of_state("before", "warc"),
    "the chain, the checkpoint and the segments of before": of_state("before", "manifest.jsonl", "proof", "warc"),
}


@pytest.mark.parametrize("name", MIXED)
def test_states_of_two_times_mixed_are_never_whole(made: Archive, stale: Path, tmp_path: Path, name: str) -> None:
    victim = Archive.open(
        shutil.copytree(stale / "after" / "archive", tmp_path / "a", ignore=shutil.ignore_patterns(".lock"))
    )
    assert judge(victim, key=key_of(made)).is_whole
    MIXED[name](stale, victim.root)
    found = judge(Archive.open(victim.root), key=key_of(made), deep=False)
    assert not found.is_whole, found.claims


def reduced_further(folder: Path, _: Path) -> None:
    """One more record taken out of a segment that lacks something anyway."""
    (leaves,) = folder.glob("proof/*.leaves")
    segment = folder / "warc" / leaves.name.removesuffix(".leaves")
    segment.write_bytes(b"".join(map(compress, members(segment)[:-1])))


def reduced_by_me(folder: Path, _: Path) -> None:
    """A whole segment made one that lacks a record, with a true list of its leaves."""
    reduced = {path.name.removesuffix(".leaves") for path in folder.glob("proof/*.leaves")}
    segment = next(path for path in sorted(folder.glob("warc/*.warc.gz")) if path.name not in reduced)
    records = members(segment)
    (folder / "proof" / f"{segment.name}.leaves").write_text(
        "".join(leaf_hash(one).hex() + "\n" for one in records), "ascii"
    )
    segment.unlink()
    segment.write_bytes(b"".join(map(compress, records[:-1])))


def of_before(*names: str) -> Callable[[Path, Path], None]:
    def attack(folder: Path, stale: Path) -> None:
        for name in names:
            shutil.copy(stale / "before" / "site" / name, folder / name)

    return attack


def put_file(name: str, data: bytes) -> Callable[[Path, Path], None]:
    def attack(folder: Path, _: Path) -> None:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)

    return attack


def append(name: str, data: bytes) -> Callable[[Path, Path], None]:
    def attack(folder: Path, _: Path) -> None:
        whole = (folder / name).read_bytes()
        (folder / name).unlink()
        (folder / name).write_bytes(whole + data)

    return attack


OF_SNAPSHOT: dict[str, Callable[[Path, Path], None]] = {
    "a record more left out": reduced_further,
    "a whole segment made one that lacks something": reduced_by_me,
    "the database of before": of_before("ogi.db"),
    "the description of before": of_before("snapshot.json"),
    "the statement of before": of_before("snapshot.note"),
    "the description and the statement of before": of_before("snapshot.json", "snapshot.note"),
    "all but the segments of before": of_before("snapshot.json", "snapshot.note", "ogi.db"),
    "a page under the name of the lock": put_file(".lock", b"<html>" + b"x" * 10_000),
    "a folder under the name of the lock": put_file(".lock/index.html", b"<html>"),
    "a page in the folder of segments": put_file("warc/index.html", b"<html>"),
    "a folder among the segments": put_file("warc/more/OGI-x.warc.gz", gzip.compress(b"x")),
    "a key more": put_file("keys/other.pub.pem", b"x"),
    "a file with blanks for a name": put_file("proof/ ", b"x"),
    "a line that has no end in the manifest": append("manifest.jsonl", b'{"segment":"OGI-x.warc.gz"'),
    "words behind the statement": append("snapshot.note", b"\nThis snapshot was checked by nobody.\n"),
    "settings altered": append("ogi.toml", b'\n[operator]\nname = "another"\n'),
}


@pytest.mark.parametrize("name", OF_SNAPSHOT)
def test_a_snapshot_patched_together_is_never_whole(made: Archive, stale: Path, tmp_path: Path, name: str) -> None:
    folder = Path(shutil.copytree(stale / "after" / "site", tmp_path / "site"))
    anchors = Anchors((parse_key(key_of(made), "kept"),))
    assert verify_snapshot(Archive.open(folder), anchors).is_whole
    OF_SNAPSHOT[name](folder, stale)
    found = verify_snapshot(Archive.open(folder), anchors)
    assert (found.is_whole, found.exit_status) == (False, 1), found.claims


def test_packages_of_two_times_mixed_are_never_whole(made: Archive, stale: Path, tmp_path: Path) -> None:
    keys = [parse_key(key_of(made), "kept")]
    for name in sorted(path.name for path in (stale / "after" / "data").iterdir()):
        before, after = ((stale / when / "data" / name) for when in ("before", "after"))
        folder = Path(shutil.copytree(stale / "after" / "data", tmp_path / name))
        if before.is_file() and before.read_bytes() != after.read_bytes():
            shutil.copy(before, folder / name)
            assert verify_package(folder, keys).exit_status == 1, name
    parts = {}
    for when in ("before", "after"):
        with zipfile.ZipFile(stale / when / "x.wacz") as package:
            parts[when] = {name: package.read(name) for name in package.namelist()}
    for name in parts["after"]:
        if parts["before"].get(name) not in (None, parts["after"][name]):
            with zipfile.ZipFile(tmp_path / "x.wacz", "w") as mixed:
                for one, data in (parts["after"] | {name: parts["before"][name]}).items():
                    mixed.writestr(one, data)
            assert verify_package(tmp_path / "x.wacz", keys).exit_status == 1, name


@pytest.fixture(scope="module")
def proofs(stale: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, str]:
    """Two proof files of one archive, made at two times, and its key."""
    from tests.archive.verify.test_keys import own_key

    root, made = tmp_path_factory.mktemp("proofs"), []
    for when in ("before", "after"):
        archive = Archive.open(stale / when / "archive")
        db = open_index(archive)
        report = db.execute("SELECT id FROM reports ORDER BY id DESC").fetchone()[0]
        db.close()
        made.append(root / f"{when}.wacz")
        prove(archive, f"{report}@1", made[-1], NOW)
    return made[0], made[1], own_key(Archive.open(stale / "after" / "archive"))


def test_proof_files_of_two_times_mixed_are_never_proved(proofs: tuple[Path, Path, str], tmp_path: Path) -> None:
    before, after, key = proofs
    with zipfile.ZipFile(before) as package:
        others = {name: package.read(name) for name in package.namelist() if name.startswith("proof/")}
    for name, data in others.items():
        with zipfile.ZipFile(after) as package:
            if package.read(name) == data:
                continue

        def attack(files: Files, name: str = name, data: bytes = data) -> None:
            files[name] = data

        assert status_of(check(str(remade(after, tmp_path / "x.wacz", attack)), key)) == 1, name


#: What stands in a proof file besides the records and the claim: who opens it may believe any of it.
BESIDE: dict[str, Callable[[Files], Any]] = {
    "a checker that says yes": lambda files: files.update({"proof/check.py": b"print('proved')\n"}),
    "a page that says yes": lambda files: files.update({"proof/check.html": b"<p>proved"}),
    "another readme": lambda files: files.update({"proof/README.txt": b"call 555"}),
    "another title": lambda files: files.update(
        {"pages/pages.jsonl": files["pages/pages.jsonl"].replace(b"2020", b"2021")}
    ),
    "another index": lambda files: files.update({"indexes/index.idx": b""}),
    "no checker": lambda files: drop(files, "proof/check.py"),
}


@pytest.mark.parametrize("name", BESIDE)
def test_what_stands_beside_a_claim_is_the_archives_or_it_is_damaged(
    proofs: tuple[Path, Path, str], tmp_path: Path, name: str
) -> None:
    _, after, key = proofs
    assert status_of(check(str(after), key)) == 0
    assert status_of(check(str(remade(after, tmp_path / "x.wacz", BESIDE[name])), key)) == 1


def test_a_statement_that_was_made_for_something_else_counts_for_nothing(stale: Path, made: Archive, tmp_path: Path) -> None:  # fmt: skip
    """The signed note of a snapshot in the place of a package's, and the other way round."""
    keys = (parse_key(key_of(made), "kept"),)
    data = Path(shutil.copytree(stale / "after" / "data", tmp_path / "data"))
    site = Path(shutil.copytree(stale / "after" / "site", tmp_path / "site"))
    note = (data / "SIGNATURE.note").read_bytes()
    shutil.copy(site / "snapshot.note", data / "SIGNATURE.note")
    (site / "snapshot.note").write_bytes(note)
    assert verify_package(data, keys).exit_status == 1
    assert verify_snapshot(Archive.open(site), Anchors(keys)).exit_status == 1
