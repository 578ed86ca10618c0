"""The codes of the contract that columns of the index hold: what a duty, a report and a change can be.

Each stands here once, in the contract's order. They are strings, so that they go into the database, into JSON and into comparisons as
they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum

_PORTAL_ID = re.compile(r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*")
_LONGEST_PORTAL_ID = 64


def is_portal_id(text: str) -> bool:
    """Whether a text may be a portal's id: letters, digits and single hyphens, at most 64."""
    return len(text) <= _LONGEST_PORTAL_ID and _PORTAL_ID.fullmatch(text) is not None


class DutyStatus(StrEnum):
    """State of an agency's duty to publish for a year (`obligations.status`)."""

    PUBLISHED = "published"
    LATE = "late"
    MISSING = "missing"
    VANISHED = "vanished"
    PENDING = "pending"
    UNKNOWN = "unknown"


class ProofKind(StrEnum):
    """What proves that a list was read to its end, the strongest first (`lists.proof`)."""

    TOTAL = "total"
    PAGES = "pages"
    MARKS = "marks"
    SAID_EMPTY = "said empty"
    WINDOW = "window"
    NO_MARK = "no mark"


def weakest(kinds: Iterable[ProofKind]) -> ProofKind | None:
    """The weakest of several proofs: a column is no better proved than the worst of its lists."""
    order = list(ProofKind)
    return max(kinds, key=order.index, default=None)


class ReportStatus(StrEnum):
    """State of a report (`reports.status`)."""

    PRESENT = "present"
    SUSPECT = "suspect"
    VANISHED = "vanished"


class AddressStatus(StrEnum):
    """State of one address of a report (`documents.status`)."""

    PRESENT = "present"
    SUSPECT = "suspect"
    GONE = "gone"


class ChangeKind(StrEnum):
    """An event in a report's life (`changes.kind`)."""

    PUBLISHED = "published"
    REVISED = "revised"
    VANISHED = "vanished"
    RESTORED = "restored"
    MOVED = "moved"
    DELISTED = "delisted"
    REPLACED = "replaced"
    CORRECTED = "corrected"
    COLUMN_SHRANK = "column-shrank"


class Severity(StrEnum):
    """How much a finding of the audit says (`findings.severity`), the gravest first; `extract.audit` writes them."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class FindingStatus(StrEnum):
    """What people decided about a finding (`findings.status`)."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"


#: Order of the changes of one report in one pass where their times are equal.
PROCESSING_ORDER: tuple[ChangeKind, ...] = (
    ChangeKind.PUBLISHED,
    ChangeKind.RESTORED,
    ChangeKind.MOVED,
    ChangeKind.REVISED,
    ChangeKind.CORRECTED,
    ChangeKind.DELISTED,
    ChangeKind.COLUMN_SHRANK,
    ChangeKind.REPLACED,
    ChangeKind.VANISHED,
)

#: Code of the notices about captures that could not be taken into the index.
LEFT_OUT = "left-out"
