"""Revisits of a segment that stand for a record which was set aside from a segment before it: of a run, whose segments are closed one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.clock import run_began
from archive.warc import manifest
from archive.warc.checks import check_segment
from archive.warc.quarantine import waiting
from archive.warc.salvage import BELONGS

if TYPE_CHECKING:
    from archive.files.folder import Archive
    from archive.warc.checks import Damage, Reference, SegmentCheck


def orphans(archive: Archive, check: SegmentCheck) -> list[Damage]:
    """The revisits of a segment that is about to be closed whose record isn't in the archive, because it couldn't be kept.

    A revisit stands for a record of its own run, or for one of an earlier run, which was closed long ago. So the segments of its run are looked
    at, and only where something of the run was set aside.
    """
    run = check.facts.get("ogi-run", "")
    aside = [one for one in waiting(archive.root) if one.run in ("", run) and one.segment != check.segment]
    if not run or not aside:
        return []
    first, standing = _run_until(archive, run, check)
    return [one.capture.damage("revisit", BELONGS) for one in check.references if _is_lost(one, first, standing)]


def _run_until(archive: Archive, run: str, check: SegmentCheck) -> tuple[str, set[str]]:
    """When a run began (UTC text), and the ids of its records, up to a segment that isn't closed yet."""
    standing = {record_id for record_id, _ in check.ids}
    begun = [run_began(run), check.info.first if check.info is not None else None]
    for entry in manifest.entries(archive):
        if run in entry.info.runs:
            begun.append(entry.info.first)
            with archive.store.open(entry.segment) as stream:
                standing |= {record_id for record_id, _ in check_segment(stream, entry.segment).ids}
    return min(filter(None, begun), default=""), standing


def _is_lost(reference: Reference, first: str, standing: set[str]) -> bool:
    """Whether a revisit stands for a record of its run, which began then, and that record isn't there."""
    return reference.target_id is not None and reference.target_id not in standing and (reference.at or "") >= first
