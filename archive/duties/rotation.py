"""Putting a new signing key in an old one's place, by a statement in the chain that both keys sign: `archive.warc.keys` reads it.

The statement stands in a line that the old key signs, unless that is lost, and again in the next one, which the new key signs: so what the archive
signs from then on is by the key of its last line. Who trusts the old key follows the link, unless the old key was lost: then the new one must be
confirmed anew, and what was before stays proved by heads and time stamps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.clock import SystemClock, utc_text
from archive.duties.decisions import check_words
from archive.errors import BadSettings
from archive.warc import growth, manifest, signing, statements
from archive.warc.keys import Rotation, read_links
from archive.warc.notes import Note, NoteKey, sign_note
from archive.warc.statements import SealedStatement

if TYPE_CHECKING:
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from archive.clock import Clock
    from archive.files.folder import Archive

#: The group of segments with rotations.
GROUP = "key"
_TEXT = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Rotated:
    """What became of the keys: the rotation as it is sealed, and where the old private key lies now (`None`: nobody has it)."""

    rotation: Rotation
    line: int
    retired: Path | None


def rotate(archive: Archive, reason: str, words: str, *, since: str = "", clock: Clock | None = None) -> Rotated:
    """Make a new key and let it sign from now on. The caller holds the archive's lock.

    Args:
        reason: `rotated`, `lost` or `compromised`.
        words: Why, in a person's words; shown to nobody but who reads the statement.
        since: Of a compromised key: from when on its signatures prove nothing by themselves (UTC text).

    Raises:
        BadSettings: The archive doesn't sign, the old key can't be read (and isn't said to be lost), or a key lies in the way.
        DamagedArchive: There is no line yet, or the chain is broken.
    """
    if not archive.settings.proof.sign:
        raise BadSettings(
            "this archive doesn't sign: there is no key to be replaced (proof.sign in ogi.toml, `ogi init --sign`)"
        )
    private = archive.root / archive.settings.proof.key
    genesis = growth.genesis_of(archive)
    fresh = private.with_name(f"{private.stem}.new{private.suffix}")
    for path in (fresh, signing.public_path(fresh)):  # left by a command that died before its statement was sealed
        path.unlink(missing_ok=True)
    check_words(words)
    old_key = None if reason == "lost" else signing.load_private(private)
    old = (
        growth.note_key(archive, genesis, old_key.public_key()) if old_key is not None else _last_key(archive, genesis)
    )
    signing.make_key(fresh)
    new_key = signing.load_private(fresh)
    new = growth.note_key(archive, genesis, new_key.public_key())
    number = len(manifest.entries(archive)) + 1
    at = utc_text((clock or SystemClock()).now())
    first = number if old_key is None else number + 1
    rotation = Rotation(genesis, old, new, first, reason, since, at, words)
    statement = SealedStatement(
        f"{statements.KEY}{len({link.rotation for link in read_links(archive, manifest.entries(archive))}) + 1}",
        _TEXT,
        str(_note(rotation, [*([old_key] if old_key is not None else []), new_key])).encode(),
    )
    if old_key is None:  # nobody can sign with it: the new key seals its own statement
        retired = _exchange(private, fresh, old)
        statements.seal_statements(archive, GROUP, [statement], clock)
    else:
        statements.seal_statements(archive, GROUP, [statement], clock)
        retired = _exchange(private, fresh, old)
        statements.seal_statements(archive, GROUP, [statement], clock)  # the new key takes over
    return Rotated(rotation, number, retired)


def _last_key(archive: Archive, genesis: str) -> NoteKey:
    """The public half of the key that signed last: the one whose private half is lost."""
    signed = [entry.signature for entry in manifest.entries(archive) if entry.signature is not None]
    name = str(signed[-1].get("key")) if signed else ""
    public = signing.load_public(archive.keys_dir).get(name)
    if public is None:
        raise BadSettings(
            f"the public half of the key that signed last ({name or 'none did'}) is not in {archive.keys_dir}"
        )
    return growth.note_key(archive, genesis, public)


def _note(rotation: Rotation, keys: list[Ed25519PrivateKey]) -> Note:
    signatures = [sign_note(rotation.text, rotation.old.name, key).signatures[0] for key in keys]
    return Note(rotation.text, tuple(signatures))


def _exchange(private: Path, fresh: Path, old: NoteKey) -> Path | None:
    """Put the new pair in the old one's place; the old one keeps lying beside it under its own name."""
    kept = private.with_name(f"{private.stem}-{old.fingerprint[:16]}{private.suffix}")
    has_private = private.exists()
    if has_private:
        private.replace(kept)
    public = signing.public_path(private)
    if public.exists():
        public.replace(signing.public_path(kept))
    fresh.replace(private)
    signing.public_path(fresh).replace(public)
    return kept if has_private else None
