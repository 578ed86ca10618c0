"""A small archive to try attacks on, and what somebody can do who owns its folder and not its key."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from archive.duties import decisions
from archive.files.folder import Archive
from archive.history.ingest import rebuild
from archive.index.database import open_index
from archive.verify.anchors import Anchors, KnownHead, parse_key
from archive.verify.result import VerifyResult
from archive.verify.run import VerifyOptions, verify
from archive.warc import signing
from archive.warc.context import Entry
from archive.warc.members import compress, iter_members
from archive.warc.tree import leaf_hash, merkle_root
from tests.archive.season import BASE, BUREAU, Season, Shown, page, report

DAY = datetime(2021, 2, 1, 2, 0, 0, tzinfo=UTC)
URL = f"{BASE}/art/1.html"
OTHER = f"{BASE}/art/2.html"


def build(root: Path, *, sign: bool = True, decide: bool = True, reports: int = 2) -> Archive:
    """Two passes over two reports (or one), one of them revised, and two decisions of a person."""
    season = Season(root)
    if sign:
        settings = root / "ogi.toml"
        settings.write_text(settings.read_text().replace("# sign = false", "sign = true"))
        season.archive = Archive.open(root)
        signing.make_key(root / season.archive.settings.proof.key)
    first, second = report(), report(BUREAU, 2020, 9)
    listed = [Entry(URL, first.title), Entry(OTHER, second.title)][:reports]
    season.run(DAY, [Shown(URL, page(first)), Shown(OTHER, page(second))][:reports], listed)
    changed = first.with_figure(("applications", "received", "research"), "31")
    season.run(DAY + timedelta(days=9), [Shown(URL, page(changed)), Shown(OTHER)][:reports], listed)
    if decide:
        db = open_index(season.archive)
        with season.archive.lock():
            found = db.execute("SELECT id FROM reports ORDER BY id").fetchone()[0]
            decisions.withhold(season.archive, db, found, "on request")
            decisions.withhold(season.archive, db, found, "asked again", lift=True)
        db.close()
    return season.archive


def copy(archive: Archive, to: Path) -> Archive:
    """The archive's folder elsewhere."""
    shutil.copytree(archive.root, to, ignore=shutil.ignore_patterns("*-wal", "*-shm", ".lock"))
    return Archive.open(to)


def judge(archive: Archive, *, key: str = "", head: str = "", deep: bool | None = None, **more: Any) -> VerifyResult:
    """Verify, held against a key and a head that were kept elsewhere."""
    keys = (parse_key(key, "kept"),) if key else ()
    heads = (KnownHead("kept", line=head),) if head else ()
    return verify(archive, VerifyOptions(Anchors(keys, heads), deep=deep, workers=1, **more))


def sql(*statements: str) -> Callable[[Archive], None]:
    """Change the database behind the program's back."""

    def attack(archive: Archive) -> None:
        db = open_index(archive)
        for statement in statements:
            db.conn.execute(statement)
        db.conn.commit()
        db.close()

    return attack


def raw_sql(*statements: str) -> Callable[[Archive], None]:
    """The same with a plain library, which doesn't know this program's functions."""

    def attack(archive: Archive) -> None:
        with closing(sqlite3.connect(archive.db_path)) as db:
            for statement in statements:
                db.execute(statement)
            db.commit()

    return attack


def lines_of(archive: Archive) -> list[str]:
    """The manifest's lines."""
    return archive.manifest_path.read_text("utf-8").splitlines()


def write_lines(archive: Archive, lines: Iterable[str]) -> None:
    """Put lines into the manifest's place."""
    archive.manifest_path.write_text("".join(f"{line}\n" for line in lines), "utf-8")


def members(path: Path) -> list[bytes]:
    """The records of a segment, unpacked."""
    with path.open("rb") as stream:
        return [member.data for member in iter_members(stream)]


def forge_record(archive: Archive, before: bytes, after: bytes) -> str:
    """Change text in the newest response that has it, digests and all; gives the segment's name."""
    for path in sorted(archive.warc_dir.glob("*.warc.gz"), reverse=True):
        records = members(path)
        for number, record in enumerate(records):
            if b"WARC-Type: response" in record and before in record:
                records[number] = _digested(record, before, after)
                path.write_bytes(b"".join(map(compress, records)))
                return path.name
    raise AssertionError("nothing to forge")


def _digested(record: bytes, before: bytes, after: bytes) -> bytes:
    header, rest = record.split(b"\r\n\r\n", 1)
    block = rest[:-4].replace(before, after)
    payload = block.split(b"\r\n\r\n", 1)[1]
    for name, data in ((b"Payload", payload), (b"Block", block)):
        digest = base64.b32encode(hashlib.sha256(data).digest())
        header = re.sub(rb"WARC-%b-Digest: \S+" % name, b"WARC-%b-Digest: sha256:%b" % (name, digest), header)
    header = re.sub(rb"Content-Length: \d+", b"Content-Length: %d" % len(block), header, count=1)
    return header + b"\r\n\r\n" + block + b"\r\n\r\n"


def relist(archive: Archive, *, sign: Path | None = None, keep: slice = slice(None)) -> None:
    """Write the whole chain anew over the segments as they are: hashes, roots, links; signed by a key of one's own, or not at all."""
    previous, made = None, []
    for line in lines_of(archive)[keep]:
        entry = json.loads(line)
        data = (archive.warc_dir / entry["segment"]).read_bytes()
        leaves = [leaf_hash(record) for record in members(archive.warc_dir / entry["segment"])]
        entry |= {"size": len(data), "sha256": hashlib.sha256(data).hexdigest(), "root": merkle_root(leaves).hex()}
        entry["prev"] = previous
        entry.pop("signature", None)
        text = json.dumps(entry, ensure_ascii=False, separators=(",", ":"))
        if sign is not None:
            entry["signature"] = signing.sign(sign, text.encode())
            text = json.dumps(entry, ensure_ascii=False, separators=(",", ":"))
        made.append(text)
        previous = hashlib.sha256(text.encode()).hexdigest()
    write_lines(archive, made)


def unsign(archive: Archive) -> None:
    """Switch signing off in the settings."""
    path = archive.root / "ogi.toml"
    path.write_text(path.read_text().replace("sign = true", "sign = false"))


def decide_by_hand(archive: Archive, **data: Any) -> None:
    """Append a line to the decisions that no command wrote."""
    path = archive.decisions_path
    known = path.read_text("utf-8").splitlines() if path.exists() else []
    data["prev"] = hashlib.sha256(known[-1].encode()).hexdigest() if known else None
    path.write_text(
        "".join(f"{line}\n" for line in [*known, json.dumps(data, ensure_ascii=False, separators=(",", ":"))]), "utf-8"
    )


def forget_checkpoint(archive: Archive) -> None:
    """Take away the checkpoint beside the chain."""
    shutil.rmtree(archive.proof_dir, ignore_errors=True)


def made_again(archive: Archive) -> None:
    """Let the program make the index again from what the forger left, in another process that has seen nothing."""
    rebuild(Archive.open(archive.root), workers=1)
