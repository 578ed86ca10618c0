"""What is remembered of web archives from run to run (`work/backfill.jsonl`): answers that are no captures, and how long nobody asks.

Only manners and thrift rest on it: who loses the file asks once more for what did not come, and nothing else.
"""

from __future__ import annotations

import json
import os
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from archive.clock import utc_text
from extract.document.notations import parse_json
from extract.messages import localizable

if TYPE_CHECKING:
    from pathlib import Path

    from crawler.imports.web_archives import IndexRow

NAME = "backfill.jsonl"
#: After a refusal nobody asks for so long (or as long as the archive says), and twice as long after each further one. The Internet Archive is
#: known to block an address for an hour, doubling, if refusals are passed over for a minute.
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=10), timedelta(hours=6)
#: No answer keeps an archive from being asked for longer, whatever it says: a header may name any number.
FURTHEST = timedelta(days=366)
#: What a replay did not give may be there later; bytes that contradict the index stay what they are.
ASKED_AGAIN = timedelta(days=30)
DIFFERS, NOT_COME = "differs", "not come"


class BackfillMemory:
    """The remembered lines. A torn one is passed over."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._outcomes: dict[tuple[str, str, str, str], tuple[str, datetime]] = {}
        self._waits: dict[str, tuple[datetime, float]] = {}
        for text in path.read_text("utf-8", "replace").split("\n") if path.exists() else ():
            try:
                self._take(parse_json(text))
            except (ValueError, KeyError, TypeError):
                continue

    def _take(self, line: dict[str, Any]) -> None:
        at = datetime.fromisoformat(line["at"])
        if "wait_s" in line:
            self._waits[line["archive"]] = at, min(float(line["wait_s"]), FURTHEST.total_seconds())
        else:
            key = line["archive"], line["url"], line["timestamp"], line["digest"]
            self._outcomes[key] = str(line["outcome"]), at

    def _write(self, line: dict[str, Any]) -> None:
        self._take(line)
        self._path.parent.mkdir(exist_ok=True)
        with self._path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(line, ensure_ascii=False) + "\n")
            stream.flush()
            os.fsync(stream.fileno())

    # ---- captures that are none ----------------------------------------------------------------------------------------------

    def settled(self, archive: str, row: IndexRow, now: datetime) -> str:
        """Why a row of an index isn't asked for again; empty if it is."""
        outcome, at = self._outcomes.get((archive, row.url, row.timestamp, row.digest), ("", now))
        if outcome == DIFFERS:
            return localizable("set aside before (its bytes contradict the index)")
        if outcome == NOT_COME and now - at < ASKED_AGAIN:
            return localizable(f"did not come as asked, less than {ASKED_AGAIN.days} days ago")
        return ""

    def note(self, archive: str, row: IndexRow, outcome: str, now: datetime) -> None:
        """Remember that a row gave no capture."""
        self._write(
            {"archive": archive, "url": row.url, "timestamp": row.timestamp, "digest": row.digest, "outcome": outcome, "at": utc_text(now)}
        )  # fmt: skip

    # ---- refusals ------------------------------------------------------------------------------------------------------------

    def waits_until(self, archive: str, now: datetime) -> datetime | None:
        """Until when an archive isn't asked, `None` if it is."""
        at, wait_s = self._waits.get(archive, (now, 0.0))
        until = at + timedelta(seconds=wait_s)
        return until if until > now else None

    def refused(self, archive: str, asked_s: float | None, now: datetime) -> datetime:
        """Take note of a refusal; gives until when the archive isn't asked. `asked_s`: what it says itself."""
        _, before = self._waits.get(archive, (now, 0.0))
        step = min(max(2 * before, FIRST_WAIT.total_seconds()), LONGEST_WAIT.total_seconds())
        wait_s = min(max(step, asked_s or 0.0), FURTHEST.total_seconds())
        self._write({"archive": archive, "wait_s": wait_s, "at": utc_text(now)})
        return now + timedelta(seconds=wait_s)

    def answered(self, archive: str, now: datetime) -> None:
        """The archive answers again: the next refusal counts as a first one."""
        if self._waits.get(archive, (now, 0.0))[1]:
            self._write({"archive": archive, "wait_s": 0.0, "at": utc_text(now)})
