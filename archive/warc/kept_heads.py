"""Checkpoints that others have seen, as they lie beside the chain: `proof/SIZE/checkpoint` with cosignatures, `proof/SIZE/NAME.tst` with time stamps.

They lie in the archive's folder, so they prove nothing by being there: what counts is whose signatures are in them.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.files.store import sync_directory
from archive.warc.checkpoint import Checkpoint, parse_checkpoint
from archive.warc.notes import BadNote, Note

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from archive.files.folder import Archive

NAME = "checkpoint"
#: A TimeStampToken in DER, over the three lines of the checkpoint.
TOKEN = ".tst"
#: Of a state that a person let go of (`--accept-rollback`).
LET_GO = ".let-go"
_MOST = 1 << 20


@dataclass(frozen=True, slots=True)
class KeptHead:
    """A checkpoint with what others made of it: cosignatures in `note`, time stamps by the name of the service."""

    place: str
    checkpoint: Checkpoint
    note: Note
    tokens: dict[str, bytes]


def folder_of(archive: Archive, size: int) -> Path:
    """Where the checkpoint of so many lines lies."""
    return archive.proof_dir / str(size)


def kept_heads(archive: Archive) -> Iterator[KeptHead]:
    """Every kept checkpoint, shortest chain first.

    Raises:
        BadNote: One can't be read.
    """
    folders = [
        path
        for path in archive.proof_dir.glob("[0-9]*")
        if path.is_dir() and path.name.isascii() and path.name.isdecimal()
    ]
    for folder in sorted(folders, key=lambda path: int(path.name)):
        place = f"proof/{folder.name}"
        try:
            checkpoint, note = parse_checkpoint((folder / NAME).read_text("utf-8"))
        except FileNotFoundError:
            continue
        except (OSError, UnicodeDecodeError) as error:
            raise BadNote(f"{place}/{NAME} can't be read: {error}") from error
        if str(checkpoint.size) != folder.name:
            raise BadNote(f"{place}/{NAME} is of {checkpoint.size} lines")
        files = [path for path in sorted(folder.glob("*" + TOKEN)) if path.stat().st_size <= _MOST]
        yield KeptHead(place, checkpoint, note, {path.stem: path.read_bytes() for path in files})


def keep_note(archive: Archive, size: int, note: Note) -> Note:
    """Keep a checkpoint; signatures that lie there already are kept with it. Gives all."""
    path = folder_of(archive, size) / NAME
    signatures = note.signatures
    if path.exists():
        _, before = parse_checkpoint(path.read_text("utf-8"))
        if before.text == note.text:
            signatures = (*before.signatures, *(one for one in signatures if one not in before.signatures))
    united = Note(note.text, signatures)
    keep_file(path, (str(united) if signatures else note.text).encode())
    return united


def keep_token(archive: Archive, size: int, name: str, token: bytes) -> None:
    """Keep a service's token over a checkpoint."""
    keep_file(folder_of(archive, size) / f"{name}{TOKEN}", token)


def keep_file(path: Path, data: bytes) -> None:
    """Write a file at once or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".tmp")
    with temporary.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(path)
    sync_directory(path.parent)


def let_go(archive: Archive, size: int) -> None:
    """Set aside the checkpoints of longer chains than this one: a person took the archive back."""
    for path in archive.proof_dir.glob("[0-9]*"):
        if path.is_dir() and path.name.isascii() and path.name.isdecimal() and int(path.name) > size:
            path.rename(path.with_name(f"{path.name}{LET_GO}"))
