"""Lists that show a fixed number of the newest rows: new ones come at the head, old ones leave at the tail, and nothing marks a further page.

Such a list is read to its end and still doesn't name all that was ever published: it never says that a report is gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from archive.index.codes import ProofKind
from archive.warc.context import Role
from extract.messages import localizable

if TYPE_CHECKING:
    from archive.index.known import Known
    from archive.warc.context import Entry
    from crawler.passes.columns import ColumnReading


def note_window(reading: ColumnReading, known: Iterable[Known], windows: Mapping[str, int]) -> None:
    """Call a list a window if what it named before and names now shows that it is one.

    Args:
        known: What the archive knows of the portal's addresses.
        windows: Columns that were found to be windows before, each with how many rows they had.
    """
    if not reading.complete or reading.proof.proof != ProofKind.NO_MARK:
        return
    before = {
        item.entry.url: item.entry
        for item in known
        if item.role is Role.REPORT and item.is_listed and item.column == reading.url and item.entry is not None
    }
    was_window = reading.url in windows and len(reading.entries) >= windows[reading.url]
    if was_window or _moved_on(before, reading.entries):
        quote = localizable(f"the newest {len(reading.entries)} rows")
        reading.proof = replace(reading.proof, proof=ProofKind.WINDOW.value, quote=quote)


def _moved_on(before: Mapping[str, Entry], entries: list[Entry]) -> bool:
    """Whether as many rows came at the head as left at the tail."""
    now = {entry.url for entry in entries}
    gone = [entry for url, entry in before.items() if url not in now]
    fresh = [entry for entry in entries if entry.url not in before]
    kept = [entry for entry in entries if entry.url in before]
    if not gone or not kept or len(gone) != len(fresh):
        return False
    is_at_head = {entry.url for entry in entries[: len(fresh)]} == {entry.url for entry in fresh}
    oldest_kept = min((entry.date or "" for entry in kept), default="")
    return is_at_head and all(entry.date and entry.date <= oldest_kept for entry in gone)
