"""Whether an archive is what was written: segments against the manifest, each record, the chain, signatures, and the index both ways.

Reads only; may run beside a harvest. What it proves, and what it can't, is told in `docs/evidence.md`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import random
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.errors import DamagedArchive
from archive.files.folder import Archive
from archive.files.store import OPEN_SUFFIX, open_segments
from archive.verify.derived import compare_with_rebuilt
from archive.verify.index import IndexCheck
from archive.warc import signing
from archive.warc.checks import Capture, Damage, Reference, SegmentCheck, check_segment
from archive.warc.digests import agree
from archive.warc.manifest import Entry, parse_line
from archive.work.jobs import run_ordered

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date


#: Up to so many records the database is made again in seconds.
DEEP_RECORDS = 2000


@dataclass(frozen=True, slots=True)
class Report:
    """What `verify` found. `notes` are remarkable but no damage: a segment still open, lines without a signature."""

    segments: int
    checked: int
    records: int
    size: int
    lines: int
    head: str | None
    damages: tuple[Damage, ...]
    notes: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Whether nothing is damaged."""
        return not self.damages

    def to_json(self) -> dict[str, Any]:
        """For `ogi verify --json`."""
        return {
            "whole": self.is_whole,
            "segments": self.segments,
            "checked": self.checked,
            "records": self.records,
            "bytes": self.size,
            "lines": self.lines,
            "head": self.head,
            "damages": [
                {key: value for key, value in asdict(item).items() if value is not None} for item in self.damages
            ],
            "notes": list(self.notes),
        }


@dataclass(slots=True)
class _Findings:
    damages: list[Damage] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def head(archive: Archive) -> str | None:
    """The hash of the manifest's last line, which stands for the whole archive; `None` if there is no line.

    Raises:
        DamagedArchive: The manifest isn't whole, so that its head proves nothing.
    """
    findings = _Findings()
    lines = _check_manifest(archive, findings)
    if findings.damages:
        raise DamagedArchive(f"{findings.damages[0]}; run `ogi verify`")
    return lines[-1].hash if lines else None


def verify(
    archive: Archive,
    *,
    since: date | None = None,
    sample: int | None = None,
    kept_head: str | None = None,
    deep: bool | None = None,
    progress: Callable[[int, int], None] | None = None,
    chooser: random.Random | None = None,
    workers: int | None = None,
    cluster: str | None = None,
) -> Report:
    """Check an archive.

    Args:
        archive: The archive; nothing is written to it.
        since: Read only the segments with a record of this day (UTC) or later. The manifest is always checked whole.
        sample: Read only so many segments, chosen at random.
        kept_head: A chain head that was kept elsewhere; a damage if it isn't in the chain.
        deep: Also make the database again and compare every table with it. `None`: where that takes seconds, that is up to
            `DEEP_RECORDS` records.
        progress: Called with the number of segments read and to be read.
        chooser: Source of the random choice.
        workers: Processes on this machine, as many as cores if not given; on a cluster, the most segments read at a time.
        cluster: Address of a Dask scheduler to read segments on.
    """
    findings = _Findings()
    lines = _check_manifest(archive, findings)
    if kept_head is not None and kept_head.lower() not in {entry.hash for entry in lines}:
        findings.damages.append(
            Damage(
                "head",
                f"the chain has no line with the hash {kept_head}: lines were changed, or it is another archive's",
            )
        )
    _check_decisions(archive, lines, findings)
    _check_presence(archive, lines, findings)
    chosen = [entry for entry in lines if since is None or (entry.info.last or "9") >= since.isoformat()]
    if sample is not None and sample < len(chosen):
        chosen = sorted((chooser or random.SystemRandom()).sample(chosen, sample), key=lambda entry: entry.number)
    is_partial = len(chosen) < len(lines)
    index = IndexCheck(archive.db_path, {entry.segment for entry in lines})
    references = _References()
    records = size = 0
    places = [(str(archive.root), entry.segment) for entry in chosen]
    checks = run_ordered(_read_segment, places, given_up=_unread_segment, workers=workers, cluster=cluster)
    for count, (entry, read) in enumerate(zip(chosen, checks, strict=True), 1):
        check = _check_entry(entry, read, findings)
        if check is not None:
            records += len(check.ids)
            size += check.size
            findings.damages += references.add(check)
            findings.damages += index.compare(check)
        if progress is not None:
            progress(count, len(chosen))
    unresolved = references.unresolved()
    if is_partial:
        if unresolved:
            findings.notes.append(f"{len(unresolved)} revisits stand for records in segments that were not read")
    else:
        findings.damages += unresolved
    findings.damages += index.remaining()
    findings.notes += index.notes
    is_small = not is_partial and sum(entry.info.records for entry in lines) <= DEEP_RECORDS
    if index.is_complete and (is_small if deep is None else deep):
        _check_derived(archive, findings, workers, cluster)
    elif index.is_complete:
        findings.notes.append(
            "ogi.db was compared with the records by its captures only; `--deep` compares every table"
        )
    return Report(
        len(lines),
        len(chosen),
        records,
        size,
        len(lines),
        lines[-1].hash if lines else None,
        tuple(findings.damages),
        tuple(findings.notes),
    )


def _check_derived(archive: Archive, findings: _Findings, workers: int | None, cluster: str | None) -> None:
    """Compare every table of the database with one made anew, if the records allow to make one."""
    if any(damage.kind != "index" for damage in findings.damages):
        findings.notes.append("ogi.db was compared by its captures only, because the records are damaged")
        return
    damages, notes = compare_with_rebuilt(archive, workers=workers, cluster=cluster)
    findings.damages += damages
    findings.notes += notes


def _check_manifest(archive: Archive, findings: _Findings) -> list[Entry]:
    """Read every line; check chain, names and signatures."""
    try:
        data = archive.manifest_path.read_bytes()
    except FileNotFoundError:
        return []
    *whole, tail = data.split(b"\n")
    if tail:
        findings.damages.append(
            Damage(
                "manifest", f"manifest.jsonl ends with a torn line of {len(tail)} bytes; the next harvest sets it aside"
            )
        )
    lines: list[Entry] = []
    prev: str | None = None
    is_joined = True  # whether `prev` is known
    seen: dict[str, int] = {}
    for number, raw in enumerate(whole, 1):
        try:
            entry = parse_line(raw.decode("utf-8"), number)
        except (DamagedArchive, UnicodeDecodeError) as error:
            reason = str(error) if isinstance(error, DamagedArchive) else f"manifest.jsonl line {number} is no text"
            findings.damages.append(Damage("manifest", reason))
            is_joined = False
            continue
        if is_joined and entry.prev != prev:
            message = f"manifest.jsonl line {number} doesn't follow the line before it: one of them was changed, moved, added or removed"
            findings.damages.append(Damage("chain", message, entry.segment))
        if entry.segment in seen:
            message = f"manifest.jsonl lines {seen[entry.segment]} and {number} are about the same segment"
            findings.damages.append(Damage("manifest", message, entry.segment))
        else:
            lines.append(entry)
        seen.setdefault(entry.segment, number)
        prev, is_joined = entry.hash, True
    _check_signatures(archive, lines, findings)
    return lines


def _check_signatures(archive: Archive, lines: Sequence[Entry], findings: _Findings) -> None:
    signed = [entry for entry in lines if entry.signature is not None]
    if signed:
        keys = signing.load_public(archive.keys_dir)
        for entry in signed:
            signature = entry.signature or {}
            key = keys.get(str(signature.get("key")))
            place = f"manifest.jsonl line {entry.number}"
            if key is None:
                message = f"{place} is signed by key {signature.get('key')}, which is not in {archive.keys_dir}"
                findings.damages.append(Damage("signature", message, entry.segment))
            elif not signing.is_valid(key, str(signature.get("value")), entry.signed_text()):
                findings.damages.append(
                    Damage("signature", f"the signature of {place} is not over this line", entry.segment)
                )
        first = signed[0].number
        for entry in lines:
            if entry.number > first and entry.signature is None:
                findings.notes.append(
                    f"manifest.jsonl line {entry.number} ({entry.segment}) is not signed, others before it are"
                )
    if archive.settings.proof.sign and lines and lines[-1].signature is None:
        findings.damages.append(
            Damage("signature", "the last line of manifest.jsonl is not signed although proof.sign is set")
        )
    for entry in lines:
        if entry.timestamp is not None:
            _check_stamp(entry, findings)


def _check_stamp(entry: Entry, findings: _Findings) -> None:
    from archive.warc.timestamps import StampFailed, check_token, read_token

    try:
        token = base64.b64decode(entry.timestamp or "", validate=True)
        stamp = read_token(token)
        check_token(token)
    except (StampFailed, ValueError) as error:
        findings.damages.append(
            Damage("timestamp", f"the time stamp of manifest.jsonl line {entry.number}: {error}", entry.segment)
        )
        return
    if stamp.digest != hashlib.sha256(entry.stamped_text()).digest():
        message = f"the time stamp of manifest.jsonl line {entry.number} is not over this line"
        findings.damages.append(Damage("timestamp", message, entry.segment))


def _check_decisions(archive: Archive, lines: Sequence[Entry], findings: _Findings) -> None:
    """What people decided: a chain of its own, and the manifest holds on to it."""
    try:
        raw = archive.decisions_path.read_bytes().split(b"\n")
    except FileNotFoundError:
        raw = [b""]
    hashes: set[str] = set()
    prev: str | None = None
    *whole, tail = raw
    if tail:
        findings.damages.append(Damage("decisions", f"decisions.jsonl ends with a torn line of {len(tail)} bytes"))
    for number, line in enumerate(whole, 1):
        try:
            carried = json.loads(line)["prev"]
        except (ValueError, KeyError, TypeError):
            findings.damages.append(Damage("decisions", f"decisions.jsonl line {number} is no decision"))
        else:
            if carried != prev:
                findings.damages.append(
                    Damage("decisions", f"decisions.jsonl line {number} doesn't follow the line before it")
                )
        prev = hashlib.sha256(line).hexdigest()
        hashes.add(prev)
    for entry in lines:
        if entry.decisions is not None and entry.decisions not in hashes:
            message = f"decisions.jsonl lacks a line that it had when manifest.jsonl line {entry.number} was written, or has it changed"
            findings.damages.append(Damage("decisions", message))
            break


def _check_presence(archive: Archive, lines: Sequence[Entry], findings: _Findings) -> None:
    """Compare the names of the manifest with what is there."""
    listed = {entry.segment for entry in lines}
    for name in archive.store.names():
        if name not in listed and name not in {entry.segment for entry in _reread(archive)}:
            findings.damages.append(Damage("unlisted", "is not in the manifest", name))
    for path in open_segments(archive.warc_dir):
        name = path.name.removesuffix(OPEN_SUFFIX)
        state = (
            "its closing was interrupted" if name in listed else "is still open, or was left so by a process that died"
        )
        findings.notes.append(f"{name}: {state}; not part of the proof until it is closed")
    for path in sorted(archive.warc_dir.glob("*.torn")):
        findings.notes.append(f"{path.name}: bytes that a recovery cut off, kept aside")


def _reread(archive: Archive) -> list[Entry]:
    """The manifest as it is now: a harvest beside us may have closed a segment since."""
    return _check_manifest(archive, _Findings())


def _read_segment(place: tuple[str, str]) -> SegmentCheck | None:
    """Read the segment of an archive's folder: a job, without the database. `None` if it isn't there."""
    root, name = place
    try:
        stream = _archive(root).store.open(name, fresh=True)
    except DamagedArchive:
        return None
    with stream:
        return check_segment(stream, name)


@lru_cache(maxsize=2)
def _archive(root: str) -> Archive:
    return Archive.open(Path(root))


def _unread_segment(place: tuple[str, str]) -> SegmentCheck:
    """The outcome for a segment that ended every process that read it."""
    name = place[1]
    return SegmentCheck(name, damages=[Damage("record", "can't be read: reading it ended the process", name)])


def _check_entry(entry: Entry, check: SegmentCheck | None, findings: _Findings) -> SegmentCheck | None:
    """Compare what was read of a segment with its line; `None` if it isn't there."""
    info = entry.info
    if check is None:
        findings.damages.append(
            Damage("missing", f"is missing; manifest.jsonl line {entry.number} lists it", entry.segment)
        )
        return None
    place = f"manifest.jsonl line {entry.number}"
    findings.damages += check.damages

    def damaged(kind: str, message: str) -> None:
        findings.damages.append(Damage(kind, message, entry.segment))

    if check.info is not None:
        if (check.info.records, check.info.root) != (info.records, info.root):
            damaged("records", f"holds {check.info.records} records that are not the {info.records} of {place}")
        elif (check.info.first, check.info.last, check.info.runs) != (info.first, info.last, info.runs):
            damaged("manifest", f"has other dates or runs than {place} says")
    if (check.size, check.sha256) != (info.size, info.sha256):
        same = check.info is not None and check.info.root == info.root
        reason = (
            "every record is intact: it was compressed anew, or bytes between the records changed"
            if same
            else "it was changed"
        )
        damaged("bytes", f"has {check.size} bytes that are not the {info.size} of {place}; {reason}")
    return check


class _References:
    """Follows revisits to the records that they stand for, across segments; and sees record ids that occur twice."""

    def __init__(self) -> None:
        self._ids: dict[str, tuple[str, int]] = {}
        self._by_id: dict[str, Capture] = {}
        self._by_place: dict[tuple[str, str], list[Capture]] = {}
        self._waiting: list[Reference] = []

    def add(self, check: SegmentCheck) -> list[Damage]:
        """Take in a segment; gives ids that were seen before."""
        damages = []
        for record_id, offset in check.ids:
            if not record_id:
                continue
            if record_id in self._ids:
                segment, before = self._ids[record_id]
                message = f"the WARC-Record-ID was used before, at {segment}:{before}"
                damages.append(Damage("id", message, check.segment, offset, record_id))
            else:
                self._ids[record_id] = (check.segment, offset)
        for capture in check.captures:
            self._by_id.setdefault(capture.record, capture)
            self._by_place.setdefault((capture.url, capture.at), []).append(capture)
        self._waiting += check.references
        return damages

    def unresolved(self) -> list[Damage]:
        """Revisits that stand for nothing, for another revisit, or for another payload."""
        return [damage for reference in self._waiting if (damage := self._follow(reference)) is not None]

    def _follow(self, reference: Reference) -> Damage | None:
        capture = reference.capture
        targets: list[Capture] = []
        if reference.target_id is not None:
            found = self._by_id.get(reference.target_id)
            if found is None:
                return capture.damage(
                    "revisit", f"stands for the record {reference.target_id}, which is not in the archive"
                )
            targets = [found]
        if reference.url is not None and reference.at is not None:
            there = [item for item in self._by_place.get((reference.url, reference.at), []) if item.type != "revisit"]
            if not there or (targets and targets[0] not in there and targets[0].type != "revisit"):
                return capture.damage(
                    "revisit", f"stands for a capture of {reference.url} at {reference.at}, which is not in the archive"
                )
            targets = targets or there
        if all(item.type == "revisit" for item in targets):
            return capture.damage("revisit", "stands for another revisit")
        if not any(agree(item.digest, capture.digest) for item in targets):
            return capture.damage("revisit", "its payload digest is not that of the record it stands for")
        return None
