"""What the archive has and could not take in, by name and with the reason: one list, for `ogi status`, `ogi verify` and the next attempt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.history.scan import segment_records
from archive.index import captures
from archive.index.overview import left_out
from archive.warc import quarantine
from archive.warc.records import parse_header
from archive.warc.taken import QUARANTINE, sha256_of

if TYPE_CHECKING:
    from sqlite_utils import Database

    from archive.files.folder import Archive


@dataclass(frozen=True, slots=True)
class Quarantined:
    """One thing that could not be taken in.

    Attributes:
        kind: `record` (of our own, set aside before it was sealed), `foreign record` (of an imported file), `capture` (sealed, and not in
            the index).
        name: The address, or where it stands if it has none.
        why: The reason.
        sha256: Of a record; empty for a capture.
    """

    kind: str
    name: str
    why: str
    sha256: str = ""

    def to_json(self) -> dict[str, str]:
        """For `ogi reextract --quarantined --json`."""
        return {"kind": self.kind, "name": self.name, "why": self.why, "sha256": self.sha256}


def count_quarantined(archive: Archive, db: Database | None) -> int:
    """How many things could not be taken in.

    Args:
        db: The index; without one, only what stands in the folder is counted.
    """
    if db is None:
        return len({aside.sha256 for aside in quarantine.waiting(archive.root)})
    return len(_own(archive, db)) + sum(bool(row.kind) for row in captures.quarantined(db)) + len(left_out(db))


def count_own(archive: Archive, db: Database) -> int:
    """How many of them are the archive's own: those that no longer stand in a file of somebody else."""
    return len(_own(archive, db)) + len(left_out(db))


def _own(archive: Archive, db: Database) -> set[str]:
    """SHA-256 of the archive's own records that were set aside."""
    asides = {aside.sha256 for aside in quarantine.waiting(archive.root)}
    return asides | {row.sha256 for row in captures.quarantined(db) if not row.kind}


def quarantined(archive: Archive, db: Database) -> list[Quarantined]:
    """Everything that could not be taken in."""
    asides = quarantine.waiting(archive.root)
    names = {aside.sha256 for aside in asides}
    found = [Quarantined("record", _name_of(archive, aside), aside.reason, aside.sha256) for aside in asides]
    for row in captures.quarantined(db):
        if row.sha256 not in names:
            kind = "foreign record" if row.kind else "record"
            found.append(Quarantined(kind, row.place, row.why, row.sha256))
    return found + [Quarantined("capture", url, why) for url, why in left_out(db)]


def _name_of(archive: Archive, aside: quarantine.Aside) -> str:
    records = quarantine.records_of(archive.root, aside)
    fields = dict(parse_header(records[0])) if records else {}
    return fields.get("WARC-Target-URI") or f"{quarantine.QUARANTINE}/{aside.file}:{aside.offset}"


def foreign_records(archive: Archive, db: Database) -> dict[str, list[bytes]]:
    """Foreign records that were set aside, as they came, by the name of the file that they came in. Of the longest only a name was kept.

    What a web archive gave is not among them: it isn't what that archive's index says.
    """
    waiting = {row.sha256: row for row in captures.quarantined(db) if row.kind == "file"}
    found: dict[str, list[bytes]] = {}
    for segment in sorted({row.segment for row in waiting.values()}):
        for record in segment_records(archive, segment):
            row = waiting.get(record.uri.removeprefix(QUARANTINE)) if record.type == "resource" else None
            if row is not None and sha256_of(record.block) == row.sha256:
                found.setdefault(row.file, []).append(record.block)
    return found
