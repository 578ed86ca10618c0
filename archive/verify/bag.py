"""Whether a bag (BagIt, RFC 8493) is as it was packed: every file by its hash, and nothing else in it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from archive.errors import DamagedArchive
from archive.files.digest import sha256_of_file
from archive.files.folder import Archive
from archive.files.inside import leads_out, read_file
from archive.verify.claims import Outcome
from archive.verify.snapshot import verify_snapshot
from archive.warc import manifest
from archive.warc.attest import BAG_NOTE, BAG_STATEMENT, Attestation, parse_attestation
from archive.warc.checks import Damage
from archive.warc.notes import BadNote
from archive.warc.zips import MOST_DESCRIBED
from extract.messages import localizable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from archive.verify.anchors import Anchors
    from archive.verify.result import VerifyResult

_LINE = re.compile(r"([0-9a-fA-F]{64})\s+\*?(.+)")
_MANIFESTS = ("manifest-sha256.txt", "tagmanifest-sha256.txt")


def is_bag(path: Path) -> bool:
    """Whether a folder is a bag whose payload is a published snapshot."""
    return (path / "bagit.txt").is_file()


def payload_of(path: Path) -> Archive:
    """The snapshot in a bag."""
    if leads_out(path / "data", path):
        raise DamagedArchive(f"{path / 'data'} leads out of the bag")
    return Archive.open(path / "data", is_given=True)


def verify_bag(path: Path, anchors: Anchors, require: tuple[str, ...] = ()) -> VerifyResult:
    """Check a bag and the snapshot in it; nothing is written."""
    found = verify_snapshot(payload_of(path), anchors, require)
    damages = (*_damages(path), *_against_statement(path))
    if not damages:
        note = localizable(f"this is a bag: every file in {path.name} has the hash that it was packed with")
        return replace(found, notes=(*found.notes, note))
    why = f"{damages[0]}" + (localizable(f", and {len(damages) - 1} more") if len(damages) > 1 else "")
    claims = tuple(
        replace(claim, outcome=Outcome.DAMAGED, why=why)
        if claim.name == "bytes" and claim.outcome != Outcome.DAMAGED
        else claim
        for claim in found.claims
    )
    return replace(found, claims=claims, damages=(*damages, *found.damages))


def _damages(path: Path) -> Iterator[Damage]:
    stated: dict[str, str] = {}
    for name in _MANIFESTS:
        yield from _read(path, name, stated)
    there = {one.relative_to(path).as_posix(): one for one in path.rglob("*") if not one.is_dir() or one.is_symlink()}
    for file, digest in stated.items():
        if file not in there or there[file].is_symlink():
            yield Damage("bytes", localizable("is not there, the bag's manifest names it"), file)
        elif _sha256_if_there(there[file]) != digest:
            yield Damage("bytes", localizable("isn't the file that the bag's manifest has the hash of"), file)
    for file in sorted(there.keys() - stated.keys() - {_MANIFESTS[1], BAG_NOTE}):
        yield Damage("bytes", localizable("lies in the bag, and its manifest doesn't name it"), file)


def _against_statement(path: Path) -> Iterator[Damage]:
    """The archive's own word on the list of tag files: who has no key can make every hash in a bag anew, and not that."""
    try:
        lines = manifest.entries(payload_of(path))
        signature = lines[-1].signature if lines else None
    except DamagedArchive:
        return  # told with the chain
    note = path / BAG_NOTE
    if not note.exists():
        if signature is not None:
            yield Damage(
                "bytes", localizable("is gone, and the chain is signed: nobody stands for the tag files"), BAG_NOTE
            )
        return
    try:
        found = parse_attestation(read_file(note, path, most=MOST_DESCRIBED).decode("utf-8"))
    except (BadNote, OSError, UnicodeDecodeError) as error:
        yield Damage("bytes", localizable(f"can't be read: {error}"), BAG_NOTE)
        return
    if found.kind != BAG_STATEMENT or found.sha256 != _sha256_if_there(path / _MANIFESTS[1]):
        yield Damage("bytes", localizable(f"isn't the file that {BAG_NOTE} speaks of"), _MANIFESTS[1])
    if signature is not None and not _is_by(found, str(signature.get("key"))):
        yield Damage("bytes", localizable("isn't signed by the key of the chain's last line"), BAG_NOTE)


def _is_by(found: Attestation, key: str) -> bool:
    return found.is_signed is True and found.key is not None and found.key.fingerprint[:16] == key


def _sha256_if_there(path: Path) -> str | None:
    try:
        return sha256_of_file(path)
    except OSError:
        return None


def _read(path: Path, name: str, stated: dict[str, str]) -> Iterator[Damage]:
    """Take in what a manifest says: the hash of each file."""
    try:
        text = read_file(path / name, path, most=MOST_DESCRIBED).decode("utf-8")
    except (OSError, UnicodeDecodeError):
        yield Damage("bytes", localizable("is not there, or can't be read"), name)
        return
    for line in text.splitlines():
        matched = _LINE.fullmatch(line)
        if matched is None:
            yield Damage("bytes", localizable(f"has a line that is none: {line[:80]!r}"), name)
            continue
        digest, file = matched[1].lower(), _decoded(matched[2])
        if stated.setdefault(file, digest) != digest:
            yield Damage("bytes", localizable("is named twice, with two hashes"), file)


def _decoded(name: str) -> str:
    return name.replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")
