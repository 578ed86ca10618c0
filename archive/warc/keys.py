"""The archive's signing keys through time: which there are, and how one follows another.

A rotation is a statement `urn:ogi:key:N`, a signed note: its text names the old key and the new one, the first line that the new one signs,
why and when; both keys sign it, unless the old one is lost. Who trusts either key may follow a link that both have signed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from archive.errors import DamagedArchive
from archive.files.inside import read_file
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
#: How a rotation is called that goes along as a file, in `keys/`.
LINK_PREFIX, LINK_SUFFIX = "rotation-", ".note"
#: Bytes of such a file, at most: two keys, two signatures and a person's words.
_MOST_OF_LINK = 1 << 20


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
    return [
        _link(sealed.statement.body, sealed.segment, sealed.line)
        for sealed in statements.read_statements(archive, statements.KEY, entries)
    ]


def write_links(archive: Archive, entries: Sequence[ManifestLine], target: Path) -> None:
    """Give the rotations along as files, for who gets no segments: `rotation-N.note`, the statements as they are sealed.

    Only the lines on both sides of a change of keys are read: there a rotation stands.

    Raises:
        DamagedArchive: A segment of statements can't be read.
    """
    beside = {
        entry.number: entry for pair in pairwise(entries) if _signer(pair[0]) != _signer(pair[1]) for entry in pair
    }
    found = statements.read_statements(archive, statements.KEY, beside.values())
    for number, body in enumerate(dict.fromkeys(sealed.statement.body for sealed in found), 1):  # each stands twice
        (target / f"{LINK_PREFIX}{number}{LINK_SUFFIX}").write_bytes(body)


def _signer(entry: ManifestLine) -> str | None:
    return None if entry.signature is None else str(entry.signature.get("key"))


def load_links(keys_dir: Path, root: Path) -> list[ChainedRotation]:
    """The rotations that came as files. That a file says so proves nothing: only what both keys signed may be followed.

    Raises:
        DamagedArchive: One can't be read.
    """
    links = []
    for path in sorted(keys_dir.glob(f"{LINK_PREFIX}*{LINK_SUFFIX}")):
        try:
            body = read_file(path, root, most=_MOST_OF_LINK)
        except OSError as error:
            raise DamagedArchive(f"{path.name}: the key rotation can't be read: {error}") from error
        links.append(_link(body, path.name, 0))
    return links


def _link(body: bytes, place: str, line: int) -> ChainedRotation:
    try:
        rotation, note = parse_rotation(body.decode("utf-8"))
    except (BadNote, UnicodeDecodeError) as error:
        raise DamagedArchive(f"{place}: the key rotation can't be read: {error}") from error
    by_old, by_new = (note.is_signed_by(key) is True for key in (rotation.old, rotation.new))
    return ChainedRotation(rotation, line, by_old, by_new)


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
