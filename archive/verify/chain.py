"""The manifest read line by line, nothing believed: form, chain, names. What a verification of anything else starts from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from archive.errors import DamagedArchive
from archive.files.store import OPEN_SUFFIX, open_segments
from archive.verify.claims import ClaimJudgement
from archive.warc.manifest import ManifestLine, parse_line
from archive.warc.statements import is_proof
from extract.messages import localizable

if TYPE_CHECKING:
    from archive.files.folder import Archive
    from archive.warc.checks import SegmentCheck


@dataclass(frozen=True, slots=True)
class Chain:
    """What was read: every whole line as it stands, and those that could be understood, without second lines about one segment."""

    raw: tuple[bytes, ...]
    lines: tuple[ManifestLine, ...]
    judgement: ClaimJudgement
    #: Number of each line by its hash.
    numbers: dict[str, int] = field(default_factory=dict)

    @property
    def head(self) -> str | None:
        """The hash of the last line."""
        return self.lines[-1].hash if self.lines else None

    @property
    def listed(self) -> frozenset[str]:
        """Names of all segments."""
        return frozenset(entry.segment for entry in self.lines)


def read_chain(archive: Archive) -> Chain:
    """Read every line; check form, chain and names."""
    judged = ClaimJudgement("order")
    try:
        data = archive.manifest_path.read_bytes()
    except FileNotFoundError:
        data = b""
    *whole, tail = data.split(b"\n")
    if tail:
        judged.damaged(f"manifest.jsonl ends with a torn line of {len(tail)} bytes; the next harvest sets it aside")
    lines: list[ManifestLine] = []
    prev: str | None = None
    is_joined = True  # whether `prev` is known
    seen: dict[str, int] = {}
    for number, raw in enumerate(whole, 1):
        try:
            entry = parse_line(raw.decode("utf-8"), number)
        except (DamagedArchive, UnicodeDecodeError) as error:
            judged.damaged(
                str(error) if isinstance(error, DamagedArchive) else f"manifest.jsonl line {number} is no text"
            )
            is_joined = False
            continue
        if is_joined and entry.prev != prev:
            message = localizable(
                f"manifest.jsonl line {number} doesn't follow the line before it: one of them was changed, moved, added or removed"
            )
            judged.damaged(message, entry.segment, "chain")
        if entry.segment in seen:
            message = localizable(f"manifest.jsonl lines {seen[entry.segment]} and {number} are about the same segment")
            judged.damaged(message, entry.segment)
        else:
            lines.append(entry)
        seen.setdefault(entry.segment, number)
        prev, is_joined = entry.hash, True
    proofs = sum(is_proof(entry) for entry in lines)
    judged.proof = localizable(
        f"{len(lines)} lines" + (f", {proofs} of them statements of this archive" if proofs else "")
    )
    return Chain(tuple(whole), tuple(lines), judged, {entry.hash: entry.number for entry in lines})


def check_presence(archive: Archive, chain: Chain) -> None:
    """Compare the names of the manifest with what is there, into the chain's judgement."""
    judged = chain.judgement
    for name in archive.store.names():
        if (
            name not in chain.listed and name not in read_chain(archive).listed
        ):  # a harvest beside us may have closed it since
            judged.damaged("is not in the manifest", name, "unlisted")
    for path in open_segments(archive.warc_dir):
        name = path.name.removesuffix(OPEN_SUFFIX)
        is_listed = name in chain.listed
        state = (
            localizable("its closing was interrupted")
            if is_listed
            else localizable("is still open, or was left so by a process that died")
        )
        judged.notes.append(f"{name}: {state}; not part of the proof until it is closed")


def check_dates(chain: Chain) -> None:
    """Say where a segment's last record is dated before that of the line before: a late sealing, a clock, or a back-dating."""
    before: ManifestLine | None = None
    for entry in chain.lines:
        if before is not None and (entry.info.last or "") < (before.info.last or "") and not is_proof(entry):
            chain.judgement.notes.append(
                f"line {entry.number} ends at {entry.info.last}, before line {before.number} ({before.info.last}): "
                "an import, a late sealing, or a clock that was set"
            )
        if not is_proof(entry):
            before = entry


def check_head(chain: Chain, entry: ManifestLine, check: SegmentCheck) -> None:
    """A segment names the head that the chain had when it was begun: it must stand before its own line."""
    named = check.facts.get("ogi-head")
    if named is not None and check.is_ours and chain.numbers.get(named, entry.number) >= entry.number:
        message = localizable(
            f"was begun after a line with the hash {named}, and none before line {entry.number} has it: lines were written anew"
        )
        chain.judgement.damaged(message, entry.segment, "chain")
