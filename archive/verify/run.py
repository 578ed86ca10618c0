"""Whether an archive is what was written: every claim judged, and the outcome.

Reads only; may run beside a harvest. What it proves, and what it can't, stands in `docs/evidence.md`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from archive.errors import DamagedArchive
from archive.history.quarantined import count_quarantined
from archive.index.database import DatabaseError
from archive.verify import segments
from archive.verify.anchors import Anchors
from archive.verify.bounds import Begun, StampedState, begun_of, check_bounds
from archive.verify.chain import Chain, check_dates, check_head, check_presence, read_chain
from archive.verify.claims import CLAIMS, ClaimJudgement, claim_of, required_of
from archive.verify.complete import check_complete, look_back
from archive.verify.decided import check_decisions
from archive.verify.derived import recompute
from archive.verify.index import IndexCheck
from archive.verify.reading import Redraw, check_reading, judge_recomputed
from archive.verify.references import References
from archive.verify.result import VerifyResult
from archive.verify.segments import Extent
from archive.verify.signatures import check_who
from archive.verify.stamps import check_when
from archive.verify.strays import check_strays
from archive.verify.torn import check_torn

if TYPE_CHECKING:
    from collections.abc import Callable

    from archive.files.folder import Archive
    from archive.warc.checks import Damage

#: Up to so many records the database is made again in seconds.
DEEP_RECORDS = 2000


@dataclass(frozen=True, slots=True)
class VerifyOptions:
    """What is verified, and against what.

    Attributes:
        anchors: Keys, heads and witnesses that somebody trusts.
        require: Claims that must be proved besides those that always must.
        extent: Which segments are read. The manifest is always checked whole.
        redraw: How many versions are read again.
        deep: Make the database again and compare every table with it. `None`: where that takes seconds, that is up to `DEEP_RECORDS` records.
        workers: Processes on this machine, as many as cores if not given; on a cluster, the most segments read at a time.
        cluster: Address of a Dask scheduler to read segments on.
    """

    anchors: Anchors = field(default_factory=Anchors)
    require: tuple[str, ...] = ()
    extent: Extent = field(default_factory=Extent)
    redraw: Redraw = field(default_factory=Redraw)
    deep: bool | None = None
    workers: int | None = None
    cluster: str | None = None


def head(archive: Archive) -> str | None:
    """The hash of the manifest's last line, which stands for the whole archive; `None` if there is no line.

    Raises:
        DamagedArchive: The manifest isn't whole, so that its head proves nothing.
    """
    chain = read_chain(archive)
    if chain.judgement.damages:
        raise DamagedArchive(f"{chain.judgement.damages[0]}; run `ogi verify`")
    return chain.head


def verify(
    archive: Archive,
    options: VerifyOptions | None = None,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> VerifyResult:
    """Check an archive; nothing is written to it.

    Args:
        progress: Called with the number of segments read and to be read.

    Raises:
        BadState: What this machine remembers of archives can't be read.
    """
    options = options or VerifyOptions()
    past = look_back(
        archive
    )  # first what may lie behind, then what may run ahead: a harvest beside us adds to all of them
    index = IndexCheck(archive)
    try:
        chain = read_chain(archive)
        check_presence(archive, chain)
        check_torn(archive, chain.judgement)
        check_strays(archive, chain.judgement)
        check_dates(chain)
        index.begin(archive, chain)
        read = segments.choose(chain, options.extent)
        begun: dict[int, Begun] = {}
        damages = _read_segments(archive, chain, read, index, begun, options, progress)
        moments: list[StampedState] = []
        when = check_when(archive, chain, options.anchors, moments)
        check_bounds(chain, begun, moments, options.anchors.authorities)
        judged = [
            read.judgement,
            chain.judgement,
            check_complete(archive, chain, past, options.anchors.heads),
            check_who(archive, chain, options.anchors.keys),
            when,
            check_decisions(archive, chain),
            index.judgement,
        ]
        judged.append(_check_reading(archive, chain, index, read, [*damages, *_damages_of(judged)], options))
        aside = _count_quarantined(archive, index)
    finally:
        index.close()
    return replace(_result(chain, read, judged, damages, options), quarantined=aside)


def _count_quarantined(archive: Archive, index: IndexCheck) -> int:
    """How much could not be taken in; where the index can't tell, what stands in the folder."""
    live = index.live if index.is_comparable else None
    try:
        return count_quarantined(archive, live.db if live is not None else None)
    except DatabaseError:  # its damage is named already
        return count_quarantined(archive, None)


def _damages_of(judged: list[ClaimJudgement]) -> list[Damage]:
    return [damage for one in judged for damage in one.damages]


def _read_segments(
    archive: Archive,
    chain: Chain,
    read: segments.SegmentsRead,
    index: IndexCheck,
    begun: dict[int, Begun],
    options: VerifyOptions,
    progress: Callable[[int, int], None] | None,
) -> list[Damage]:
    """Read the chosen segments, hold them against the manifest, the index and each other."""
    references = References()
    damages: list[Damage] = []
    found = segments.read(archive, read, progress=progress, workers=options.workers, cluster=options.cluster)
    for entry, check in found:
        check_head(chain, entry, check)
        if (own := begun_of(check)) is not None:
            begun[entry.number] = own
        damages += references.add(check)
        damages += index.compare(check)
    unresolved = references.unresolved()
    if len(read.chosen) == len(chain.lines):
        damages += unresolved
    elif unresolved:
        read.judgement.notes.append(f"{len(unresolved)} revisits stand for records in segments that were not read")
    index.finish()
    return [*read.damages, *damages]


def _check_reading(
    archive: Archive,
    chain: Chain,
    index: IndexCheck,
    read: segments.SegmentsRead,
    damages: list[Damage],
    options: VerifyOptions,
) -> ClaimJudgement:
    """Judge `reading`, and finish `index`: by what is sealed, and by making the database again where that is asked or takes seconds."""
    is_small = len(read.chosen) == len(chain.lines) and sum(entry.info.records for entry in chain.lines) <= DEEP_RECORDS
    is_deep = is_small if options.deep is None else options.deep
    is_sound = not any(damage.kind not in ("index", "head", "signature", "timestamp") for damage in damages)
    can_be_made = is_deep and is_sound and index.has_taken_in_all
    redraw = Redraw(0) if can_be_made else options.redraw
    reading = check_reading(archive, chain, index, redraw, workers=options.workers, cluster=options.cluster)
    if can_be_made and index.live is not None:
        recomputed = recompute(archive, index.live, workers=options.workers, cluster=options.cluster)
        read.judgement.damages += recomputed.records
        judge_recomputed(index, reading, recomputed)
    elif is_deep and not is_sound:
        index.judgement.notes.append("ogi.db was not made again, because the records are damaged")
    index.conclude()
    return reading


def _result(
    chain: Chain, read: segments.SegmentsRead, judged: list[ClaimJudgement], found: list[Damage], options: VerifyOptions
) -> VerifyResult:
    damages = list(dict.fromkeys([*found, *_damages_of(judged)]))
    order = {name: number for number, name in enumerate(CLAIMS)}
    claims = tuple(
        one.outcome([damage for damage in damages if claim_of(damage) == one.name])
        for one in sorted(judged, key=lambda one: order[one.name])
    )
    return VerifyResult(
        len(chain.lines),
        len(read.chosen),
        read.records,
        read.size,
        len(chain.lines),
        chain.head,
        claims,
        required_of(judged, options.require),
        tuple(damages),
        tuple(note for one in judged for note in one.notes),
    )
