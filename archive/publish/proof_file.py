"""What goes into a proof file: records with their paths to the archive's checkpoint, and the package around them."""

from __future__ import annotations

import hashlib
import json
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from archive.publish.check_proof import STATEMENT
from archive.warc import growth, manifest, wacz_auth
from archive.warc.attest import attest
from archive.warc.cdxj import cdxj_line
from archive.warc.members import compress, iter_members
from archive.warc.records import CAPTURES, parse_record
from archive.warc.tree import Tree, leaf_hash
from archive.warc.wacz import DATA_NAME, PackageWriter, compressed_index, pages_list

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from archive.files.folder import Archive
    from archive.index.proofs import Place
    from archive.publish.check_proof import ProofClaim
    from archive.warc.records import Record
    from archive.warc.wacz import ReportPage

#: The checkers, as they travel: each does without the other, and says the same.
CHECKER, PAGE = (Path(__file__).with_name(f"check_proof.{ending}") for ending in ("py", "html"))
_README = """This file proves something that stood on a web page, or did not. 本文件用于证明某网页上曾有或没有的内容。

proof/claim.json says what. proof/check.py checks it without a network: python3 proof/check.py THIS-FILE --key KEY
proof/check.html does the same in a browser, and says the same: open it, choose THIS-FILE, paste KEY.
A careful reader takes the checkers from the program's release, and KEY from the archive's own site or a person that he trusts.
What can't be proved by a file: that the portal itself served these bytes (TLS signs nothing), and that a figure is true.
"""


class LeafPath(TypedDict):
    """Where a record stands in the archive: a line of the manifest, a leaf of the segment's tree, and the hashes to its root (RFC 9162)."""

    line: int
    leaf: int
    path: list[str]


class RecordPath(LeafPath):
    """The same, with the record's place in the proof file."""

    id: str
    offset: int
    length: int


class LinePath(TypedDict):
    """A line of the manifest, and the hashes to the root of the checkpoint."""

    text: str
    path: list[str]


@dataclass(slots=True)
class WantedRecords:
    """Records by segment: their offsets. Requests and notes that belong to them come along."""

    places: dict[str, set[int]] = field(default_factory=dict)

    def add(self, place: Place) -> None:
        """Take a record."""
        self.places.setdefault(place[0], set()).add(place[1])


@dataclass(slots=True)
class Copied:
    """Records with their paths, and the lines of the manifest that they stand under. `names` are those that a claim calls them by."""

    data: list[bytes] = field(default_factory=list)
    paths: list[RecordPath] = field(default_factory=list)
    records: dict[Place, Record] = field(default_factory=dict)
    names: dict[Place, str] = field(default_factory=dict)
    index: list[str] = field(default_factory=list)
    lines: dict[str, LinePath] = field(default_factory=dict)
    size: int = 0

    def add(self, data: bytes, record: Record, path: LeafPath) -> None:
        """Take a record, behind those that are there."""
        packed = compress(data)
        name = f"{path['line']}:{path['leaf']}"
        self.paths.append({"id": name, "offset": self.size, "length": len(packed), **path})
        if record.type in CAPTURES:
            self.index.append(cdxj_line(record, DATA_NAME, self.size, len(packed)))
        self.records[record.segment, record.offset] = record
        self.names[record.segment, record.offset] = name
        self.data.append(packed)
        self.size += len(packed)


def take(archive: Archive, wanted: WantedRecords) -> Copied:
    """Read the segments and copy what is wanted: the captures, the records beside them, and who wrote the segment."""
    raw_lines = growth.whole_lines(archive)
    tree = Tree(map(leaf_hash, raw_lines))
    taken = Copied()
    for entry in manifest.entries(archive):
        offsets = wanted.places.get(entry.segment)
        if not offsets:
            continue
        with archive.store.open(entry.segment) as stream:
            members = list(iter_members(stream))
        leaves = Tree(leaf_hash(member.data) for member in members)
        records = [parse_record(one.data, entry.segment, one.offset, one.length) for one in members]
        taken.lines[str(entry.number)] = {
            "text": entry.text,
            "path": [one.hex() for one in tree.path(entry.number - 1)],
        }
        for leaf in _chosen(records, offsets):
            path: LeafPath = {"line": entry.number, "leaf": leaf, "path": [one.hex() for one in leaves.path(leaf)]}
            taken.add(members[leaf].data, records[leaf], path)
    return taken


def _chosen(records: Sequence[Record], offsets: set[int]) -> Iterator[int]:
    """The records of a segment that go along, by number: who wrote it, those wanted, their requests, the notes before those of others."""
    ids = {record.id for record in records if record.offset in offsets}
    for leaf, record in enumerate(records):
        is_beside = record.type == "request" and record.get("WARC-Concurrent-To") in ids
        is_followed = leaf + 1 < len(records) and records[leaf + 1].offset in offsets
        is_note = is_followed and record.uri.startswith("urn:ogi:taken:")
        if not leaf or record.offset in offsets or is_beside or is_note:
            yield leaf


def write(
    archive: Archive, part: Path, created: datetime, claim: ProofClaim, taken: Copied, readings: bytes = b""
) -> None:
    """Write a proof file. `readings`: how versions were read, as it was sealed; empty if there is nothing to say of that."""
    lines = growth.whole_lines(archive)
    checkpoint = str(growth.checkpoint_now(archive, growth.state_of(lines)))
    origin = growth.origin_of(archive, growth.genesis_of(archive))
    pages: list[ReportPage] = [
        {"id": look["record"], "url": look["url"], "ts": look["at"], "title": f"{claim['agency']} {claim['year']}"}
        for look in claim["captures"]
    ]
    is_signed = archive.settings.proof.sign
    blocks, summary = compressed_index(sorted(taken.index, key=str.encode))
    files = {
        f"archive/{DATA_NAME}": b"".join(taken.data),
        "indexes/index.cdx.gz": blocks,
        "indexes/index.idx": summary,
        "pages/pages.jsonl": pages_list(pages),
        "proof/paths.json": _json({"lines": taken.lines, "records": taken.paths}),
        "proof/checkpoint.txt": checkpoint.encode(),
        "proof/check.py": CHECKER.read_bytes(),
        "proof/check.html": PAGE.read_bytes(),
        "proof/README.txt": _README.encode(),
    }
    if readings:
        files["proof/readings.jsonl"] = readings
    if is_signed:
        files[wacz_auth.KEY_NOTE] = wacz_auth.key_note(archive, origin).encode()
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    written = _json(claim | {"files": hashes})  # so that the statement over the claim covers them all
    with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as package:
        writer = PackageWriter(package, created)
        for name, data in files.items():
            writer.add(name, data)
        writer.add("proof/claim.json", written)
        stated = attest(archive, STATEMENT, hashlib.sha256(written).hexdigest(), lines)
        if stated is not None:
            writer.add("proof/claim.note", stated.encode())
        title = f"{claim['agency']} {claim['year']}: {claim['what']}"
        sign = (lambda digest: wacz_auth.signed_data(archive, digest, created)) if is_signed else None
        writer.finish(title, "", pages, sign)


def _json(data: object) -> bytes:
    return json.dumps(data, ensure_ascii=False, indent=1).encode()
