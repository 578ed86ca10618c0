"""An archive is handed over in a bag: every BagIt program can check it, `ogi verify` does claim by claim, and what is withheld isn't in it."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest

from archive.duties.decisions import withhold
from archive.errors import SiteError
from archive.files.folder import Archive
from archive.index.database import open_index
from archive.index.rows import values
from archive.site.bag import write_bag
from archive.site.premis import NAMESPACE
from archive.verify.anchors import Anchors, parse_key
from archive.verify.bag import verify_bag
from archive.warc.members import iter_members
from tests.archive.verify.attacks import build

NOW = datetime(2026, 11, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """An archive with one report withheld."""
    archive = build(tmp_path_factory.mktemp("bag") / "a", decide=False)
    db = open_index(archive)
    try:
        first, *_ = values(db, "SELECT id FROM reports ORDER BY id")
        with archive.lock():
            withhold(archive, db, first, "a person is named")
    finally:
        db.close()
    return archive


@pytest.fixture(scope="module")
def bag(signed: Archive) -> Path:
    target = signed.root.parent / "bag"
    write_bag(signed, target, NOW)
    return target


def test_a_bag_is_as_rfc_8493_says(bag: Path) -> None:
    assert (bag / "bagit.txt").read_text() == "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
    payload = [path for path in (bag / "data").rglob("*") if path.is_file()]
    for name, files in (("manifest", payload), ("tagmanifest", None)):
        lines = [line.split("  ", 1) for line in (bag / f"{name}-sha256.txt").read_text("utf-8").splitlines()]
        assert all(hashlib.sha256((bag / file).read_bytes()).hexdigest() == digest for digest, file in lines)
        assert files is None or {file for _, file in lines} == {path.relative_to(bag).as_posix() for path in files}
    info = dict(line.split(": ", 1) for line in (bag / "bag-info.txt").read_text("utf-8").splitlines())
    assert info["Payload-Oxum"] == f"{sum(path.stat().st_size for path in payload)}.{len(payload)}"
    assert info["Bagging-Date"] == "2026-11-30"


def test_an_untouched_bag_is_whole_and_lacks_what_is_withheld(signed: Archive, bag: Path) -> None:
    (public,) = signed.keys_dir.glob("*.pub.pem")
    found = verify_bag(bag, Anchors((parse_key(str(public), "--key"),)))
    assert (found.exit_status, found.damages) == (0, ())
    assert "withheld" in found.claim("bytes").why
    (hidden,) = [path.name.removesuffix(".leaves") for path in (bag / "data" / "proof").glob("*.leaves")][:1]
    with (bag / "data" / "warc" / hidden).open("rb") as stream:
        kept = sum(1 for _ in iter_members(stream))
    with (signed.warc_dir / hidden).open("rb") as stream:
        assert kept < sum(1 for _ in iter_members(stream))


def test_premis_tells_what_happened_to_which_file(signed: Archive, bag: Path) -> None:
    root = ElementTree.parse(bag / "premis.xml").getroot()
    name = {"p": NAMESPACE}
    files = {one.text for one in root.findall("p:object/p:originalName", name)}
    assert files == {path.name for path in (bag / "data" / "warc").iterdir()}
    kinds = [one.text for one in root.findall("p:event/p:eventType", name)]
    assert {
        "capture",
        "message digest calculation",
        "digital signature generation",
        "policy assignment",
        "redaction",
        "information package creation",
    } <= {*kinds}
    linked = {one.text for one in root.iterfind(".//p:linkingObjectIdentifierValue", name)}
    assert linked <= files
    agents = {one.text for one in root.iterfind("p:agent/p:agentIdentifier/p:agentIdentifierValue", name)}
    assert {one.text for one in root.iterfind(".//p:linkingAgentIdentifierValue", name)} <= agents
    for one in root.findall("p:object", name):
        digest, file = one.find(".//p:messageDigest", name), one.find("p:originalName", name)
        if digest is not None and file is not None:
            assert hashlib.sha256((bag / "data" / "warc" / str(file.text)).read_bytes()).hexdigest() == digest.text


def alter(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def rehash(bag: Path) -> None:
    """As somebody does who alters the database and knows how bags are made."""
    old = hashlib.sha256((bag / "data" / "ogi.db").read_bytes()).hexdigest()
    alter(bag / "data" / "ogi.db")
    for name in ("manifest-sha256.txt", "tagmanifest-sha256.txt"):
        path = bag / name
        before = hashlib.sha256(path.read_bytes()).hexdigest()
        path.write_text(
            path.read_text().replace(old, hashlib.sha256((bag / "data" / "ogi.db").read_bytes()).hexdigest())
        )
        old = before


def with_tags_anew(name: str, data: bytes) -> Callable[[Path], None]:
    """A file that says what the bag is, altered by somebody who makes the list of such files anew."""

    def attack(bag: Path) -> None:
        path, tags = bag / name, bag / "tagmanifest-sha256.txt"
        before = hashlib.sha256(path.read_bytes()).hexdigest()
        path.write_bytes(path.read_bytes() + data)
        tags.write_text(tags.read_text().replace(before, hashlib.sha256(path.read_bytes()).hexdigest()))

    return attack


ATTACKS: dict[str, Callable[[Path], object]] = {
    "database": lambda bag: alter(bag / "data" / "ogi.db"),
    "database and hashes": rehash,
    "premis": lambda bag: alter(bag / "premis.xml"),
    "file added": lambda bag: (bag / "data" / "more.csv").write_text("x"),
    "tag file added": lambda bag: (bag / "note.txt").write_text("x"),
    "file taken out": lambda bag: next((bag / "data" / "warc").iterdir()).unlink(),
    "manifest taken out": lambda bag: (bag / "manifest-sha256.txt").unlink(),
    "line taken out": lambda bag: (bag / "manifest-sha256.txt").write_text(
        "".join((bag / "manifest-sha256.txt").read_text().splitlines(keepends=True)[1:])
    ),
    "premis and tags": with_tags_anew("premis.xml", b"<!-- checked -->"),
    "whose it is, and tags": with_tags_anew("bag-info.txt", b"Contact-Name: another\n"),
    "what it says of itself, and tags": with_tags_anew("README.txt", b"All figures are true.\n"),
    "statement taken out": lambda bag: (bag / "SIGNATURE.note").unlink(),
    "statement of the payload": lambda bag: shutil.copy(bag / "data" / "snapshot.note", bag / "SIGNATURE.note"),
    "statement without its signature": lambda bag: (bag / "SIGNATURE.note").write_text(
        "\n".join((bag / "SIGNATURE.note").read_text().split("\n")[:5]) + "\n\n"
    ),
    "nonsense in the manifest": lambda bag: (bag / "tagmanifest-sha256.txt").write_text("x\n"),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_altered_bag_is_damaged(bag: Path, tmp_path: Path, name: str) -> None:
    copied = tmp_path / "bag"
    shutil.copytree(bag, copied)
    ATTACKS[name](copied)
    assert verify_bag(copied, Anchors()).exit_status == 1


def test_a_bag_is_written_over_nothing(signed: Archive, bag: Path) -> None:
    with pytest.raises(SiteError, match="holds something"):
        write_bag(signed, bag, NOW)
