"""The folder `quarantine/`: what could not be kept in a segment, durably and by name, until a later release can take it.

Each entry is one line of `index.jsonl` and a piece of a file beside it: whole records, a gzip member each, or bytes that are none. An entry that
was taken after all is marked by a further line. Nothing is ever removed.
"""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from archive.files.store import OPEN_SUFFIX, SUFFIX, sync_directory
from archive.warc.members import BrokenMember, compress, read_member
from archive.warc.taken import sha256_of
from extract.document.notations import parse_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

QUARANTINE = "quarantine"
_INDEX = "index.jsonl"
_DAMAGED = ".damaged"


@dataclass(frozen=True, slots=True)
class Aside:
    """One entry: an exchange with its records, another record, or bytes that are no record.

    Attributes:
        sha256: Of the first record as it stands uncompressed, or of the bytes; in hex. The entry's name.
        file: In the folder.
        records: Whole records from `offset` on; 0 for bytes that are none.
        size: Bytes of the entry, uncompressed.
        reason: Why it could not be kept.
        segment: Where it would have stood.
        run: The run that it belongs to; empty if that isn't known.
        group: Which job of the run.
    """

    sha256: str
    file: str
    offset: int
    records: int
    size: int
    reason: str
    segment: str
    run: str = ""
    group: str = ""

    def note(self) -> dict[str, str | int]:
        """What the segment says of it."""
        return {
            "origin": "",
            "place": f"{QUARANTINE}/{self.file}:{self.offset}",
            "why": self.reason,
            "bytes": self.size,
        }


def set_aside(
    root: Path, segment: str, records: Sequence[bytes], reason: str, *, run: str = "", group: str = ""
) -> Aside:
    """Keep records that belong together, with the reason.

    Args:
        root: The archive's folder.
        segment: File name of the segment in which they would stand.
        records: Uncompressed, at least one.
    """
    name = f"{_stem(segment)}{SUFFIX}"
    offset = _append(root, name, b"".join(map(compress, records)))
    size = sum(map(len, records))
    aside = Aside(sha256_of(records[0]), name, offset, len(records), size, reason, _stem(segment) + SUFFIX, run, group)
    _note(root, asdict(aside))
    return aside


def set_bytes_aside(root: Path, segment: str, data: bytes, reason: str, *, run: str = "", group: str = "") -> Aside:
    """Keep bytes that are no record."""
    name = f"{_stem(segment)}{_DAMAGED}"
    offset = _append(root, name, data)
    digest = hashlib.sha256(data).hexdigest()
    aside = Aside(digest, name, offset, 0, len(data), reason, _stem(segment) + SUFFIX, run, group)
    _note(root, asdict(aside))
    return aside


def note_taken(root: Path, sha256: str) -> None:
    """Mark an entry as taken after all."""
    _note(root, {"sha256": sha256, "taken": True})


def waiting(root: Path) -> list[Aside]:
    """The entries that were not taken, each once, in the order in which they came."""
    found: dict[str, Aside] = {}
    for line in _lines(root):
        name = str(line.get("sha256"))
        if line.get("taken"):
            found.pop(name, None)
        else:
            with suppress(TypeError):  # a line of another release
                found.setdefault(name, Aside(**line))  # type: ignore[arg-type]  # the folder is this program's own
    return list(found.values())


def records_of(root: Path, aside: Aside) -> list[bytes]:
    """An entry's records, uncompressed; none if it holds none, or its file isn't what it was."""
    found: list[bytes] = []
    offset = aside.offset
    try:
        with (root / QUARANTINE / aside.file).open("rb") as stream:
            while len(found) < aside.records:
                member = read_member(stream, offset)
                found.append(member.data)
                offset = member.end
    except (OSError, BrokenMember):
        return []
    return found if found and sha256_of(found[0]) == aside.sha256 else []


def _stem(segment: str) -> str:
    return segment.removesuffix(OPEN_SUFFIX).removesuffix(SUFFIX)


def _append(root: Path, name: str, data: bytes) -> int:
    folder = root / QUARANTINE
    folder.mkdir(exist_ok=True)
    with (folder / name).open("ab") as stream:
        offset = stream.tell()
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    sync_directory(folder)
    return offset


def _note(root: Path, line: dict[str, str | int]) -> None:
    with (root / QUARANTINE / _INDEX).open("ab") as stream:
        stream.write(json.dumps(line, ensure_ascii=True).encode("ascii") + b"\n")
        stream.flush()
        os.fsync(stream.fileno())


def _lines(root: Path) -> Iterator[dict[str, str | int]]:
    """The lines of the index; one that a death cut off is none."""
    try:
        data = (root / QUARANTINE / _INDEX).read_bytes()
    except FileNotFoundError:
        return
    for line in data.split(b"\n"):
        with suppress(ValueError):
            found = parse_json(line)
            if isinstance(found, dict):
                yield found
