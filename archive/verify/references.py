"""References between records, across segments: revisits and what they stand for, and record ids that occur twice."""

from __future__ import annotations

from archive.warc.checks import Capture, Damage, Reference, SegmentCheck
from archive.warc.digests import agree


class References:
    """Follows revisits to the records that they stand for; and sees record ids that occur twice."""

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
