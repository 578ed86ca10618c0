"""`manifest.jsonl`: one line a closed segment, each with the hash of the line before.

A line is compact JSON. `sha256` is that of the file; `root` is the Merkle tree hash of RFC 9162 §2.1.1 over the *uncompressed* records, so
that it still holds when a file is compressed anew, and one record can be proved without the others. `prev` is the SHA-256 of the line
before (without its line end), `null` in the first. `decisions` is the SHA-256 of the last line that `decisions.jsonl` had, if it had one:
so the chain holds what people decided as well. `signature`, if the archive signs, covers the line as it would be without itself and
`timestamp`; `timestamp`, if the archive asks a time-stamping service, is an RFC 3161 token over the line as it would be without itself.
"""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from archive.clock import utc_text
from archive.errors import DamagedArchive
from archive.files.room import full_disk
from archive.files.store import is_name
from archive.warc import signing
from archive.warc.records import Record
from archive.warc.tree import Frontier, leaf_hash
from extract.document.notations import parse_json
from extract.messages import localizable

if TYPE_CHECKING:
    from pathlib import Path

    from archive.files.folder import Archive

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SegmentInfo:
    """What the manifest says of a segment. `first` and `last` are the earliest and latest WARC-Date (UTC text)."""

    segment: str
    size: int
    sha256: str
    records: int
    root: str
    first: str | None
    last: str | None
    runs: tuple[str, ...]

    def to_json(self) -> dict[str, str | int | list[str] | None]:
        """The members of a manifest line, in their order."""
        return {
            "segment": self.segment,
            "size": self.size,
            "sha256": self.sha256,
            "records": self.records,
            "root": self.root,
            "first": self.first,
            "last": self.last,
            "runs": list(self.runs),
        }


@dataclass(frozen=True, slots=True)
class ManifestLine:
    """One line of the manifest. `number` counts from 1; `hash` is the SHA-256 of the line as it stands."""

    info: SegmentInfo
    prev: str | None
    decisions: str | None
    signature: dict[str, str] | None
    timestamp: str | None
    number: int
    hash: str
    text: str = field(repr=False)

    @property
    def segment(self) -> str:
        """The segment's name."""
        return self.info.segment

    def signed_text(self) -> bytes:
        """What the signature covers."""
        return _line(self.info, self.prev, self.decisions).encode("utf-8")

    def stamped_text(self) -> bytes:
        """What the time stamp covers."""
        return _line(self.info, self.prev, self.decisions, self.signature).encode("utf-8")


def _line(
    info: SegmentInfo,
    prev: str | None,
    decisions: str | None,
    signature: dict[str, str] | None = None,
    timestamp: str | None = None,
) -> str:
    data: dict[str, str | int | list[str] | dict[str, str] | None] = {**info.to_json(), "prev": prev}
    proofs = {"decisions": decisions, "signature": signature, "timestamp": timestamp}
    data |= {name: value for name, value in proofs.items() if value is not None}
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def line_hash(text: str) -> str:
    """The hash that the next line carries as `prev`, and that `ogi verify --head` prints."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


class Survey:
    """Collects what a manifest line says of a segment, record by record."""

    def __init__(self) -> None:
        self._tree = Frontier()
        self._dates: list[str] = []
        self._runs: dict[str, None] = {}

    def add(self, data: bytes, record: Record) -> None:
        """Count a record: its uncompressed bytes, and as parsed."""
        self._tree.add(leaf_hash(data))
        self._dates.append(utc_text(record.date))
        if record.type == "warcinfo":
            run = warcinfo_fields(record).get("ogi-run")
            if run:
                self._runs[run] = None

    def info(self, segment: str, size: int, sha256: str) -> SegmentInfo:
        """The line's content, given the file's size and hash."""
        first, last = (min(self._dates), max(self._dates)) if self._dates else (None, None)
        return SegmentInfo(
            segment, size, sha256, self._tree.size, self._tree.root.hex(), first, last, tuple(self._runs)
        )


def warcinfo_fields(record: Record) -> dict[str, str]:
    """The fields of a warcinfo record's block (application/warc-fields), names in lower case."""
    pairs = (line.partition(":") for line in record.block.decode("utf-8", "replace").splitlines())
    return {name.strip().lower(): value.strip() for name, colon, value in pairs if colon}


def file_sha256(stream: BinaryIO) -> str:
    """The SHA-256 of a whole file in hex."""
    digest = hashlib.sha256()
    stream.seek(0)
    while chunk := stream.read(1 << 20):
        digest.update(chunk)
    return digest.hexdigest()


def parse_line(text: str, number: int) -> ManifestLine:
    """Read one line. Raises `DamagedArchive` if it is no manifest line, or not written as this program writes."""
    try:
        data = parse_json(text)
        info = SegmentInfo(
            data["segment"],
            data["size"],
            data["sha256"],
            data["records"],
            data["root"],
            data["first"],
            data["last"],
            tuple(data["runs"]),
        )
        proofs = (data["prev"], data.get("decisions"), data.get("signature"), data.get("timestamp"))
        entry = ManifestLine(info, *proofs, number, line_hash(text), text)
        _require_kinds(entry)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DamagedArchive(f"manifest.jsonl line {number} is no manifest line: {error!r}") from error
    if _line(info, *proofs) != text:
        raise DamagedArchive(f"manifest.jsonl line {number} has members or a notation that no release writes")
    return entry


def _require_kinds(line: ManifestLine) -> None:
    """Raise `TypeError` or `ValueError` for a member that isn't of its kind: a stranger's line is JSON too."""
    info = line.info
    texts = (info.segment, info.sha256, info.root, *info.runs)
    may_lack = (info.first, info.last, line.prev, line.decisions, line.timestamp)
    signed = () if line.signature is None else (*line.signature, *line.signature.values())
    if any(type(value) is not str for value in (*texts, *(one for one in may_lack if one is not None), *signed)):
        raise TypeError("a member is no text")
    if any(type(value) is not int or value < 0 for value in (info.size, info.records)):
        raise TypeError("size or records is no number")
    if not is_name(info.segment):
        raise ValueError("segment is no name of a segment")


def entries(archive: Archive) -> list[ManifestLine]:
    """Every line, in order. A torn last line (a death while writing it) is left out, as `append` will cut it off.

    Raises:
        DamagedArchive: Another line can't be read. The chain itself is checked by `archive.verify.run`.
    """
    try:
        text = archive.manifest_path.read_text("utf-8")
    except FileNotFoundError:
        return []
    except UnicodeDecodeError as error:
        raise DamagedArchive(f"{archive.manifest_path} is damaged ({error}); `ogi verify` tells more") from error
    whole, _, _ = text.rpartition("\n")
    return [parse_line(line, number) for number, line in enumerate(whole.split("\n"), 1)] if whole else []


def append(archive: Archive, info: SegmentInfo) -> ManifestLine:
    """Add the line of a segment and flush it to disk, signed and time-stamped as the settings say.

    Call it under the archive's lock, before the segment gets its final name: a line without its file is healed by `segments.recover`.

    Raises:
        DamagedArchive: The last line can't be read.
        DiskFull: There is no space; the manifest is as before.
    """
    repair(archive)
    prev = last_hash(archive.manifest_path)
    decisions = last_hash(archive.decisions_path)
    proof = archive.settings.proof
    unsigned = _line(info, prev, decisions)
    signature = signing.sign(archive.root / proof.key, unsigned.encode("utf-8")) if proof.sign else None
    signed = _line(info, prev, decisions, signature)
    text = _line(info, prev, decisions, signature, _stamp(archive, signed) if proof.timestamp_url else None)
    with archive.manifest_path.open("ab", buffering=0) as stream:
        before = stream.tell()
        try:
            data = text.encode("utf-8") + b"\n"
            if stream.write(data) != len(data):
                raise OSError("short write")
            os.fsync(stream.fileno())
        except OSError as error:
            stream.truncate(before)
            raise full_disk(archive.manifest_path, error.strerror or str(error)) from error
    return parse_line(text, 0)


def _stamp(archive: Archive, text: str) -> str | None:
    from archive.warc.timestamps import StampFailed, request_token

    proof = archive.settings.proof
    try:
        token = request_token(proof.timestamp_url, text.encode("utf-8"), timeout_s=proof.timestamp_timeout)
    except StampFailed as error:
        logger.warning("no time stamp for this segment: %s", error)
        return None
    return base64.b64encode(token).decode("ascii")


def repair(archive: Archive) -> str | None:
    """Deal with a last line that a death left without its end: finish it if it is whole, else set it aside in `manifest.jsonl.torn`.

    Gives what was done, in words, or `None`.
    """
    path = archive.manifest_path
    try:
        data = path.read_bytes() if path.stat().st_size and _last_byte(path) != b"\n" else b""
    except FileNotFoundError:
        return None
    if not data:
        return None
    head, newline, tail = data.rpartition(b"\n")
    try:
        entry = parse_line(tail.decode("utf-8"), head.count(b"\n") + 2 if newline else 1)
        is_whole = entry.prev == (hashlib.sha256(head.rpartition(b"\n")[2]).hexdigest() if newline else None)
    except (DamagedArchive, UnicodeDecodeError):
        is_whole = False
    with path.open("r+b") as stream:
        if is_whole:
            stream.seek(0, os.SEEK_END)
            stream.write(b"\n")
            said = localizable("the manifest's last line lacked its line end; added")
        else:
            with path.with_name(path.name + ".torn").open("ab") as aside:
                aside.write(tail + b"\n")
                aside.flush()
                os.fsync(aside.fileno())
            stream.truncate(len(head) + len(newline))
            said = localizable(f"the manifest's last line was torn; its {len(tail)} bytes are kept in {path.name}.torn")
        stream.flush()
        os.fsync(stream.fileno())
    logger.warning("%s", said)
    return said


def line_count(path: Path) -> int:
    """The number of whole lines of a file; 0 if there is none."""
    try:
        with path.open("rb") as stream:
            return sum(chunk.count(b"\n") for chunk in iter(lambda: stream.read(1 << 20), b""))
    except FileNotFoundError:
        return 0


def _last_byte(path: Path) -> bytes:
    with path.open("rb") as stream:
        stream.seek(-1, os.SEEK_END)
        return stream.read(1)


def last_hash(path: Path) -> str | None:
    """The hash of a file's last whole line. Read from the end, because a manifest may have a hundred thousand."""
    try:
        with path.open("rb") as stream:
            size = stream.seek(0, os.SEEK_END)
            tail = b""
            while (
                size and tail.count(b"\n") < 3
            ):  # the last whole line, the end of the one before, and perhaps a torn one
                step = min(size, 1 << 14)
                size -= step
                stream.seek(size)
                tail = stream.read(step) + tail
    except FileNotFoundError:
        return None
    whole = tail.split(b"\n")[:-1]
    return hashlib.sha256(whole[-1]).hexdigest() if whole else None
