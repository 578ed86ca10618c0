"""Labelled digests of WARC records (`sha256:…`), in the notations that writers use."""

from __future__ import annotations

import base64
import hashlib

_SIZES = {"md5": 16, "sha1": 20, "sha256": 32, "sha384": 48, "sha512": 64}


def digest_of(data: bytes) -> str:
    """`sha256:` and the SHA-256 in base32, the notation that warcio, FastWARC and pywb write and check."""
    return label("sha256", hashlib.sha256(data).digest())


def label(algorithm: str, raw: bytes) -> str:
    """A digest in our notation."""
    return f"{algorithm}:{base64.b32encode(raw).decode('ascii')}"


def parse_digest(value: str) -> tuple[str, bytes] | None:
    """Algorithm and bytes of a labelled digest in hex, base32 or base64; `None` if it can't be read."""
    name, _, text = value.partition(":")
    algorithm = name.lower().replace("-", "")
    size = _SIZES.get(algorithm)
    if size is None:
        return None
    text = text.rstrip("=")
    try:
        if len(text) == size * 2:
            return algorithm, bytes.fromhex(text)
        if len(text) == -(-size * 8 // 5):
            return algorithm, base64.b32decode(text + "=" * (-len(text) % 8))
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_" if "-" in text or "_" in text else None)
    except ValueError:
        return None
    return (algorithm, raw) if len(raw) == size else None


def matches(value: str, data: bytes) -> bool | None:
    """Whether a labelled digest is that of the data; `None` if it can't be read."""
    parsed = parse_digest(value)
    return None if parsed is None else hashlib.new(parsed[0], data).digest() == parsed[1]


def agree(one: str, other: str) -> bool:
    """Whether two digests don't contradict each other. One that is missing, unreadable or of another algorithm says nothing."""
    first, second = parse_digest(one), parse_digest(other)
    return first is None or second is None or first[0] != second[0] or first == second


def in_hex(value: str | None) -> str:
    """A labelled digest as everybody but WARC records writes it: `sha256:` and hexadecimal, which `sha256sum` prints.

    What can't be read is given back as it is; nothing gives nothing.
    """
    parsed = parse_digest(value) if value else None
    return f"{parsed[0]}:{parsed[1].hex()}" if parsed is not None else value or ""
