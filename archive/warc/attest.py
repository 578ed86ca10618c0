"""Signed statements about what leaves the archive: of a file's hash, by the archive that made it, at a state of its chain.

The text has six lines: what is attested (`ogi-snapshot-1`, `ogi-package-1`), the SHA-256 of the file that has all other hashes, the archive's name,
the number of lines of its chain and their root, and the key that signs (a C2SP vkey; empty where the archive doesn't sign). It is a signed note.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.warc import growth, signing
from archive.warc.checkpoint import Checkpoint, parse_checkpoint
from archive.warc.notes import BadNote, Note, NoteKey, parse_note, parse_vkey, sign_note

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archive.files.folder import Archive

#: In a bag: the statement over its list of tag files, which has the hash of its list of payload files.
BAG_NOTE, BAG_STATEMENT = "SIGNATURE.note", "ogi-bag-1"


@dataclass(frozen=True, slots=True)
class Attestation:
    """What an archive says of a file. `key` is the one that the text names; it is nobody's until somebody trusts it."""

    kind: str
    sha256: str
    checkpoint: Checkpoint
    key: NoteKey | None
    note: Note

    @property
    def is_signed(self) -> bool | None:
        """Whether the key that the text names signed it; `None` if it names none, and nobody signed."""
        if self.key is None:
            return None if not self.note.signatures else False
        return self.note.is_signed_by(self.key) is True


def attest(archive: Archive, kind: str, sha256: str, lines: Sequence[bytes] | None = None) -> str | None:
    """The statement of this archive about a file; `None` while its chain has no line.

    Args:
        lines: The manifest's lines that go with the file, without line ends; those of now if not given.

    Raises:
        BadSettings: The signing key can't be read.
    """
    state = growth.state_of(growth.whole_lines(archive) if lines is None else lines)
    if state.genesis is None:
        return None
    origin = growth.origin_of(archive, state.genesis)
    body = f"{kind}\n{sha256}\n{Checkpoint(origin, state.tree.size, state.tree.root).text}"
    if not archive.settings.proof.sign:
        return f"{body}\n"
    key = signing.load_private(archive.root / archive.settings.proof.key)
    return str(sign_note(f"{body}{NoteKey(origin, key.public_key().public_bytes_raw())}\n", origin, key))


def parse_attestation(text: str) -> Attestation:
    """Read a statement. Raises `BadNote` if the text is none."""
    note = parse_note(text) if "\n\n" in text.rstrip("\n") else Note(text, ())
    lines = note.text.split("\n")
    if len(lines) != 7 or lines[6]:
        raise BadNote("no statement of an archive about a file")
    kind, sha256, origin, size, root, key, _ = lines
    checkpoint, _ = parse_checkpoint(f"{origin}\n{size}\n{root}\n")
    return Attestation(kind, sha256, checkpoint, parse_vkey(key) if key else None, note)
