"""Whether what was read now is another version of a report: judged from the last version, read again, and the new reading."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.clock import shanghai_day
from archive.history.item import file_of
from archive.history.versions import Difference, compare, redated
from extract.document.clean import squeeze
from extract.messages import localizable

if TYPE_CHECKING:
    from archive.history.item import ItemReading, Part
    from archive.index.types import DocumentRow, VersionRow

#: A page that loses more than these shares of its figures or of its text is looked at again before it counts as a revision.
LOST_FIGURES, LOST_TEXT = 0.1, 0.3
#: Shorter texts lose most of their characters by a changed sentence, fewer figures a tenth by one cell.
_LEAST_TEXT, _LEAST_FIGURES = 200, 20
#: Numbers, and the letters and digits of identifiers: what may change in a line at every visit without anybody's doing.
_VOLATILE = re.compile(r"[0-9a-fA-F-]{8,}|\d[\d,.:%]*")


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
    """The page lost much of the report: that counts if it stays so. `why` says what."""

    why: str


@dataclass(frozen=True, slots=True)
class Volatile:
    """Only numbers in lines of text differ: a counter, or a revision. It counts if it stays so; what differs at every look is noise."""


@dataclass(frozen=True, slots=True)
class CannotCompare:
    """The last version can't be read any more."""


@dataclass(frozen=True, slots=True)
class Continued:
    """Whole chapters are gone, and the page says where it goes on: the rest was not had."""

    at: str


@dataclass(frozen=True, slots=True)
class LastLook:
    """What is known of the last look at the address.

    Attributes:
        pending: The content that waits for a second visit.
        label: Where the day of publication was printed; `published` which.
    """

    pending: str | None = None
    label: str | None = None
    published: str | None = None


Outcome = Unchanged | Revised | Shrunken | Volatile | Continued | CannotCompare


@dataclass(frozen=True, slots=True)
class Basis:
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


def base_of(before: VersionRow, document: DocumentRow, this_pass: str) -> Basis:
    """What a reading of a document is compared with. One that this pass found stands where the report moved to."""
    is_own = document.url == before.url
    is_shown = not is_own and document.shows(before.version)
    return Basis(
        content_digest=document.content_digest if is_shown else before.content_digest,
        published_on=before.published_on,
        is_shown=is_shown,
        is_here=is_own or is_shown,
        is_same_document=is_own or is_shown or document.first_run == this_pass,
    )


def needs_old_reading(base: Basis, new: ItemReading) -> bool:
    """Whether the base must be read again to judge: not if content, place and printed day are the same."""
    assert new.content is not None  # what can't be compared isn't judged
    return new.content.digest != base.content_digest or _may_be_redated(base, new)


def _may_be_redated(base: Basis, new: ItemReading) -> bool:
    published = new.extraction.published
    return published is not None and base.is_here and published.isoformat() != base.published_on


def late_files(old: ItemReading, new: ItemReading) -> tuple[Part, ...]:
    """Files that the last version's page linked already, but that were first captured since: the delay was ours, not a revision."""
    return tuple(part for part in new.files if file_of(part.url) in old.lacking)


def decide(base: Basis, old: ItemReading | None, new: ItemReading, last: LastLook, *, at: str) -> Outcome:
    """Whether a reading is another version than the last one.

    Args:
        base: What it is compared with.
        old: The base, read with today's extractor; `None` if `needs_old_reading` says that it needn't be.
        new: What the page says now.
        last: What the last look saw.
        at: When the page was captured (UTC ISO text).
    """
    assert new.content is not None  # what can't be compared isn't judged
    digest = new.content.digest
    if digest == base.content_digest:
        if old is None or not _may_be_redated(base, new):
            return Unchanged(is_same_content=True)
        return _only_redated(base, old, new, last, at)
    if old is None or old.content is None:
        return CannotCompare()
    if old.content.digest == digest:
        return Unchanged(is_same_content=False)  # an older extractor read the last version: the report is the same
    same_carrier = old.extraction.media_type == new.extraction.media_type
    difference = compare(old, new, same_document=base.is_same_document and same_carrier)
    if difference.is_empty:
        return _only_redated(base, old, new, last, at, is_same_content=False)
    lost = _lost(old, new)
    if lost and new.goes_on:
        return Continued(new.goes_on[0])
    if last.pending == digest:
        return Revised(difference)
    if lost:
        return Shrunken(lost)
    return Volatile() if _is_volatile(difference) else Revised(difference)


def _only_redated(
    base: Basis, old: ItemReading, new: ItemReading, last: LastLook, at: str, *, is_same_content: bool = True
) -> Outcome:
    """Whether the printed day of publication is another one, where nothing else differs."""
    same = Unchanged(is_same_content)
    if not _may_be_redated(base, new):
        return same
    difference = redated(old, new, last.label, shanghai_day(at))
    published = new.extraction.published
    is_seen = (
        published is not None
        and last.published == published.isoformat()
        and last.label != old.extraction.published_label
    )
    return same if difference.is_empty or is_seen else Revised(difference, is_same_content)


def _lost(before: ItemReading, after: ItemReading) -> str:
    """What a page lost that a broken answer loses, in words; empty if nothing. What says that it corrects may take out much at once."""
    if before.is_ended and not after.is_ended:
        return localizable("the page ends before its end")
    had, has = _numbers(before), _numbers(after)
    gone = len(had - has)
    if len(had) >= _LEAST_FIGURES and gone > LOST_FIGURES * len(had):
        return localizable(f"{gone} of {len(had)} figures are gone")
    size, left = _size(before), _size(after)
    if size > _LEAST_TEXT and left < (1 - LOST_TEXT) * size:
        return localizable(f"{1 - left / size:.0%} of its text is gone")
    return ""


def _numbers(reading: ItemReading) -> set[str]:
    return {figure.address for figure in reading.extraction.figures if figure.value is not None}


def _is_volatile(difference: Difference) -> bool:
    """Whether only numbers in lines of text differ."""
    if difference.figures or difference.details:
        return False
    before = Counter(_VOLATILE.sub("0", squeeze(line)) for line in difference.removed)
    return before == Counter(_VOLATILE.sub("0", squeeze(line)) for line in difference.added)


def _size(reading: ItemReading) -> int:
    """Characters of a report: its own and those of the file that its figures come from."""
    if reading.content is None:
        return 0
    own = sum(map(len, reading.content.lines)) + sum(
        len(cell) for grid in reading.content.grids for cells in grid for cell in cells
    )
    return max(own, sum(len(section.text) for section in reading.extraction.sections))
