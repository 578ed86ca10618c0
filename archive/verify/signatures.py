"""Who made the archive: claim `who`. Signatures of lines and of the checkpoint, against keys that somebody pinned.

A public key in the archive's own `keys/` shows that a signature belongs to that key, never whose key it is: who forges the folder puts his
own there. So without a pinned key the claim isn't proved, however well the signatures verify.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from archive.errors import DamagedArchive
from archive.verify.claims import ClaimJudgement
from archive.warc import growth
from archive.warc.keys import ChainedRotation, load_links, public_keys, read_links, trusted_from
from archive.warc.notes import BadNote, Note, NoteKey
from extract.messages import localizable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from archive.files.folder import Archive
    from archive.verify.anchors import PinnedKey
    from archive.verify.chain import Chain
    from archive.warc.manifest import ManifestLine


def check_who(
    archive: Archive, chain: Chain, pinned: Sequence[PinnedKey], *, has_statements: bool = True
) -> ClaimJudgement:
    """Check every signature, and whether the last line's is by a pinned key or one that follows from it.

    Args:
        has_statements: Whether the segments with statements about keys are there. Without them the links are those
            that came as files beside the public keys.
    """
    judged = ClaimJudgement("who", is_required=bool(pinned))
    try:
        links = read_links(archive, chain.lines) if has_statements else load_links(archive.keys_dir, archive.root)
        keys = public_keys(archive.keys_dir, links, [one.key for one in pinned if one.key is not None])
    except DamagedArchive as error:
        judged.damaged(str(error))
        return judged
    _check_lines(archive, chain.lines, keys, judged)
    _check_checkpoint(archive, chain, keys, judged)
    if not chain.lines:
        judged.doubts.append("there is no line yet")
    elif pinned:
        genesis = growth.state_of(chain.raw[:1]).genesis
        trusted = trusted_from([one.fingerprint for one in pinned], links, genesis)
        _hold(chain.lines, trusted, links, pinned, judged, may_lack_links=not has_statements and not links)
    else:
        _describe(chain.lines, keys, judged)
    return judged


def _check_lines(
    archive: Archive, lines: Sequence[ManifestLine], keys: Mapping[str, bytes], judged: ClaimJudgement
) -> None:
    signed = [entry for entry in lines if entry.signature is not None]
    for entry in signed:
        signature = entry.signature or {}
        public = keys.get(str(signature.get("key")))
        place = localizable(f"manifest.jsonl line {entry.number}")
        if public is None:
            judged.damaged(
                f"{place} is signed by key {signature.get('key')}, which is not in {archive.keys_dir}", entry.segment
            )
        elif not is_valid(public, str(signature.get("value")), entry.signed_text()):
            judged.damaged(f"the signature of {place} is not over this line", entry.segment)
    if archive.settings.proof.sign and lines and lines[-1].signature is None:
        judged.damaged("the last line of manifest.jsonl is not signed although proof.sign is set")
    if signed:
        unsigned = [entry for entry in lines if entry.number > signed[0].number and entry.signature is None]
        for entry in unsigned:
            judged.notes.append(
                f"manifest.jsonl line {entry.number} ({entry.segment}) is not signed, others before it are"
            )


def is_valid(public: bytes, value: str, data: bytes) -> bool:
    """Whether a base64 signature is that Ed25519 key's over the data."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(public).verify(base64.b64decode(value, validate=True), data)
    except (InvalidSignature, ValueError):
        return False
    return True


def _check_checkpoint(archive: Archive, chain: Chain, keys: Mapping[str, bytes], judged: ClaimJudgement) -> None:
    """The signature of the checkpoint beside the chain, if it has one of a key that is at hand."""
    try:
        kept = growth.kept_checkpoint(archive)
    except BadNote:
        return  # told with `complete`
    if kept is None or not chain.lines:
        return
    checkpoint, note = kept
    signers = {name: NoteKey(checkpoint.origin, public) for name, public in keys.items()}
    if any(note.is_signed_by(key) is False for key in signers.values()):
        judged.damaged("the signature of proof/checkpoint is not over it")
    signed = [entry.signature for entry in chain.lines if entry.number == checkpoint.size and entry.signature]
    if any(_lacks(note, signers.get(str(one.get("key")))) for one in signed):
        judged.damaged(
            f"proof/checkpoint isn't signed under its name by the key that signed line {checkpoint.size}: it was altered"
        )


def _lacks(note: Note, key: NoteKey | None) -> bool:
    return key is not None and note.is_signed_by(key) is None


def _hold(
    lines: Sequence[ManifestLine],
    trusted: set[str],
    links: Sequence[ChainedRotation],
    pinned: Sequence[PinnedKey],
    judged: ClaimJudgement,
    *,
    may_lack_links: bool,
) -> None:
    """Hold the last line against the trusted keys: its signature covers every line before it.

    Args:
        may_lack_links: Whether a link from one key to another may stand in a segment that isn't here.
    """
    names = {fingerprint[:16] for fingerprint in trusted}
    mine = [entry for entry in lines if entry.signature is not None and entry.signature.get("key") in names]
    sources = ", ".join(sorted({one.source for one in pinned}))
    if not mine:
        judged.damaged(f"no line is signed by the key that is trusted ({sources}), or by one that follows from it")
        return
    last = mine[-1]
    if last is not lines[-1]:
        _tell_other(lines[last.number :], sources, judged, may_lack_links=may_lack_links)
        return
    key = (last.signature or {}).get("key")
    weak = next((link for link in links if _is_weak(link, str(key))), None)
    if weak is not None:
        judged.doubts.append(
            f"line {last.number} is signed by key {key}, which was said to be compromised since {weak.rotation.since}"
        )
        return
    judged.proof = localizable(f"line {last.number} and all before it are signed by key {key} ({sources})")


def _tell_other(later: Sequence[ManifestLine], sources: str, judged: ClaimJudgement, *, may_lack_links: bool) -> None:
    """Say of the lines behind the last one by a trusted key that they are by none, or that what may say why didn't come along."""
    other = later[0]
    if may_lack_links and all(entry.signature is not None for entry in later):
        judged.doubts.append(
            f"from line {other.number} on another key signs than the trusted one ({sources}), and the statements that may say why didn't come along"
        )
        return
    how = (
        localizable("not signed")
        if other.signature is None
        else localizable(f"signed by key {other.signature.get('key')}")
    )
    judged.damaged(
        f"from line {other.number} on the chain is not by the trusted key ({sources}): line {other.number} is {how}"
    )


def _is_weak(link: ChainedRotation, key: str) -> bool:
    """Whether a rotation says that others may have this key."""
    return link.rotation.reason == "compromised" and link.by_new and link.rotation.old.fingerprint.startswith(key)


def _describe(lines: Sequence[ManifestLine], keys: Mapping[str, bytes], judged: ClaimJudgement) -> None:
    """Say who seems to have signed: nobody confirmed a key."""
    last = next((entry for entry in reversed(lines) if entry.signature is not None), None)
    if last is None:
        said = localizable(f", although keys/ holds {', '.join(sorted(keys))}") if keys else ""
        judged.doubts.append(f"never signed{said}")
        return
    key = (last.signature or {}).get("key")
    later = len(lines) - last.number
    judged.doubts.append(
        f"signed by {key}; no key was confirmed: --key, or `ogi trust add`"
        + (f"; {later} newer lines are not signed" if later else "")
    )
