"""What leaves the archive can be checked by who receives it: altered, it is damaged; made anew by somebody else, it is not proved."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import warnings
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive.duties.decisions import withhold
from archive.files.folder import Archive
from archive.index.database import open_index
from archive.index.rows import values
from archive.publish.export import export_package
from archive.site.publish import publish
from archive.verify.anchors import Anchors, PinnedKey, parse_key
from archive.verify.package import verify_package
from archive.verify.snapshot import verify_snapshot
from archive.warc.wacz import write_wacz
from archive.warc.wacz_auth import check_package
from tests.archive.verify.attacks import build

NOW = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    return build(tmp_path_factory.mktemp("leaves") / "a", decide=False)


@pytest.fixture(scope="module")
def snapshot(signed: Archive, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A snapshot with one report withheld, so that a segment lacks something."""
    root = tmp_path_factory.mktemp("copy") / "a"
    shutil.copytree(signed.root, root)
    archive = Archive.open(root)
    db = open_index(archive)
    try:
        first, *_ = values(db, "SELECT id FROM reports ORDER BY id")
        with archive.lock():
            withhold(archive, db, first, "a person is named")
    finally:
        db.close()
    publish(archive, root.parent / "site", NOW, allow_fewer=True)
    return root.parent / "site"


def pinned(archive: Archive) -> list[PinnedKey]:
    (public,) = archive.keys_dir.glob("*.pub.pem")
    return [parse_key(str(public), "--key")]


def test_an_untouched_snapshot_is_whole_although_something_is_withheld(signed: Archive, snapshot: Path) -> None:
    assert list((snapshot / "proof").glob("*.leaves"))
    found = verify_snapshot(Archive.open(snapshot), Anchors(tuple(pinned(signed))))
    assert (found.exit_status, found.damages) == (0, ())
    assert "withheld" in found.claim("bytes").why
    assert found.claim("who").outcome == "proved"
    assert found.claim("decisions").outcome == "not proved"


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def alter_database(folder: Path) -> None:
    db = sqlite3.connect(folder / "ogi.db")
    db.execute("UPDATE reports SET title = 'another'")
    db.commit()
    db.close()


def rehash(folder: Path) -> None:
    """As a forger does who has no key: the description says the new hashes."""
    alter_database(folder)
    path = folder / "snapshot.json"
    about = json.loads(path.read_text())
    about["files"]["ogi.db"] = hashlib.sha256((folder / "ogi.db").read_bytes()).hexdigest()
    path.write_text(json.dumps(about))


def rehash_and_strip(folder: Path) -> None:
    rehash(folder)
    (folder / "snapshot.note").unlink()


def take_out_a_record(folder: Path) -> None:
    segment = max(folder.glob("warc/*.warc.gz"), key=lambda path: path.stat().st_size)
    segment.write_bytes(segment.read_bytes()[:-200])


def add_to_reduced(folder: Path) -> None:
    (leaves,) = folder.glob("proof/*.leaves")
    segment = folder / "warc" / leaves.name.removesuffix(".leaves")
    other = next(path for path in sorted(folder.glob("warc/*.warc.gz")) if path != segment)
    segment.write_bytes(segment.read_bytes() + other.read_bytes())


def shorten_leaves(folder: Path) -> None:
    (leaves,) = folder.glob("proof/*.leaves")
    leaves.write_text("\n".join(leaves.read_text().split()[:-1]) + "\n")


def forget_a_segment(folder: Path) -> None:
    min(folder.glob("warc/*.warc.gz")).unlink()


def cut_the_chain(folder: Path) -> None:
    path = folder / "manifest.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))


def put_a_journal_beside(folder: Path) -> None:
    """What SQLite takes for a part of the database: who opens it sees other rows, and its file has the hash that was published."""
    copied = folder / "copy.db"
    shutil.copy(folder / "ogi.db", copied)
    db = sqlite3.connect(copied)
    for statement in (
        "PRAGMA journal_mode = WAL",
        "PRAGMA wal_autocheckpoint = 0",
        "UPDATE reports SET title = 'another'",
    ):
        db.execute(statement)
    db.commit()
    shutil.copy(folder / "copy.db-wal", folder / "ogi.db-wal")
    db.close()
    copied.unlink()


def add_a_segment(folder: Path) -> None:
    shutil.copy(next(folder.glob("warc/*.warc.gz")), folder / "warc" / "OGI-x.warc.gz")


def add_a_release(folder: Path) -> None:
    (folder / "exports" / "r1").mkdir(parents=True)
    (folder / "exports" / "r1" / "figures.csv").write_text("report,value\n")


def alter_settings(folder: Path) -> None:
    path = folder / "ogi.toml"
    path.write_text(path.read_text().replace("[serve]", "[operator]\nname = 'another'\n[serve]"))


def add(name: str, text: str = "x\n") -> Callable[[Path], None]:
    """Something that its archive didn't publish, where a server or a reader would take it for published."""

    def attack(folder: Path) -> None:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)

    return attack


def alter_a_key(folder: Path) -> None:
    key = next((folder / "keys").iterdir())
    key.write_text(key.read_text() + "\n")


SNAPSHOT_ATTACKS = [
    add("figures.csv"),
    add("portals/x.toml"),
    add("decisions.jsonl", "{}\n"),
    add("releases/r1/manifest.json", "{}\n"),
    add("keys/another.pub.pem"),
    add("proof/checkpoint.txt"),
    add("warc/more/notes.txt"),
    alter_a_key,
    put_a_journal_beside,
    add_a_segment,
    add_a_release,
    alter_settings,
    alter_database,
    rehash,
    rehash_and_strip,
    take_out_a_record,
    add_to_reduced,
    shorten_leaves,
    forget_a_segment,
    cut_the_chain,
]


@pytest.mark.parametrize("attack", SNAPSHOT_ATTACKS)
def test_an_altered_snapshot_is_damaged(tmp_path: Path, snapshot: Path, attack: Callable[[Path], None]) -> None:
    folder = tmp_path / "site"
    shutil.copytree(snapshot, folder)
    attack(folder)
    assert verify_snapshot(Archive.open(folder), Anchors()).exit_status == 1


@pytest.fixture(scope="module")
def package(signed: Archive, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("package") / "data"
    export_package(signed, target, form="csv")
    return target


def test_a_data_package_is_proved_with_the_key_and_not_without(signed: Archive, package: Path, tmp_path: Path) -> None:
    assert verify_package(package).exit_status == 3, "anybody could have made it"
    assert verify_package(package, pinned(signed)).exit_status == 0
    zipped = Path(shutil.make_archive(str(tmp_path / "p"), "zip", package))
    assert verify_package(zipped, pinned(signed)).exit_status == 0


def alter_table(folder: Path) -> None:
    flip(next(iter(sorted((folder / "data").glob("reports*")))))


def rehash_table(folder: Path) -> None:
    alter_table(folder)
    path = folder / "datapackage.json"
    described = json.loads(path.read_text("utf-8"))
    for item in described["resources"]:
        item["hash"] = "sha256:" + hashlib.sha256((folder / item["path"]).read_bytes()).hexdigest()
    path.write_text(json.dumps(described), "utf-8")


def drop_table(folder: Path) -> None:
    next(iter((folder / "data").glob("changes*"))).unlink()


def point_outside(folder: Path) -> None:
    path = folder / "datapackage.json"
    path.write_text(path.read_text("utf-8").replace('"data/reports.csv"', '"../../reports.csv"'), "utf-8")


def alter_readme(folder: Path) -> None:
    (folder / "README.md").write_text("All figures are exact.\n")


def add_a_table(folder: Path) -> None:
    (folder / "data" / "figures-2.csv").write_text("report,value\n")


def link_a_table(folder: Path) -> None:
    path = folder / "data" / "reports.csv"
    path.rename(folder.parent / "elsewhere.csv")
    path.symlink_to(folder.parent / "elsewhere.csv")


@pytest.mark.parametrize(
    "attack", [alter_table, rehash_table, drop_table, point_outside, alter_readme, add_a_table, link_a_table]
)
def test_an_altered_data_package_is_damaged(tmp_path: Path, package: Path, attack: Callable[[Path], None]) -> None:
    folder = tmp_path / "data"
    shutil.copytree(package, folder)
    attack(folder)
    assert verify_package(folder).exit_status == 1


@pytest.mark.parametrize("where", ["data/reports.csv", "another/datapackage.json", "x.csv"])
def test_a_zip_that_holds_more_than_the_package_is_damaged(
    tmp_path: Path, signed: Archive, package: Path, where: str
) -> None:
    zipped = Path(shutil.make_archive(str(tmp_path / "p"), "zip", package))
    with warnings.catch_warnings(), zipfile.ZipFile(zipped, "a") as opened:
        warnings.simplefilter("ignore")  # zipfile tells of a second file of one name
        opened.write(package / "data" / "reports.csv", where)
    assert verify_package(zipped, pinned(signed)).exit_status == 1


def test_a_snapshot_that_nobody_stands_for_is_not_whole(tmp_path: Path) -> None:
    archive = build(tmp_path / "a", sign=False, decide=False)
    publish(archive, tmp_path / "site", NOW)
    assert verify_snapshot(Archive.open(tmp_path / "site"), Anchors()).exit_status == 0
    (tmp_path / "site" / "snapshot.note").unlink()
    assert verify_snapshot(Archive.open(tmp_path / "site"), Anchors()).exit_status == 3


def test_a_snapshot_without_its_evidence_is_no_damage_and_not_whole(tmp_path: Path, signed: Archive) -> None:
    publish(signed, tmp_path / "site", NOW, with_evidence=False)
    found = verify_snapshot(Archive.open(tmp_path / "site"), Anchors())
    assert (found.exit_status, found.damages) == (3, ())


def test_a_stripped_signature_is_damage_for_who_trusts_the_key(tmp_path: Path, signed: Archive, package: Path) -> None:
    folder = tmp_path / "data"
    shutil.copytree(package, folder)
    (folder / "SIGNATURE.note").unlink()
    assert verify_package(folder).exit_status == 3
    assert verify_package(folder, pinned(signed)).exit_status == 1


@pytest.fixture(scope="module")
def wacz(signed: Archive, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("wacz") / "x.wacz"
    write_wacz(signed, target, created=NOW)
    return target


def test_a_wacz_is_signed_as_replay_tools_want_it_by_a_key_that_the_archive_stands_for(
    signed: Archive, wacz: Path
) -> None:
    with zipfile.ZipFile(wacz) as found:
        digest = json.loads(found.read("datapackage-digest.json"))
    stated = digest["signedData"]
    assert set(stated) == {"hash", "created", "software", "signature", "publicKey", "version"}
    assert stated["hash"] == digest["hash"]
    assert (verify_package(wacz).exit_status, verify_package(wacz, pinned(signed)).exit_status) == (3, 0)
    assert "is signed by archive/ogi/" in check_package(wacz).words


def remade(wacz: Path, target: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    with zipfile.ZipFile(wacz) as package:
        files = {name: package.read(name) for name in package.namelist()}
    change(files)
    with zipfile.ZipFile(target, "w") as package:
        for name, data in files.items():
            package.writestr(name, data)
    return target


def all_hashes_anew(files: dict[str, bytes]) -> None:
    files["pages/pages.jsonl"] += b"{}\n"
    described = json.loads(files["datapackage.json"])
    for item in described["resources"]:
        item["hash"] = "sha256:" + hashlib.sha256(files[item["path"]]).hexdigest()
    files["datapackage.json"] = json.dumps(described).encode()
    digest = json.loads(files["datapackage-digest.json"])
    digest["hash"] = "sha256:" + hashlib.sha256(files["datapackage.json"]).hexdigest()
    files["datapackage-digest.json"] = json.dumps(digest).encode()


def with_signed_hash_too(files: dict[str, bytes]) -> None:
    all_hashes_anew(files)
    digest = json.loads(files["datapackage-digest.json"])
    digest["signedData"]["hash"] = digest["hash"]
    files["datapackage-digest.json"] = json.dumps(digest).encode()


def unsigned(files: dict[str, bytes]) -> None:
    all_hashes_anew(files)
    digest = json.loads(files["datapackage-digest.json"])
    del digest["signedData"]
    files["datapackage-digest.json"] = json.dumps(digest).encode()


def one_more_file(files: dict[str, bytes]) -> None:
    files["archive/more.warc.gz"] = b""


def beside_the_signature(name: str) -> Callable[[dict[str, bytes]], None]:
    """What replay tools show beside a signature, and no signature covers."""

    def change(files: dict[str, bytes]) -> None:
        digest = json.loads(files["datapackage-digest.json"])
        digest["signedData"][name] = "2001-01-01T00:00:00Z"
        files["datapackage-digest.json"] = json.dumps(digest).encode()

    return change


@pytest.mark.parametrize(
    "change",
    [all_hashes_anew, with_signed_hash_too, unsigned, one_more_file, *map(beside_the_signature, ("created", "software"))],
)  # fmt: skip
def test_a_forged_wacz_is_damaged(tmp_path: Path, wacz: Path, change: Callable[[dict[str, bytes]], None]) -> None:
    forged = remade(wacz, tmp_path / "forged.wacz", change)
    assert verify_package(forged).exit_status == 1
