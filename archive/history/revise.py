"""Whether what was read now is another version of a report: judged from the last version, read again, and the new reading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.clock import shanghai_day
from archive.history.item import file_of
from archive.history.versions import Difference, compare, redated

if TYPE_CHECKING:
    from archive.history.item import ItemReading, Part
    from archive.index.types import VersionRow

#: A page that keeps less than this share of its text is looked at again before it counts as a revision.
MOST_TEXT = 0.4
#: Shorter texts lose most of their characters by a changed sentence.
_LEAST_TEXT = 200


@dataclass(frozen=True, slots=True)
class Unchanged:
    """Nothing that belongs to the report differs. `is_same_content`: to the character."""

    is_same_content: bool


@dataclass(frozen=True, slots=True)
class Revised:
    """The report is another one than before; with `is_same_content` only its printed day of publication."""

    difference: Difference
    is_same_content: bool = False


@dataclass(frozen=True, slots=True)
class Shrunken:
    """The page lost most of the report: that counts if it stays so."""


@dataclass(frozen=True, slots=True)
class CannotCompare:
    """The last version can't be read any more."""


Outcome = Unchanged | Revised | Shrunken | CannotCompare


def needs_last_version(before: VersionRow, new: ItemReading, url: str) -> bool:
    """Whether the last version must be read again to judge: not if content, place and printed day are the same."""
    assert new.content is not None  # what can't be compared isn't judged
    return new.content.digest != before.content_digest or _may_be_redated(before, new, url)


def _may_be_redated(before: VersionRow, new: ItemReading, url: str) -> bool:
    published = new.extraction.published
    return published is not None and url == before.url and published.isoformat() != before.published_on


def late_files(old: ItemReading, new: ItemReading) -> tuple[Part, ...]:
    """Files that the last version's page linked already, but that were first captured since: the delay was ours, not a revision."""
    return tuple(part for part in new.files if file_of(part.url) in old.lacking)


def decide(
    before: VersionRow, old: ItemReading | None, new: ItemReading, pending: str | None, *, url: str, at: str
) -> Outcome:
    """Whether a reading is another version than the last one.

    Args:
        before: The last version.
        old: That version, read with today's extractor; `None` if `needs_last_version` says that it needn't be.
        new: What the page says now.
        pending: The content that waits for a second visit.
        url: The page's address.
        at: When it was captured (UTC ISO text).
    """
    assert new.content is not None  # what can't be compared isn't judged
    digest = new.content.digest
    if digest == before.content_digest:
        if old is None or not _may_be_redated(before, new, url):
            return Unchanged(is_same_content=True)
        difference = redated(old, new, shanghai_day(at))
        same = Unchanged(is_same_content=True)
        return same if difference.is_empty else Revised(difference, is_same_content=True)
    if old is None or old.content is None:
        return CannotCompare()
    if old.content.digest == digest:
        return Unchanged(is_same_content=False)  # an older extractor read the last version: the report is the same
    difference = compare(old, new, same_document=before.media_type == new.extraction.media_type)
    if difference.is_empty:
        return Unchanged(is_same_content=False)
    if _lost_most(old, new) and pending != digest:
        return Shrunken()
    return Revised(difference)


def _lost_most(before: ItemReading, after: ItemReading) -> bool:
    had = _size(before)
    return (
        had > _LEAST_TEXT
        and _size(after) < MOST_TEXT * had
        and len(after.extraction.figures) <= len(before.extraction.figures) / 2
    )


def _size(reading: ItemReading) -> int:
    """Characters of a report: its own and those of the file that its figures come from."""
    if reading.content is None:
        return 0
    own = sum(map(len, reading.content.lines)) + sum(
        len(cell) for grid in reading.content.grids for cells in grid for cell in cells
    )
    return max(own, sum(len(section.text) for section in reading.extraction.sections))
