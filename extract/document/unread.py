"""Parts of a document that its reader saw and could not read (contract: `unread`)."""

from __future__ import annotations

from extract.model import UnreadKind, UnreadPart


def large_pictures(count: int) -> tuple[UnreadPart, ...]:
    """Pictures that are large enough for a table."""
    return _counted(UnreadKind.PICTURE, count, "large images in the document")


def embedded_objects(count: int) -> tuple[UnreadPart, ...]:
    """Objects of other programs, such as a workbook inside a text."""
    return _counted(UnreadKind.EMBEDDED, count, "embedded objects in the document")


def _counted(kind: UnreadKind, count: int, what: str) -> tuple[UnreadPart, ...]:
    return (UnreadPart(kind, f"{count} {what}"),) if count else ()
