"""Whether figures and text are what the documents say: claim `reading`.

Every version's rows are held against the statement that was sealed when it was read; a sample of versions, or all, is read again by today's
extractor. So an upgrade of the extractor never blinds the check: what another one read is held against what was sealed of it.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from archive.duties.sealing import sealed_readings
from archive.errors import DamagedArchive
from archive.history.reread import Reread, reread
from archive.index.database import DatabaseError
from archive.index.difference import READ
from archive.index.figure_tables import FIGURE_TABLES
from archive.verify.claims import ClaimJudgement, sampled
from archive.work.release import extractor_version, indexer_version
from extract.messages import localizable

if TYPE_CHECKING:
    from archive.files.folder import Archive
    from archive.index.inspect import Inspection
    from archive.index.seals import Key, ReadingLine
    from archive.verify.chain import Chain
    from archive.verify.derived import Recomputed
    from archive.verify.index import IndexCheck

#: Reports that are read again unless something else is asked for.
DEFAULT_READ = 50
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Redraw:
    """How many versions are read again, and the seed of the draw, if it is to be repeated."""

    count: int = DEFAULT_READ
    seed: int | None = None


def check_reading(
    archive: Archive,
    chain: Chain,
    index: IndexCheck,
    redraw: Redraw,
    *,
    workers: int | None = None,
    cluster: str | None = None,
) -> ClaimJudgement:
    """Hold every version against what was sealed of it, and read some again."""
    judged = ClaimJudgement("reading")
    live = index.live
    if live is None or not index.is_comparable:
        judged.doubts.append(
            "there is no index to be compared" if live is None else "the index is not defined as it was made"
        )
        return judged
    try:
        lines = {line.key: line for line in live.readings()}
        unknown = _unknown_digests(index.migrated)
        _hold(lines, sealed_readings(archive, chain.lines), live, unknown, judged)
        if not judged.damages and redraw.count:
            _sample(archive, live, lines, redraw, judged, workers, cluster)
    except DamagedArchive as error:
        judged.damaged(str(error))
    except DatabaseError as error:
        judged.damaged(f"ogi.db can't be read ({error}); `ogi rebuild` makes it anew")
    return judged


#: Of which tables each digest of a line is.
_DIGESTED = {"figures": frozenset(FIGURE_TABLES), "text": frozenset({"report_text"}), "row": frozenset({"versions"})}


def _unknown_digests(migrated: frozenset[str] | None) -> frozenset[str]:
    """The digests of a line that can't be compared with sealed ones, because migrations changed their tables since."""
    return frozenset(name for name, tables in _DIGESTED.items() if migrated is None or migrated & tables)


def _hold(
    lines: dict[Key, ReadingLine],
    sealed: dict[Key, ReadingLine],
    live: Inspection,
    unknown: frozenset[str],
    judged: ClaimJudgement,
) -> None:
    """Hold each version's rows against its sealed line, as far as their digests can be compared."""
    waiting = live.unsealed()
    is_interrupted = live.is_marked()
    never, changed = [], []
    for key, line in lines.items():
        known = sealed.get(key)
        if _is_as_sealed(line, known, unknown):
            continue
        if known is None and (key in waiting or not sealed):
            never.append(key)
        elif is_interrupted and key in waiting:
            changed.append(key)
        else:
            judged.damaged(f"version {key[1]} of {key[0]} {_what_is_wrong(line, known)}")
    gone = sorted(sealed.keys() - lines.keys())
    if gone and not is_interrupted:
        judged.damaged(f"version {gone[0][1]} of {gone[0][0]} is not in ogi.db, although its reading was sealed")
    if unknown and lines and sealed:
        judged.doubts.append(
            "an upgrade changed the tables of versions since they were sealed; `ogi reextract` seals them"
        )
    _doubt(len(lines), len(never), len(changed) + (len(gone) if is_interrupted else 0), judged)
    judged.proof = localizable(f"{len(lines)} versions as sealed") if lines else localizable("there is no report yet")


def _is_as_sealed(line: ReadingLine, known: ReadingLine | None, unknown: frozenset[str]) -> bool:
    """Whether a version is as its sealed line says, as far as that can be compared."""
    return known is not None and replace(known, **{name: getattr(line, name) for name in unknown}) == line


def _what_is_wrong(line: ReadingLine, known: ReadingLine | None) -> str:
    if known is None:
        return localizable("was never sealed")
    return localizable(f"isn't as it was read: {', '.join(_differing(line, known))}")


def _doubt(total: int, never: int, interrupted: int, judged: ClaimJudgement) -> None:
    """Say how many of all versions aren't sealed as they are, for reasons that are no damage."""
    if never:
        judged.doubts.append(
            f"{never} of {total} versions were read before readings were sealed; the next harvest or `ogi rebuild` seals them"
        )
    if interrupted:
        judged.doubts.append(
            f"{interrupted} versions were changed by a command that was interrupted; `ogi rebuild` seals them"
        )


def _differing(line: ReadingLine, known: ReadingLine) -> list[str]:
    """What differs, in words."""
    words = {
        "figures": "figures",
        "text": "text",
        "extractor": "extractor",
        "capture": "capture",
        "payload": "payload",
        "content": localizable("content digest"),
    }
    return [word for name, word in words.items() if getattr(line, name) != getattr(known, name)] or [
        "facts of the version"
    ]


def _sample(
    archive: Archive,
    live: Inspection,
    lines: dict[Key, ReadingLine],
    redraw: Redraw,
    judged: ClaimJudgement,
    workers: int | None,
    cluster: str | None,
) -> None:
    """Read some versions again, drawn after the manifest was read."""
    keys = sorted(lines)
    seed = redraw.seed if redraw.seed is not None else random.SystemRandom().getrandbits(48)
    if redraw.count < len(keys):
        keys = sorted(random.Random(seed).sample(keys, redraw.count))
        judged.notes.append(f"the versions that were read again were drawn with --seed {seed}")
    today = extractor_version()
    other: list[Reread] = []
    for read in reread(archive, live.db, keys, workers=workers, cluster=cluster):
        line = lines[read.key]
        if (read.figures, read.text) == (line.figures, line.text):
            continue
        if line.extractor == today:
            judged.damaged(
                f"version {read.version} of {read.report}: reading the document again gives other {_what(read, line)}"
            )
        else:
            other.append(read)
    words, seen = sampled(len(lines), len(keys), localizable("versions read again"))
    if len(keys) < len(lines):
        judged.probability = seen
        judged.proof = localizable(f"{words}; the rest as sealed")
    elif keys:
        judged.proof = localizable(f"all {len(keys)} versions read again")
    if other:
        names = ", ".join(f"{read.report} version {read.version}" for read in other[:_SHOWN])
        judged.doubts.append(
            f"{len(other)} of {len(keys)} versions come out otherwise with today's extractor than with the one that read them ({names}); "
            "`ogi reextract` reads all again"
        )


def _what(read: Reread, line: ReadingLine) -> str:
    if read.problem:
        return f"results: {read.problem}"
    return " and ".join(name for name in ("figures", "text") if getattr(read, name) != getattr(line, name))


def judge_recomputed(index: IndexCheck, reading: ClaimJudgement, found: Recomputed) -> None:
    """Take in what making the database again gave: it settles `index`, and `reading` for all versions."""
    judged = index.judgement
    judged.notes += found.notes
    if found.unfinished:
        judged.doubts.append(found.unfinished)
    if found.problem:
        judged.damaged(found.problem)
        return
    if found.words_differ:
        judged.damaged(
            "ogi.db, full-text table: it finds other words than the reports have; `ogi rebuild` makes it anew"
        )
    for one in found.tables:
        if index.may_differ(one, extractor_version(), indexer_version()):
            target = reading if one.table in READ else judged
            target.doubts.append(f"today's program makes {one}; `ogi reextract` makes the index anew")
        else:
            judged.damaged(f"ogi.db, {one}")
    if found.is_equal:
        index.is_sealed = True
        judged.proof = localizable("every table is what the records and decisions give")
        if not reading.damages:
            reading.doubts.clear()
            reading.notes.clear()
            reading.probability = None
            reading.proof = localizable("all documents read again")
