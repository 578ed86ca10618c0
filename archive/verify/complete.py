"""Whether nothing was cut off or written anew since a head that somebody kept: claim `complete`.

Heads come from the command line and the operator's trust, from what this machine remembers, and from the checkpoint beside the chain. The
last proves nothing by itself, since it lies in the same folder; it can only contradict.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.files import heads as memory
from archive.verify.claims import ClaimJudgement
from archive.warc import growth
from archive.warc.growth import ChainState, Relation
from archive.warc.notes import BadNote
from extract.messages import localizable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archive.files.folder import Archive
    from archive.files.heads import Head
    from archive.verify.anchors import KnownHead
    from archive.verify.chain import Chain
    from archive.warc.checkpoint import Checkpoint


@dataclass(frozen=True, slots=True)
class Since:
    """A head that the chain continues: of how many lines, and who says so."""

    size: int
    head: str
    source: str


@dataclass(frozen=True, slots=True)
class Past:
    """What was seen of an archive before: taken in front of the chain itself, which may grow meanwhile."""

    seen: tuple[Head, ...]
    kept: Checkpoint | None
    judgement: ClaimJudgement


def look_back(archive: Archive) -> Past:
    """What this machine remembers of an archive, and the checkpoint beside its chain.

    Raises:
        BadState: What is remembered can't be read.
    """
    judged = ClaimJudgement("complete")
    first = growth.state_of(growth.whole_lines(archive)[:1])
    seen = memory.remembered(first.genesis, growth.place_of(archive))
    return Past(tuple(seen), _kept(archive, judged), judged)


def check_complete(archive: Archive, chain: Chain, past: Past, given: Sequence[KnownHead]) -> ClaimJudgement:
    """Hold the chain against every head that is known.

    Args:
        given: Heads from the command line and the operator's trust.
    """
    judged, seen, kept = past.judgement, past.seen, past.kept
    judged.is_required = bool(given)
    sizes = [head.size for head in seen] + [one.checkpoint.size for one in given if one.checkpoint]
    state = growth.state_of(chain.raw, sizes + ([kept.size] if kept else []))
    found = [*_given(chain, state, given, judged), *_seen(archive, state, seen, judged)]
    told = growth.contradiction(state, kept) if kept is not None else None
    if told is not None:
        judged.damaged(f"{told}: lines were changed or cut off")
    if found:
        best = max(found, key=lambda since: since.size)
        judged.proof = localizable(f"since head {best.head[:16]}… ({best.size} lines, {best.source})")
        judged.last = best.size
    else:
        judged.doubts.append("no earlier head is known here: `ogi verify --head` prints one to keep")
    if found and judged.doubts:
        judged.notes += judged.doubts
        judged.doubts.clear()
    return judged


def _given(chain: Chain, state: ChainState, given: Sequence[KnownHead], judged: ClaimJudgement) -> list[Since]:
    lines = chain.numbers
    found = []
    for head in given:
        if head.line is not None:
            if head.line in lines:
                found.append(Since(lines[head.line], head.line, head.source))
            else:
                judged.damaged(
                    f"the chain has no line with the hash {head.line} ({head.source}): lines were changed or cut off, or it is another archive's head"
                )
        elif head.checkpoint is not None:
            known = head.checkpoint
            if known.size > state.tree.size:
                judged.damaged(
                    f"{head} is known ({head.source}), and the chain has {state.tree.size}: lines were cut off"
                )
            elif state.roots[known.size] != known.root:
                judged.damaged(
                    f"the first {known.size} lines are not those of the checkpoint that is known ({head.source})"
                )
            else:
                found.append(Since(known.size, known.root.hex(), head.source))
    return found


def _seen(archive: Archive, state: ChainState, seen: Sequence[Head], judged: ClaimJudgement) -> list[Since]:
    """Heads that this machine saw. The newest at this place must be continued; copies elsewhere only speak for the chain."""
    place = growth.place_of(archive)
    here = [head for head in seen if head.path == place]
    found = [
        Since(head.size, head.head, localizable(f"remembered {head.at} in {memory.state_file()}"))
        for head in seen
        if head.size and growth.relation(state, head) == Relation.CONTINUES
    ]
    if here:
        newest = here[-1]
        relation = growth.relation(state, newest)
        told = growth.describe(relation, newest, state.tree.size)
        if relation == Relation.ANOTHER:
            judged.doubts.append(told)
            judged.is_required = judged.is_required or not found
        elif relation != Relation.CONTINUES:
            judged.damaged(f"{told}: a restored backup, or lines were changed or cut off")
        judged.is_required = judged.is_required or relation == Relation.CONTINUES
    _elsewhere(state, seen, place, judged)
    return found


def _elsewhere(state: ChainState, seen: Sequence[Head], place: str, judged: ClaimJudgement) -> None:
    """What other places had of this archive: one that is nowhere any longer contradicts it, a copy that went on is reported."""
    lost = growth.lost_head(state, seen, place)
    if lost is not None:
        judged.damaged(f"{growth.describe_lost(lost, state.tree.size)}: a restored backup, or lines were cut off")
        return
    longer = [head for head in seen if head.path != place and growth.relation(state, head) == Relation.SHORTER]
    if longer:
        most = max(longer, key=lambda head: head.size)
        judged.notes.append(f"a copy of this archive in {most.path} had {most.size} lines on {most.at}")


def _kept(archive: Archive, judged: ClaimJudgement) -> Checkpoint | None:
    try:
        kept = growth.kept_checkpoint(archive)
    except BadNote as error:
        judged.damaged(f"{archive.checkpoint_path} can't be read: {error}")
        return None
    return kept[0] if kept is not None else None
