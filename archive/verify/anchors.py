"""What a verification is held against, from outside the archive: keys, heads and witnesses that somebody trusts. How each may be written.

A key is a vkey, a fingerprint of 64 hex digits, or a file with a vkey or a public key in PEM. A head is the hash of a manifest line (64 hex
digits), a checkpoint, or a file with either. Anything else is bad usage, never a failed verification.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from archive.verify.errors import BadAnchor
from archive.warc.checkpoint import Checkpoint, parse_checkpoint
from archive.warc.notes import COSIGNATURE, BadNote, Note, NoteKey, parse_vkey
from extract.messages import localizable

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.x509 import Certificate

_HEX = re.compile(r"[0-9a-fA-F]{64}")
_ID = re.compile(r"[0-9a-fA-F]{16}")
#: The three lines of a checkpoint: a name, a number of lines, 32 bytes in base64.
_CHECKPOINT = re.compile(r"^.+\n[0-9]+\n[A-Za-z0-9+/]{43}=$", re.MULTILINE)
_MAX_FILE = 1 << 20


@dataclass(frozen=True, slots=True)
class PinnedKey:
    """A key that somebody trusts: its fingerprint, and the key itself where that was given. `source` says where it comes from."""

    fingerprint: str
    key: NoteKey | None
    source: str

    @property
    def id(self) -> str:
        """How manifest lines name it."""
        return self.fingerprint[:16]


@dataclass(frozen=True, slots=True)
class KnownHead:
    """A state that somebody saw: a line's hash, or a number of lines with their root. `source` says where it comes from."""

    source: str
    line: str | None = None
    checkpoint: Checkpoint | None = None
    note: Note | None = None

    def __str__(self) -> str:
        if self.checkpoint is not None:
            return localizable(f"a checkpoint of {self.checkpoint.size} lines")
        return f"head {(self.line or '')[:16]}…"


@dataclass(frozen=True, slots=True)
class Anchors:
    """All that a verification is held against."""

    keys: tuple[PinnedKey, ...] = ()
    heads: tuple[KnownHead, ...] = ()
    witnesses: tuple[NoteKey, ...] = ()
    quorum: int = 1
    authorities: tuple[Certificate, ...] = ()


def parse_key(text: str, source: str) -> PinnedKey:
    """Read a key as a person gives it. Raises `BadAnchor` for what is none."""
    given = text.strip()
    if _HEX.fullmatch(given):
        return PinnedKey(given.lower(), None, source)
    if _ID.fullmatch(given):
        raise BadAnchor(
            f"{given} is a key's short name, which anybody can make a key for: give its 64 hex digits, the vkey, or the .pub.pem"
        )
    path = Path(given).expanduser()
    content = _content(path)
    if content is not None:
        given = content.strip()
        if given.startswith("-----BEGIN"):
            return _from_pem(given, path)
    try:
        key = parse_vkey(given)
    except BadNote as error:
        raise BadAnchor(f"{source}: {error}" if content is None else f"{path}: {error}") from None
    return PinnedKey(key.fingerprint, key, source)


def _from_pem(text: str, path: Path) -> PinnedKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(text.encode())
    except ValueError as error:
        raise BadAnchor(f"{path} is no public key: {error}") from None
    if not isinstance(key, Ed25519PublicKey):
        raise BadAnchor(f"{path} is no Ed25519 key")
    return PinnedKey(
        fingerprint_of(key), NoteKey(path.name.replace(" ", "-").replace("+", "-"), key.public_bytes_raw()), str(path)
    )


def fingerprint_of(key: Ed25519PublicKey) -> str:
    """The SHA-256 of a public key in hex."""
    return NoteKey("x", key.public_bytes_raw()).fingerprint


def parse_witness(text: str, source: str) -> NoteKey:
    """Read a witness's vkey. Raises `BadAnchor` for what is none."""
    try:
        key = parse_vkey(text)
    except BadNote as error:
        raise BadAnchor(f"{source}: {error}") from None
    if key.kind != COSIGNATURE:
        raise BadAnchor(f"{source}: {key.name} is the key of a log, not of a witness")
    return key


def read_certificates(path: Path, source: str) -> tuple[Certificate, ...]:
    """The root certificates of time stamp services in a PEM file. Raises `BadAnchor` if it has none."""
    from cryptography.x509 import load_pem_x509_certificates

    content = _content(path)
    if content is None:
        raise BadAnchor(f"{source}: {path} with a time stamp service's certificate is not there, or can't be read")
    try:
        return tuple(load_pem_x509_certificates(content.encode()))
    except ValueError as error:
        raise BadAnchor(f"{source}: {path} holds no certificate: {error}") from None


def parse_head(text: str, source: str) -> KnownHead:
    """Read a head as a person gives it. Raises `BadAnchor` for what is none."""
    given = text.strip()
    if _HEX.fullmatch(given):
        return KnownHead(source, line=given.lower())
    if "\n" not in given:
        content = _content(Path(given).expanduser())
        if content is None:
            raise BadAnchor(
                f"{source}: {given[:80]!r} is no head: give the 64 hex digits that `ogi verify --head` prints, a checkpoint, or a file with either"
            )
        return _from_text(content.strip(), str(given))
    return _from_text(given, source)


def _from_text(text: str, source: str) -> KnownHead:
    lines = text.splitlines()
    if lines and _HEX.fullmatch(lines[-1].strip()):  # a file to which heads are appended
        return KnownHead(source, line=lines[-1].strip().lower())
    begins = [found.start() for found in _CHECKPOINT.finditer(text)]
    try:
        checkpoint, note = parse_checkpoint(text[begins[-1] if begins else 0 :] + "\n")  # likewise for checkpoints
    except BadNote as error:
        raise BadAnchor(f"{source}: {error}") from None
    return KnownHead(source, checkpoint=checkpoint, note=note)


def _content(path: Path) -> str | None:
    """A file's text; `None` if there is no such file, or none that can be a key or a head."""
    try:
        if not path.is_file() or path.stat().st_size > _MAX_FILE:
            return None
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError, ValueError):
        return None
