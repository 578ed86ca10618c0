"""Checkpoints: the state of the chain in three lines (C2SP tlog-checkpoint), so that others can keep it, compare it and co-sign it.

The lines are the log's name (*origin*), the number of manifest lines, and the root of the tree over them in base64. A leaf is a line of
`manifest.jsonl` without its line end, its own signature included.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass

from archive.warc.notes import BadNote, Note, parse_note
from extract.document.numerals import whole_number

#: What a log is called if `proof.origin` names nothing: this and 16 digits of the hash of its first line.
DEFAULT_ORIGIN = "archive/ogi/"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """So many lines of the log of that name have this root."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The three lines, which signatures cover."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode('ascii')}\n"


def parse_checkpoint(text: str) -> tuple[Checkpoint, Note]:
    """Read a checkpoint with its signatures; one without any, as an archive that doesn't sign prints it, is taken too.

    Raises:
        BadNote: The text is no checkpoint.
    """
    note = parse_note(text) if "\n\n" in text.rstrip("\n") else Note(text.rstrip("\n") + "\n", ())
    origin, size, root, *_ = [*note.text.split("\n"), "", "", ""]
    try:
        decoded = base64.b64decode(root, validate=True)
    except ValueError:
        decoded = b""
    number = whole_number(size)
    if not origin.strip() or number is None or str(number) != size or len(decoded) != 32:
        raise BadNote("no checkpoint: its lines must be a name, a number of lines, and 32 bytes in base64")
    return Checkpoint(origin, number, decoded), note


def default_origin(genesis: str) -> str:
    """The name of a log whose archive names none: made of the hash of its first line."""
    return DEFAULT_ORIGIN + genesis[:16]
