"""Ed25519 signatures of manifest lines. Keys are PEM files, so that openssl can check without this program."""

from __future__ import annotations

import base64
import hashlib
import os
from typing import TYPE_CHECKING

from archive.errors import BadSettings, DamagedArchive

if TYPE_CHECKING:
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

PUBLIC_SUFFIX = ".pub.pem"


def public_path(private: Path) -> Path:
    """Where the public half of a private key lies: `keys/x.pem` → `keys/x.pub.pem`."""
    return private.with_name(private.stem + PUBLIC_SUFFIX)


def make_key(private: Path) -> str:
    """Make a key pair; the private file is readable by its owner only. Gives the key's id. Raises `BadSettings` if there is one already."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    private.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(private, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise BadSettings(f"there is a key already: {private}") from None
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
    public = key.public_key()
    public_path(private).write_bytes(
        public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    return key_id(public)


def key_id(public: Ed25519PublicKey) -> str:
    """Short name of a key: the first 16 hex digits of the SHA-256 of its 32 bytes."""
    return hashlib.sha256(public.public_bytes_raw()).hexdigest()[:16]


def load_private(path: Path) -> Ed25519PrivateKey:
    """Read a private key. Raises `BadSettings` if it is missing or of another kind."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise BadSettings(
            f"the signing key {path} can't be read ({error}): set proof.sign = false, or bring the key back"
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise BadSettings(f"the signing key {path} is no Ed25519 key")
    return key


def load_public(keys_dir: Path) -> dict[str, Ed25519PublicKey]:
    """Every public key of the folder, by id. Raises `DamagedArchive` for a file that is none."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    keys: dict[str, Ed25519PublicKey] = {}
    for path in sorted(keys_dir.glob("*" + PUBLIC_SUFFIX)):
        try:
            key = load_pem_public_key(path.read_bytes())
        except ValueError as error:
            raise DamagedArchive(f"{path} is no public key: {error}") from error
        if isinstance(key, Ed25519PublicKey):
            keys[key_id(key)] = key
    return keys


def sign(private: Path, data: bytes) -> dict[str, str]:
    """The signature of the data: `{"key": id, "value": base64}`."""
    key = load_private(private)
    return {"key": key_id(key.public_key()), "value": base64.b64encode(key.sign(data)).decode("ascii")}


def is_valid(public: Ed25519PublicKey, value: str, data: bytes) -> bool:
    """Whether a base64 signature is that key's over the data."""
    from cryptography.exceptions import InvalidSignature

    try:
        public.verify(base64.b64decode(value, validate=True), data)
    except (InvalidSignature, ValueError):
        return False
    return True
