"""What the last verification said: one small file in the archive folder, for `ogi status`, digests and monitoring."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, NotRequired, TypedDict, cast

from archive.clock import utc_text
from extract.document.notations import parse_json
from extract.messages import localizable

if TYPE_CHECKING:
    from datetime import datetime

    from archive.files.folder import Archive
    from archive.verify.result import VerifyResult

NAME = "verified.json"


class LastVerification(TypedDict):
    """What `ogi verify` said last. `at` is `None` where that can't be read.

    `ok`: nothing was damaged; `whole`: every required claim was proved; `claims`: the outcome of each by name; `lacking`: why required ones
    aren't proved, by name.
    """

    at: str | None
    ok: bool
    whole: bool
    problems: int
    first: str
    checked: NotRequired[int]
    segments: NotRequired[int]
    claims: dict[str, str]
    lacking: dict[str, str]


def last_verification(archive: Archive) -> LastVerification | None:
    """What `ogi verify` said last; `None` before the first time.

    A file that can't be read counts as a failed verification: somebody has to look.
    """
    try:
        found = parse_json((archive.root / NAME).read_text("utf-8"))
    except FileNotFoundError:
        return None
    except ValueError:
        found = None
    if not isinstance(found, dict) or not {"at", "ok", "problems", "first"} <= found.keys():
        first = localizable(f"{NAME} can't be read: run `ogi verify` again")
        return {"at": None, "ok": False, "whole": False, "problems": 1, "first": first, "claims": {}, "lacking": {}}
    return cast("LastVerification", {"whole": found["ok"], "claims": {}, "lacking": {}, **found})


def keep(archive: Archive, result: VerifyResult, at: datetime) -> None:
    """Keep what a verification said. One that read a part only and found nothing doesn't make an earlier failure good."""
    before = last_verification(archive)
    if not result.is_damaged and result.checked < result.segments and before is not None and not before["ok"]:
        return
    found: LastVerification = {
        "at": utc_text(at),
        "ok": not result.is_damaged,
        "whole": result.is_whole,
        "problems": len(result.damages),
        "first": str(result.damages[0]) if result.damages else "",
        "checked": result.checked,
        "segments": result.segments,
        "claims": {claim.name: claim.outcome.value for claim in result.claims},
        "lacking": {claim.name: claim.why for claim in result.lacking},
    }
    temporary = archive.root / f"{NAME}.{os.getpid()}.tmp"
    with temporary.open("w", encoding="utf-8") as stream:
        json.dump(found, stream, ensure_ascii=False)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(archive.root / NAME)
