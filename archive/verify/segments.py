"""Whether the stored records are whole: claim `bytes`. Every chosen segment is read from end to end and held against its line."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from archive.errors import DamagedArchive
from archive.files.folder import Archive
from archive.verify.claims import ClaimJudgement, sampled
from archive.warc.checks import Damage, SegmentCheck, check_segment
from archive.warc.statements import RUN
from archive.work.jobs import run_ordered
from extract.messages import localizable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from archive.verify.chain import Chain
    from archive.warc.manifest import ManifestLine


@dataclass(frozen=True, slots=True)
class Extent:
    """Which segments are read: all, or those with a record of a day or later, or so many drawn without choice."""

    since: date | None = None
    sample: int | None = None
    seed: int | None = None


@dataclass(slots=True)
class SegmentsRead:
    """What came of reading segments."""

    chosen: list[ManifestLine]
    judgement: ClaimJudgement
    records: int = 0
    size: int = 0
    damages: list[Damage] = field(default_factory=list)


def choose(chain: Chain, extent: Extent) -> SegmentsRead:
    """Draw the segments to be read."""
    judged = ClaimJudgement("bytes")
    chosen = [
        entry for entry in chain.lines if extent.since is None or (entry.info.last or "9") >= extent.since.isoformat()
    ]
    if extent.sample is not None and extent.sample < len(chosen):
        seed = extent.seed if extent.seed is not None else random.SystemRandom().getrandbits(48)
        total = len(chosen)
        chosen = sorted(random.Random(seed).sample(chosen, extent.sample), key=lambda entry: entry.number)
        words, judged.probability = sampled(total, len(chosen), localizable("segments read"))
        judged.doubts.append(words)
        judged.notes.append(f"the draw was made with --seed {seed}")
    elif len(chosen) < len(chain.lines):
        judged.doubts.append(f"{len(chosen)} of {len(chain.lines)} segments read")
    if not chain.lines:
        judged.doubts.append("there is no line yet, so there is nothing to speak of")
    return SegmentsRead(chosen, judged)


def read(
    archive: Archive,
    reading: SegmentsRead,
    *,
    progress: Callable[[int, int], None] | None = None,
    workers: int | None = None,
    cluster: str | None = None,
) -> Iterator[tuple[ManifestLine, SegmentCheck]]:
    """Read the chosen segments, hold each against its line, and give what was read."""
    places = [(str(archive.root), entry.segment) for entry in reading.chosen]
    checks = run_ordered(_read_segment, places, given_up=_unread_segment, workers=workers, cluster=cluster)
    for count, (entry, check) in enumerate(zip(reading.chosen, checks, strict=True), 1):
        if _hold(entry, check, reading.damages) and check is not None:
            reading.records += len(check.ids)
            reading.size += check.size
            yield entry, check
        if progress is not None:
            progress(count, len(reading.chosen))
    reading.judgement.proof = localizable(f"{len(reading.chosen)} segments, {reading.records} records, all read")


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


def _hold(entry: ManifestLine, check: SegmentCheck | None, damages: list[Damage]) -> bool:
    """Compare what was read of a segment with its line; `False` if it isn't there."""
    info, place = entry.info, localizable(f"manifest.jsonl line {entry.number}")

    def damaged(kind: str, message: str) -> None:
        damages.append(Damage(kind, message, entry.segment))

    if check is None:
        damaged("missing", f"is missing; {place} lists it")
        return False
    damages += check.damages
    if check.info is not None:
        if (check.info.records, check.info.root) != (info.records, info.root):
            damaged("records", f"holds {check.info.records} records that are not the {info.records} of {place}")
        elif (check.info.first, check.info.last, check.info.runs) != (info.first, info.last, info.runs):
            damaged("manifest", f"has other dates or runs than {place} says")
        if info.runs == (RUN,) and any(capture.type != "resource" for capture in check.captures):
            damaged("record", "holds captures, and its warcinfo says that it holds statements of this archive")
    if (check.size, check.sha256) != (info.size, info.sha256):
        same = check.info is not None and check.info.root == info.root
        reason = (
            localizable("every record is intact: it was compressed anew, or bytes between the records changed")
            if same
            else localizable("it was changed")
        )
        damaged("bytes", f"has {check.size} bytes that are not the {info.size} of {place}; {reason}")
    return True
