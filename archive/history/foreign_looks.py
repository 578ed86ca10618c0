"""What looks of others may say: that something was there. Never that it was not, and nothing that our own looks around it contradict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.history.visits import OK, is_whole
from archive.index import captures as looks

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlite_utils import Database

    from archive.history.report_writer import ReportWriter
    from archive.index.types import PassCapture


def positive(db: Database, captures: Iterable[PassCapture], writer: ReportWriter, line: int) -> list[PassCapture]:
    """The captures of a pass by others that count: whole pages and files that were there, without their validators.

    One that shows something else than our last look before it counts only if we had not looked again when we learned of it: else two revisions
    would be claimed on another's word alone, while what we saw ourselves may never have changed. It is reported as a notice.

    Args:
        line: The manifest's line with which the captures came.
    """
    kept = []
    for capture in captures:
        if capture.verdict != OK or not is_whole(capture):
            continue
        own = looks.own_digest_before(db, capture.url, capture.at)
        if own not in (None, capture.digest) and looks.was_looked_at(db, capture.portal, capture.at, line=line):
            message = f"others saw something else here at {capture.at}, between own looks: noted, not a revision"
            writer.notice(capture.url, capture.at, None, "seen-elsewhere", message)
            continue
        kept.append(capture)
    return kept
