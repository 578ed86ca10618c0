"""Signed notes and the keys that check them, in the form of C2SP signed-note: what the world's transparency logs and witnesses speak.

A note is text that ends with a line end, a blank line, and signature lines `— NAME BASE64`; the base64 holds four bytes that name the key,
then the signature. A key is published as a *vkey*, `NAME+HASH+BASE64`. Signatures by keys that nobody asked about are passed over.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from extract.errors import OgiError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

#: Kinds of key, the first byte of a vkey's third part: Ed25519 over the text, and a witness's cosignature (C2SP tlog-cosignature).
ED25519, COSIGNATURE = 0x01, 0x04
_NAME = re.compile(r"[^\s+\x00-\x1f]+")
_MAX_NOTE = 1 << 20


class BadNote(OgiError):
    """Raised when text is no signed note, no checkpoint or no key, by this module and `archive.warc.checkpoint`."""


@dataclass(frozen=True, slots=True)
class NoteKey:
    """A public key with its name: who says what is signed. `public` is the 32 bytes of an Ed25519 key."""

    name: str
    public: bytes
    kind: int = ED25519

    @property
    def hash(self) -> bytes:
        """Four bytes that name the key on signature lines."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the public key in hex: what a person compares. A manifest line names its first 16 digits."""
        return hashlib.sha256(self.public).hexdigest()

    def __str__(self) -> str:
        return f"{self.name}+{self.hash.hex()}+{base64.b64encode(bytes([self.kind]) + self.public).decode('ascii')}"


def parse_vkey(text: str) -> NoteKey:
    """Read a vkey. Raises `BadNote` if it is none, of a kind that isn't known, or its hash is another key's."""
    name, _, rest = text.strip().partition("+")
    stated, _, encoded = rest.partition("+")
    try:
        raw = base64.b64decode(encoded, validate=True)
    except ValueError:
        raw = b""
    if not _NAME.fullmatch(name) or len(raw) != 33 or raw[0] not in (ED25519, COSIGNATURE):
        raise BadNote(f"no key in the form NAME+HASH+BASE64 of an Ed25519 key: {text.strip()[:120]!r}")
    key = NoteKey(name, raw[1:], raw[0])
    if key.hash.hex() != stated.lower():
        raise BadNote(f"the hash in the key {text.strip()[:120]!r} is not that of its name and bytes: it was mistyped")
    return key


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line: a name, four bytes that name the key, and what that key made."""

    name: str
    hash: bytes
    value: bytes

    def __str__(self) -> str:
        return f"— {self.name} {base64.b64encode(self.hash + self.value).decode('ascii')}"


@dataclass(frozen=True, slots=True)
class Note:
    """Text, its last line end included, and the signatures under it."""

    text: str
    signatures: tuple[NoteSignature, ...]

    def __str__(self) -> str:
        return self.text + "\n" + "".join(f"{signature}\n" for signature in self.signatures)

    def is_signed_by(self, key: NoteKey) -> bool | None:
        """Whether the key's signature is over this text; `None` if the note has no line of that key. Two lines of one key must both be."""
        mine = [line for line in self.signatures if (line.name, line.hash) == (key.name, key.hash)]
        return all(_is_over(key, line.value, self.text) for line in mine) if mine else None

    def cosigned_at(self, witness: NoteKey) -> int | None:
        """When a witness saw the note, in seconds since 1970 UTC; `None` if it has no valid line of that witness."""
        for line in self.signatures:
            if (line.name, line.hash) == (witness.name, witness.hash) and _is_over(witness, line.value, self.text):
                return int.from_bytes(line.value[:8], "big")
        return None


def _is_over(key: NoteKey, value: bytes, text: str) -> bool:
    """Whether a signature is over the text; a cosignature carries its time in front (C2SP tlog-cosignature, v1)."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    data = text.encode()
    if key.kind == COSIGNATURE:
        time, value = int.from_bytes(value[:8], "big"), value[8:]
        data = f"cosignature/v1\ntime {time}\n".encode() + data
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(value, data)
    except (InvalidSignature, ValueError):
        return False
    return True


def sign_note(text: str, name: str, key: Ed25519PrivateKey) -> Note:
    """Sign text that ends with a line end, under a name."""
    signer = NoteKey(name, key.public_key().public_bytes_raw())
    return Note(text, (NoteSignature(name, signer.hash, key.sign(text.encode())),))


def parse_note(text: str) -> Note:
    """Read a note. Raises `BadNote` if the text is none; signatures of any key are taken, none is checked."""
    body, separator, tail = text.rpartition("\n\n")
    if not separator or len(text) > _MAX_NOTE or any(char < " " and char != "\n" for char in text):
        raise BadNote("no signed note: text, a blank line, and a line `— NAME BASE64` for each signature")
    signatures = []
    for line in tail.removesuffix("\n").split("\n"):
        mark, _, rest = line.partition(" ")
        name, _, encoded = rest.partition(" ")
        try:
            raw = base64.b64decode(encoded, validate=True)
        except ValueError:
            raw = b""
        if mark != "—" or not _NAME.fullmatch(name) or len(raw) < 5:
            raise BadNote(f"no signature line of a signed note: {line[:80]!r}")
        signatures.append(NoteSignature(name, raw[:4], raw[4:]))
    return Note(body + "\n", tuple(signatures))
