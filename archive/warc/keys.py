"""The archive's signing keys through time: which there are, and how one follows another.

A rotation is a statement `urn:ogi:key:N`, a signed note: its text names the old key and the new one, the first line that the new one signs,
why and when; both keys sign it, unless the old one is lost. Who trusts either key may follow a link that both have signed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.errors import DamagedArchive
from archive.warc import signing, statements
from archive.warc.notes import BadNote, Note, NoteKey, parse_note, parse_vkey

if TYPE_CHECKING:
    from pathlib import Path

    from archive.files.folder import Archive
    from archive.warc.manifest import ManifestLine

#: The first line of a rotation's text: what it is, and in which form.
HEADING = "ogi-key-rotation-1"
#: Why a key was replaced. `rotated`: in good order; `lost`: nobody has it any more; `compromised`: somebody else may have it.
REASONS = ("rotated", "lost", "compromised")


@dataclass(frozen=True, slots=True)
class Rotation:
    """One key in another's place.

    Attributes:
        line: The first manifest line that the new key signs.
        reason: One of `REASONS`.
        since: Of a compromised key: from when on its signatures prove nothing by themselves (UTC text); else empty.
        at: When it was decided, UTC text.
        words: What a person said of it.
    """

    genesis: str
    old: NoteKey
    new: NoteKey
    line: int
    reason: str
    since: str
    at: str
    words: str

    @property
    def text(self) -> str:
        """What is signed."""
        lines = [HEADING, self.genesis, str(self.old), str(self.new), str(self.line), self.reason, self.since, self.at]
        return "\n".join([*lines, " ".join(self.words.split())]) + "\n"


@dataclass(frozen=True, slots=True)
class ChainedRotation:
    """A rotation as it stands in the chain: in which line's segment, and whether each key signed it."""

    rotation: Rotation
    line: int
    by_old: bool
    by_new: bool

    @property
    def may_be_followed(self) -> bool:
        """Whether who trusts one of the keys may trust the other."""
        return self.by_old and self.by_new and self.rotation.reason != "lost"


def parse_rotation(text: str) -> tuple[Rotation, Note]:
    """Read a rotation. Raises `BadNote` if the text is none."""
    note = parse_note(text)
    heading, genesis, old, new, line, reason, since, at, words, *rest = [*note.text.split("\n"), *[""] * 9]
    if heading != HEADING or reason not in REASONS or not line.isascii() or not line.isdigit() or any(rest[1:]):
        raise BadNote("no key rotation")
    return Rotation(genesis, parse_vkey(old), parse_vkey(new), int(line), reason, since, at, words), note


def read_links(archive: Archive, entries: Iterable[ManifestLine]) -> list[ChainedRotation]:
    """The rotations that stand in the chain, oldest first.

    Raises:
        DamagedArchive: One can't be read.
    """
    links = []
    for sealed in statements.read_statements(archive, statements.KEY, entries):
        try:
            rotation, note = parse_rotation(sealed.statement.body.decode("utf-8"))
        except (BadNote, UnicodeDecodeError) as error:
            raise DamagedArchive(f"{sealed.segment}: the key rotation can't be read: {error}") from error
        by_old, by_new = (note.is_signed_by(key) is True for key in (rotation.old, rotation.new))
        links.append(ChainedRotation(rotation, sealed.line, by_old, by_new))
    return links


def public_keys(keys_dir: Path, links: Iterable[ChainedRotation], others: Iterable[NoteKey] = ()) -> dict[str, bytes]:
    """The public keys that are at hand, by the id that manifest lines name: of the folder, of rotations, and given ones, which come first."""
    found = {key.fingerprint[:16]: key.public for key in others}
    for link in links:
        for key in (link.rotation.old, link.rotation.new):
            found.setdefault(key.fingerprint[:16], key.public)
    for name, public in signing.load_public(keys_dir).items():
        found.setdefault(name, public.public_bytes_raw())
    return found


def trusted_from(fingerprints: Iterable[str], links: Iterable[ChainedRotation], genesis: str | None) -> set[str]:
    """The keys that follow from trusted ones, in either direction, over links of this archive that both keys signed."""
    trusted, usable = (
        set(fingerprints),
        [
            {link.rotation.old.fingerprint, link.rotation.new.fingerprint}
            for link in links
            if link.may_be_followed and link.rotation.genesis == genesis
        ],
    )
    while any(trusted & pair and not pair <= trusted for pair in usable):
        trusted |= set().union(*(pair for pair in usable if trusted & pair))
    return trusted
