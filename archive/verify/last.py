"""What the last verification said: one small file in the archive folder, for `ogi status`, digests and monitoring."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from archive.clock import utc_text

if TYPE_CHECKING:
    from datetime import datetime

    from archive.files.folder import Archive
    from archive.verify.run import Report

NAME = "verified.json"


def last_verification(archive: Archive) -> dict[str, Any] | None:
    """What `ogi verify` said last: `{"at", "ok", "problems", "first", "checked", "segments"}`; `None` before the first time.

    A file that can't be read counts as a failed verification: somebody has to look.
    """
    try:
        found = json.loads((archive.root / NAME).read_text("utf-8"))
    except FileNotFoundError:
        return None
    except ValueError:
        found = None
    if not isinstance(found, dict) or not {"at", "ok", "problems", "first"} <= found.keys():
        return {"at": None, "ok": False, "problems": 1, "first": f"{NAME} can't be read: run `ogi verify` again"}
    return found


def remember(archive: Archive, report: Report, at: datetime) -> None:
    """Keep what a verification said. One that read a part only and found nothing doesn't make an earlier failure good."""
    before = last_verification(archive)
    if report.is_whole and report.checked < report.segments and before is not None and not before["ok"]:
        return
    found = {
        "at": utc_text(at),
        "ok": report.is_whole,
        "problems": len(report.damages),
        "first": str(report.damages[0]) if report.damages else "",
        "checked": report.checked,
        "segments": report.segments,
    }
    temporary = archive.root / f"{NAME}.{os.getpid()}.tmp"
    with temporary.open("w", encoding="utf-8") as stream:
        json.dump(found, stream, ensure_ascii=False)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(archive.root / NAME)
