"""Whether what was read now is another version of a report: judged from the last version, read again, and the new reading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.clock import shanghai_day
from archive.history.item import file_of
from archive.history.versions import Difference, compare, redated

if TYPE_CHECKING:
    from archive.history.item import ItemReading, Part
    from archive.index.types import DocumentRow, VersionRow

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


@dataclass(frozen=True, slots=True)
class Base:
    """What a reading is compared with: the last version, by the payloads of the same address where it showed that version.

    Attributes:
        content_digest: Of the normal form that the base had.
        published_on: The day of publication that the version bears.
        is_shown: The address showed a version that was read elsewhere.
        is_here: The base was read at the same address.
        is_same_document: Title, files and dates may be compared: the base was read here, or where the report moved from. A page and a
            page that stood beside it may carry different files, and say the same.
    """

    content_digest: str | None
    published_on: str | None
    is_shown: bool
    is_here: bool
    is_same_document: bool


def base_of(before: VersionRow, document: DocumentRow, this_pass: str) -> Base:
    """What a reading of a document is compared with. One that this pass found stands where the report moved to."""
    is_own = document.url == before.url
    is_shown = not is_own and document.shows(before.version)
    return Base(
        content_digest=document.content_digest if is_shown else before.content_digest,
        published_on=before.published_on,
        is_shown=is_shown,
        is_here=is_own or is_shown,
        is_same_document=is_own or is_shown or document.first_run == this_pass,
    )


def needs_old_reading(base: Base, new: ItemReading) -> bool:
    """Whether the base must be read again to judge: not if content, place and printed day are the same."""
    assert new.content is not None  # what can't be compared isn't judged
    return new.content.digest != base.content_digest or _may_be_redated(base, new)


def _may_be_redated(base: Base, new: ItemReading) -> bool:
    published = new.extraction.published
    return published is not None and base.is_here and published.isoformat() != base.published_on


def late_files(old: ItemReading, new: ItemReading) -> tuple[Part, ...]:
    """Files that the last version's page linked already, but that were first captured since: the delay was ours, not a revision."""
    return tuple(part for part in new.files if file_of(part.url) in old.lacking)


def decide(base: Base, old: ItemReading | None, new: ItemReading, pending: str | None, *, at: str) -> Outcome:
    """Whether a reading is another version than the last one.

    Args:
        base: What it is compared with.
        old: The base, read with today's extractor; `None` if `needs_old_reading` says that it needn't be.
        new: What the page says now.
        pending: The content that waits for a second visit.
        at: When the page was captured (UTC ISO text).
    """
    assert new.content is not None  # what can't be compared isn't judged
    digest = new.content.digest
    if digest == base.content_digest:
        if old is None or not _may_be_redated(base, new):
            return Unchanged(is_same_content=True)
        difference = redated(old, new, shanghai_day(at))
        same = Unchanged(is_same_content=True)
        return same if difference.is_empty else Revised(difference, is_same_content=True)
    if old is None or old.content is None:
        return CannotCompare()
    if old.content.digest == digest:
        return Unchanged(is_same_content=False)  # an older extractor read the last version: the report is the same
    same_carrier = old.extraction.media_type == new.extraction.media_type
    difference = compare(old, new, same_document=base.is_same_document and same_carrier)
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
