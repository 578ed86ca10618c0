"""What a verification of one archive is held against: what is given with it, and what the operator trusts of this archive."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from archive.files.trust import load_trust, trust_file
from archive.verify.anchors import Anchors, parse_head, parse_key, parse_witness, read_certificates
from archive.verify.errors import BadAnchor
from archive.warc import growth
from archive.warc.notes import NoteKey

if TYPE_CHECKING:
    from collections.abc import Iterable

    from archive.files.folder import Archive
    from archive.files.trust import Trusted


def anchors_for(archive: Archive, keys: Iterable[str] = (), heads: Iterable[str] = ()) -> Anchors:
    """Collect keys and heads.

    Args:
        keys: As given on the command line.
        heads: Likewise.

    Raises:
        BadAnchor: One of them is none.
        BadState: The operator's file can't be read.
    """
    first = growth.state_of(growth.whole_lines(archive)[:1])
    trusted = load_trust().of(first.genesis, growth.place_of(archive))
    file = str(trust_file())
    given_keys = [parse_key(key, "--key") for key in keys]
    given_heads = [parse_head(head, "--head") for head in heads]
    if trusted is None:
        return Anchors(tuple(given_keys), tuple(given_heads))
    return Anchors(
        (*given_keys, *(parse_key(key, file) for key in trusted.keys)),
        (*given_heads, *(parse_head(head, file) for head in trusted.heads)),
        tuple(parse_witness(witness, file) for witness in trusted.witnesses),
        trusted.quorum,
        tuple(one for path in trusted.tsa for one in read_certificates(Path(path).expanduser(), file)),
    )


def classify(text: str, origin: str, *, as_head: bool = False) -> tuple[str, str]:
    """What a person gives to be trusted: the list of `Trusted` that it belongs to, and the entry.

    Args:
        text: A vkey, 64 hex digits, a checkpoint, or a file with one of them or with a certificate.
        origin: The name under which a key in PEM is kept.
        as_head: 64 hex digits mean a line's hash.

    Raises:
        BadAnchor: It is nothing of the kind.
    """
    path = Path(text.strip()).expanduser()
    content = text
    if "\n" not in text and path.is_file():
        try:
            content = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise BadAnchor(f"{path} can't be read: {error}") from None
    if "-----BEGIN CERTIFICATE-----" in content:
        return "tsa", str(path.resolve())
    lines = content.strip("\ufeff \r\n\t").splitlines()
    is_pem = bool(lines) and lines[0].startswith(
        "-----"
    )  # says itself what it is: a short key has as many lines as a checkpoint
    if as_head or (not is_pem and len(lines) > 1):  # a checkpoint, or a file to which heads are appended
        head = parse_head(content, text)
        return "heads", head.line if head.line is not None else str(head.note)
    if "+" in content and not is_pem:
        try:
            return "witnesses", str(parse_witness(content, text))
        except BadAnchor:
            pass  # a log's key, or no key
    key = parse_key(text, text)
    return "keys", key.fingerprint if key.key is None else str(
        NoteKey(_name_of(key.key, content, origin), key.key.public)
    )


def _name_of(key: NoteKey, content: str, origin: str) -> str:
    """The name that a vkey gives itself; a key in PEM has none."""
    return origin if content.lstrip().startswith("-----") else key.name


def same_entry(trusted: Trusted, text: str) -> str | None:
    """The entry that a person means: as it stands, or a key by its fingerprint; `None` if there is none."""
    for entry in (*trusted.keys, *trusted.heads, *trusted.witnesses, *trusted.tsa):
        if entry.split() == text.split():
            return entry
    for entry in trusted.keys:
        if parse_key(entry, "").fingerprint == text.strip().lower():
            return entry
    return None
